// The possibilities of one student: a click, Enter or the space bar in the column Offered switches each on or off.

import { change_offers, editable } from "../change_dialog.js";
import { offer_columns } from "../columns.js";
import { el } from "../dom.js";
import { show_skipped } from "../skipped.js";
import { Table } from "../table.js";
import { ask_for } from "./students_request.js";
import { guardians_of } from "./students_panes.js";

// On a phone what says who it is stands above the list already.
const SAID_ABOVE = ["first_name", "last_name", "classes", "guardians"];

export class Possibilities {
	/** `on_read(student)` is told the student's figures each time they are read. */
	constructor(page, on_read) {
		this.page = page;
		this.on_read = on_read;
		this.student = null;
		// What is being switched: {key: on or off}. What is read meanwhile may be from before.
		this.pending = new Map();
		this.title = el("h4", { class: "oa-students-name" });
		this.about = el("p", { class: "text-muted oa-students-about" });
		this.said = el("p", { class: "sr-only", role: "status" });
		this.root = el(
			"section",
			{ class: "oa-students-possibilities", hidden: true, data: { step: "possibilities" } },
			el("header", { class: "oa-students-head" }, this.title, this.about),
			this.said
		);
	}

	async show(student) {
		this.root.hidden = !student;
		if (!student || student === this.student) return;
		this.student = student;
		if (!this.table) this.make();
		else {
			this.table.clear_selection();
			this.table.at = this.start;
			await this.table.read();
		}
		await this.table.ready;
	}

	refresh() {
		return this.table && this.student ? this.table.refresh() : null;
	}

	// Where one begins: the first row's switch, beside its box.
	get start() {
		return { row: 0, column: this.page.read_only ? 1 : 2 };
	}

	/** Changes made here: `work` carries one out. */
	async during(work) {
		this.changing = (this.changing || 0) + 1;
		try {
			return await work();
		} finally {
			this.changing--;
		}
	}

	focus() {
		this.table?.focus();
	}

	make() {
		const changes = this.page.read_only
			? {}
			: {
					on_offered: (row) => this.switch(row),
					on_requested: (row) => ask_for(this, row_to_send(row)),
				};
		const narrow = window.matchMedia("(max-width: 767px)").matches;
		this.on = this.button(__("Offer"), 1);
		this.off = this.button(__("Do Not Offer"), 0);
		this.edit = el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text: __("Change…"),
			on: { click: () => change_offers(this.page, { offers: this.made }) },
		});
		this.table = new Table({
			parent: this.root,
			label: __("Possibilities"),
			row_key: key_of,
			storage_key: "possibilities",
			multi: !this.page.read_only,
			columns: editable(offer_columns(changes), this.page).map((column) =>
				narrow && SAID_ABOVE.includes(column.key) ? { ...column, hidden: true } : column
			),
			fetch: () => this.read(),
			on_select: (keys) => this.show_tools(keys.length),
			tools: this.page.read_only ? [] : [this.on, this.off, this.edit],
			row_class: (row) => (row.offered ? "" : "oa-students-off"),
			empty: __("There is nothing to offer: no course in the package, and no lesson group."),
		});
		this.table.at = this.start;
		this.show_tools(0);
	}

	button(text, offered) {
		return el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text,
			on: { click: () => this.change(this.table.selected_rows, offered) },
		});
	}

	// Those of the selected ones that were ever offered.
	get made() {
		return this.table.selected_rows.map((row) => row.name).filter(Boolean);
	}

	show_tools(number) {
		this.on.disabled = this.off.disabled = !number;
		this.edit.disabled = !number || !this.made.length;
	}

	async read() {
		const { student } = this;
		const answer = await this.page.read("students.possibilities", { student });
		if (student === this.student) this.show_name(answer, student);
		if (answer.student) this.on_read(answer.student);
		for (const row of answer.rows) {
			if (this.pending.has(key_of(row))) row.offered = this.pending.get(key_of(row));
		}
		return answer.rows;
	}

	show_name({ student: row, rows }, name) {
		const known = row || rows[0];
		this.title.textContent = known ? known.student_name : name;
		this.about.replaceChildren();
		if (!row) this.about.append(__("This student does not take part in the evening."));
		else {
			const guardians = guardians_of(row);
			this.about.append([row.classes, row.student_code].filter(Boolean).join(" · "), " · ");
			this.about.append(
				guardians.text
					? el("span", { class: "oa-tone oa-tone-red", text: guardians.text })
					: guardians
			);
		}
	}

	/** Of a selected row all that are selected; else this one. */
	switch(row) {
		const selected = this.table.selected_rows;
		const rows = selected.includes(row) ? selected : [row];
		return this.change(rows, row.offered ? 0 : 1);
	}

	// What is seen changes at once; it goes back where it was refused.
	async change(rows, offered) {
		rows = rows.filter((row) => row.offered !== offered && !this.pending.has(key_of(row)));
		if (!rows.length) return;
		rows.forEach((row) => this.set(row, offered));
		const report = await this.during(() =>
			this.page.change(
				"students.switch",
				{ rows: rows.map(row_to_send), offered },
				{ quiet: rows.length === 1 }
			)
		);
		rows.forEach((row) => this.pending.delete(key_of(row)));
		if (!report) rows.forEach((row) => this.table.update_row(key_of(row), { offered: offered ? 0 : 1 }));
		else this.say(rows, offered, report);
	}

	set(row, offered) {
		const key = key_of(row);
		this.pending.set(key, offered);
		this.table.update_row(key, { offered });
	}

	say(rows, offered, report) {
		if (report.skipped.length) {
			// It was not done: what was shown in advance is wrong.
			this.table.refresh();
			if (rows.length === 1) show_skipped(report);
			return;
		}
		const sentence = offered ? __("{0} is offered.") : __("{0} is not offered.");
		if (rows.length === 1) this.said.textContent = sentence.replace("{0}", rows[0].subject);
	}
}

// The same before and after it was offered for the first time.
function key_of(row) {
	return [row.student, row.subject, ...row.instructor_list].join("\n");
}

function row_to_send(row) {
	return {
		offer: row.name,
		student: row.student,
		subject: row.subject,
		course: row.course,
		instructors: row.instructor_list,
	};
}
