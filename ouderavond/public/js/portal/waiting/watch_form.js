// The question when somebody wants to wait: between which times they can come.

import { button, el, put, write } from "../booking/dom";
import { say, texts } from "../texts";

export class WatchForm {
	/** @param {{save: function, close: function}} on what happens; `save` gets offer, earliest and latest */
	constructor(on) {
		this.on = on;
		this.offer = null;
		this.about = el("legend", {});
		this.earliest = el("select", { class: "form-control" });
		this.latest = el("select", { class: "form-control" });
		this.status = el("p", { class: "oa-status", role: "alert", "data-kind": "problem" });
		this.element = el(
			"form",
			{ class: "oa-watch-form", hidden: true, on: { submit: (event) => this.submit(event) } },
			el(
				"fieldset",
				{},
				this.about,
				el("p", {}, texts.waiting_how),
				el(
					"div",
					{ class: "oa-watch-times" },
					el("label", { class: "oa-field" }, texts.waiting_earliest, this.earliest),
					el("label", { class: "oa-field" }, texts.waiting_latest, this.latest)
				)
			),
			this.status,
			el(
				"span",
				{ class: "oa-waiting-buttons" },
				el("button", { type: "submit", class: "btn btn-primary" }, texts.waiting_get_in_line),
				button(texts.waiting_cancel, () => this.cancel())
			)
		);
		this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.cancel());
	}

	open(column, data) {
		this.offer = column.offer;
		write(this.about, say("waiting_for", column.title, column.name));
		const times = times_of(data);
		this.earliest.replaceChildren(...options(times.slice(1)));
		this.latest.replaceChildren(...options(times.slice(1)));
		this.say("");
		put(this.element, "hidden", false);
	}

	focus() {
		this.element.scrollIntoView({ block: "nearest" });
		this.earliest.focus();
	}

	close() {
		put(this.element, "hidden", true);
	}

	cancel() {
		this.close();
		this.on.close();
	}

	say(text) {
		write(this.status, text || "");
	}

	async submit(event) {
		event.preventDefault();
		if (this.busy) return;
		this.busy = true;
		this.say("");
		await this.on.save({
			offer: this.offer,
			earliest: this.earliest.value || null,
			latest: this.latest.value || null,
		});
		this.busy = false;
	}
}

// The times of all dates of the evening, each once, in order: [value, as the reader writes it].
function times_of(data) {
	const found = new Map();
	for (const day of data.dates) day.starts.forEach((start, index) => found.set(start, day.labels[index]));
	return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}

function options(times) {
	const any = el("option", { value: "" }, texts.waiting_any_time);
	return [any, ...times.map(([value, label]) => el("option", { value }, label))];
}
