// The head of the page: which evening, how many, and what can be undone.

import { el, icon, number } from "./dom.js";

export class Head {
	constructor(page) {
		this.page = page;
		this.title = el("a", { class: "oa-evening" });
		this.counts = el("ul", { class: "oa-counts", "aria-live": "polite" });
		this.undo = el("button", {
			type: "button",
			class: "btn btn-default btn-sm oa-undo",
			"aria-describedby": "oa-undo-why",
			on: { click: () => this.press_undo() },
		});
		this.why = el("span", { class: "oa-undo-why text-muted", id: "oa-undo-why" });
		this.archived = el("p", { class: "oa-notice", hidden: true });
		this.root = el(
			"header",
			{ class: "oa-head" },
			el("div", { class: "oa-head-text" }, this.title, this.counts),
			el("div", { class: "oa-head-undo" }, this.undo, this.why),
			this.archived
		);
	}

	show({ evening, counts, undo: last }) {
		this.title.textContent = evening.title;
		this.title.href = frappe.utils.get_form_link("Parent Evening", evening.name);
		this.title.title = __("Back to the evening");
		this.counts.replaceChildren(...count_items(this.page.constructor.counts(counts)));
		this.archived.hidden = !evening.archived;
		this.archived.textContent = evening.archived ? this.page.constructor.archived() : "";
		this.show_undo(evening.archived ? null : last);
	}

	show_undo(last) {
		this.last = last;
		this.undo.parentElement.hidden = this.page.read_only;
		this.undo.setAttribute("aria-disabled", String(!last?.allowed));
		this.undo.replaceChildren(
			icon("es-line-reply"),
			last ? __("Undo: {0}", [last.operation]) : __("Undo")
		);
		this.why.textContent = sentence_about(last);
	}

	press_undo() {
		if (this.last?.allowed) this.page.constructor.undo(this.page, this.last);
		else
			frappe.show_alert({
				message: frappe.utils.escape_html(this.why.textContent),
				indicator: "orange",
			});
	}
}

function count_items(counts) {
	return counts.map(([count, label]) => el("li", {}, el("b", { text: number(count) }), " ", label));
}

function sentence_about(last) {
	if (!last) return __("Nothing has been changed that could be undone.");
	if (!last.allowed) return last.why_not;
	return __("{0} {1}, {2}", [last.sentence, last.by, frappe.datetime.prettyDate(last.on)]);
}
