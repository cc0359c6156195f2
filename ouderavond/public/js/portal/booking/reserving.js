// Reserve: everything that is chosen, at once or not at all.

import { say, texts } from "../texts";
import { Attempt } from "./attempt";
import { ask } from "./dialog";

export class Reserving {
	constructor(panel) {
		this.panel = panel;
		this.attempt = new Attempt("ouderavond.api.table.reserve", panel.basket);
	}

	async reserve(accepted = 0) {
		const { panel } = this;
		if (this.busy || !panel.basket.size) return;
		this.busy = true;
		panel.bar.busy(true);
		panel.say_status(texts.booking_reserving);
		const { evening, role } = panel;
		const basket = panel.basket.all.map(wish);
		const answer = await this.attempt.send({ evening, role, basket, accepted });
		this.busy = false;
		panel.bar.busy(false);
		await this.tell(answer, basket);
	}

	async tell({ answer, status, problem, unknown }, basket) {
		if (answer?.status === "reserved") return this.reserved(answer, basket);
		if (answer?.status === "refused") return this.refused(answer);
		if (answer?.status === "warning") return this.warned(answer);
		this.panel.say_status(unknown ? texts.booking_unknown : said(status, problem), "problem");
		this.panel.bar.focus();
		// Shows what has become of it, where it can.
		if (unknown) this.panel.refresh();
	}

	async reserved({ message }, basket) {
		this.panel.basket.remove(...basket.map(({ offer }) => offer));
		this.panel.say_status(message, "done");
		this.panel.bar.focus();
		this.panel.source.hurry();
		await this.panel.refresh();
	}

	async refused({ message, refused }) {
		const { basket } = this.panel;
		basket.remove(...refused.map(({ offer }) => offer));
		const lines = refused.map(({ sentence }) => sentence).filter((sentence) => sentence !== message);
		if (basket.size) lines.push(say("booking_still_chosen", basket.size));
		this.panel.say_status(message, "problem", lines);
		this.panel.bar.focus();
		await this.panel.refresh();
	}

	async warned({ message, warnings }) {
		const answers = [
			["accept", texts.booking_accept, "btn-primary"],
			["", texts.booking_back, "btn-default"],
		];
		this.panel.say_status("");
		if (await ask(message, warnings, answers)) await this.reserve(1);
	}
}

function wish({ offer, start, longer, mode, remark }) {
	const found = { offer, start };
	if (longer) found.longer = true;
	if (mode) found.mode = mode;
	if (remark?.trim()) found.remark = remark.trim();
	return found;
}

function said(status, problem) {
	return status === 429 ? texts.booking_busy_reserving : problem;
}
