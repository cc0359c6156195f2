// A plain table of conversations in a dialog, which scrolls by itself.

import { el } from "../../offers/dom.js";

/**
 * The table.
 *
 * label: what it lists, for screen readers; heads: the titles of its columns; rows: conversations with start,
 * student_name, subject and instructors; more(row): the texts of the columns after these.
 */
export function conversations_table(label, heads, rows, more) {
	const head = el(
		"tr",
		{},
		heads.map((text) => el("th", { scope: "col", text }))
	);
	const body = rows.map((row) => {
		const texts = [
			short(row.start),
			row.student_name,
			`${row.subject}, ${row.instructors}`,
			...more(row),
		];
		return el(
			"tr",
			{},
			texts.map((text) => el("td", { text }))
		);
	});
	return el(
		"div",
		{ class: "oa-listing", tabindex: "0", role: "region", "aria-label": label },
		el("table", { class: "oa-plain" }, el("thead", {}, head), el("tbody", {}, body))
	);
}

/** A time on its date. */
export function short(start) {
	return moment(start).format("D MMM HH:mm");
}
