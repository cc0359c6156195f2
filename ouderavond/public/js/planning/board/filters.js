// Which part of the board is looked at.
//
// const filters = new Filters({on_change()}); filters.show(model)
// filters.block(booking), filters.row(instructor, date), filters.unplaced(row) -> whether it belongs to that part
// filters.household = number | null; filters.active; filters.focus()

import { el } from "../../offers/dom.js";

const TYPING_MS = 120;

const KINDS = {
	"": () => true,
	planned: (row) => row.state === "Planned",
	untold: (row) => Boolean(row.untold),
	pinned: (row) => Boolean(row.pinned),
	online: (row) => row.mode === "Online",
	must: (row) => Boolean(row.must),
	remark: (row) => Boolean(row.remark),
	"cant-come": (row) => Boolean(row.cant_come),
	moved: (row) => row.change === "moved",
	added: (row) => row.change === "added",
	unplaced: () => true,
};

export class Filters {
	constructor(options) {
		this.options = options;
		this.household = null;
		const change = () => this.change();
		const typed = { input: frappe.utils.debounce(change, TYPING_MS) };
		this.instructor = el("input", { type: "search", class: "form-control input-xs", on: typed });
		this.student = el("input", { type: "search", class: "form-control input-xs", on: typed });
		this.group = el("select", { class: "form-control input-xs", on: { change } });
		this.kind = el("select", { class: "form-control input-xs", on: { change } });
		this.hide = el("input", { type: "checkbox", on: { change } });
		this.family = el("button", {
			type: "button",
			class: "btn btn-default btn-xs oa-filter-family",
			hidden: true,
			on: { click: () => this.only_household(null) },
		});
		this.clear = el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text: __("Clear Filters"),
			hidden: true,
			on: { click: () => this.reset() },
		});
		this.root = el(
			"div",
			{ class: "oa-board-filters", role: "search", "aria-label": __("Filters") },
			field(__("Instructor", null, "Planning"), this.instructor),
			field(__("Student or guardian"), this.student),
			field(__("Class"), this.group),
			field(__("Show"), this.kind),
			el("label", { class: "oa-filter-hide" }, this.hide, __("Hide the rest")),
			this.family,
			this.clear
		);
	}

	focus() {
		this.student.focus();
	}

	show(model) {
		this.model = model;
		const classes = model.classes.map((row) => (typeof row === "string" ? row : row.title || row.name));
		choices(this.group, [["", __("All classes")], ...classes.map((name) => [name, name])]);
		choices(this.kind, kinds(Boolean(model.run)));
		this.read();
	}

	read() {
		this.texts = { instructor: plain(this.instructor.value), student: plain(this.student.value) };
		this.matches_kind = KINDS[this.kind.value] || KINDS[""];
		this.wanting = new Set(this.model.unplaced.flatMap((row) => row.instructors));
		this.clear.hidden = !this.active;
	}

	get active() {
		const values = [this.instructor, this.student, this.group, this.kind].map(({ value }) =>
			value.trim()
		);
		return this.household != null || values.some(Boolean);
	}

	change() {
		this.read();
		this.options.on_change();
	}

	reset() {
		for (const input of [this.instructor, this.student, this.group, this.kind]) input.value = "";
		this.only_household(null);
		this.student.focus();
	}

	only_household(household, name = "") {
		this.household = household;
		this.family.hidden = household == null;
		this.family.textContent = __("Household of {0} ×", [name]);
		this.family.setAttribute("aria-label", __("Show every household again, not just {0}", [name]));
		this.change();
	}

	block(row) {
		return this.of_student(row) && this.matches_kind(row);
	}

	of_student(row) {
		if (this.household != null && row.household !== this.household) return false;
		if (this.group.value && row.class !== this.group.value) return false;
		const { student } = this.texts;
		return !student || plain(`${row.name} ${row.guardians || row.guardian || ""}`).includes(student);
	}

	of_instructor(name) {
		const { instructor } = this.texts;
		const { title, code } = this.model.instructor(name) || {};
		return !instructor || plain(`${title} ${code || ""}`).includes(instructor);
	}

	row(name, date) {
		if (!this.of_instructor(name)) return false;
		if (!this.hide.checked) return true;
		if (this.kind.value === "unplaced") return this.wanting.has(name);
		return !this.narrow || this.model.held(name, date).some((row) => this.block(row));
	}

	/** Whether something else than instructors is filtered. */
	get narrow() {
		const { student, group, kind, household } = this;
		return household != null || Boolean(student.value.trim() || group.value || kind.value);
	}

	unplaced(row) {
		return (
			this.of_student(row) &&
			(!this.texts.instructor || row.instructors.some((name) => this.of_instructor(name)))
		);
	}
}

const plain = (text) => text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function field(label, input) {
	return el("label", { class: "oa-board-field" }, el("span", { text: label }), input);
}

function choices(select, rows) {
	const { value } = select;
	select.replaceChildren(...rows.map(([key, text]) => el("option", { value: key, text })));
	select.value = rows.some(([key]) => key === value) ? value : "";
}

function kinds(is_run) {
	return [
		["", __("Everything")],
		...(is_run
			? [
					["moved", __("Moved")],
					["added", __("New")],
				]
			: [
					["planned", __("Not published")],
					["untold", __("Changed since published", null, "Planning")],
				]),
		["pinned", __("Pinned", null, "Planning")],
		["online", __("Online", null, "Planning")],
		["must", __("Must see", null, "Planning")],
		["cant-come", __("Said they cannot come", null, "Planning")],
		["remark", __("With a remark")],
		["unplaced", __("Instructors of what is not placed")],
	];
}
