// Calls that wait where the server is busy, as in the minute in which an evening opens.

import { call } from "./calls";

const BUSY = [429, 502, 503, 504];
const TRIES = 5;
const FIRST = 3;

/**
 * As `call`, again after a while where the server asks to wait. Only for calls that may be repeated.
 *
 * @param {(seconds: number) => void} waiting told before each wait
 */
export async function call_patiently(method, values, waiting) {
	for (let attempt = 1; ; attempt++) {
		const answer = await call(method, values);
		if (!BUSY.includes(answer.status) || attempt === TRIES) return answer;
		// Twice as long each time and never quite the same, so that those who wait don't come back together.
		const seconds = answer.retry_after || FIRST * 2 ** (attempt - 1);
		const wait = Math.ceil(Math.min(seconds, 60) * (1 + Math.random() / 2));
		waiting(wait);
		await new Promise((done) => setTimeout(done, wait * 1000));
	}
}
