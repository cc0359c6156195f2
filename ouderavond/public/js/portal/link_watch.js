// While the link of an online conversation is still to come, looks for it, ever more seldom.

import { between } from "./booking/source";

const FIRST = 15;
const LONGEST = 300;

export class LinkWatch {
	/** @param {Conversations} conversations of one role */
	constructor(conversations) {
		this.conversations = conversations;
		this.wait = FIRST;
		document.addEventListener("visibilitychange", () => this.plan());
		this.plan();
	}

	get is_waiting() {
		return Boolean(this.conversations.list.querySelector("[data-link-follows]"));
	}

	plan() {
		clearTimeout(this.timer);
		if (document.hidden || !this.is_waiting) return;
		this.timer = setTimeout(() => this.look(), 1000 * this.wait * between([0.8, 1.2]));
		this.wait = Math.min(LONGEST, this.wait * 1.5);
	}

	async look() {
		await this.conversations.refresh();
		this.plan();
	}
}
