// Reads the screen again and again: conditionally, at moments that differ per screen, and after a lost connection.

import { between } from "./random";

const METHOD = "/api/method/ouderavond.api.board.read";
const PATIENCE = 20;
const AGAIN = 10;
// A closed screen looks now and then whether it was opened again.
const GONE = 300;

export class Reading {
	/** @param {object} on `data(answer)`, `well()`, `trouble()` and `gone()` */
	constructor(values, on) {
		this.values = values;
		this.on = on;
		this.every = AGAIN;
	}

	start() {
		window.addEventListener("online", () => this.read());
		window.addEventListener("offline", () => this.on.trouble());
		return this.read();
	}

	async read() {
		clearTimeout(this.timer);
		this.plan(await this.ask());
	}

	/** Ask once; the seconds until the next time. */
	async ask() {
		try {
			const headers = this.etag ? { "If-None-Match": this.etag } : {};
			const signal = AbortSignal.timeout(1000 * PATIENCE);
			const query = new URLSearchParams(this.values);
			const response = await fetch(`${METHOD}?${query}`, { headers, signal, cache: "no-store" });
			return await this.take(response);
		} catch {
			this.on.trouble();
			return AGAIN;
		}
	}

	async take(response) {
		if (response.status === 404) {
			this.etag = null;
			this.on.gone();
			return GONE;
		}
		if (response.status !== 304) {
			if (!response.ok) throw new Error(String(response.status));
			const answer = (await response.json()).message;
			this.etag = response.headers.get("ETag");
			this.every = answer.every;
			this.on.data(answer);
		}
		this.on.well();
		return this.every;
	}

	plan(seconds) {
		this.timer = setTimeout(() => this.read(), 1000 * seconds * between(0.8, 1.2));
	}
}
