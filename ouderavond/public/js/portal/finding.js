// Find me times: the best combination of free times for all children, held for two minutes, accepted or left.

import { Attempt } from "./booking/attempt";
import { ask } from "./booking/dialog";
import { el, put } from "./booking/dom";
import { call } from "./calls";
import { FindForm } from "./finding/form";
import { Proposal } from "./finding/proposal";
import { texts } from "./texts";

/** Put Find me times in an element of a booking panel (portal/booking/panel.js). */
export function mount_finding(panel, element) {
	return new Finding(panel, element);
}

class Finding {
	constructor(panel, element) {
		this.panel = panel;
		this.attempt = new Attempt("ouderavond.api.table.reserve");
		this.form = new FindForm((wishes) => this.find(wishes));
		this.proposal = new Proposal((panel.level || 3) + 1, {
			accept: () => this.accept(),
			extend: () => this.extend(),
			leave: () => this.leave(),
			again: () => this.look_again(),
			announce: (text) => this.panel.announce(text),
			over: () => this.panel.refresh(),
		});
		this.summary = el("summary", {}, texts.find_title);
		this.details = el("details", { class: "oa-find", hidden: true }, this.summary, this.form.element);
		element.append(this.details, this.proposal.element);
		panel.addEventListener("data", () => this.on_data());
		if (panel.data) this.on_data();
	}

	on_data() {
		const { data } = this.panel;
		const { hold } = data;
		this.form.update(data);
		if (hold && !this.proposal.is_over(hold)) this.proposal.show(hold, data);
		// While an answer of ours is on its way into the table, the table may still be the one before.
		else if (!hold && this.proposal.hold && !this.settling) this.proposal.gone();
		this.arrange();
	}

	arrange() {
		const open = this.panel.data?.booking.state === "open";
		put(this.details, "hidden", !open || !this.form.any || !this.proposal.element.hidden);
	}

	async find(wishes) {
		if (this.busy) return;
		this.form.say(texts.find_searching);
		const { answer, message, problem } = await this.send("find", {
			evening: this.panel.evening,
			...wishes,
		});
		this.form.say(problem || "", "problem");
		if (answer?.status !== "found") return;
		await this.settle(() => {
			// What was chosen for these conversations before has a time now.
			this.panel.basket.remove(...answer.hold.basket.map(({ offer }) => offer));
			this.proposal.show(answer.hold, this.panel.data, message);
			this.arrange();
			this.proposal.title.focus();
		});
	}

	async extend() {
		if (this.busy || !this.proposal.hold) return;
		const { answer, problem } = await this.send("extend", { hold: this.proposal.hold.hold });
		if (answer?.hold) await this.settle(() => this.proposal.show(answer.hold, this.panel.data));
		else await this.fail(problem);
	}

	async leave() {
		if (this.busy || !this.proposal.hold) return;
		const { answer, problem } = await this.send("release", { hold: this.proposal.hold.hold });
		if (answer) await this.close(texts.find_left);
		else await this.fail(problem);
	}

	async accept(accepted = 0) {
		const { hold } = this.proposal;
		if (this.busy || !hold) return;
		const { evening, role } = this.panel;
		const basket = hold.basket.map((row) => this.wish(row));
		this.set_busy(true);
		this.proposal.say(texts.booking_reserving);
		const answer = await this.attempt.send({ evening, role, basket, hold: hold.hold, accepted });
		this.set_busy(false);
		await this.told(answer, basket);
	}

	async told({ answer, problem, unknown }, basket) {
		if (answer?.status === "reserved") return this.reserved(answer.message, basket);
		if (answer?.status === "warning") return this.warned(answer);
		const sentences = (answer?.refused || []).map(({ sentence }) => sentence);
		if (unknown) sentences.push(texts.booking_unknown);
		await this.fail([...new Set([problem, ...sentences])].filter(Boolean).join(" "));
	}

	async reserved(message, basket) {
		this.panel.basket.remove(...basket.map(({ offer }) => offer));
		this.panel.say_status(message, "done");
		this.panel.bar.focus();
		// What could be looked for has a time now.
		this.details.open = false;
		await this.settle(() => this.hide());
	}

	async warned({ message, warnings }) {
		const answers = [
			["accept", texts.booking_accept, "btn-primary"],
			["", texts.booking_back, "btn-default"],
		];
		this.proposal.say("");
		if ((await ask(message, warnings, answers)) && this.proposal.hold) await this.accept(1);
	}

	wish({ offer, start, slots }) {
		const columns = this.panel.data.children.flatMap((child) => child.columns);
		const usual = columns.find((column) => column.offer === offer)?.slots || 1;
		return slots > usual ? { offer, start, longer: true } : { offer, start };
	}

	look_again() {
		this.hide();
		this.details.open = true;
		this.form.element.requestSubmit();
		this.form.submit.focus();
	}

	async close(sentence) {
		await this.settle(() => this.hide());
		this.form.say(sentence);
		this.details.open = true;
		this.form.submit.focus();
	}

	hide() {
		this.proposal.hide();
		this.arrange();
	}

	// What is wrong is said, and the table tells what has become of the times.
	async fail(problem) {
		if (this.proposal.hold) this.proposal.say(problem, "problem");
		await this.panel.refresh();
	}

	async send(action, values) {
		this.set_busy(true);
		const answer = await call(`ouderavond.api.holds.${action}`, { role: this.panel.role, ...values });
		this.set_busy(false);
		return answer;
	}

	set_busy(on) {
		this.busy = on;
		this.form.busy(on);
		this.proposal.busy(on);
	}

	/** Show something that the server has done, and read the table in which it is. */
	async settle(show) {
		this.settling = true;
		show();
		await this.panel.refresh();
		this.settling = false;
	}
}
