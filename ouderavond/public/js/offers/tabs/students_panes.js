// The three panes before the list: programs, the classes of one, the students of one class or those searched for.

import { el, number } from "../dom.js";
import { Table } from "../table.js";

const HEIGHT = "180px";

export class Panes {
	/** `go({program, group, student})` opens another place; `after` can be focused after the students. */
	constructor(page, parent, go, after) {
		this.page = page;
		this.go = go;
		this.after = after;
		this.place = {};
		this.root = el("div", { class: "oa-students-panes" });
		parent.append(this.root);
		this.programs = this.make_programs(this.section("programs", __("Programs", null, "Offers")));
		this.classes = this.make_classes(this.section("classes", __("Classes")));
		this.students = this.make_students(this.section("students", __("Students", null, "Offers")));
	}

	section(key, label) {
		const section = el(
			"section",
			{ class: `oa-students-pane oa-students-${key}`, "aria-label": label, data: { step: key } },
			el("h4", { text: label })
		);
		this.root.append(section);
		return section;
	}

	make_programs(parent) {
		return new Table({
			parent,
			label: __("Programs", null, "Offers"),
			height: HEIGHT,
			row_key: "program",
			columns: [
				{
					key: "program",
					label: __("Program", null, "Offers"),
					fixed: true,
					width: 120,
					render: (row) => row.program || __("No program"),
				},
				{ key: "classes", label: __("Classes"), format: "number", width: 75 },
			],
			fetch: () => this.page.read("students.programs"),
			on_select: ([program]) => program !== this.place.program && this.chosen({ program }),
			on_activate: (row) => this.go_on({ program: row.program }, this.classes),
			empty: __("Nobody takes part yet."),
		});
	}

	make_classes(parent) {
		return new Table({
			parent,
			label: __("Classes"),
			height: HEIGHT,
			row_key: "group",
			columns: [
				{
					key: "group",
					label: __("Class"),
					fixed: true,
					width: 110,
					render: (row) => row.group || __("No class"),
				},
				{ key: "students", label: __("Students", null, "Offers"), format: "number", width: 85 },
			],
			fetch: () => this.read_classes(),
			on_select: ([group]) =>
				group !== this.place.group && this.chosen({ program: this.place.program, group }),
			on_activate: (row) =>
				this.go_on({ program: this.place.program, group: row.group }, this.students),
			empty: __("Choose a program."),
		});
	}

	make_students(parent) {
		return new Table({
			parent,
			label: __("Students", null, "Offers"),
			height: HEIGHT,
			row_key: "student",
			storage_key: "students",
			search: true,
			columns: student_columns(),
			fetch: ({ filters }) => this.read_students(filters.search),
			on_select: ([student]) => student && !this.marking && this.open_student(student),
			on_activate: (row) => this.open_student(row.student, true),
			empty: __("Choose a class, or search for a student."),
		});
	}

	// A row was selected, or none any more; not where that only follows the address.
	chosen(place) {
		if (!this.marking) this.go(place);
	}

	read_classes() {
		const { program } = this.place;
		return program == null ? [] : this.page.read("students.classes", { program });
	}

	async read_students(search) {
		const { program, group } = this.place;
		const wanted = search ? { search } : { program, group };
		const rows = search || program != null ? await this.page.read("students.students", wanted) : [];
		this.root.dataset.found = rows.length ? "1" : "";
		return rows;
	}

	// Who was searched for can be in any class: the panes before follow.
	open_student(student, go_on = false) {
		if (student === this.place.student && !go_on) return;
		const row = this.students.row(student);
		const { program, group } = this.place;
		const inside = !this.students.filters.search && program != null;
		const place = {
			program: inside ? program : row.program.split(", ")[0],
			group: inside && group != null ? group : row.classes.split(", ")[0],
			student,
		};
		if (go_on) this.go_on(place, this.after);
		else this.go(place);
	}

	/** Enter: open the place, and take the focus along. */
	go_on(place, next) {
		const same = ["program", "group", "student"].every((key) => place[key] === this.place[key]);
		if (same) next.focus();
		else {
			this.next = next;
			this.go(place);
		}
	}

	/** The focus goes on to what was opened with Enter, once its rows are there. */
	take_focus() {
		this.next?.focus();
		this.next = null;
	}

	async show(place) {
		// At first the tables read by themselves, for this place already.
		const before = this.shown ? this.place : place;
		this.shown = true;
		this.place = place;
		await Promise.all([this.programs.ready, this.classes.ready, this.students.ready]);
		const waits = [];
		if (place.program !== before.program) waits.push(this.classes.read());
		if (place.program !== before.program || place.group !== before.group) {
			if (!this.students.filters.search) waits.push(this.students.read());
		}
		await Promise.all(waits);
		// Somebody has gone on meanwhile.
		if (this.place !== place) return;
		this.mark(this.programs, place.program);
		this.mark(this.classes, place.group);
		this.mark(this.students, place.student);
	}

	mark(table, key) {
		const wanted = key == null ? [] : [key];
		if (table.selected.join() === wanted.join() && table.selected.length === wanted.length) return;
		this.marking = true;
		table.select(wanted);
		this.marking = false;
		const index = table.source.index_of(key);
		if (index >= 0 && !table.grid.contains(document.activeElement)) table.bring_into_view(index);
	}

	refresh() {
		return this.students.refresh();
	}

	/** Other figures of a student who may be among those shown. */
	update(row) {
		this.students.update_row(row.student, { offered: row.offered, requested: row.requested });
	}
}

function student_columns() {
	return [
		{ key: "first_name", label: __("First Name"), fixed: true, width: 120 },
		{ key: "last_name", label: __("Last Name"), width: 140 },
		{ key: "offered", label: __("Offered"), format: "number", width: 80 },
		{ key: "requested", label: __("Requested", null, "Offers"), format: "number", width: 90 },
		{ key: "guardians", label: __("Guardians", null, "Offers"), width: 260, render: guardians_of },
		{ key: "classes", label: __("Class"), width: 80, hidden: true },
		{ key: "student_code", label: __("Student Number"), width: 120, hidden: true },
	];
}

/** Who can be talked with, each with the number of their children who take part. */
export function guardians_of(row) {
	if (!row.guardians.length) return { text: __("No guardian to be in contact with"), tone: "red" };
	return row.guardians.map(({ name, children }) => `${name} (${number(children)})`).join(", ");
}
