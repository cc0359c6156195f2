// The waiting list: watching what is full, what I wait for with my place in line, and answering an offered place.

import { button, el, put, write } from "./booking/dom";
import { call } from "./calls";
import { say, texts } from "./texts";
import { Offered } from "./waiting/offered";
import { WatchForm } from "./waiting/watch_form";

const API = "ouderavond.api.waiting.";

/** Put the waiting list in an element of a booking panel (portal/booking/panel.js). */
export function mount_waiting(panel, element) {
	return new WaitingList(panel, element);
}

/** Make the offered places at the top of the page work; `panels` show what became of them. */
export function mount_offered(elements, panels) {
	for (const element of elements) {
		const { entry, role, evening, seconds } = element.dataset;
		const sentence = element.querySelector(".oa-waiting-sentence");
		const refresh = () => {
			for (const panel of panels) if (panel.role === role) panel.refresh(true);
		};
		const offered = new Offered(
			{ entry, seconds: Number(seconds), title: element.dataset.title, sentence },
			role,
			refresh
		);
		element.querySelector(".oa-offered-place").append(offered.element);
		for (const panel of panels.filter((one) => one.role === role && one.evening === evening)) {
			panel.addEventListener("data", ({ detail }) => {
				if (!offers(detail).some((row) => row.entry === entry)) offered.end();
			});
		}
	}
}

function offers(data) {
	return (data.waiting || []).filter((row) => row.state === "Offered");
}

class WaitingList {
	constructor(panel, element) {
		this.panel = panel;
		this.offered = new Map();
		this.title = el(`h${(panel.level || 3) + 1}`, { tabindex: "-1" }, texts.waiting_title);
		this.list = el("ul", { class: "oa-waiting-list" });
		this.form = new WatchForm({
			save: (values) => this.watch(values),
			close: () => this.back_to_slot(),
		});
		this.status = el("p", { class: "oa-status", role: "status", tabindex: "-1" });
		this.part = el("div", { class: "oa-waiting", hidden: true });
		this.part.append(this.title, this.list, this.form.element);
		element.append(this.part, this.status);
		panel.addEventListener("data", () => this.update());
		panel.addEventListener("view", () => this.fill_slots());
		if (panel.data) this.update();
	}

	get rows() {
		return this.panel.data?.waiting || [];
	}

	get open() {
		return this.panel.data?.booking.state === "open";
	}

	update() {
		const active = document.activeElement;
		const focused = this.list.contains(active);
		const entry = active.closest?.("[data-entry]")?.dataset.entry;
		const text = JSON.stringify(this.rows.map((row) => ({ ...row, seconds: null })));
		if (text !== this.text) {
			this.text = text;
			this.drop_offered();
			this.list.replaceChildren(...this.rows.map((row) => this.item(row)));
		}
		this.announce_new();
		this.show();
		this.fill_slots();
		if (focused && active.isConnected) active.focus();
		else if (focused) this.focus(entry);
	}

	// What is offered while the page is open is said to who cannot see it appear.
	announce_new() {
		const offered = offers(this.panel.data);
		for (const row of this.known ? offered : []) {
			if (!this.known.has(row.entry)) {
				this.panel.announce(say("waiting_named", title_of(row), row.sentence));
			}
		}
		this.known = new Set(offered.map((row) => row.entry));
	}

	show() {
		put(this.part, "hidden", !this.rows.length && this.form.element.hidden);
	}

	// Countdowns of what is not offered any more stop.
	drop_offered() {
		const kept = new Set(this.rows.filter((row) => row.state === "Offered").map((row) => row.entry));
		for (const [entry, offered] of this.offered) {
			if (kept.has(entry)) continue;
			offered.stop();
			this.offered.delete(entry);
		}
	}

	focus(entry) {
		const item = entry && this.list.querySelector(`[data-entry="${CSS.escape(entry)}"]`);
		const target = item?.querySelector("button") || (this.part.hidden ? this.status : this.title);
		target.focus();
	}

	item(row) {
		const is_offered = row.state === "Offered";
		return el(
			"li",
			{ "data-entry": row.entry, class: is_offered ? "oa-waiting-offered" : null },
			el("strong", {}, title_of(row)),
			el("span", { class: "oa-sub" }, row.name),
			el("span", { class: "oa-waiting-sentence" }, row.sentence),
			is_offered ? this.offer(row).element : this.leave_button(row)
		);
	}

	offer(row) {
		if (!this.offered.has(row.entry)) {
			const values = { entry: row.entry, seconds: row.seconds, title: title_of(row) };
			this.offered.set(
				row.entry,
				new Offered(values, this.panel.role, (message, kind) => this.after(message, kind))
			);
		}
		return this.offered.get(row.entry);
	}

	leave_button(row) {
		const leave = button(texts.waiting_leave, () => this.leave(row), "btn-default btn-sm");
		put(leave, "aria-label", say("waiting_named", texts.waiting_leave, title_of(row)));
		return leave;
	}

	// In the table and in the list, where a column is full

	fill_slots() {
		for (const slot of this.panel.element.querySelectorAll("[data-waiting-offer]")) this.fill(slot);
	}

	fill(slot) {
		const offer = slot.dataset.waitingOffer;
		const row = this.rows.find((one) => one.offer === offer);
		const offered = !row && this.open && this.has_room(offer);
		const state = row ? row.sentence : String(offered);
		if (slot.dataset.state === state) return;
		slot.dataset.state = state;
		slot.replaceChildren(...(row ? [el("p", {}, texts.waiting_already, " ", row.sentence)] : []));
		if (offered) slot.append(this.watch_button(offer));
	}

	// Who has as many conversations as may be booked would be refused only after filling in the form.
	has_room(offer) {
		const { children, rules } = this.panel.data;
		const child = children.find(({ columns }) => columns.some((column) => column.offer === offer));
		if (!child || child.columns.find((column) => column.offer === offer).invitation) return true;
		const booked = children.reduce((sum, one) => sum + one.booked, 0);
		const { maximum_per_student, maximum_per_household } = rules;
		return !(
			(maximum_per_student && child.booked >= maximum_per_student) ||
			(maximum_per_household && booked >= maximum_per_household)
		);
	}

	watch_button(offer) {
		const column = this.column(offer);
		const watch = button(texts.waiting_watch, () => this.ask(offer), "btn-default btn-sm");
		watch.append(el("span", { class: "oa-sub" }, column.title));
		return watch;
	}

	column(offer) {
		for (const child of this.panel.data.children) {
			const column = child.columns.find((one) => one.offer === offer);
			if (column) {
				const title = `${column.subject}, ${column.instructors.join(", ")}`;
				return { offer, title, name: child.name };
			}
		}
		return null;
	}

	ask(offer) {
		this.say("");
		this.form.open(this.column(offer), this.panel.data);
		this.show();
		this.form.focus();
	}

	back_to_slot() {
		const { offer } = this.form;
		this.show();
		const slots = [...this.panel.element.querySelectorAll("[data-waiting-offer] button")];
		const back = slots.find(
			(one) => one.parentElement.dataset.waitingOffer === offer && one.offsetParent
		);
		(back || this.title).focus();
	}

	async watch(values) {
		const answer = await call(`${API}watch`, {
			evening: this.panel.evening,
			role: this.panel.role,
			...values,
		});
		if (!answer.message) return this.form.say(answer.problem);
		this.form.close();
		await this.after(answer.message, "done");
		this.focus(answer.answer.entry);
	}

	async leave(row) {
		const answer = await call(`${API}leave`, { entry: row.entry, role: this.panel.role });
		await this.after(answer.message || answer.problem, answer.message ? "done" : "problem");
	}

	async after(message, kind) {
		this.say(message, kind);
		await this.panel.refresh(true);
	}

	say(message, kind = "") {
		write(this.status, message || "");
		put(this.status, "data-kind", kind);
	}
}

function title_of(row) {
	return say("waiting_what", row.subject, row.instructors.join(", "));
}
