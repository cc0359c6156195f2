// A place that is offered: how long it is still held, and the buttons to accept it or to let it pass.

import { Attempt } from "../booking/attempt";
import { ask } from "../booking/dialog";
import { button, el, put, write } from "../booking/dom";
import { call } from "../calls";
import { say, texts } from "../texts";

const API = "ouderavond.api.waiting.";
const MINUTE = 60_000;

export class Offered {
	/**
	 * @param {{entry: string, seconds: number, title: string, sentence: ?Element}} offer `sentence` is taken away
	 * when it is not true any more
	 * @param {string} role
	 * @param {function} on_change called with (message, kind) after an answer, or without once the time is over
	 */
	constructor(offer, role, on_change) {
		this.offer = offer;
		this.role = role;
		this.on_change = on_change;
		this.attempt = new Attempt(`${API}accept`);
		this.end_at = Date.now() + offer.seconds * 1000;
		this.left = el("span", { class: "oa-waiting-left" });
		this.status = el("p", { class: "oa-status", role: "status" });
		this.buttons = el(
			"span",
			{ class: "oa-waiting-buttons" },
			this.named(button(texts.waiting_accept, () => this.accept(), "btn-primary")),
			this.named(button(texts.waiting_decline, () => this.decline()))
		);
		this.element = el("div", { class: "oa-waiting-answer" }, this.left, this.buttons, this.status);
		this.tick();
	}

	// What a screen reader says of a button alone.
	named(element) {
		put(element, "aria-label", say("waiting_named", element.textContent, this.offer.title));
		return element;
	}

	tick() {
		clearTimeout(this.timer);
		const left = this.end_at - Date.now();
		if (left <= 0) return this.over();
		write(this.left, left_in_words(left));
		this.timer = setTimeout(() => this.tick(), left % MINUTE || MINUTE);
	}

	stop() {
		clearTimeout(this.timer);
	}

	over() {
		this.end(texts.waiting_over);
		this.on_change();
	}

	/** There is nothing to answer any more; `message` says why, unless something is said already. */
	end(message = "") {
		this.stop();
		const focused = this.buttons.contains(document.activeElement);
		this.left.remove();
		this.offer.sentence?.remove();
		this.buttons.remove();
		if (message || !this.status.textContent) this.say(message || texts.waiting_over);
		if (!focused) return;
		this.status.tabIndex = -1;
		this.status.focus();
	}

	say(message, kind = "") {
		write(this.status, message);
		this.status.dataset.kind = kind;
	}

	async accept(accepted = false) {
		if (this.busy) return;
		this.busy = true;
		this.say(texts.waiting_accepting);
		const values = { entry: this.offer.entry, role: this.role, accepted };
		const { answer, message, problem } = await this.attempt.send(values);
		this.busy = false;
		if (answer?.status === "warning") return this.warn(answer);
		if (answer?.status === "reserved") this.done(message);
		else this.refuse(refusals(answer) || problem);
	}

	async warn(answer) {
		this.say("");
		const chosen = await ask(answer.message, answer.warnings, [
			["accept", texts.waiting_accept_anyway, "btn-primary"],
			["back", texts.waiting_back],
		]);
		if (chosen === "accept") await this.accept(true);
	}

	async decline() {
		const chosen = await ask(
			texts.waiting_sure,
			[this.offer.title],
			[
				["back", texts.waiting_keep, "btn-primary"],
				["decline", texts.waiting_let_go],
			]
		);
		if (chosen !== "decline" || this.busy) return;
		this.busy = true;
		const { message, problem } = await call(`${API}decline`, {
			entry: this.offer.entry,
			role: this.role,
		});
		this.busy = false;
		if (message) this.done(message);
		else this.refuse(problem);
	}

	done(message) {
		this.say(message, "done");
		this.end(message);
		this.status.dataset.kind = "done";
		this.on_change(message, "done");
	}

	refuse(problem) {
		this.say(problem, "problem");
		this.on_change(problem, "problem");
	}
}

function refusals(answer) {
	return answer?.refused?.map(({ sentence }) => sentence).join(" ");
}

function left_in_words(milliseconds) {
	const minutes = Math.ceil(milliseconds / MINUTE);
	if (minutes < 60) return say(minutes === 1 ? "waiting_left_one" : "waiting_left", minutes);
	return say("waiting_left_hours", Math.floor(minutes / 60), minutes % 60);
}
