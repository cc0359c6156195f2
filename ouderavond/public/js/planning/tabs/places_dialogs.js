// The dialogs of "Who sits where": one value for many rows, rooms that are given, a file, and what a change would do.

import { ask, Picker, show } from "../../offers/dialogs.js";
import { el, number } from "../../offers/dom.js";
import { conversations_table } from "./conversations_table.js";

const SETTABLE = () => [
	["present_from", __("From", null, "Planning")],
	["present_until", __("Until", null, "Planning")],
	["room", __("Room", null, "Planning")],
	["shared_room", __("Shared")],
	["table_label", __("Table")],
	["break_after", __("Break After")],
	["maximum_conversations", __("Maximum")],
];
const SHOWN = 100;

/** Which value for which rows: {field, value, rows}, or null. */
export async function choose_value(tab) {
	const rows = tab.chosen;
	const at = tab.sheet.columns[tab.sheet.at[1]];
	const answer = await ask({
		title: __("Set a Value"),
		body: el("p", {
			text: __("For {0} rows. It is not saved before you have looked at it.", [number(rows.length)]),
		}),
		fields: [
			{
				fieldname: "field",
				fieldtype: "Select",
				label: __("What"),
				reqd: 1,
				options: SETTABLE().map(([value, label]) => ({ value, label })),
				default: at.fixed ? "room" : at.key,
			},
			{
				fieldname: "value",
				fieldtype: "Data",
				label: __("Value"),
				description: __("A time such as 18:30, a room, yes or no, or a number. Empty: nothing."),
			},
		],
		primary_label: __("Fill In"),
	});
	return answer && { rows, field: answer.field, value: answer.value || "" };
}

/** Edits that give rooms, or null. */
export async function assign_rooms(tab) {
	const rows = tab.chosen;
	const body = el(
		"p",
		{},
		__("For the {0} rows that are selected or shown. It is not saved before you have looked at it.", [
			number(rows.length),
		])
	);
	const holder = el("div", { class: "oa-places-rooms" });
	const picker = new Picker({
		page: tab.page,
		parent: holder,
		label: __("Rooms"),
		search: async (text) => rooms_with(tab, text),
	});
	const whole = el("div", {}, body, holder);
	const answer = await ask({
		title: __("Assign Rooms"),
		body: whole,
		fields: [
			{
				fieldname: "source",
				fieldtype: "Select",
				label: __("Which rooms"),
				reqd: 1,
				default: "lessons",
				options: [
					{
						value: "lessons",
						label: __("Everybody's own, from the lessons of the reference week"),
					},
					{ value: "list", label: __("One each of the rooms above, by name") },
					{ value: "hall", label: __("Numbered tables in the first room above, as a shared hall") },
				],
			},
			{
				fieldname: "first_table",
				fieldtype: "Int",
				label: __("First table"),
				default: 1,
				depends_on: "eval:doc.source=='hall'",
			},
			{ fieldname: "only_empty", fieldtype: "Check", label: __("Who has a room keeps it"), default: 1 },
		],
		primary_label: __("Fill In"),
		before: ({ source }) =>
			source !== "lessons" && !picker.items.length ? __("Choose at least one room.") : null,
	});
	if (!answer) return null;
	const found = await tab.page
		.call("places.propose", {
			source: answer.source,
			names: picker.values,
			rows: rows.map(({ instructor, date }) => ({ instructor, date })),
			only_empty: answer.only_empty ? 1 : 0,
			first_table: answer.first_table ?? 1,
		})
		.catch(() => null);
	if (!found) return null;
	if (found.left.length) tell(__("No Room Could Be Given"), found.left);
	else if (!found.edits.length) {
		frappe.show_alert({ message: __("All of them have a room already."), indicator: "blue" });
	}
	return found.edits;
}

function rooms_with(tab, text) {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	return tab.found.rooms
		.filter(({ name, title }) => words.every((word) => `${name} ${title}`.toLowerCase().includes(word)))
		.slice(0, 30)
		.map(({ name, title }) => ({ value: name, label: title, description: name === title ? "" : name }));
}

function tell(title, sentences) {
	const rest = sentences.length - SHOWN;
	return show({
		title,
		body: el(
			"div",
			{},
			el(
				"ul",
				{ class: "oa-places-list" },
				sentences.slice(0, SHOWN).map((text) => el("li", { text }))
			),
			rest > 0 ? el("p", { text: __("And {0} more.", [number(rest)]) }) : ""
		),
	});
}

/** Edits of a file that is chosen now, or null. */
export async function import_file(tab) {
	const input = el("input", {
		type: "file",
		class: "form-control",
		accept: ".xlsx,.csv,.tsv,.txt",
		"aria-label": __("File"),
	});
	const answer = await ask({
		title: __("From a File"),
		body: el(
			"div",
			{},
			el("p", {
				text: __(
					"An Excel workbook or a CSV file, with the columns of the file that you can download here. Columns that are left out stay as they are. It is not saved before you have looked at it."
				),
			}),
			input
		),
		primary_label: __("Read"),
		before: () => (input.files.length ? null : __("Choose a file.")),
	});
	if (!answer) return null;
	const [file] = input.files;
	const content = await as_base64(file);
	const found = await tab.page.call("places.read_file", { name: file.name, content }).catch(() => null);
	if (!found) return null;
	if (found.problems.length) tell(__("Lines That Could Not Be Used"), found.problems);
	return found.edits;
}

async function as_base64(file) {
	const bytes = new Uint8Array(await file.arrayBuffer());
	const parts = [];
	for (let i = 0; i < bytes.length; i += 8192)
		parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
	return btoa(parts.join(""));
}

/** Show what the waiting edits would do, and do it; the report, or null. */
export async function look_and_save(tab) {
	const { edits } = tab;
	const seen = await tab.page.call("places.preview", { edits }).catch(() => null);
	if (!seen) return null;
	tab.show_problems(seen.problems);
	const stuck = [...seen.problems.map((problem) => problem.sentence), ...seen.refused];
	if (stuck.length) {
		tell(__("This Cannot Be Saved"), stuck);
		return null;
	}
	const choice = el("fieldset", { class: "oa-places-choices" });
	const body = el(
		"div",
		{},
		el("p", { class: "oa-would", text: seen.sentence }),
		seen.told
			? el("p", {
					text: __(
						"Whoever was told another place keeps reading that one until the schedule is published again."
					),
				})
			: "",
		seen.warnings.length
			? el(
					"ul",
					{ class: "oa-places-list oa-places-warn" },
					seen.warnings.map((text) => el("li", { text }))
				)
			: "",
		seen.unfit.length ? [unfit_table(seen.unfit), choice] : ""
	);
	if (seen.unfit.length) {
		choice.append(
			el("legend", { text: __("What becomes of them?") }),
			radio(
				"stay",
				__("They stay where they are; they are listed here as not fitting until you move them.")
			),
			radio("not_placed", __("They are cancelled and put on the list of what is not placed."))
		);
	}
	const answer = await ask({
		title: __("Save Who Sits Where?"),
		body,
		size: seen.unfit.length ? "large" : undefined,
		primary_label: __("Save"),
		before: () =>
			seen.unfit.length && !choice.querySelector("input:checked")
				? __("Choose what becomes of the conversations that no longer fit.")
				: null,
	});
	if (!answer) return null;
	const unfit = choice.querySelector("input:checked")?.value;
	return tab.page.change("places.save", { edits, unfit });
}

function radio(value, text) {
	return el(
		"label",
		{ class: "oa-places-radio" },
		el("input", { type: "radio", name: "oa-unfit", value }),
		text
	);
}

function unfit_table(rows) {
	const heads = [
		__("When", null, "Planning"),
		__("Student", null, "Offers"),
		__("Conversation"),
		__("Why"),
	];
	return conversations_table(__("Conversations that no longer fit"), heads, rows, (row) => [row.sentence]);
}

/** Above the rows: the conversations that do not fit who sits where now. */
export function show_misfits(tab) {
	const rows = tab.found.misfits;
	tab.misfits.replaceChildren();
	if (!rows.length) return;
	const text =
		rows.length === 1
			? __("1 conversation does not fit who sits where.")
			: __("{0} conversations do not fit who sits where.", [number(rows.length)]);
	tab.misfits.append(
		el(
			"p",
			{ class: "oa-notice" },
			text,
			" ",
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				text: __("See Which"),
				on: { click: () => open_misfits(tab) },
			})
		)
	);
}

async function open_misfits(tab) {
	const rows = tab.found.misfits;
	const answer = await ask({
		title: __("Conversations That Do Not Fit"),
		size: "large",
		body: el(
			"div",
			{},
			unfit_table(rows),
			el("p", {
				text: __("Move them on the board, or put all of them on the list of what is not placed."),
			})
		),
		primary_label: __("Put All on the List"),
	});
	if (answer) await tab.page.change("places.put_back", { bookings: rows.map((row) => row.booking) });
}
