// My conversations at the top of the page: giving up and cancelling after a question, mail, and a fresh list
// where times were booked further down.

import { call, read } from "./calls";
import { say, texts } from "./texts";

export class Conversations {
	constructor(element) {
		this.element = element;
		this.role = element.dataset.role;
		this.list = element.querySelector(".oa-mine-list");
		this.status = element.querySelector(":scope > .oa-status");
		this.tools = element.querySelector(".oa-mine-tools");
		this.panels = [];
		element.addEventListener("click", (event) => this.on_click(event));
		element.addEventListener("submit", (event) => this.on_submit(event));
	}

	/** Stay in step with the booking panels of this role. */
	follow(panels) {
		this.panels = panels.filter((panel) => panel.role === this.role);
		for (const panel of this.panels) {
			panel.addEventListener("data", () => this.compare(panel));
		}
	}

	on_click(event) {
		const button = event.target.closest("button");
		if (!button) return;
		if (button.dataset.ask) this.ask(button);
		else if ("keep" in button.dataset) this.close(button.closest(".oa-conversation"));
		else if ("mail" in button.dataset) this.mail(button.closest(".oa-tools"));
	}

	// The question stands where the button is; the focus goes to it and, when it is closed, back.
	ask(button) {
		const row = button.closest(".oa-conversation");
		const template = document.getElementById(`oa-ask-${button.dataset.ask}`);
		const place = row.querySelector(".oa-asked");
		place.replaceChildren(template.content.cloneNode(true));
		row.dataset.asked = button.dataset.ask;
		const question = place.querySelector("p");
		question.tabIndex = -1;
		question.focus();
	}

	close(row) {
		row.querySelector(".oa-asked").replaceChildren();
		row.querySelector(`[data-ask="${row.dataset.asked}"]`)?.focus();
	}

	async on_submit(event) {
		event.preventDefault();
		const form = event.target;
		const row = form.closest(".oa-conversation");
		if (this.busy) return;
		this.busy = true;
		const status = form.querySelector(".oa-status");
		show(status, texts.mine_working);
		const answer = await call(form.dataset.method, {
			booking: row.dataset.booking,
			role: this.role,
			...wish_of(form),
		});
		this.busy = false;
		if (answer.message) await this.gone(row, answer.message);
		else show(status, problem(answer), "problem");
	}

	async gone(row, message) {
		await this.refresh();
		show(this.status, `${say("mine_gone", row.dataset.title)} ${message}`, "done");
		this.element.focus();
		for (const panel of this.panels) {
			if (panel.evening === row.dataset.evening) panel.refresh(true);
		}
	}

	// A table tells which conversations are mine: where it tells others than stand here, they are read again.
	compare(panel) {
		const here = [...this.list.querySelectorAll(".oa-conversation")]
			.filter((row) => row.dataset.evening === panel.evening)
			.map(as_shown);
		const there = panel.data.mine.map((row) => `${row.booking} ${row.start} ${row.link || ""}`);
		if (here.sort().join() !== there.sort().join() && this.seen !== there.join()) {
			this.seen = there.join();
			this.refresh();
		}
	}

	async refresh() {
		const alone = Number(this.element.dataset.level) === 3 ? 1 : 0;
		const answer = await read("ouderavond.api.conversations.read", { role: this.role, alone });
		if (!answer.answer) return;
		// What somebody is just being asked stays.
		if (this.list.querySelector(".oa-ask") && !this.busy && this.list.contains(document.activeElement))
			return;
		if (answer.answer.html !== this.html) this.replace(answer.answer.html);
		this.tools.hidden = !this.list.querySelector(".oa-conversation");
		this.count(answer.answer.counted);
	}

	// What was open stays open, and the focus where it was.
	replace(html) {
		this.html = html;
		const opened = [...this.list.querySelectorAll("details[open]")].map(row_of);
		const focused = this.list.contains(document.activeElement) && document.activeElement;
		const [at, name] = focused ? [row_of(focused), name_of(focused)] : [];
		// Written and escaped by the server's own templates.
		this.list.innerHTML = html;
		for (const details of this.list.querySelectorAll("details")) {
			details.open = opened.includes(row_of(details));
		}
		const again = [...this.list.querySelectorAll("a, button, summary")];
		if (at) again.find((one) => row_of(one) === at && name_of(one) === name)?.focus();
	}

	/** Tell of each evening how many conversations there are now. */
	count(counted) {
		for (const line of this.element.parentElement.querySelectorAll("[data-counts]")) {
			const sentence = counted[line.dataset.counts];
			line.hidden = !sentence;
			line.firstElementChild.textContent = sentence || "";
		}
	}

	async mail(tools) {
		const status = tools.querySelector(".oa-status");
		show(status, texts.mine_working);
		const { role, evening } = tools.dataset;
		const answer = await call(
			"ouderavond.api.conversations.mail",
			evening ? { role, evening } : { role }
		);
		show(status, answer.message || problem(answer), answer.message ? "done" : "problem");
	}
}

function row_of(element) {
	return element.closest(".oa-conversation")?.dataset.booking;
}

function name_of(element) {
	return `${element.tagName} ${element.textContent.trim()}`;
}

function as_shown(row) {
	const start = row.querySelector("time").dateTime.slice(0, 16);
	return `${row.dataset.booking} ${start} ${row.querySelector(".oa-join")?.getAttribute("href") || ""}`;
}

function wish_of(form) {
	const wish = form.elements.wish;
	if (!wish) return {};
	const ticked = [...form.querySelectorAll("[name=choices]:checked")].map((box) => box.value);
	return { wish: wish.value, choices: ticked };
}

export function problem(answer) {
	if (answer.status === 0) return texts.mine_offline;
	if (answer.problem === texts.expired) return texts.mine_expired;
	return answer.problem;
}

export function show(status, text, kind = "") {
	status.textContent = text;
	status.dataset.kind = kind;
}
