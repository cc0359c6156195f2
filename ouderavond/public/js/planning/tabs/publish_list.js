// The list of what people do not know yet: by conversation, household or instructor, filtered, ticked.

import { el, number } from "../../offers/dom.js";
import { Table } from "../../offers/table.js";

const SEARCH_MS = 200;
const KINDS = {
	new: [() => __("New", null, "Publishing"), "green"],
	moved: [() => __("Other time"), "yellow"],
	instructor: [() => __("Other instructor"), "blue"],
	length: [() => __("Other length"), "yellow"],
	place: [() => __("Other place"), "gray"],
	cancelled: [() => __("Cancelled", null, "Publishing"), "red"],
};
const VIEWS = {
	conversation: [() => __("Conversations"), conversation_columns],
	household: [() => __("Households"), group_columns(() => __("Household", null, "Publishing"))],
	instructor: [
		() => __("Instructors", null, "Publishing"),
		group_columns(() => __("Instructor", null, "Publishing")),
	],
};

export class PublishList {
	constructor(parent, on_select) {
		this.on_select = on_select;
		this.rows = [];
		this.filters = {};
		this.view = "conversation";
		this.tools = el("div", { class: "oa-publish-filters", role: "search", "aria-label": __("Filters") });
		this.holder = el("div");
		parent.append(this.tools, this.holder);
	}

	/** Show these changes; what was filtered, and ticked and is still there, stays. */
	async fill(rows, read_only) {
		this.rows = rows;
		const first = !this.table || this.read_only !== read_only;
		this.read_only = read_only;
		this.make_filters();
		if (first) this.make_table();
		await this.show();
	}

	/** The conversations that are ticked, whichever way they are listed. */
	get selected() {
		if (!this.table) return [];
		const keys = new Set(this.table.selected);
		return this.groups.filter((row) => keys.has(row.key)).flatMap((row) => row.bookings);
	}

	make_filters() {
		const options = {
			kind: Object.keys(KINDS)
				.map((key) => [key, KINDS[key][0](), this.rows.filter((row) => row.kinds.includes(key))])
				.filter(([, , found]) => found.length)
				.map(([key, label, found]) => [key, `${label} (${number(found.length)})`]),
			class: named(this.rows.map((row) => [row.class, row.class])),
			instructor: named(
				this.rows.flatMap((row) => row.instructors.map((one) => [one.name, one.title]))
			),
			date: named(
				this.rows.flatMap((row) => row.dates.map((day) => [day, frappe.datetime.str_to_user(day)])),
				0
			),
		};
		const labels = {
			kind: __("What changes"),
			class: __("Class"),
			instructor: __("Instructor", null, "Publishing"),
			date: __("Date"),
		};
		const search = el("input", {
			type: "search",
			class: "form-control input-sm",
			placeholder: __("Name or subject"),
			"aria-label": __("Search", null, "Publishing"),
			value: this.filters.search || null,
			on: {
				input: frappe.utils.debounce((event) => this.set("search", event.target.value), SEARCH_MS),
			},
		});
		this.tools.replaceChildren(
			this.views(),
			search,
			...Object.keys(options).map((key) => this.select(key, labels[key], options[key]))
		);
		this.tools.hidden = !this.rows.length;
	}

	views() {
		const segments = Object.entries(VIEWS).map(([key, [label]]) =>
			el(
				"label",
				{ class: "oa-segment" },
				el("input", {
					type: "radio",
					name: "oa-publish-view",
					value: key,
					checked: key === this.view,
					on: { change: () => this.choose_view(key) },
				}),
				el("span", { text: label() })
			)
		);
		return el(
			"div",
			{ class: "oa-segments", role: "radiogroup", "aria-label": __("Listed by") },
			segments
		);
	}

	select(key, label, options) {
		if (!options.some(([value]) => value === this.filters[key])) delete this.filters[key];
		const select = el(
			"select",
			{
				class: "form-control input-sm",
				"aria-label": label,
				on: { change: () => this.set(key, select.value) },
			},
			el("option", { value: "", text: __("{0}: all", [label]) }),
			options.map(([value, text]) => el("option", { value, text }))
		);
		select.value = this.filters[key] || "";
		select.classList.toggle("oa-filtering", Boolean(select.value));
		return select;
	}

	set(key, value) {
		this.filters[key] = value.trim();
		for (const select of this.tools.querySelectorAll("select"))
			select.classList.toggle("oa-filtering", Boolean(select.value));
		this.show(true);
	}

	choose_view(key) {
		this.view = key;
		this.make_table();
		this.show();
	}

	make_table() {
		this.holder.replaceChildren();
		this.table = new Table({
			parent: this.holder,
			label: __("What people do not know yet"),
			columns: VIEWS[this.view][1](),
			storage_key: `publish-${this.view}`,
			rows: [],
			row_key: "key",
			multi: !this.read_only,
			on_select: () => this.on_select(),
			empty: __("Nothing here differs from what people were told."),
		});
	}

	async show(afresh = false) {
		const found = this.rows.filter((row) => matches(row, this.filters));
		this.groups = GROUPED[this.view](found);
		const { table } = this;
		await table.ready;
		if (table !== this.table) return;
		if (afresh) table.clear_selection();
		await table.set_rows(this.groups);
		this.on_select();
	}
}

// Filters

function named(pairs, by = 1) {
	const found = new Map(pairs.filter(([value]) => value));
	return [...found].sort((a, b) => a[by].localeCompare(b[by]));
}

function matches(row, { search = "", kind, class: group, instructor, date }) {
	const text = [row.student, row.subject, row.household, ...row.instructors.map((one) => one.title)].join(
		" "
	);
	return (
		(!kind || row.kinds.includes(kind)) &&
		(!group || row.class === group) &&
		(!instructor || row.instructors.some((one) => one.name === instructor)) &&
		(!date || row.dates.includes(date)) &&
		search
			.toLowerCase()
			.split(/\s+/)
			.every((word) => text.toLowerCase().includes(word))
	);
}

// Ways of listing: rows {key, bookings, …}

const GROUPED = {
	conversation: (rows) => rows.map((row) => ({ ...row, key: row.booking, bookings: [row.booking] })),
	household: (rows) => grouped(rows, (row) => [[row.household_key, row.household]]),
	instructor: (rows) => grouped(rows, (row) => row.instructors.map((one) => [one.name, one.title])),
};

function grouped(rows, whose) {
	const groups = new Map();
	for (const row of rows) {
		for (const [key, title] of whose(row)) {
			if (!groups.has(key)) groups.set(key, { key, title, rows: [] });
			groups.get(key).rows.push(row);
		}
	}
	return [...groups.values()]
		.map((group) => ({
			...group,
			bookings: group.rows.map((row) => row.booking),
			number: group.rows.length,
			changes: group.rows.map(in_short).join(" · "),
		}))
		.sort((a, b) => a.title.localeCompare(b.title));
}

function in_short(row) {
	const times = [
		row.before && row.before.time.split(" – ")[0],
		row.after && row.after.time.split(" – ")[0],
	];
	const [before, after] = times;
	let when = __("new at {0}", [after]);
	if (before && after) when = before === after ? after : `${before} → ${after}`;
	else if (before) when = __("{0} cancelled", [before]);
	return `${when} ${row.student}, ${row.subject}`;
}

// Columns

function conversation_columns() {
	return [
		{ key: "student", label: __("Student", null, "Publishing"), width: 170, fixed: true },
		{ key: "kinds", label: __("What changes"), width: 190, render: kinds_of },
		{ key: "before", label: __("People know"), width: 190, render: (row) => side_of(row, "before") },
		{ key: "start", label: __("Planned now"), width: 240, render: (row) => side_of(row, "after") },
		{ key: "subject", label: __("Subject", null, "Planning"), width: 140 },
		{ key: "with", label: __("Instructor", null, "Publishing"), width: 170, render: with_whom },
		{ key: "class", label: __("Class"), width: 70 },
		{ key: "household", label: __("Household", null, "Publishing"), width: 220 },
	];
}

function group_columns(label) {
	return () => [
		{ key: "title", label: label(), width: 240, fixed: true },
		{ key: "number", label: __("Changes"), format: "number", width: 90 },
		{ key: "changes", label: __("What changes"), width: 640, title: (row) => row.changes },
	];
}

function with_whom(row) {
	return (row.after || row.before).instructors;
}

function kinds_of(row) {
	const [key] = row.kinds;
	const [first, ...more] = row.kinds.map((kind) => KINDS[kind][0]());
	const text = [first, ...more.map((said) => said.toLowerCase())].filter(Boolean).join(", ");
	return { text, tone: KINDS[key]?.[1] || "gray" };
}

// What differs is said; who gave or got the conversation where that is it.
function side_of(row, which) {
	const side = row[which];
	if (!side) return "–";
	const parts = [`${side.day} ${side.time}`];
	if (row.kinds.includes("instructor")) parts.push(side.instructors);
	if (row.kinds.includes("place") || row.kinds.includes("new")) parts.push(side.place);
	const text = parts.filter(Boolean).join(" · ");
	return { text, title: [side.instructors, side.place].filter(Boolean).join(" · ") };
}
