// The list of possibilities of a view: sorted, filtered, changed and removed.

import { change_offers, editable } from "../change_dialog.js";
import { offer_columns } from "../columns.js";
import { el, number } from "../dom.js";
import { remove_offers } from "../remove_dialog.js";
import { Table } from "../table.js";
import { ask_for } from "./students_request.js";

export class OfferList {
	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
	}

	async show(filters) {
		const text = JSON.stringify(filters);
		if (!this.table) {
			this.shown = text;
			this.make(filters);
		}
		await this.table.ready;
		if (text === this.shown) return;
		this.shown = text;
		await this.table.set_filters({ filters: { ...filters } });
	}

	make(filters) {
		this.change = this.button(__("Change…"), () => this.change_chosen());
		this.remove = this.button(__("Remove…"), () => this.remove_chosen());
		const { read_only } = this.page;
		const columns = offer_columns(
			read_only ? {} : { on_offered: (row) => this.switch(row), on_requested: (row) => this.ask(row) }
		);
		this.table = new Table({
			parent: this.parent,
			label: __("Possibilities"),
			storage_key: "views-list",
			multi: !read_only,
			columns: editable(columns, this.page),
			filters: { filters: { ...filters } },
			fetch: ({ start, length, order_by, filters: asked }) =>
				this.page.read("views.offers", { filters: asked.filters, order_by, start, length }),
			fetch_keys: ({ order_by, filters: asked }) =>
				this.page.read("views.keys", { filters: asked.filters, order_by }),
			on_select: (keys) => this.show_tools(keys.length),
			tools: read_only ? [] : [this.change, this.remove],
			empty: __("Nothing matches these filters."),
		});
		this.table.root.addEventListener("keydown", (event) => this.on_key(event));
		this.show_tools(0);
	}

	button(text, action) {
		return el("button", { type: "button", class: "btn btn-default btn-xs", text, on: { click: action } });
	}

	show_tools(count) {
		this.change.disabled = this.remove.disabled = !count;
		this.change.textContent = count ? __("Change {0}…", [number(count)]) : __("Change…");
		this.remove.textContent = count ? __("Remove {0}…", [number(count)]) : __("Remove…");
	}

	/** What is selected: by name, or, where it is all that is found, by the filters that find it. */
	get chosen() {
		const { selected, total, filters } = this.table;
		return selected.length === total ? { filters: filters.filters } : { offers: selected };
	}

	async change_chosen() {
		await change_offers(this.page, this.chosen);
		this.change.focus();
	}

	async remove_chosen() {
		await remove_offers(this.page, this.chosen);
		this.table.focus();
	}

	on_key(event) {
		if (!event.target.closest("[data-row]") || this.page.read_only) return;
		const { row, column } = this.table.at;
		const record = this.table.source.row(row);
		const cell = this.table.cells[column];
		if (event.key === "F2" && cell?.action) {
			event.preventDefault();
			cell.action(record, cell, this.table);
		} else if (event.key === "Delete" && record) {
			event.preventDefault();
			const which = this.table.selected.length ? this.chosen : { offers: [record.name] };
			remove_offers(this.page, which).then(() => this.table.focus());
		}
	}

	switch(row) {
		const offered = row.offered ? 0 : 1;
		return this.page.change(
			"students.switch",
			{ rows: [sent(row)], offered },
			{ confirm_title: __("Requested or Booked Already") }
		);
	}

	ask(row) {
		return ask_for(this, sent(row));
	}

	/** Requests made here are read again as any other change. */
	during(work) {
		return work();
	}

	focus() {
		this.table?.focus();
	}

	refresh() {
		return this.table?.refresh();
	}

	get columns() {
		return this.table.visible_columns.map((column) => column.key);
	}
}

function sent(row) {
	return {
		offer: row.name,
		student: row.student,
		subject: row.subject,
		course: row.course,
		instructors: row.instructor_list,
	};
}
