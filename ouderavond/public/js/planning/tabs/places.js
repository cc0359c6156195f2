// Who sits where: a row per instructor and date, edited as in a spreadsheet. What is typed waits until it is looked at
// and saved as one change.

import { confirm, pick } from "../../offers/dialogs.js";
import { el, number } from "../../offers/dom.js";
import { request } from "../../offers/work.js";
import { assign_rooms, choose_value, import_file, look_and_save, show_misfits } from "./places_dialogs.js";
import { Sheet } from "./places_sheet.js";

const SEARCH_MS = 200;

const columns = (rooms) => [
	{
		key: "title",
		label: __("Instructor", null, "Planning"),
		fixed: true,
		head: true,
		stays: true,
		width: 190,
	},
	{ key: "date", label: __("Date"), fixed: true, width: 92 },
	{ key: "present_from", label: __("From", null, "Planning"), kind: "time", width: 64 },
	{ key: "present_until", label: __("Until", null, "Planning"), kind: "time", width: 64 },
	{
		key: "room",
		label: __("Room", null, "Planning"),
		width: 130,
		choices: rooms.map((room) => room.title),
	},
	{
		key: "shared_room",
		label: __("Shared"),
		kind: "check",
		width: 68,
		tip: __("Several sit in this room, each at a table of their own."),
	},
	{ key: "table_label", label: __("Table"), width: 80 },
	{
		key: "break_after",
		label: __("Break After"),
		kind: "number",
		width: 92,
		tip: __("Empty: as the evening says."),
	},
	{
		key: "maximum_conversations",
		label: __("Maximum"),
		kind: "number",
		width: 88,
		tip: __("Conversations on this date. Empty: no maximum."),
	},
	{ key: "conversations", label: __("Conversations"), kind: "number", fixed: true, width: 112 },
];
const NUMBERS = ["break_after", "maximum_conversations"];

export class PlacesTab {
	static key = "places";
	static label = () => __("Who Sits Where", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.root = el("section", { class: "oa-places" });
		parent.append(this.root);
		// What waits to be saved: row -> {instructor, date, title, values, add, remove}
		this.pending = new Map();
		this.problems = new Map();
		this.filters = { text: "", date: "", department: "" };
		window.addEventListener("beforeunload", (event) => this.pending.size && event.preventDefault());
	}

	async show() {
		if (!this.sheet) await this.refresh();
	}

	async refresh() {
		const found = await this.page.read("places.read");
		this.found = found;
		this.rooms = new Map(found.rooms.map((room) => [room.name, room.title]));
		this.by_title = new Map();
		for (const { name, title } of found.rooms) {
			const key = title.toLowerCase();
			this.by_title.set(key, this.by_title.has(key) ? null : name);
		}
		this.labels = new Map(this.page.info.evening.dates.map((day) => [day.date, day.label]));
		this.rows = new Map(found.rows.map((row) => [key_of(row), row]));
		this.forget_what_is_there();
		if (!this.sheet) this.lay_out();
		this.draw();
	}

	// Laying out

	lay_out() {
		const { dates } = this.page.info.evening;
		this.sheet = new Sheet({
			label: __("Who sits where"),
			columns: columns(this.found.rooms),
			text: (row, column) => this.text(row, column),
			state: (row, column) => this.state(row, column),
			row_state: (row) => this.row_state(row),
			read_only: () => this.page.read_only,
			on_change: (changes) => this.change(changes),
			on_select: () => this.draw_selection(),
		});
		this.search = el("input", {
			type: "search",
			class: "form-control input-sm oa-places-search",
			placeholder: __("Name, code or room"),
			"aria-label": __("Show only rows with"),
			on: { input: frappe.utils.debounce(() => this.filter({ text: this.search.value }), SEARCH_MS) },
		});
		this.misfits = el("div", { class: "oa-places-misfits" });
		this.said = el("p", { class: "oa-places-said text-muted", role: "status" });
		this.selected = el("span", { class: "oa-places-selected text-muted" });
		this.waiting = el("div", { class: "oa-places-waiting", hidden: true });
		this.set_button = button(__("Set a Value…"), () => this.set_value());
		this.remove_button = button(__("Remove"), () => this.remove());
		this.root.replaceChildren(
			this.misfits,
			el(
				"div",
				{ class: "oa-places-bar" },
				this.search,
				dates.length > 1 &&
					this.choice(
						"date",
						__("All dates"),
						dates.map((d) => [d.date, d.label])
					),
				this.departments(),
				el(
					"span",
					{ class: "oa-places-tools" },
					this.set_button,
					button(__("Assign Rooms…"), () => this.assign()),
					button(__("Add…"), () => this.add()),
					this.remove_button,
					button(__("From a File…"), () => this.import_file()),
					this.file_link("xlsx", __("Excel", null, "Planning")),
					this.file_link("csv", __("CSV"))
				)
			),
			el("div", { class: "oa-places-line" }, this.said, this.selected),
			this.waiting,
			this.sheet.root
		);
		if (this.page.read_only) this.root.querySelectorAll(".oa-places-tools button").forEach(hide);
	}

	choice(name, everything, values) {
		return el(
			"select",
			{
				class: "form-control input-sm oa-places-choice",
				"aria-label": everything,
				on: { change: (event) => this.filter({ [name]: event.target.value }) },
			},
			el("option", { value: "", text: everything }),
			values.map(([value, text]) => el("option", { value, text }))
		);
	}

	departments() {
		const found = [...new Set(this.found.rows.map((row) => row.department).filter(Boolean))].sort();
		if (found.length < 2) return null;
		return this.choice(
			"department",
			__("All departments"),
			found.map((name) => [name, name])
		);
	}

	file_link(kind, text) {
		const params = new URLSearchParams({ evening: this.page.evening, kind });
		return el("a", {
			class: "btn btn-default btn-sm",
			href: `/api/method/ouderavond.api.planning.places.export?${params}`,
			text,
			title: __("Download as {0}", [text]),
		});
	}

	// What is shown

	filter(values) {
		Object.assign(this.filters, values);
		this.draw();
	}

	draw() {
		const words = this.filters.text.toLowerCase().split(/\s+/).filter(Boolean);
		const all = [...this.rows.values(), ...this.added()];
		all.sort((a, b) => compare(a.title, b.title) || compare(a.date, b.date));
		const rows = all.filter((row) => this.matches(row, words));
		this.sheet.show(rows);
		this.said.textContent =
			rows.length === all.length
				? __("{0} rows", [number(all.length)])
				: __("{0} of {1} rows", [number(rows.length), number(all.length)]);
		this.draw_waiting();
		show_misfits(this);
	}

	matches(row, words) {
		const { date, department } = this.filters;
		if ((date && row.date !== date) || (department && row.department !== department)) return false;
		const text = `${row.title} ${row.code || ""} ${row.department || ""} ${this.text(row, { key: "room" })}`;
		return words.every((word) => text.toLowerCase().includes(word));
	}

	added() {
		return [...this.pending].filter(([, edit]) => edit.add).map(([, edit]) => edit.row);
	}

	text(row, column) {
		if (column.key === "title") return row.code ? `${row.title} (${row.code})` : row.title;
		if (column.key === "date") return this.labels.get(row.date) || row.date;
		const waiting = this.pending.get(key_of(row))?.values[column.key];
		return this.as_text(column.key, waiting ?? row[column.key]);
	}

	as_text(key, value) {
		if (key === "room") return this.rooms.get(value) || value || "";
		if (key === "conversations") return String(value || 0);
		if (NUMBERS.includes(key) || key === "shared_room") return Number(value) === 0 ? "" : String(value);
		return value == null ? "" : String(value);
	}

	state(row, column) {
		const key = key_of(row);
		const problem = this.problems.get(key)?.find(({ field }) => field === column.key || !field);
		return {
			changed: this.pending.get(key)?.values[column.key] !== undefined,
			problem: problem && (problem.field || column.key === "title") ? problem.sentence : null,
		};
	}

	row_state(row) {
		const edit = this.pending.get(key_of(row));
		return edit?.remove ? "removed" : edit?.add ? "added" : "";
	}

	draw_selection() {
		const count = this.sheet.rows_selected.length;
		const instructors = new Set(this.sheet.rows_selected.map((row) => row.instructor)).size;
		this.selected.textContent =
			count > 1 ? __("Selected: {0} rows, {1} instructors", [number(count), number(instructors)]) : "";
	}

	draw_waiting() {
		const count = this.pending.size;
		this.waiting.hidden = !count;
		if (!count) return;
		const wrong = [...this.problems.values()].flat().length;
		this.waiting.replaceChildren(
			el("b", {
				role: "status",
				text:
					count === 1
						? __("1 row is changed and not saved.")
						: __("{0} rows are changed and not saved.", [number(count)]),
			}),
			wrong ? el("span", { class: "oa-places-wrong", text: __("Mistakes: {0}", [number(wrong)]) }) : "",
			el("button", {
				type: "button",
				class: "btn btn-primary btn-sm",
				text: __("Check and Save…"),
				on: { click: () => this.save() },
			}),
			button(__("Discard"), () => this.discard())
		);
	}

	// Changing

	/** Texts for cells wait to be saved; what is as before waits no longer. */
	change(changes) {
		for (const [row, column, text] of changes)
			this.wait_for(row, column.key, this.as_value(column.key, text));
		this.after_change();
	}

	as_value(key, text) {
		const value = String(text).trim();
		if (key === "room") return this.by_title.get(value.toLowerCase()) || value;
		return value;
	}

	wait_for(row, field, value) {
		const key = key_of(row);
		const edit = this.pending.get(key) || {
			instructor: row.instructor,
			date: row.date,
			title: row.title,
			values: {},
		};
		if (this.as_text(field, value) === this.as_text(field, row[field])) delete edit.values[field];
		else edit.values[field] = value;
		if (Object.keys(edit.values).length || edit.add || edit.remove) this.pending.set(key, edit);
		else this.pending.delete(key);
	}

	after_change() {
		for (const key of this.problems.keys()) if (!this.pending.has(key)) this.problems.delete(key);
		this.sheet.redraw();
		this.draw_waiting();
	}

	/** Edits that the server proposes or a file says. */
	take(edits) {
		for (const { instructor, date, values } of edits) {
			const key = `${instructor}|${date}`;
			const row = this.rows.get(key) || this.pending.get(key)?.row;
			if (row)
				for (const [field, value] of Object.entries(values)) this.wait_for(row, field, value ?? "");
			else this.add_row({ instructor, date, title: instructor }, values);
		}
		this.draw();
	}

	add_row(row, values = {}) {
		const whole = { ...row, conversations: 0, department: "" };
		this.pending.set(key_of(row), { ...row, row: whole, values: { ...values }, add: true });
	}

	// After reading again: what others did meanwhile needs no saving.
	forget_what_is_there() {
		for (const [key, edit] of this.pending) {
			const row = this.rows.get(key);
			if (edit.add && row) [edit.add, edit.row] = [false, null];
			if (!row && !edit.add) this.pending.delete(key);
			else if (row)
				for (const [field, value] of Object.entries(edit.values)) this.wait_for(row, field, value);
		}
	}

	/** The rows that are selected, or all that are shown where only one is. */
	get chosen() {
		const { rows_selected, rows } = this.sheet;
		return rows_selected.length > 1 ? rows_selected : rows;
	}

	async set_value() {
		const answer = await choose_value(this);
		if (!answer) return;
		for (const row of answer.rows)
			this.wait_for(row, answer.field, this.as_value(answer.field, answer.value));
		this.after_change();
	}

	async assign() {
		const edits = await assign_rooms(this);
		if (edits) this.take(edits);
	}

	async import_file() {
		const edits = await import_file(this);
		if (edits) this.take(edits);
	}

	async add() {
		const { dates } = this.page.info.evening;
		const people = await pick(this.page, {
			title: __("Who Comes Too?"),
			label: __("Instructors and staff"),
			note: __("Also somebody without lessons, such as a team leader. They are added to every date."),
			primary_label: __("Add"),
			search: (text) =>
				request(
					"ouderavond.api.offers.choices.search",
					{ evening: this.page.evening, doctype: "Instructor", text },
					{ reads: true }
				),
		});
		if (!people) return;
		for (const { value, label } of people) {
			for (const { date } of dates) {
				const row = { instructor: value, date, title: label };
				if (!this.rows.has(key_of(row))) this.add_row(row);
			}
		}
		this.search.value = "";
		this.filter({ text: "" });
	}

	remove() {
		const rows = this.sheet.rows_selected;
		const busy = rows.filter((row) => row.conversations);
		if (busy.length) {
			const names = [...new Set(busy.map((row) => row.title))].slice(0, 5).join(", ");
			frappe.show_alert({
				message: frappe.utils.escape_html(
					__("{0} have conversations and cannot be removed.", [names])
				),
				indicator: "orange",
			});
			return;
		}
		for (const row of rows) {
			const key = key_of(row);
			const edit = this.pending.get(key);
			if (edit?.add) this.pending.delete(key);
			else if (edit?.remove) this.pending.delete(key);
			else {
				const { instructor, date, title } = row;
				this.pending.set(key, { instructor, date, title, values: {}, remove: true });
			}
		}
		this.draw();
	}

	async discard() {
		if (!(await confirm(__("Forget everything that is not saved?"), { primary_label: __("Discard") })))
			return;
		this.forget();
	}

	forget() {
		this.pending.clear();
		this.problems.clear();
		this.draw();
	}

	get edits() {
		return [...this.pending.values()].map(({ instructor, date, values, remove }) =>
			remove ? { instructor, date, remove: 1 } : { instructor, date, values }
		);
	}

	async save() {
		const report = await look_and_save(this);
		if (report) this.forget();
	}

	/** What the server found wrong, at the cells that it is about. */
	show_problems(problems) {
		this.problems.clear();
		for (const problem of problems) {
			const key = `${problem.instructor}|${problem.date}`;
			this.problems.set(key, [...(this.problems.get(key) || []), problem]);
		}
		this.after_change();
	}
}

function key_of({ instructor, date }) {
	return `${instructor}|${date}`;
}

function compare(a, b) {
	return String(a).localeCompare(String(b), frappe.boot.lang || undefined);
}

function button(text, act) {
	return el("button", { type: "button", class: "btn btn-default btn-sm", text, on: { click: act } });
}

function hide(element) {
	element.hidden = true;
}
