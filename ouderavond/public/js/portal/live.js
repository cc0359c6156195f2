// How late the reader's own next conversations of today are, above the list of conversations.

import { el, write } from "./booking/dom";
import { between } from "./booking/source";
import { read } from "./calls";
import { say } from "./texts";

const LONGEST = 240;
// Further away from now on this device it is not today, in whatever time zone the device is.
const NEAR = 26 * 3600 * 1000;

export class Live {
	/** @param {HTMLElement} mine the conversations of one role */
	constructor(mine) {
		this.mine = mine;
		this.role = mine.dataset.role;
		this.list = mine.querySelector(".oa-mine-list");
		this.failures = 0;
		this.every = 0;
		this.slower = 0;
		this.lines = el("ul", { class: "oa-live-lines" });
		this.offline = el("p", { class: "oa-sub" });
		this.part = el("div", { class: "oa-live", role: "status", hidden: true }, this.lines, this.offline);
		this.list.before(this.part);
		document.addEventListener("visibilitychange", () => document.hidden || this.look());
		window.addEventListener("online", () => this.look());
		this.look();
	}

	/** Whether one of the conversations may be today. The server decides what is told, and how often. */
	get is_near() {
		return [...this.list.querySelectorAll(".oa-conversation time")].some(
			(time) => Math.abs(Date.parse(time.dateTime) - Date.now()) < NEAR
		);
	}

	async look() {
		clearTimeout(this.timer);
		if (!document.hidden && this.is_near) {
			this.take(await read("ouderavond.api.live.read", { role: this.role }, this.etag));
		}
		clearTimeout(this.timer);
		if (!this.every) return;
		const longer = this.failures ? Math.min(LONGEST, 8 * 2 ** this.failures) : 0;
		const wait = this.every * between([0.8, 1.2]) + longer + this.slower * Math.random();
		this.timer = setTimeout(() => this.look(), 1000 * wait);
	}

	take(answer) {
		this.failures = answer.problem ? this.failures + 1 : 0;
		if (answer.problem) return write(this.offline, this.since ? say("live_offline", this.since) : "");
		write(this.offline, "");
		this.since = new Date().toTimeString().slice(0, 5);
		if (!answer.answer) return;
		this.etag = answer.etag;
		this.every = answer.answer.every;
		this.slower = answer.answer.slower;
		this.show(answer.answer.conversations);
	}

	show(conversations) {
		const sentences = conversations.map((row) => this.sentence(row)).filter(Boolean);
		if (sentences.join() === this.text) return;
		this.text = sentences.join();
		this.lines.replaceChildren(...sentences.map((sentence) => el("li", {}, sentence)));
		this.part.hidden = !sentences.length;
	}

	sentence({ booking, state, start, expected, delay }) {
		const row = this.list.querySelector(`[data-booking="${CSS.escape(booking)}"]`);
		if (!row || state === "over") return "";
		const subject = row.querySelector(".oa-what strong").textContent;
		if (state === "busy") return say("live_busy", start, subject);
		if (delay == null) return say("live_unknown", start, subject);
		if (delay < 1) return say("live_on_time", start, subject);
		return say(delay === 1 ? "live_late_1" : "live_late", start, subject, expected, delay);
	}
}
