// The same offers and requests from several sides: groups with totals, and the list that belongs to a group.
//
// The address is views/<view>/<group>. On a phone the groups and their list are two steps.

import { el, icon } from "../dom.js";
import { export_menu } from "./views_export.js";
import { Filters } from "./views_filters.js";
import { Groups } from "./views_groups.js";
import { OfferList } from "./views_list.js";
import { Overview } from "./views_overview.js";

const VIEWS = {
	standard: () => __("Standard"),
	program: () => __("Program", null, "Offers"),
	class: () => __("Class"),
	student: () => __("Student", null, "Offers"),
	instructor: () => __("Instructor", null, "Offers"),
	household: () => __("Household"),
	overview: () => __("Whole Evening"),
};
// What would make the address break off.
const NO_KEY = "~";

export class ViewsTab {
	static key = "views";
	static label = () => __("Views", null, "Offers");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
		this.ready = this.start();
	}

	async start() {
		this.info = await this.page.read("views.start");
		this.groups_by_view = new Map();
		this.filters = new Filters(this.info, () => this.filtered());
		this.exports = export_menu(this);
		this.back = el("button", {
			type: "button",
			class: "btn btn-default btn-sm oa-views-back",
			on: { click: () => this.go(this.view) },
		});
		this.title = el("h4", { class: "oa-views-title" });
		this.left = el("div", { class: "oa-views-groups" });
		this.right = el("div", { class: "oa-views-list" }, this.back, this.title);
		this.whole = el("div", { class: "oa-views-overview" });
		this.hint = el("p", {
			class: "text-muted oa-views-hint",
			text: __("Choose a row to see its conversations."),
		});
		this.root = el(
			"div",
			{ class: "oa-views" },
			el("div", { class: "oa-views-head" }, this.switcher(), this.exports),
			this.filters.root,
			el("div", { class: "oa-views-panes" }, this.left, this.right, this.hint, this.whole)
		);
		this.parent.append(this.root);
		this.list = new OfferList(this.page, this.right);
		this.overview = new Overview(this.page, this.whole, (...args) => this.go(...args));
	}

	switcher() {
		this.radios = new Map(
			Object.keys(VIEWS).map((key) => [
				key,
				el("input", {
					type: "radio",
					name: "oa-view",
					value: key,
					on: { change: () => this.go(key) },
				}),
			])
		);
		return el(
			"div",
			{ class: "oa-segments", role: "radiogroup", "aria-label": __("View", null, "Offers") },
			...[...this.radios].map(([key, radio]) =>
				el("label", { class: "oa-segment" }, radio, el("span", { text: VIEWS[key]() }))
			)
		);
	}

	go(view, key) {
		const parts = key == null ? [view] : [view, key.replaceAll("/", NO_KEY)];
		return this.page.go(ViewsTab.key, ...parts);
	}

	async show(args) {
		await this.ready;
		const [view, key] = args;
		this.view = VIEWS[view] ? view : "standard";
		this.key = key == null || !this.grouped ? null : key.replaceAll(NO_KEY, "/");
		this.radios.get(this.view).checked = true;
		this.root.dataset.view = this.grouped ? "grouped" : this.view;
		this.root.dataset.step = this.key == null ? "groups" : "list";
		this.filters.show_for(this.view);
		await this.read();
	}

	get grouped() {
		return Boolean(this.info.views[this.view]);
	}

	/** The filters of what is shown; of the list also the group. */
	get shown_filters() {
		const own = this.key == null ? {} : { [this.info.views[this.view].filter]: this.key };
		return { ...this.filters.values, ...own };
	}

	get groups() {
		return this.groups_by_view.get(this.view);
	}

	read() {
		if (this.view === "overview") return this.overview.show(this.filters.values);
		const jobs = [];
		if (this.grouped) jobs.push(this.show_groups());
		const listed = !this.grouped || this.key != null;
		this.right.hidden = !listed;
		this.title.hidden = this.back.hidden = !this.grouped;
		this.hint.hidden = listed;
		if (listed) jobs.push(this.list.show(this.shown_filters));
		return Promise.all(jobs);
	}

	async show_groups() {
		for (const [view, groups] of this.groups_by_view) groups.root.hidden = view !== this.view;
		if (!this.groups) {
			const columns = this.info.views[this.view].columns;
			const open = (key) => this.go(this.view, key);
			const groups = new Groups(this.page, this.left, this.view, columns, this.filters.values, open);
			this.groups_by_view.set(this.view, groups);
		}
		await this.groups.show(this.filters.values);
		this.show_title();
		this.groups.mark(this.key);
	}

	show_title() {
		if (this.key == null) return;
		this.title.textContent = this.groups.title_of(this.key);
		this.back.replaceChildren(icon("left"), VIEWS[this.view]());
		this.back.setAttribute("aria-label", __("Back to {0}", [VIEWS[this.view]()]));
	}

	filtered() {
		return this.read();
	}

	async refresh() {
		await this.ready;
		for (const [view, groups] of this.groups_by_view) {
			if (view === this.view) await groups.refresh();
			else groups.stale = true;
		}
		if (this.view === "overview") return this.overview.show(this.filters.values, true);
		return this.list.refresh();
	}
}
