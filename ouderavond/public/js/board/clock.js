// The school's time, whatever the clock and the time zone of the screen say: counted on from what the server said.

export class Clock {
	constructor(now, element) {
		this.element = element;
		this.set(now);
		setInterval(() => this.show(), 1000);
	}

	set(now) {
		this.base = Date.parse(`${now}Z`) - performance.now();
		this.show();
	}

	/** The time of day as 19:42. */
	get text() {
		return new Date(this.base + performance.now()).toISOString().slice(11, 16);
	}

	show() {
		if (this.element.textContent !== this.text) this.element.textContent = this.text;
	}
}
