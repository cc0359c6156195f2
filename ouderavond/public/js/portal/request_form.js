// The form for requests: switches the fields on, keeps the list of choices, and saves.

import { call } from "./calls";
import { say, texts } from "./texts";

export class RequestForm {
	constructor(form) {
		this.form = form;
		this.list = form.querySelector(".oa-choices");
		this.template = form.querySelector("template");
		this.status = form.querySelector(".oa-status");
		this.button = form.querySelector("[type=submit]");
		this.household_maximum = Number(form.dataset.maximum);
		for (const fieldset of form.querySelectorAll("fieldset:disabled")) {
			fieldset.disabled = false;
		}
		this.saved = this.text_of_wishes();
		form.addEventListener("change", (event) => this.on_change(event));
		form.addEventListener("input", () => this.show_unsaved());
		form.addEventListener("click", (event) => this.on_click(event));
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.save();
		});
		this.refresh();
	}

	on_change(event) {
		const box = event.target.closest(".oa-offers input");
		if (box) {
			box.checked ? this.choose(box) : this.choice_of(box.value)?.remove();
			this.refresh();
		}
		this.show_unsaved();
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
	}

	has_room_for(child) {
		const maximum = Number(child.dataset.maximum);
		const counted = (where) =>
			where.querySelectorAll(".oa-offers input:checked:not([data-invitation])").length;
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
		this.tell(say("moved", this.title_of(choice), choices.indexOf(choice) + 1, choices.length));
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
		this.tell(say("removed", title));
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
		const count = child.querySelectorAll("input:checked:not([data-invitation])").length;
		const text = maximum ? say("chosen", count, maximum) : say("chosen_without_maximum", count);
		line.classList.toggle("oa-problem", Boolean(child.dataset.refused));
		const wanted = child.dataset.refused || text;
		if (line.textContent !== wanted) line.textContent = wanted;
		delete child.dataset.refused;
	}

	wishes() {
		const common = {
			interpreter_language: this.form.elements.interpreter_language.value,
			step_free: this.form.elements.step_free.checked,
		};
		for (const radio of this.form.querySelectorAll("[data-wish]:checked")) {
			if (radio.value !== "keep") common[radio.dataset.wish] = radio.value;
		}
		return [...this.list.children].map((choice) => {
			const wish = { offer: choice.dataset.offer, ...common };
			const longer = choice.querySelector("[name=longer]");
			const remark = choice.querySelector("[name=remark]");
			if (longer) wish.longer = longer.checked;
			if (remark) wish.remark = remark.value;
			return wish;
		});
	}

	text_of_wishes() {
		return JSON.stringify(this.wishes());
	}

	get unsaved() {
		return this.text_of_wishes() !== this.saved;
	}

	show_unsaved() {
		if (this.unsaved) {
			this.tell(texts.unsaved);
		} else if (this.status.textContent === texts.unsaved) {
			this.tell("");
		}
	}

	tell(text, kind = "") {
		this.status.textContent = text;
		this.status.dataset.kind = kind;
	}

	async save() {
		if (this.saving) return;
		this.saving = true;
		this.tell(texts.saving);
		const wishes = this.wishes();
		const answer = await call(this.form.dataset.method, {
			evening: this.form.dataset.evening,
			wishes,
		});
		this.saving = false;
		if (answer.message) this.saved = JSON.stringify(wishes);
		this.tell(answer.message || answer.problem, answer.message ? "done" : "problem");
	}
}
