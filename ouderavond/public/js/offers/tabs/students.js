// Per student: program, class, student, and then every possibility of that student, each switched on or off.
//
// The address is students/<program>/<class>/<student>; NONE stands for "in no program" and "in no class". On a
// phone the panes are steps, one at a time.

import { el, icon } from "../dom.js";
import { Panes } from "./students_panes.js";
import { Possibilities } from "./students_list.js";

// An empty part would disappear from the address.
const NONE = "-";
const STEPS = ["programs", "classes", "students", "possibilities"];

export class StudentsTab {
	static key = "students";
	static label = () => __("Per Student");

	constructor(page, parent) {
		this.page = page;
		this.back = el("button", {
			type: "button",
			class: "btn btn-default btn-sm oa-students-back",
			on: { click: () => this.go_back() },
		});
		this.root = el("div", { class: "oa-students" }, this.back);
		parent.append(this.root);
		this.list = new Possibilities(page, (student) => this.panes.update(student));
		this.panes = new Panes(page, this.root, (place) => this.go(place), this.list);
		this.root.append(this.list.root);
	}

	async show(args) {
		const [program, group, student] = args.map((part) => (part === NONE ? "" : part));
		this.place = { program, group, student };
		const step = STEPS[args.length] || STEPS.at(-1);
		const deeper =
			this.root.dataset.step && STEPS.indexOf(step) !== STEPS.indexOf(this.root.dataset.step);
		this.root.dataset.step = step;
		this.show_back();
		await Promise.all([this.panes.show(this.place), this.list.show(student)]);
		// On a phone the pane with the focus has just gone.
		if (deeper && this.back.offsetParent) this.back.focus();
		this.panes.take_focus();
	}

	// What was changed here concerns this student only, whose figures come with the list.
	refresh() {
		return Promise.all([this.list.changing ? null : this.panes.refresh(), this.list.refresh()]);
	}

	go({ program, group, student }) {
		const parts = [program, group, student];
		while (parts.length && parts.at(-1) == null) parts.pop();
		return this.page.go(StudentsTab.key, ...parts.map((part) => part || NONE));
	}

	show_back() {
		const { program, group, student } = this.place;
		const to = student
			? group || __("Students", null, "Offers")
			: group != null
				? program || __("Classes")
				: __("Programs", null, "Offers");
		this.back.hidden = program == null;
		this.back.replaceChildren(icon("left"), to);
		this.back.setAttribute("aria-label", __("Back to {0}", [to]));
	}

	go_back() {
		const { program, group, student } = this.place;
		if (student) return this.go({ program, group });
		return this.go(group != null ? { program } : {});
	}
}
