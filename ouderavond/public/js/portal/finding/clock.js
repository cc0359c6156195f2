// Counts down from what the server said is left. The reader's clock may be wrong; only its pace is used.

const SECOND = 1000;

export class Clock {
	/** @param {function} on_tick called with the seconds that are left, at once and then every second until 0 */
	constructor(on_tick) {
		this.on_tick = on_tick;
	}

	start(seconds) {
		this.stop();
		this.end = performance.now() + seconds * SECOND;
		this.timer = setInterval(() => this.tick(), SECOND);
		this.tick();
	}

	stop() {
		clearInterval(this.timer);
	}

	/** Whether the time is over, or as good as: the server's clock may be a second ahead. */
	get is_over() {
		return performance.now() > this.end - SECOND;
	}

	tick() {
		const left = Math.max(0, Math.ceil((this.end - performance.now()) / SECOND));
		if (!left) this.stop();
		this.on_tick(left);
	}
}

/** 107 as "1:47". */
export function clock(seconds) {
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
