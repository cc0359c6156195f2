// An overview as a file: made by the server, in the background where it is large, then handed to the browser.

import { el } from "../../offers/dom.js";
import { carry_out } from "../../offers/work.js";

const FORMATS = {
	pdf: () => __("PDF to Print"),
	xlsx: () => __("Excel", null, "Offers"),
	csv: () => __("CSV"),
};

export class Files {
	constructor(page, letter_heads, asked) {
		Object.assign(this, { page, asked });
		this.head = this.letter_heads(letter_heads);
		this.root = el(
			"div",
			{ class: "oa-overviews-files" },
			Object.entries(FORMATS).map(([format, label]) => this.button(format, label())),
			this.head && el("label", {}, el("span", { text: __("Letter Head") }), this.head)
		);
	}

	letter_heads(found) {
		if (!found.length) return null;
		return el(
			"select",
			{ class: "form-control input-xs" },
			found.map(({ name }) => el("option", { value: name, text: name })),
			el("option", { value: "none", text: __("None", null, "Letter Head") })
		);
	}

	button(format, label) {
		return el("button", {
			type: "button",
			class: `btn btn-sm ${format === "pdf" ? "btn-primary" : "btn-default"}`,
			text: label,
			on: { click: () => this.make(format) },
		});
	}

	async make(format) {
		if (this.busy) return;
		this.busy = true;
		frappe.show_alert({ message: __("The file is being made."), indicator: "blue" });
		const asked = { ...this.asked(), file_format: format, head: this.head?.value || null };
		try {
			const options = { progress_title: __("Making the file") };
			const report = await carry_out(this.page, "overviews.prepare", asked, options);
			hand_over(report.more);
		} catch {
			// The user has been told why.
		} finally {
			this.busy = false;
		}
	}
}

/** Save a file that the server made. */
export function hand_over({ url, name }) {
	const link = el("a", { href: url, download: name, hidden: true });
	document.body.append(link);
	link.click();
	link.remove();
}
