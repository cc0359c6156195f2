// Mentors: choose classes, say how the conversations are called, and offer each student one with the mentors.

import { el, link, number } from "../dom.js";
import { Table } from "../table.js";
import { confirm_would } from "../would.js";

const LONGEST_ABBREVIATION = 20;
const LONGEST_SUBJECT = 140;

export class MentorsTab {
	static key = "mentors";
	static label = () => __("Mentors");

	constructor(page, parent) {
		this.page = page;
		this.make(parent);
	}

	async show() {
		if (!this.read) await this.refresh();
	}

	async refresh() {
		const answer = await this.page.read("mentors.classes").catch(() => null);
		if (!answer) return;
		// What somebody has typed stays.
		if (!this.read) this.subject.value = answer.subject;
		if (!this.read) this.abbreviation.value = answer.abbreviation;
		this.read = true;
		await this.table.ready;
		await this.table.set_rows(answer.classes);
		this.show_selection();
	}

	make(parent) {
		this.subject = el("input", {
			type: "text",
			class: "form-control input-sm",
			maxlength: LONGEST_SUBJECT,
		});
		this.abbreviation = el("input", {
			type: "text",
			class: "form-control input-sm",
			maxlength: LONGEST_ABBREVIATION,
		});
		for (const input of [this.subject, this.abbreviation])
			input.addEventListener("input", () => this.show_selection());
		this.apply = el("button", {
			type: "button",
			class: "btn btn-primary btn-sm",
			text: __("Offer Selected…"),
			on: { click: () => this.press() },
		});
		this.count = el("span", { class: "oa-matrix-count", "aria-live": "polite" });
		parent.append(
			el(
				"div",
				{ class: "oa-mentor-form" },
				field(__("Full name, as guardians read it"), this.subject),
				field(__("Abbreviation"), this.abbreviation),
				this.apply,
				this.count
			)
		);
		this.table = new Table({
			parent,
			label: __("Classes"),
			columns: columns(),
			storage_key: "mentors",
			rows: [],
			row_key: "group",
			multi: true,
			search: true,
			empty: __("No participant is in a class."),
			on_select: () => this.show_selection(),
			on_activate: (row, _column, table) => toggle(table, row.group),
		});
	}

	show_selection() {
		const rows = this.table.selected_rows;
		const students = rows.reduce((sum, row) => sum + row.students, 0);
		this.apply.disabled = !rows.length || !this.subject.value.trim() || this.page.read_only;
		this.count.textContent = rows.length
			? __("{0} classes, {1} students", [number(rows.length), number(students)])
			: __("Select the classes.");
	}

	async press() {
		const args = {
			classes: this.table.selected,
			subject: this.subject.value.trim(),
			abbreviation: this.abbreviation.value.trim(),
		};
		const would = await this.page.change("mentors.offer", { ...args, dry_run: 1 });
		if (!would) return;
		const question = { title: __("Mentor Conversations"), label: __("Offer") };
		if (!(await confirm_would(would, { ...question, note: same_as_course(would.more) }))) return;
		const report = await this.page.change("mentors.offer", args);
		if (report) this.table.clear_selection();
	}
}

function toggle(table, group) {
	const { selected } = table;
	table.select(selected.includes(group) ? selected.filter((key) => key !== group) : [...selected, group]);
}

function field(label, input) {
	return el("label", { class: "oa-mentor-field" }, el("span", { text: label }), input);
}

function columns() {
	return [
		{ key: "title", label: __("Class"), width: 110, fixed: true },
		{ key: "program", label: __("Program", null, "Offers"), width: 110 },
		{ key: "mentors", label: __("Mentors"), width: 340, render: mentors_of },
		{ key: "students", label: __("Students", null, "Offers"), format: "number", width: 90 },
		{ key: "offered", label: __("Offered"), width: 120, numeric: true, render: offered_of },
	];
}

function mentors_of(row) {
	if (!row.mentors.length) {
		return el(
			"span",
			{},
			el("span", { class: "oa-tone oa-tone-red", text: __("no mentor") }),
			" ",
			link("Student Group", row.group, __("Open the class"))
		);
	}
	const names = row.mentors.map(({ code, title }) => (code ? `${title} (${code})` : title)).join(", ");
	return row.marked ? names : __("{0} – the class's only instructor", [names]);
}

function offered_of({ offered, students }) {
	const text = `${number(offered)}/${number(students)}`;
	if (!offered) return text;
	return { text, tone: offered === students ? "green" : "yellow" };
}

function same_as_course({ course, subject }) {
	if (!course) return null;
	const text = __(
		"There is a course {0} too. Guardians cannot tell a mentor conversation with this name from one about the course.",
		[subject]
	);
	return el("p", { class: "oa-notice", text });
}
