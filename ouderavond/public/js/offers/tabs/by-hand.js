// By hand: instructors × subjects × students, to offer or to remove. What it comes to is counted while choosing.

import { confirm } from "../dialogs.js";
import { el, number } from "../dom.js";
import { HandList } from "./by_hand_list.js";
import { new_label } from "./by_hand_label.js";

const COUNT_MS = 400;
// More than this the server refuses.
const MOST = 100_000;
const MODES = { offer: () => __("Offer by Hand"), remove: () => __("Remove by Hand") };
const KINDS = ["programs", "classes", "students"];

export class ByHandTab {
	static key = "by-hand";
	static label = () => __("By Hand");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
		this.mode = "offer";
		this.turn = 0;
		// The students there are to choose from.
		this.whom = [];
		// Labels that were typed here and are in no offer yet.
		this.typed = [];
	}

	async show([mode] = []) {
		if (MODES[mode] && mode !== this.mode) this.set_mode(mode);
		if (!this.lists) await this.refresh();
	}

	async refresh() {
		const lists = await this.page.read("by_hand.choices").catch(() => null);
		if (!lists) return;
		const first = !this.lists;
		this.lists = lists;
		if (first) this.make();
		this.fill();
		this.changed();
	}

	// Making

	make() {
		this.modes = el(
			"div",
			{ class: "oa-hand-modes", role: "group", "aria-label": __("What to do") },
			Object.entries(MODES).map(([key, label]) =>
				el("button", {
					type: "button",
					class: "btn btn-default btn-sm",
					data: { mode: key },
					text: label(),
					on: { click: () => this.page.go(ByHandTab.key, ...(key === "offer" ? [] : [key])) },
				})
			)
		);
		this.help = el("p", { class: "oa-hand-help text-muted" });
		this.instructors = this.list("instructors", __("Instructors", null, "Offers"), __("All instructors"));
		this.subjects = this.list("subjects", __("Subjects"), __("All subjects"), {
			below: new_label((subject) => this.add_label(subject)),
		});
		this.students = this.list("students", __("Students", null, "Offers"), __("All students"), {
			count: () => this.chosen_students.length,
			groups: [
				{ key: "programs", label: __("Programs", null, "Offers") },
				{ key: "classes", label: __("Classes") },
				{ key: "students", label: __("Students", null, "Offers") },
			],
		});
		const lists = [this.instructors, this.subjects, this.students];
		this.parent.append(
			this.modes,
			this.help,
			el("div", { class: "oa-hand-lists" }, ...lists.map((list) => list.root)),
			this.foot()
		);
		this.set_mode(this.mode);
	}

	list(key, label, all_label, options = {}) {
		return new HandList({ key, label, all_label, ...options, on_change: () => this.changed() });
	}

	foot() {
		this.together = el("input", { type: "checkbox", on: { change: () => this.changed() } });
		this.others = el("input", { type: "checkbox", checked: true, on: { change: () => this.changed() } });
		this.together_field = el(
			"label",
			{ class: "oa-hand-option" },
			this.together,
			__("All chosen instructors in one conversation")
		);
		this.others_field = el(
			"label",
			{ class: "oa-hand-option" },
			this.others,
			__("Also conversations in which another instructor sits too")
		);
		this.sum = el("p", { class: "oa-hand-sum" });
		this.outcome = el("p", { class: "oa-hand-outcome", role: "status" });
		this.warning = el("p", { class: "oa-notice", role: "alert", hidden: true });
		this.button = el("button", {
			type: "button",
			class: "btn btn-primary btn-sm",
			on: { click: () => this.apply() },
		});
		return el(
			"div",
			{ class: "oa-hand-bottom" },
			el("div", { class: "oa-hand-foot" }, this.together_field, this.others_field, this.warning),
			el("div", { class: "oa-hand-apply" }, el("div", {}, this.sum, this.outcome), this.button)
		);
	}

	set_mode(mode) {
		this.mode = mode;
		if (!this.lists) return;
		for (const button of this.modes.children) {
			button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
		}
		const removing = mode === "remove";
		this.help.textContent = removing
			? __(
					"What is offered with any of these instructors, about any of these subjects, to any of these students is removed. Where you need not choose, leave the box for all checked."
				)
			: __(
					"Each student is offered each subject with each instructor, whatever the package says: for a team leader, say, or a counsellor. For the subjects of a package use By Course."
				);
		for (const list of [this.instructors, this.subjects, this.students]) list.allow_all(removing);
		this.button.textContent = removing ? __("Remove") : __("Offer");
		this.button.className = `btn btn-sm ${removing ? "btn-danger" : "btn-primary"}`;
		this.fill();
		this.changed();
	}

	// What there is to choose from

	fill() {
		const fits = (row) => this.mode === "remove" || row.can_be_offered;
		this.instructors.set_items(this.lists.instructors.filter(fits).map(instructor_item));
		this.subjects.set_items(this.subject_items());
		this.whom = this.lists.students.filter(fits);
		this.students.set_items([
			...grouped(this.whom, "programs"),
			...grouped(this.whom, "classes"),
			...this.whom.map(student_item),
		]);
	}

	subject_items() {
		const known = new Set(this.lists.labels.map((row) => row.label.toLowerCase()));
		const typed = this.typed.filter((row) => !known.has(row.label.toLowerCase()));
		const labels = [...typed, ...this.lists.labels].map((row) => ({
			key: `label:${row.label.toLowerCase()}`,
			label: row.label,
			code: row.code,
			note: __("Own label"),
			value: { label: row.label, abbreviation: row.code },
		}));
		const courses = this.lists.courses.map((row) => ({
			key: `course:${row.name}`,
			label: row.label,
			code: row.code,
			value: { course: row.name },
		}));
		return [...labels, ...courses];
	}

	add_label({ label, code }) {
		const same = (row) => row.label.toLowerCase() === label.toLowerCase();
		const course = this.lists.courses.find(same);
		if (!course && !this.subjects.items.some(same)) {
			this.typed.unshift({ label, code });
			this.subjects.set_items(this.subject_items());
		}
		this.subjects.choose(course ? `course:${course.name}` : `label:${label.toLowerCase()}`);
	}

	// What it comes to

	/** The students meant, each once. */
	get chosen_students() {
		if (this.students.all) return this.whom;
		const chosen = new Set(this.students.chosen);
		return this.whom.filter(
			(row) =>
				chosen.has(`students:${row.name}`) ||
				row.programs.some((name) => chosen.has(`programs:${name}`)) ||
				row.classes.some((name) => chosen.has(`classes:${name}`))
		);
	}

	get arguments() {
		const students = Object.fromEntries(
			KINDS.map((kind) => [
				kind,
				this.students.chosen_items.filter((item) => item.group === kind).map((item) => item.value),
			])
		);
		const values = (list) => (list.all ? undefined : list.chosen_items.map((item) => item.value));
		return {
			instructors: values(this.instructors),
			subjects: values(this.subjects),
			students: this.students.all ? undefined : students,
			...(this.mode === "offer"
				? { together: cint(this.together.checked) }
				: { with_others: cint(this.others.checked) }),
		};
	}

	/** Why it cannot be done yet, or null. */
	get lacking() {
		const lists = [this.instructors, this.subjects, this.students];
		if (lists.every((list) => list.all)) {
			return __("Choose instructors, subjects or students: everything at once is not removed here.");
		}
		if (lists.some((list) => list.empty)) {
			return this.mode === "offer"
				? __("Choose at least one instructor, one subject and one student.")
				: __("Choose at least one of each, or all of them.");
		}
		if (this.mode === "offer" && this.product > MOST) {
			return __("These are too many. Choose fewer: at most {0} at once.", [number(MOST)]);
		}
		return null;
	}

	get product() {
		const sets = this.together.checked ? 1 : this.instructors.chosen.length;
		return sets * this.subjects.chosen.length * this.chosen_students.length;
	}

	changed() {
		const many = this.mode === "offer" && this.instructors.chosen.length > 1;
		this.together_field.hidden = !many;
		if (!many) this.together.checked = false;
		this.others_field.hidden = this.mode === "offer" || this.instructors.all || this.instructors.empty;
		this.sum.textContent = this.sum_text();
		this.warning.hidden = true;
		const { lacking } = this;
		// Nothing is done before it was said how much it is.
		this.button.disabled = true;
		this.outcome.textContent = lacking || __("Counting…");
		this.turn += 1;
		clearTimeout(this.waiting);
		if (!lacking) this.waiting = setTimeout(() => this.count(this.turn), COUNT_MS);
	}

	sum_text() {
		const { instructors, subjects } = this;
		const students = this.chosen_students.length;
		if (this.mode === "remove") {
			return this.students.all || this.students.empty ? "" : __("Students: {0}", [number(students)]);
		}
		if (instructors.empty && subjects.empty && !students) return "";
		const [who, what] = [instructors.chosen.length, subjects.chosen.length].map(number);
		const parts = [what, number(students), number(this.product)];
		return this.together.checked
			? __("Instructors together × subjects × students: {0} × {1} × {2} = {3}", [number(1), ...parts])
			: __("Instructors × subjects × students: {0} × {1} × {2} = {3}", [who, ...parts]);
	}

	async count(turn) {
		const report = await this.page
			.call(`by_hand.${this.mode}`, { ...this.arguments, dry_run: 1 })
			.then((answer) => answer.report)
			.catch(() => null);
		if (turn !== this.turn) return;
		if (report) this.tell(report);
		else this.outcome.textContent = __("It could not be counted. Change the choice to try again.");
	}

	tell(report) {
		const { warning, with_others } = report.more;
		this.warning.hidden = !warning;
		this.warning.textContent = warning || "";
		const others =
			with_others && this.others.checked
				? __("Conversations in which another instructor sits too: {0}.", [number(with_others)])
				: "";
		this.outcome.textContent = [report.sentence, others].filter(Boolean).join(" ");
		const nothing = !report.created && !report.switched_on && !report.removed && !report.switched_off;
		this.button.disabled = nothing || this.page.read_only;
	}

	all_the_same() {
		return confirm(this.warning.textContent, {
			title: __("Each with Each?"),
			primary_label: __("Offer All the Same"),
		});
	}

	async apply() {
		const removing = this.mode === "remove";
		if (!this.warning.hidden && !(await this.all_the_same())) return;
		await this.page.change(`by_hand.${this.mode}`, this.arguments, {
			confirm_title: __("Requested or Booked Already"),
			progress_title: removing ? __("Removing offers") : __("Making offers"),
		});
	}
}

function instructor_item(row) {
	return {
		key: row.name,
		value: row.name,
		label: row.label,
		code: row.code,
		note: row.can_be_offered ? row.about : __("Has left"),
	};
}

function student_item(row) {
	return {
		key: `students:${row.name}`,
		group: "students",
		value: row.name,
		label: row.label,
		code: row.code,
		note: row.can_be_offered ? row.classes.join(", ") : __("Does not take part"),
	};
}

/** The programs or classes of some students, with how many of them are in each. */
function grouped(students, kind) {
	const counts = new Map();
	for (const name of students.flatMap((row) => row[kind])) counts.set(name, (counts.get(name) || 0) + 1);
	const { compare } = new Intl.Collator(frappe.boot.lang || undefined, { numeric: true });
	return [...counts.keys()].sort(compare).map((name) => ({
		key: `${kind}:${name}`,
		group: kind,
		value: name,
		label: name,
		note: __("{0} students", [number(counts.get(name))]),
	}));
}
