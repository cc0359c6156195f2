// What stands in a cell of a table.

import { el, moment_text, number } from "./dom.js";

const WIDTHS = { number: 90, yesno: 90, date: 110, datetime: 150, list: 180 };

const FORMATS = {
	text: (value) => String(value),
	number: (value) => number(value),
	yesno: (value) => (cint(value) ? __("Yes") : __("No")),
	date: (value) => frappe.datetime.str_to_user(value),
	datetime: moment_text,
	list: (value) => (Array.isArray(value) ? value.join(", ") : String(value)),
};

/** The width of a column that names none. */
export function default_width(column) {
	return WIDTHS[column.format] || 150;
}

/** A row's value as text, for reading, searching and sorting. */
export function text_of(row, column) {
	const made = column.render?.(row, column);
	if (made instanceof Node) return made.textContent;
	if (made != null) return String(typeof made === "object" ? (made.text ?? "") : made);
	const value = row[column.key];
	return value == null || value === "" ? "" : FORMATS[column.format || "text"](value);
}

/** The contents of a cell. */
export function cell_content(row, column) {
	const content = plain_content(row, column);
	if (!column.action) return content;
	return el(
		"button",
		{
			type: "button",
			class: "oa-cell-action",
			tabindex: "-1",
			"aria-label": column.action_label?.(row) || null,
			"aria-pressed": column.pressed ? String(column.pressed(row)) : null,
		},
		content
	);
}

function plain_content(row, column) {
	const made = column.render?.(row, column);
	if (made instanceof Node) return made;
	if (made && typeof made === "object") return toned(made);
	return document.createTextNode(text_of(row, column));
}

/** A word with a colour, and a pattern for whoever does not see the colour. */
export function toned({ text, tone, title, class: extra }) {
	const classes = [tone && `oa-tone oa-tone-${tone}`, extra].filter(Boolean).join(" ");
	return el("span", { class: classes || null, title: title || null, text: text ?? "" });
}
