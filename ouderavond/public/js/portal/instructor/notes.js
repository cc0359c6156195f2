// Notes for oneself: saved a moment after the last letter, and kept on the device where there is no connection.

import { call } from "../calls";
import { texts } from "../texts";
import { Kept } from "./kept";

const PAUSE = 1500;
const AGAIN = 15_000;
const kept = new Kept("notes");

export class Note {
	constructor(row) {
		this.booking = row.dataset.booking;
		this.lines = row.querySelector(".oa-i-lines");
		this.field = row.querySelector(".oa-i-note textarea");
		this.status = row.querySelector(".oa-i-note .oa-status");
		this.saved = this.field.value;
		this.field.disabled = false;
		this.restore();
		this.field.addEventListener("input", () => this.plan(PAUSE));
		this.field.addEventListener("blur", () => this.unsaved && this.save());
		window.addEventListener("online", () => this.unsaved && this.save());
	}

	restore() {
		const mine = kept.rows.find((row) => row.id === this.booking);
		if (!mine) return;
		this.field.value = mine.text;
		this.field.closest("details").open = true;
		this.plan(0);
	}

	get unsaved() {
		return this.field.value.trim() !== this.saved.trim();
	}

	plan(wait) {
		clearTimeout(this.timer);
		this.lines.textContent = this.field.value;
		kept.add({ id: this.booking, text: this.field.value });
		this.tell(texts.i_note_unsaved);
		this.timer = setTimeout(() => this.save(), wait);
	}

	async save() {
		clearTimeout(this.timer);
		if (this.saving) return;
		this.saving = true;
		const text = this.field.value;
		this.tell(texts.i_note_saving);
		const answer = await call("ouderavond.api.instructor.note", { booking: this.booking, text });
		this.saving = false;
		if (answer.message) this.done(text, answer.message);
		else this.failed(answer);
	}

	done(text, message) {
		this.saved = text;
		this.tell(message, "done");
		if (this.unsaved) this.plan(PAUSE);
		else kept.drop([this.booking]);
	}

	failed(answer) {
		const later = answer.status === 0 || answer.status === 429 || answer.status >= 500;
		this.tell(later ? texts.i_note_later : answer.problem, later ? "" : "problem");
		if (later) this.timer = setTimeout(() => this.save(), AGAIN);
	}

	tell(sentence, kind = "") {
		this.status.textContent = sentence;
		this.status.dataset.kind = kind;
	}
}
