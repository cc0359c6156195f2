// The board on paper: per date tables of at most so many slots that names can be read, each with its head repeated.

import { el } from "../../offers/dom.js";
import { block_said } from "./sayings.js";
import { name_of, signs_of } from "./signs.js";

const MOST_SLOTS = 12;

/**
 * Lay out the sheets before the browser prints, also when that was not asked for here, and take them away afterwards.
 * contents() -> [model, title, dates, shown(instructor, date)], or null when the board is not what is looked at.
 */
export function print_with(contents) {
	let paper = null;
	window.addEventListener("beforeprint", () => {
		const [model, title, dates, shown] = contents() || [];
		if (!model) return;
		paper = el(
			"div",
			{ class: "oa-board-paper" },
			dates.map(({ date }) => sheets(model, title, date, shown))
		);
		document.body.append(paper);
		document.body.classList.add("oa-board-printing");
	});
	window.addEventListener("afterprint", () => {
		paper?.remove();
		paper = null;
		document.body.classList.remove("oa-board-printing");
	});
}

function sheets(model, title, date, shown) {
	const { starts, label } = model.times.of(date);
	const parts = Math.ceil(starts.length / MOST_SLOTS);
	const size = Math.ceil(starts.length / parts);
	const rows = model.instructors.filter(
		({ name }) => shown(name, date) && model.instructor(name).present?.[date]
	);
	return Array.from({ length: parts }, (_none, part) => {
		const [from, until] = [part * size, Math.min((part + 1) * size, starts.length)];
		return el(
			"table",
			{},
			el("caption", {
				text: __("{0}, {1}, {2} to {3}", [
					title,
					label,
					starts[from],
					model.times.end(date, until - 1),
				]),
			}),
			el("thead", {}, head(starts.slice(from, until))),
			el(
				"tbody",
				{},
				rows.map((instructor) => line(model, instructor, date, from, until))
			)
		);
	});
}

function head(starts) {
	return el(
		"tr",
		{},
		el("th", { text: __("Instructor", null, "Planning") }),
		starts.map((start) => el("th", { text: start }))
	);
}

function line(model, { name, title, code }, date, from, until) {
	const cells = model
		.cells(name, date)
		.map((cell) => ({
			...cell,
			first: Math.max(cell.index, from),
			last: Math.min(cell.index + cell.span, until),
		}))
		.filter(({ first, last }) => first < last);
	return el(
		"tr",
		{},
		el(
			"th",
			{},
			title,
			el("small", { text: [code, model.where(name, date)].filter(Boolean).join(" · ") })
		),
		cells.map((cell) => paper_cell(cell, cell.last - cell.first))
	);
}

function paper_cell({ kind, bookings, block }, span) {
	const cell = el("td", { class: `is-${kind}`, colspan: span > 1 ? span : null });
	if (kind === "absent") cell.append("–");
	if (kind === "block") cell.append(block_said(block));
	for (const booking of bookings || []) {
		const facts = [
			booking.class,
			...signs_of(booking)
				.filter((key) => key !== "published")
				.map(name_of),
		];
		cell.append(el("b", { text: booking.name }), el("small", { text: facts.filter(Boolean).join(", ") }));
	}
	return cell;
}
