// Submissions that are recognised when they are repeated: each has a random key, kept as long as its outcome is unknown.

import { call } from "../calls";

// No answer, or one of somebody on the way: the server may have done it all the same.
const UNKNOWN = [0, 502, 503, 504];
const AGAIN = [502, 503, 504];
const WAITS = [1500, 4000];

/** A random key for a submission. */
export function fresh_key() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Attempt {
	/**
	 * @param {string} method the whitelisted function
	 * @param {{pending: ?{key: string, text: string}, remember: function}} memory where an unknown outcome is kept
	 */
	constructor(method, memory = new Memory()) {
		this.method = method;
		this.memory = memory;
	}

	/**
	 * POST; the same values after an unknown outcome go out under the same key. Where the server is overloaded, a few
	 * times by itself.
	 *
	 * @returns {Promise<object>} as `call`, with `unknown` where it may have been done.
	 */
	async send(values) {
		const text = JSON.stringify([this.method, values]);
		const { pending } = this.memory;
		const key = pending?.text === text ? pending.key : fresh_key();
		this.memory.remember({ key, text });
		const answer = await this.call_patiently({ ...values, key });
		const unknown = UNKNOWN.includes(answer.status);
		if (!unknown) this.memory.remember(null);
		return { ...answer, unknown };
	}

	async call_patiently(values) {
		let answer = await call(this.method, values);
		for (const wait of WAITS) {
			if (!AGAIN.includes(answer.status)) break;
			const asked = 1000 * (answer.retry_after || 0);
			await new Promise((done) => setTimeout(done, Math.max(asked, wait) * (0.75 + Math.random() / 2)));
			answer = await call(this.method, values);
		}
		return answer;
	}
}

class Memory {
	pending = null;

	remember(pending) {
		this.pending = pending;
	}
}
