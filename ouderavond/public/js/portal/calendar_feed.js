// The secret address for a calendar: made, shown once, renewed and stopped.

import { call } from "./calls";
import { problem, show } from "./conversations";
import { texts } from "./texts";

export class CalendarFeed {
	constructor(element) {
		this.element = element;
		this.role = element.dataset.role;
		this.status = element.querySelector(":scope > .oa-status");
		this.address = element.querySelector(".oa-feed-address");
		this.input = this.address.querySelector("input");
		this.make = element.querySelector("[data-subscribe]");
		this.stop = element.querySelector("[data-revoke]");
		this.make.addEventListener("click", () => this.subscribe());
		this.stop.addEventListener("click", () => this.revoke());
		this.address.querySelector("[data-copy]").addEventListener("click", () => this.copy());
	}

	async subscribe() {
		show(this.status, texts.mine_working);
		const answer = await call("ouderavond.api.feeds.subscribe", { role: this.role });
		if (!answer.message) return show(this.status, problem(answer), "problem");
		const { address } = answer.answer;
		this.input.value = address;
		this.address.querySelector("[data-open]").href = address.replace(/^https?:/, "webcal:");
		this.address.hidden = false;
		this.has(true);
		show(this.status, answer.message, "done");
		this.input.focus();
		this.input.select();
	}

	async revoke() {
		show(this.status, texts.mine_working);
		const answer = await call("ouderavond.api.feeds.revoke", { role: this.role });
		if (!answer.message) return show(this.status, problem(answer), "problem");
		this.input.value = "";
		this.address.hidden = true;
		this.make.focus();
		this.has(false);
		show(this.status, answer.message, "done");
	}

	has(address) {
		this.stop.hidden = !address;
		this.make.textContent = address ? texts.feed_again : texts.feed_first;
		this.element.querySelector(".oa-feed-state").textContent = address ? texts.feed_has : "";
	}

	async copy() {
		try {
			await navigator.clipboard.writeText(this.input.value);
			show(this.status, texts.feed_copied, "done");
		} catch {
			this.input.select();
			show(this.status, texts.feed_copy_yourself);
		}
	}
}
