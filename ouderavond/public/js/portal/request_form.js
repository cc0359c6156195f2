// The form for requests: switches the fields on, keeps the list of choices, and saves.

import { Absence } from "./absence";
import { Draft } from "./draft";
import { call_patiently } from "./patiently";
import { say, texts } from "./texts";

export class RequestForm {
	constructor(form) {
		this.form = form;
		this.list = form.querySelector(".oa-choices");
		this.template = form.querySelector("[data-new-choice]");
		this.status = form.querySelector(".oa-bar .oa-status");
		this.household_maximum = Number(form.dataset.maximum);
		for (const fieldset of form.querySelectorAll("fieldset:disabled")) {
			fieldset.disabled = false;
		}
		this.absence = new Absence(form.querySelector(".oa-absence"), (sentence) => this.changed(sentence));
		this.draft = new Draft(`${form.dataset.role}:${form.dataset.evening}`);
		this.saved = this.text;
		form.addEventListener("change", (event) => this.on_change(event));
		form.addEventListener("input", () => this.changed());
		form.addEventListener("click", (event) => this.on_click(event));
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.save();
		});
		this.refresh();
		this.restore();
	}

	on_change(event) {
		const box = event.target.closest(".oa-offers input");
		if (box) {
			box.checked ? this.choose(box) : this.choice_of(box.value)?.remove();
			this.refresh();
		}
		this.changed();
	}

	on_click(event) {
		const button = event.target.closest("button");
		const choice = button?.closest(".oa-choice");
		if (!choice) return;
		if (button.dataset.move) {
			this.move(choice, Number(button.dataset.move));
			if (button.disabled) choice.querySelector("[data-move]:not(:disabled)")?.focus();
		} else if ("remove" in button.dataset) {
			this.remove(choice);
		}
	}

	choose(box) {
		const child = box.closest(".oa-child");
		if (!this.has_room_for(child)) {
			box.checked = false;
			return;
		}
		this.add(box);
	}

	add(box) {
		const child = box.closest(".oa-child");
		const choice = this.template.content.firstElementChild.cloneNode(true);
		choice.dataset.offer = box.value;
		const fills = {
			title: `${box.dataset.subject} (${child.dataset.name})`,
			subject: box.dataset.subject,
			instructors: box.dataset.instructors,
			name: child.dataset.name,
		};
		for (const place of choice.querySelectorAll("[data-fill]")) {
			place.textContent = fills[place.dataset.fill];
		}
		choice.querySelector("fieldset").disabled = false;
		this.list.append(choice);
		return choice;
	}

	has_room_for(child) {
		const maximum = Number(child.dataset.maximum);
		const counted = (where) => where.querySelectorAll(".oa-offers input:checked").length;
		if (maximum && counted(child) > maximum) {
			this.refuse(child, say("full", maximum, child.dataset.name));
			return false;
		}
		if (this.household_maximum && counted(this.form) > this.household_maximum) {
			this.refuse(child, say("full_household", this.household_maximum));
			return false;
		}
		return true;
	}

	// Kept until the next change, so that it is not overwritten by the count at once.
	refuse(child, sentence) {
		child.dataset.refused = sentence;
	}

	choice_of(offer) {
		return [...this.list.children].find((choice) => choice.dataset.offer === offer);
	}

	move(choice, step) {
		const other = step < 0 ? choice.previousElementSibling : choice.nextElementSibling;
		if (!other) return;
		const focused = document.activeElement;
		step < 0 ? other.before(choice) : other.after(choice);
		focused.focus();
		this.refresh();
		const choices = [...this.list.children];
		this.changed(say("moved", this.title_of(choice), choices.indexOf(choice) + 1, choices.length));
	}

	remove(choice) {
		const title = this.title_of(choice);
		const next = choice.nextElementSibling || choice.previousElementSibling;
		for (const box of this.form.querySelectorAll(".oa-offers input")) {
			if (box.value === choice.dataset.offer) box.checked = false;
		}
		choice.remove();
		this.refresh();
		(
			next?.querySelector("button:not(:disabled)") || this.form.querySelector(".oa-chosen [tabindex]")
		).focus();
		this.changed(say("removed", title));
	}

	title_of(choice) {
		return choice.querySelector("[data-fill=title]").textContent;
	}

	refresh() {
		const choices = [...this.list.children];
		this.form.querySelector(".oa-none").hidden = choices.length > 0;
		choices.forEach((choice, index) => {
			choice.querySelector('[data-move="-1"]').disabled = index === 0;
			choice.querySelector('[data-move="1"]').disabled = index === choices.length - 1;
		});
		for (const child of this.form.querySelectorAll(".oa-child")) {
			this.show_count(child);
		}
	}

	show_count(child) {
		const line = child.querySelector(".oa-count");
		const maximum = Number(child.dataset.maximum);
		const count = child.querySelectorAll(".oa-offers input:checked").length;
		const text = maximum ? say("chosen", count, maximum) : say("chosen_without_maximum", count);
		line.classList.toggle("oa-problem", Boolean(child.dataset.refused));
		const wanted = child.dataset.refused || text;
		if (line.textContent !== wanted) line.textContent = wanted;
		delete child.dataset.refused;
	}

	// What is filled in

	/** All that can be filled in, as it is now: what the school asks for first, then the choices in order. */
	get state() {
		const { interpreter_language, step_free } = this.form.elements;
		return {
			choices: [...this.form.querySelectorAll(".oa-choice")].map((choice) => ({
				offer: choice.dataset.offer,
				longer: choice.querySelector("[name=longer]")?.checked,
				remark: choice.querySelector("[name=remark]")?.value,
			})),
			radios: Object.fromEntries(
				[...this.form.querySelectorAll("[data-wish]:checked")].map((radio) => [
					radio.dataset.wish,
					radio.value,
				])
			),
			interpreter_language: interpreter_language.value,
			step_free: step_free?.checked,
			times: this.absence.times,
		};
	}

	get text() {
		return JSON.stringify(this.state);
	}

	/** The wishes as the server takes them; what differs per conversation and was not touched stays away. */
	wishes(state) {
		const common = {};
		if (state.step_free !== undefined) common.step_free = state.step_free;
		const differs = "differs" in this.form.elements.interpreter_language.dataset;
		if (!differs || state.interpreter_language) common.interpreter_language = state.interpreter_language;
		for (const [wish, value] of Object.entries(state.radios)) {
			if (value !== "keep") common[wish] = wish === "step_free" ? value === "1" : value;
		}
		return state.choices.map((choice) => ({ ...choice, ...common }));
	}

	get unsaved() {
		return this.text !== this.saved;
	}

	/** Note what was changed and not saved yet, and say so after a sentence about the change itself. */
	changed(sentence = "") {
		const unsaved = this.unsaved;
		unsaved ? this.draft.write(this.state, this.saved) : this.draft.clear();
		if (sentence) this.tell(sentence);
		else if (unsaved) this.tell(texts.unsaved);
		else if (this.status.textContent === texts.unsaved) this.tell("");
	}

	// What was not saved before a reload

	restore() {
		const draft = this.draft.read();
		if (!draft) return;
		this.show_state(draft.state);
		if (!this.unsaved) {
			this.draft.clear();
			return;
		}
		this.tell(draft.base === this.saved ? texts.restored : texts.restored_over_others);
		this.draft.write(this.state, draft.base);
	}

	show_state(state) {
		const boxes = [...this.form.querySelectorAll(".oa-offers input")];
		for (const box of boxes) {
			const wanted = state.choices.some((choice) => choice.offer === box.value);
			if (wanted && !box.checked && !box.disabled) this.add(box);
			if (!wanted) this.choice_of(box.value)?.remove();
			if (!box.disabled) box.checked = wanted;
		}
		for (const wanted of state.choices) this.show_choice(wanted);
		for (const radio of this.form.querySelectorAll("[data-wish]")) {
			if (state.radios[radio.dataset.wish] === radio.value) radio.checked = true;
		}
		const { interpreter_language, step_free } = this.form.elements;
		interpreter_language.value = state.interpreter_language;
		if (step_free && state.step_free !== undefined) step_free.checked = state.step_free;
		this.absence.times = state.times;
		for (const details of this.form.querySelectorAll(".oa-choice details")) {
			details.open ||= Boolean(details.querySelector("textarea").value);
		}
		this.refresh();
	}

	show_choice(wanted) {
		const choice = [...this.form.querySelectorAll(".oa-choice")].find(
			(one) => one.dataset.offer === wanted.offer
		);
		if (!choice) return;
		if (choice.parentElement === this.list) this.list.append(choice);
		const longer = choice.querySelector("[name=longer]");
		const remark = choice.querySelector("[name=remark]");
		if (longer) longer.checked = Boolean(wanted.longer);
		if (remark) remark.value = wanted.remark || "";
	}

	// Saving

	tell(text, kind = "") {
		this.status.textContent = text;
		this.status.dataset.kind = kind;
	}

	async save() {
		if (this.saving) return;
		this.saving = true;
		this.tell(texts.saving);
		const state = this.state;
		const answer = await call_patiently(
			this.form.dataset.method,
			{ evening: this.form.dataset.evening, wishes: this.wishes(state), times: state.times },
			(seconds) => this.tell(say("busy", seconds))
		);
		this.saving = false;
		if (answer.message) {
			this.saved = JSON.stringify(state);
			this.changed();
			this.tell(this.unsaved ? texts.unsaved : answer.message, this.unsaved ? "" : "done");
		} else {
			const kept = answer.problem === texts.expired ? ` ${texts.kept}` : "";
			this.tell(answer.problem + kept, "problem");
		}
	}
}
