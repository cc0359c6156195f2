// Taps on their way to the server: kept on the device, sent in order with how long ago they were made, and again
// after a while where there is no connection.

import { between } from "../booking/source";
import { call } from "../calls";
import { texts } from "../texts";
import { Kept } from "./kept";

const METHOD = "ouderavond.api.instructor.tap";
const AGAIN = [4, 8];
const LONGEST = 60;
// Older ones belong to another evening.
const OLDEST = 12 * 3600 * 1000;

export class TapQueue {
	/** @param {object} on `sent(rows)` when the server has taken some, `refused(sentence)`, `waiting(number, expired)` */
	constructor(on) {
		this.on = on;
		this.kept = new Kept("taps");
		this.kept.rows = this.kept.rows.filter((row) => Date.now() - row.made < OLDEST);
		this.failures = 0;
		window.addEventListener("online", () => this.send());
		document.addEventListener("visibilitychange", () => document.hidden || this.send());
	}

	/** The taps at a conversation that the server does not have yet. */
	of(booking) {
		return this.kept.rows.filter((row) => row.booking === booking);
	}

	/** Keep a tap and send it. */
	add(booking, kind, of = null) {
		const id = Math.random().toString(36).slice(2, 12) + Date.now().toString(36);
		this.kept.add({ booking, id, kind, of, made: Date.now() });
		return this.send();
	}

	async send() {
		clearTimeout(this.timer);
		if (this.sending || !this.kept.rows.length) return;
		this.sending = true;
		const rows = this.kept.rows;
		const taps = rows.map(({ made, ...tap }) => ({ ...tap, age: (Date.now() - made) / 1000 }));
		const answer = await call(METHOD, { taps });
		this.sending = false;
		if (answer.answer) this.taken(answer.answer, rows);
		else this.later(answer);
		if (this.kept.rows.some((row) => !rows.includes(row)) && !this.failures) await this.send();
	}

	taken({ kept, refused }, rows) {
		this.failures = 0;
		this.kept.drop([...kept, ...refused.map((row) => row.id)]);
		this.on.sent(rows.filter((row) => kept.includes(row.id)));
		this.on.waiting(0);
		if (refused.length) this.on.refused(refused[0].sentence);
	}

	later(answer) {
		this.failures++;
		this.on.waiting(this.kept.rows.length, answer.problem === texts.expired);
		const seconds = Math.min(LONGEST, between(AGAIN) * 2 ** (this.failures - 1));
		this.timer = setTimeout(() => this.send(), 1000 * Math.max(seconds, answer.retry_after || 0));
	}
}
