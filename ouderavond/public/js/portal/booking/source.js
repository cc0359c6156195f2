// Reads the table again and again: conditionally, at moments that differ per reader, seldom while the page is hidden
// or booking is not open, and with growing waits while the server can't answer.

import { read } from "../calls";
import { texts } from "../texts";

const METHOD = "ouderavond.api.table.read";
const SHOWN = [8, 13];
const CALM = [50, 70];
const SOON = [2, 4];
const HURRIED = 8;
const PATIENCE = 30;
const LONGEST = 120;

export class Source {
	/**
	 * @param {object} values evening and role
	 * @param {function} on_table called with each new table
	 * @param {function} on_trouble called with "offline", "expired", "other_user", "busy" or "" when all is well again
	 */
	constructor(values, on_table, on_trouble) {
		this.values = values;
		this.on_table = on_table;
		this.on_trouble = on_trouble;
		this.user = user();
		this.failures = 0;
		// Set while nothing can be booked yet or any more: then it is not urgent.
		this.calm = false;
		this.etag = null;
		// How often still to read soon again, because a link is on its way; the answer to nearly all is 304.
		this.hurried = 0;
		// Seconds more between two readings, where the server has much to do.
		this.slower = 0;
		this.queue = Promise.resolve();
	}

	start() {
		document.addEventListener("visibilitychange", () => (document.hidden ? this.plan() : this.refresh()));
		window.addEventListener("pageshow", (event) => event.persisted && this.refresh());
		window.addEventListener("online", () => this.refresh());
		window.addEventListener("offline", () => this.on_trouble("offline"));
		return this.refresh();
	}

	/** Read now, after what is being read already; `whole`: also if the server thinks that nothing has changed. */
	refresh(whole = false) {
		clearTimeout(this.timer);
		this.queue = this.queue.then(() => this.read(whole));
		return this.queue;
	}

	async read(whole) {
		clearTimeout(this.timer);
		const answer = await in_time(read(METHOD, this.values, whole ? null : this.etag));
		if (user() !== this.user && user() !== "Guest") {
			this.failures = 1;
			this.on_trouble("other_user");
		} else if (answer.status === 304) {
			this.well();
		} else if (answer.answer) {
			this.etag = answer.etag;
			this.slower = answer.answer.slower || 0;
			this.well();
			this.on_table(answer.answer);
		} else {
			this.failures++;
			this.on_trouble(trouble(answer), answer.problem);
		}
		this.plan(answer.retry_after);
	}

	/** What was just booked online gets its link within seconds. */
	hurry() {
		this.hurried = HURRIED;
	}

	well() {
		this.failures = 0;
		this.on_trouble("");
	}

	plan(retry_after = 0) {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.refresh(), 1000 * this.wait(retry_after));
	}

	wait(retry_after) {
		if (this.hurried && !this.failures && !document.hidden) {
			this.hurried--;
			return between(SOON);
		}
		const usual = between(document.hidden || this.calm ? CALM : SHOWN) + this.slower * Math.random();
		if (!this.failures) return usual;
		const longer = Math.min(LONGEST, 4 * 2 ** this.failures) * (0.75 + Math.random() / 2);
		return Math.max(longer, retry_after * (1 + Math.random() / 4), document.hidden ? usual : 0);
	}
}

/** The user whom the browser is logged in as; inside another site's page the platform's cookies are not there. */
export function user() {
	const found = document.cookie.match(/(?:^|; )user_id=([^;]*)/);
	if (found) return decodeURIComponent(found[1]);
	return document.querySelector(".oa-portal")?.dataset.reader || "Guest";
}

/** A random number between two. */
export function between([from, to]) {
	return from + Math.random() * (to - from);
}

function in_time(promise) {
	const late = new Promise((done) =>
		setTimeout(() => done({ status: 0, problem: texts.offline }), 1000 * PATIENCE)
	);
	return Promise.race([promise, late]);
}

function trouble({ status, problem }) {
	if (status === 0) return "offline";
	if (problem === texts.expired) return "expired";
	if (status === 429 || status >= 500) return "busy";
	return "refused";
}
