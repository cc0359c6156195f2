// What is shown beside the conversations: remarks to instructors, reasons and a footnote to families.

import { el, number } from "../../offers/dom.js";

export class Shown {
	constructor(page, saved) {
		this.page = page;
		this.saved = saved;
		this.remarks = this.box("show_remarks");
		this.reasons = this.box("show_reasons");
		this.footnote = el("textarea", { class: "form-control", rows: 2, id: "oa-publish-footnote" });
		this.footnote.addEventListener("input", () => this.show_save());
		this.save = el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text: __("Save the Footnote"),
			disabled: true,
			on: { click: () => this.store({ footnote: this.footnote.value }) },
		});
		this.remarks_text = el("span");
		this.reasons_text = el("span");
		this.summary = el("summary");
		this.root = el(
			"details",
			{ class: "oa-publish-shown" },
			this.summary,
			el("label", {}, this.remarks, this.remarks_text),
			el("label", {}, this.reasons, this.reasons_text),
			el(
				"div",
				{ class: "oa-publish-footnote" },
				el("label", {
					for: "oa-publish-footnote",
					text: __("Footnote below what could not be placed, for families"),
				}),
				this.footnote,
				this.save
			)
		);
	}

	box(name) {
		const box = el("input", { type: "checkbox" });
		box.addEventListener("change", () => this.store({ [name]: box.checked ? 1 : 0 }));
		return box;
	}

	fill({ shown, state }, read_only) {
		this.before = shown.footnote;
		this.remarks.checked = Boolean(shown.show_remarks);
		this.reasons.checked = Boolean(shown.show_reasons);
		if (document.activeElement !== this.footnote) this.footnote.value = shown.footnote;
		for (const input of [this.remarks, this.reasons, this.footnote]) input.disabled = read_only;
		this.remarks_text.textContent = __("Instructors read what guardians remarked ({0} remarks)", [
			number(state.remarks),
		]);
		this.reasons_text.textContent = __("Families read why a request has no time ({0} requests)", [
			number(state.without_time),
		]);
		this.summary.textContent = [
			__("Shown beside the conversations:"),
			shown.show_remarks ? __("remarks to instructors") : __("no remarks to instructors"),
			"·",
			shown.show_reasons ? __("reasons to families") : __("no reasons to families"),
		].join(" ");
		this.show_save();
	}

	show_save() {
		this.save.disabled = this.footnote.disabled || this.footnote.value === this.before;
	}

	async store(values) {
		if (!(await this.page.change("publish.save_shown", values))) await this.saved();
	}
}
