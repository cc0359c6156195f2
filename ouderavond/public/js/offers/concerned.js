// Whose requests and conversations a change would take away, by name, before it is done; and who was not told after.

import { ask, show } from "./dialogs.js";
import { el, moment_text, number } from "./dom.js";

const COLUMNS = [
	["student_name", () => __("Student", null, "Offers")],
	["subject", () => __("Conversation")],
	["instructors", () => __("Instructors", null, "Offers")],
	["household", () => __("Household")],
	["state", () => __("State", null, "Offers")],
];

/** Ask; a Promise of whether it was confirmed. */
export async function confirm_concerned(report, title) {
	const answer = await ask({
		title: title || __("Requested or Booked Already"),
		size: "extra-large",
		primary_label: __("Do It Anyway"),
		body: el("div", {}, contents(report)),
	});
	return Boolean(answer);
}

function contents(report) {
	const rows = report.concerned || [];
	return [
		report.sentence ? el("p", { text: report.sentence }) : "",
		el("p", {
			text: __(
				"{0} requests or conversations would be withdrawn or cancelled, and the people concerned told.",
				[number(rows.length)]
			),
		}),
		el(
			"div",
			{ class: "oa-listing", tabindex: "0", role: "region", "aria-label": __("Those concerned") },
			el(
				"table",
				{ class: "oa-plain" },
				el(
					"thead",
					{},
					el("tr", {}, ...COLUMNS.map(([, label]) => el("th", { scope: "col", text: label() })))
				),
				el("tbody", {}, ...rows.map(row_of))
			)
		),
	];
}

function row_of(row) {
	return el("tr", {}, ...COLUMNS.map(([key]) => el("td", { text: text_of(row, key) })));
}

function text_of(row, key) {
	const value = row[key];
	if (key === "state") {
		return row.start ? __("{0}, {1}", [__(value), moment_text(row.start)]) : __(value);
	}
	return Array.isArray(value) ? value.join(", ") : (value ?? "");
}

/** Those who should have been told and could not be: somebody has to call them. */
export function show_not_told(report) {
	const rows = report.not_told.map(([who, why]) =>
		el("tr", {}, el("th", { scope: "row", text: who }), el("td", { text: why }))
	);
	const body = el("table", { class: "oa-plain" }, el("tbody", {}, rows));
	return show({ title: __("Could Not Be Told"), size: "large", body });
}
