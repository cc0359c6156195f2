// An instructor's evening: notes, and on its date what is tapped, how late it runs and what has changed.

import { between } from "../booking/source";
import { read } from "../calls";
import { say, texts } from "../texts";
import { Note } from "./notes";
import { TapQueue } from "./tap_queue";
import { Taps } from "./taps";

const LOOK = [20, 30];
const LONGEST = 120;

export class Sitting {
	constructor(section) {
		this.section = section;
		this.evening = section.dataset.evening;
		this.place = section.querySelector(".oa-i-times");
		this.line = section.querySelector(".oa-i-live");
		this.changed_part = section.querySelector(".oa-i-changed");
		// The device may have another clock or time zone than the school.
		this.offset = Date.parse(`${section.dataset.now}Z`) - Date.now();
		this.failures = 0;
		this.delay = "";
		this.queue = new TapQueue({
			sent: (rows) => this.sent(rows),
			refused: (sentence) => this.tell(sentence, "problem"),
			waiting: (number, expired) => this.waits(number, expired),
		});
		section.addEventListener("click", (event) => this.on_click(event));
		this.mount();
		if (this.is_today) this.start();
	}

	get is_today() {
		return Boolean(this.place.querySelector("[data-today]"));
	}

	on_click(event) {
		const button = event.target.closest("button");
		if (button && "refresh" in button.dataset) this.refresh();
		else if (button && "printTimes" in button.dataset) this.print();
	}

	mount() {
		this.notes = [...this.place.querySelectorAll(".oa-i-conversation")].map((row) => new Note(row));
		const time_of = (made) => this.time_of(made);
		this.taps = [...this.place.querySelectorAll(".oa-i-conversation:has(.oa-i-taps)")].map(
			(row) => new Taps(row, this.queue, time_of, () => this.show())
		);
		this.show();
	}

	time_of(made) {
		return new Date(made + this.offset).toISOString().slice(0, 19).replace("T", " ");
	}

	start() {
		document.addEventListener("visibilitychange", () => document.hidden || this.look());
		window.addEventListener("online", () => this.look());
		this.queue.send();
		this.look();
	}

	/** The next is the first after the last tap; where nothing was tapped for long, the one that the server says. */
	show() {
		const last = this.taps.findLastIndex((one) => one.state !== "waiting");
		const coming = this.taps.slice(last + 1);
		const next = coming.find((one) => one.booking === this.next) || coming[0];
		const begun = this.taps.filter((one) => one.held.started);
		const busy = begun.sort((one, other) => (one.held.started < other.held.started ? -1 : 1)).pop();
		for (const one of this.taps) one.show(one === next || (one === busy && one.state === "busy"));
	}

	// They count as the server's from now on, until it says what it has.
	sent(rows) {
		for (const one of this.taps) one.add(rows);
		this.look();
	}

	async look() {
		clearTimeout(this.timer);
		if (!document.hidden) {
			const answer = await read("ouderavond.api.instructor.live", { evening: this.evening }, this.etag);
			this.failures = answer.problem ? this.failures + 1 : 0;
			if (answer.answer) this.take(answer);
		}
		clearTimeout(this.timer);
		const longer = this.failures ? Math.min(LONGEST, 5 * 2 ** this.failures) : 0;
		this.timer = setTimeout(() => this.look(), 1000 * (between(LOOK) + longer));
	}

	take({ answer, etag }) {
		this.etag = etag;
		this.next = answer.next?.booking;
		for (const one of this.taps) one.known = answer.taps[one.booking] || [];
		this.show();
		this.delay = lateness(answer.next);
		this.tell(this.delay);
		if (answer.mark !== this.place.firstElementChild.dataset.mark) this.outdated();
	}

	// What somebody is just writing stays: then they say when to look.
	outdated() {
		const writes = this.place.contains(document.activeElement) || this.notes.some((note) => note.unsaved);
		if (writes) this.changed_part.hidden = false;
		else this.refresh();
	}

	async refresh() {
		const alone = Number(this.section.dataset.level) === 2 ? 1 : 0;
		const answer = await read("ouderavond.api.instructor.read", { evening: this.evening, alone });
		if (!answer.answer) return this.tell(answer.problem, "problem");
		// Written and escaped by the server's own templates.
		this.place.innerHTML = answer.answer.html;
		this.changed_part.hidden = true;
		this.mount();
	}

	waits(number, expired) {
		if (!number) this.tell(this.delay);
		else if (expired) this.tell(texts.i_expired, "problem");
		else this.tell(number === 1 ? texts.i_waits_1 : say("i_waits", number), "problem");
		this.show();
	}

	tell(sentence, kind = "") {
		if (this.line.textContent !== sentence) this.line.textContent = sentence;
		this.line.dataset.kind = kind;
	}

	print() {
		const page = this.section.closest(".oa-portal");
		const clear = () => {
			page.classList.remove("oa-prints-one");
			this.section.classList.remove("oa-printed");
		};
		page.classList.add("oa-prints-one");
		this.section.classList.add("oa-printed");
		window.addEventListener("afterprint", clear, { once: true });
		window.print();
	}
}

function lateness(next) {
	if (!next) return "";
	if (next.delay == null) return texts.i_unknown;
	if (next.delay < 1) return texts.i_on_time;
	return next.delay === 1 ? texts.i_late_1 : say("i_late", next.delay);
}
