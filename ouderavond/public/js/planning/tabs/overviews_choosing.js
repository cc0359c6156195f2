// What part of the evening an overview is about, and what stands on it.

import { Picker } from "../../offers/dialogs.js";
import { el } from "../../offers/dom.js";

const LISTS = {
	date: () => __("Date"),
	instructor: () => __("Instructor", null, "Planning"),
	group: () => __("Class"),
	room: () => __("Room", null, "Planning"),
	state: () => __("State", null, "Planning"),
};
const PEOPLE = {
	student: () => __("Student", null, "Planning"),
	household: () => __("Household (by one of its people)"),
};
const SWITCHES = {
	names: [
		() => __("With the names of students"),
		() =>
			__(
				"What hangs on a door is read by everybody who passes. Without names nobody learns who comes to talk about what."
			),
	],
	untold: [
		() => __("Also what is not published"),
		() => __("Families and instructors do not know these times yet."),
	],
};
let made = 0;

export class Choosing {
	constructor(page, choices, on_change) {
		Object.assign(this, { page, choices, on_change });
		this.parts = new Map();
		this.root = el("div", {
			class: "oa-overviews-choosing",
			role: "search",
			"aria-label": __("Filters"),
		});
		for (const [key, label] of Object.entries(LISTS)) this.add_list(key, label());
		for (const [key, label] of Object.entries(PEOPLE)) this.add_people(key, label());
		for (const [key, [label, about]] of Object.entries(SWITCHES)) this.add_switch(key, label(), about());
	}

	/** Show what can be chosen for a kind of overview; what was chosen stays for the next that has it. */
	show(kind) {
		this.kind = kind;
		const shown = new Set([...kind.filters, ...kind.switches]);
		for (const [key, { root, empty }] of this.parts) root.hidden = !shown.has(key) || Boolean(empty);
	}

	/** {date: [..], …, names: 1}, of what the kind has. */
	get values() {
		const found = {};
		for (const key of [...this.kind.filters, ...this.kind.switches]) {
			const value = this.parts.get(key).value();
			if (Array.isArray(value) ? value.length : value) found[key] = value;
		}
		return found;
	}

	add_list(key, label) {
		const id = `oa-overviews-${++made}`;
		const select = el(
			"select",
			{ id, class: "form-control input-xs", on: { change: () => this.on_change() } },
			el("option", { value: "", text: __("All") }),
			this.choices[key].map(([value, text]) => el("option", { value, text }))
		);
		const root = el("div", {}, el("label", { for: id, text: label }), select);
		const empty = this.choices[key].length < 2;
		this.add(key, root, () => (select.value ? [select.value] : []), empty);
	}

	add_people(key, label) {
		const root = el("div", { class: "oa-overviews-people" });
		const who = key === "household" ? "guardian" : "student";
		const picker = new Picker({
			page: this.page,
			parent: root,
			label,
			search: (text) => this.page.read("overviews.people", { text, who }),
			on_change: () => this.on_change(),
		});
		this.add(key, root, () => picker.values);
	}

	add_switch(key, label, about) {
		const id = `oa-overviews-${++made}`;
		const box = el("input", {
			type: "checkbox",
			id,
			"aria-describedby": `${id}-about`,
			on: { change: () => this.on_change() },
		});
		const root = el(
			"div",
			{ class: "oa-overviews-switch" },
			el("label", { for: id }, box, el("span", { text: label })),
			el("p", { id: `${id}-about`, class: "text-muted", text: about })
		);
		this.add(key, root, () => (box.checked ? 1 : 0));
	}

	add(key, root, value, empty = false) {
		this.parts.set(key, { root, value, empty });
		this.root.append(root);
	}
}
