// Counts down to the opening, and then has the table loaded: not by everybody in the same second.

import { say, texts } from "../texts";
import { write } from "./dom";
import { between } from "./source";

const DAY = 24 * 3600;
// Seconds over which the readers spread.
const SPREAD = [0, 3];

export class Countdown {
	constructor(element, on_open) {
		this.element = element;
		this.on_open = on_open;
	}

	/** Count from what the server said: both moments are by its clock. */
	set({ state, opens }, now) {
		clearInterval(this.timer);
		const counts = state === "before" && opens;
		// Moments come in whole seconds: who asked a part of a second too early asks again.
		const seconds = counts ? Math.max(1, (Date.parse(opens) - Date.parse(now)) / 1000) : 0;
		this.end = Date.now() + seconds * 1000;
		if (seconds > 0) this.timer = setInterval(() => this.tick(), 1000);
		write(this.element, seconds > 0 ? text(seconds) : "");
	}

	tick() {
		const seconds = (this.end - Date.now()) / 1000;
		write(this.element, seconds > 0 ? text(seconds) : texts.booking_opening);
		if (seconds > 0) return;
		clearInterval(this.timer);
		setTimeout(this.on_open, 1000 * between(SPREAD));
	}
}

function text(seconds) {
	if (seconds > DAY) return "";
	const whole = Math.ceil(seconds);
	const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
	if (!parts[0]) parts.shift();
	const clock = parts.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
	return say("booking_countdown", clock);
}
