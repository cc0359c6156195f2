// The filters above the views. Departments and locations are there only where the school keeps them.

import { el } from "../dom.js";

const SEARCH_MS = 300;
const YES_NO = {
	offered: [() => __("Offered"), () => __("Offered"), () => __("Not offered")],
	requested: [
		() => __("Requested", null, "Offers"),
		() => __("Requested", null, "Offers"),
		() => __("Not requested"),
	],
	in_package: [() => __("Package"), () => __("In the package"), () => __("Not in the package")],
};
const SOURCES = ["Course", "Mentor", "Individual", "File", "Manual"];
const PLACES = {
	department: () => __("Department", null, "Offers"),
	location: () => __("Location", null, "Offers"),
};

export class Filters {
	constructor(info, changed) {
		this.info = info;
		this.changed = changed;
		this.values = {};
		this.search = el("input", {
			type: "search",
			class: "form-control input-sm",
			placeholder: __("Name, code or subject"),
			"aria-label": __("Search", null, "Offers"),
			on: {
				input: frappe.utils.debounce(() => this.set("search", this.search.value.trim()), SEARCH_MS),
			},
		});
		this.places = el("span", { class: "oa-views-places" });
		this.clear = el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text: __("Clear Filters"),
			hidden: true,
			on: { click: () => this.clear_all() },
		});
		this.selects = [
			...Object.entries(YES_NO).map(([key, [label, yes, no]]) =>
				this.select(key, label(), [
					["1", yes()],
					["0", no()],
				])
			),
			this.select(
				"source",
				__("Source"),
				SOURCES.map((name) => [name, __(name, null, "Conversation Offer")])
			),
		];
		this.root = el(
			"div",
			{ class: "oa-views-filters", role: "search", "aria-label": __("Filters") },
			this.search,
			this.selects,
			this.places,
			this.clear
		);
	}

	select(key, label, options) {
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
		select.value = this.values[key] ?? "";
		select.classList.toggle("oa-filtering", Boolean(select.value));
		return select;
	}

	/** By whose department: the instructor's in the view of instructors, else the program's. */
	show_for(view) {
		const whose = view === "instructor" ? "instructor" : "program";
		if (whose === this.whose) return;
		this.whose = whose;
		for (const key of Object.keys(this.values)) {
			if (/_(department|location)$/.test(key) && !key.startsWith(whose)) delete this.values[key];
		}
		const found = Object.entries(PLACES).filter(([name]) => this.info.places[`${whose}_${name}`]);
		this.places.replaceChildren(
			...found.map(([name, label]) =>
				this.select(
					`${whose}_${name}`,
					label(),
					this.info.places[`${whose}_${name}`].map((value) => [value, value])
				)
			)
		);
		this.show_clear();
	}

	set(key, value) {
		const values = { ...this.values };
		if (value) values[key] = value;
		else delete values[key];
		this.values = values;
		for (const select of this.root.querySelectorAll("select"))
			select.classList.toggle("oa-filtering", Boolean(select.value));
		this.show_clear();
		this.changed();
	}

	clear_all() {
		this.values = {};
		this.search.value = "";
		for (const select of this.root.querySelectorAll("select")) {
			select.value = "";
			select.classList.remove("oa-filtering");
		}
		this.show_clear();
		this.search.focus();
		this.changed();
	}

	show_clear() {
		this.clear.hidden = !Object.keys(this.values).length;
	}
}
