// One row of the board: an instructor, the slots of a date, and the conversations in them.

import { el } from "../../offers/dom.js";
import { block_said, described } from "./sayings.js";
import { sign, signs_of } from "./signs.js";

/** The row of an instructor, still empty; `number` is its place among all rows, the head being 1. */
export function make_row(instructor, number) {
	return el("div", {
		role: "row",
		class: "oa-board-row",
		"aria-rowindex": number,
		data: { instructor: instructor.name },
	});
}

/** Its contents on a date. */
export function fill_row(row, model, instructor, date) {
	row.replaceChildren(
		row_head(model, instructor, date),
		...model.cells(instructor.name, date).map((cell) => make_cell(model, cell))
	);
}

function row_head(model, { name, title, code }, date) {
	const where = model.where(name, date);
	return el(
		"div",
		{ role: "rowheader", class: "oa-board-who", "aria-colindex": 1 },
		el("span", { class: "oa-board-name", text: title, title }),
		el("span", { class: "oa-board-where", text: [code, where].filter(Boolean).join(" · ") })
	);
}

function make_cell(model, cell) {
	const made = el("div", {
		role: "gridcell",
		class: `oa-slot oa-slot-${cell.kind}`,
		"aria-colindex": cell.index + 2,
		"aria-colspan": cell.span > 1 ? cell.span : null,
		data: { at: cell.index },
	});
	made.style.gridColumn = `${cell.index + 2} / span ${cell.span}`;
	if (cell.kind === "block")
		made.append(hatched(cell.block.reason || __("Blocked"), block_said(cell.block)));
	if (cell.kind === "absent" && cell.span > 1) made.append(hatched(__("Not present")));
	if (cell.kind === "booking") fill(made, model, cell.bookings);
	return made;
}

const hatched = (text, title = text) => el("span", { class: "oa-slot-why", text, title });

function fill(made, model, bookings) {
	made.dataset.booking = bookings[0].booking;
	made.setAttribute("aria-label", bookings.map((row) => described(model, row)).join(". "));
	made.append(...bookings.map(make_block));
}

/** A conversation as a block: who, and signs of what is the matter. */
export function make_block(booking) {
	const signs = signs_of(booking);
	return el(
		"div",
		{
			class: ["oa-block", booking.saving && "is-saving", ...signs.map((key) => `is-${key}`)]
				.filter(Boolean)
				.join(" "),
			data: { booking: booking.booking, household: booking.household ?? "" },
		},
		el("span", { class: "oa-block-name", text: booking.name }),
		el(
			"span",
			{ class: "oa-block-more" },
			el("span", { class: "oa-block-class", text: booking.class || booking.subject || "" }),
			signs.map(sign)
		)
	);
}
