// The groups of a view with their totals. A click or Enter opens the list of a group.

import { el } from "../dom.js";
import { Table } from "../table.js";

// What names a group in the title of its list.
const TITLES = {
	program: (row) => row.program,
	class: (row) => row.class,
	student: (row) => __("{0}, {1}", [`${row.first_name} ${row.last_name}`.trim(), row.class]),
	instructor: (row) => (row.code ? `${row.instructor} (${row.code})` : row.instructor),
	household: (row) => row.household || __("Nobody comes for these students"),
};
const WIDTHS = { text: 84, number: 84, household: 190, children: 200, instructor: 150, last_name: 120 };
const LESS = ["department", "location", "children", "student"];

export class Groups {
	constructor(page, parent, view, columns, filters, open) {
		this.view = view;
		this.open = open;
		this.page = page;
		this.root = el("div", {});
		parent.append(this.root);
		this.shown = JSON.stringify(filters);
		this.table = new Table({
			parent: this.root,
			label: __("Groups", null, "Offers"),
			row_key: "key",
			storage_key: `views-${view}`,
			columns: columns.map((column, i) => ({
				...column,
				fixed: i === 0,
				hidden: LESS.includes(column.key),
				width: WIDTHS[column.key] || WIDTHS[column.format],
				title: i === 0 ? (row) => row.children : null,
				render: i === 0 ? (row) => row[column.key] || TITLES[view](row) : null,
			})),
			filters: { view, filters: { ...filters } },
			fetch: ({ start, length, order_by, filters: asked }) => this.read(start, length, order_by, asked),
			on_select: ([key]) => key && key !== this.marked && this.open(key),
			on_activate: (row) => this.open(row.key),
			row_class: (row) => (row.offered ? "" : "oa-views-nothing"),
			empty: __("Nothing matches these filters."),
		});
	}

	async read(start, length, order_by, { view, filters }) {
		const answer = await this.page.read("views.groups", { view, filters, order_by, start, length });
		if (answer.totals) this.table?.set_totals({ ...answer.totals, ...this.total_label() });
		return answer;
	}

	// The sum of "without" would count students twice.
	total_label() {
		return { [this.table.columns[0].key]: __("Total") };
	}

	async show(filters) {
		await this.table.ready;
		const text = JSON.stringify(filters);
		if (text === this.shown && !this.stale) return;
		this.shown = text;
		this.stale = false;
		await this.table.set_filters({ filters: { ...filters } });
	}

	refresh() {
		return this.table.refresh();
	}

	mark(key) {
		this.marked = key;
		this.table.select(key == null ? [] : [key]);
	}

	title_of(key) {
		const row = this.table.row(key);
		return row ? TITLES[this.view](row) : key;
	}
}
