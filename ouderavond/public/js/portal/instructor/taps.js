// The buttons at one conversation of today, by what was tapped.

import { button, el } from "../booking/dom";
import { say, texts } from "../texts";
import { fold } from "./held";

const TWICE = 1000;

export class Taps {
	/**
	 * @param {HTMLElement} row the conversation; what the server has of it is in `data-taps`
	 * @param {TapQueue} queue
	 * @param {function} time_of when a tap was made, as the server writes times
	 * @param {function} changed called after a tap
	 */
	constructor(row, queue, time_of, changed) {
		this.time_of = time_of;
		this.row = row;
		this.queue = queue;
		this.changed = changed;
		this.booking = row.dataset.booking;
		this.place = row.querySelector(".oa-i-taps");
		this.known = JSON.parse(row.dataset.taps);
		this.tapped = 0;
	}

	/** Take taps of the queue as known. */
	add(rows) {
		this.known = this.with(rows.filter((row) => row.booking === this.booking));
	}

	with(rows) {
		const ids = new Set(this.known.map((tap) => tap.id));
		const more = rows
			.filter((row) => !ids.has(row.id))
			.map((row) => ({ ...row, at: this.time_of(row.made) }));
		return [...this.known, ...more];
	}

	get held() {
		return fold(this.with(this.queue.of(this.booking)));
	}

	get state() {
		const { started, finished } = this.held;
		if (finished) return "over";
		return started ? "busy" : "waiting";
	}

	/** @param {boolean} matters whether it is what goes on, or the first that has not begun */
	show(matters) {
		const { state, held } = this;
		const text = JSON.stringify([state, held, matters]);
		if (text === this.shown) return;
		const had_focus = this.place.contains(document.activeElement);
		this.shown = text;
		this.row.dataset.held = state;
		this.row.classList.toggle("oa-i-next", matters);
		this.place.replaceChildren(...this.children(state, held, matters));
		if (had_focus) this.place.querySelector("button")?.focus();
	}

	children(state, held, matters) {
		const undo = this.tap_button("undo", texts.i_undo, held.last);
		if (state === "waiting") return this.waiting(matters);
		if (state === "over" || !matters) return [this.said(held), undo];
		const finish = this.tap_button("finished", texts.i_finish, null, "btn-primary oa-i-big");
		return [el("strong", { class: "oa-i-mark" }, texts.i_now), this.said(held), finish, undo];
	}

	waiting(matters) {
		const look = `${matters ? "btn-primary" : "btn-default"} oa-i-big`;
		const buttons = [
			this.tap_button("started", texts.i_start, null, look),
			this.tap_button("no_show", texts.i_no_show),
		];
		if (matters) return [el("strong", { class: "oa-i-mark" }, texts.i_next), ...buttons];
		const about = el("span", { class: "sr-only" }, `(${this.row.dataset.title})`);
		return [el("details", {}, el("summary", {}, texts.i_more, about), ...buttons)];
	}

	said({ started, finished, no_show }) {
		const at = (finished || started).slice(11, 16);
		if (no_show) return el("span", { class: "oa-i-held" }, texts.i_was_no_show);
		return el("span", { class: "oa-i-held" }, say(finished ? "i_finished_at" : "i_started_at", at));
	}

	tap_button(kind, label, of = null, look = "btn-default") {
		const made = button(label, () => this.tap(kind, of), look);
		made.setAttribute("aria-label", say("i_named", label, this.row.dataset.title));
		return made;
	}

	tap(kind, of) {
		// The next button comes where this one was: two taps in a moment are meant as one.
		if (Date.now() - this.tapped < TWICE) return;
		this.tapped = Date.now();
		this.queue.add(this.booking, kind, of);
		this.changed();
	}
}
