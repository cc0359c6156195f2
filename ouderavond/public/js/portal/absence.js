// Times at which somebody can't come: rows of from and until, by date.

import { Draft } from "./draft";
import { call_patiently } from "./patiently";
import { say, texts } from "./texts";

export class Absence {
	/** @param {HTMLElement} element the fieldset `.oa-absence`; `tell(sentence)` is called after a change. */
	constructor(element, tell) {
		this.element = element;
		this.tell = tell;
		element.addEventListener("click", (event) => this.on_click(event));
		element.addEventListener("change", (event) => {
			const row = event.target.closest("li");
			if (row) keep_in_order(row, event.target.name);
		});
	}

	on_click(event) {
		const button = event.target.closest("button");
		if (!button) return;
		if ("addTime" in button.dataset) {
			const row = this.add(button.closest(".oa-absent-day"));
			row.querySelector("select").focus();
			this.tell("");
		} else if ("removeTime" in button.dataset) {
			const day = button.closest(".oa-absent-day");
			button.closest("li").remove();
			day.querySelector("[data-add-time]").focus();
			this.tell(texts.time_removed);
		}
	}

	add(day, time = null) {
		const row = day.querySelector("template").content.firstElementChild.cloneNode(true);
		for (const name of time ? ["from", "to"] : []) {
			choose(row.querySelector(`[name=${name}]`), time[name]);
		}
		day.querySelector("ul").append(row);
		return row;
	}

	/** The times as the server takes them. */
	get times() {
		return [...this.element.querySelectorAll("li")].map((row) => ({
			from: row.querySelector("[name=from]").value,
			to: row.querySelector("[name=to]").value,
		}));
	}

	/** Show these times instead; those of dates that are no more are left out. */
	set times(times) {
		for (const row of this.element.querySelectorAll("li")) row.remove();
		const days = [...this.element.querySelectorAll(".oa-absent-day")];
		for (const time of times) {
			const date = time.from.slice(0, 10);
			const day = days.find((one) => date_of(one) === date);
			if (day) this.add(day, time);
		}
	}
}

function date_of(day) {
	return day.querySelector("template").content.querySelector("option").value.slice(0, 10);
}

// A time that was said before need not be one of the grid any more.
function choose(select, value) {
	if (![...select.options].some((option) => option.value === value)) {
		select.add(new Option(value.slice(11), value), 0);
	}
	select.value = value;
}

// A time ends after it starts: the other end gives way.
function keep_in_order(row, changed) {
	const [from, to] = ["from", "to"].map((name) => row.querySelector(`[name=${name}]`));
	if (from.value < to.value) return;
	if (changed === "from") {
		to.value = [...to.options].find((option) => option.value > from.value).value;
	} else {
		from.value = [...from.options].findLast((option) => option.value < to.value).value;
	}
}

/** The form of its own, where places are booked directly. */
export class AbsenceForm {
	constructor(form) {
		this.form = form;
		this.status = form.querySelector(".oa-status");
		form.querySelector("fieldset").disabled = false;
		this.absence = new Absence(form.querySelector(".oa-absence"), (sentence) => this.show(sentence));
		this.draft = new Draft(`times:${form.dataset.role}:${form.dataset.evening}`);
		this.saved = this.text;
		form.addEventListener("change", () => this.show(""));
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.save();
		});
		this.restore();
	}

	restore() {
		const draft = this.draft.read();
		if (!draft) return;
		this.absence.times = draft.state;
		if (!this.unsaved) return;
		this.form.closest("details").open = true;
		this.tell(texts.restored);
	}

	get text() {
		return JSON.stringify(this.absence.times);
	}

	get unsaved() {
		return this.text !== this.saved;
	}

	show(sentence) {
		this.unsaved ? this.draft.write(this.absence.times, this.saved) : this.draft.clear();
		this.tell([sentence, this.unsaved ? texts.unsaved : ""].filter(Boolean).join(" "));
	}

	tell(sentence, kind = "") {
		this.status.textContent = sentence;
		this.status.dataset.kind = kind;
	}

	async save() {
		if (this.saving) return;
		this.saving = true;
		this.tell(texts.saving);
		const { evening, role, method = "ouderavond.api.unavailable.save" } = this.form.dataset;
		const values = { evening, role, times: this.absence.times };
		const answer = await call_patiently(method, values, (seconds) => this.tell(say("busy", seconds)));
		this.saving = false;
		if (answer.message) {
			this.absence.times = answer.answer.times;
			this.saved = this.text;
			this.draft.clear();
		}
		this.tell(answer.message || answer.problem, answer.message ? "done" : "problem");
	}
}
