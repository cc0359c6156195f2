// The table of a child: times down, instructors across, a grid per date that the arrow keys walk through.
//
// Cells are made once and changed in place, so that focus and scroll stay where they are.

import { say, texts } from "../texts";
import { cell } from "./cells";
import { el, put, write } from "./dom";
import { Head, room } from "./head";
import { step } from "./grid_keys";
import { show_joining } from "./joining";

export class GridView {
	constructor(panel, child) {
		this.panel = panel;
		this.child = child;
		this.heads = [];
		this.grids = panel.model.dates.map((day) => this.grid(day));
		this.slots = this.heads.slice(0, child.columns.length).map((head) => head.waiting);
		this.element = el(
			"div",
			{ class: "oa-grids" },
			this.grids.map((grid) => grid.element),
			this.slots
		);
		this.update();
	}

	grid(day) {
		const { model } = this.panel;
		const columns = this.child.columns.map(({ offer }) => model.columns.get(offer));
		const heads = columns.map((column) => new Head(column, "div"));
		this.heads.push(...heads);
		const body = el(
			"tbody",
			{},
			day.starts.map((_start, index) => this.row(day, index, columns))
		);
		const table = el(
			"table",
			{
				role: "grid",
				class: "oa-grid",
				"aria-multiselectable": "true",
				"aria-label": say("booking_grid", this.child.name, day.label),
				on: {
					click: (event) => this.on_click(event, day),
					keydown: (event) => this.on_key(event, day),
					focusin: (event) => this.on_focus(event),
				},
			},
			el("thead", {}, this.head_row(day, columns, heads)),
			body
		);
		body.rows[0]?.cells[1]?.setAttribute("tabindex", "0");
		const title = el(`h${this.panel.level + 2}`, { class: "oa-grid-date" }, day.label);
		if (day.place) title.append(el("span", { class: "oa-sub" }, day.place));
		const scroller = el(
			"div",
			{ class: "oa-grid-scroll", style: `--oa-columns: ${columns.length}` },
			table
		);
		return { day, body, element: el("div", {}, title, scroller) };
	}

	head_row(day, columns, heads) {
		const cells = columns.map((column, index) => {
			const where = room(column, day.date);
			if (where) heads[index].title.append(el("span", { class: "oa-sub" }, where));
			heads[index].title.append(el("span", { class: "oa-booked-join", "data-date": day.date }));
			return el("th", { scope: "col", role: "columnheader" }, heads[index].title);
		});
		return el("tr", {}, el("th", { scope: "col", role: "columnheader" }, texts.booking_time), cells);
	}

	row(day, index, columns) {
		const time = el("th", { scope: "row", role: "rowheader" }, day.labels[index]);
		return el(
			"tr",
			{},
			time,
			columns.map(() => el("td", { role: "gridcell", tabindex: "-1" }))
		);
	}

	update() {
		const { model, basket } = this.panel;
		for (const head of this.heads) {
			head.update(model);
			this.show_joining(head);
		}
		const columns = this.child.columns.map(({ offer }) => model.columns.get(offer));
		for (const { day, body } of this.grids) {
			day.starts.forEach((_start, index) => {
				const { cells } = body.rows[index];
				columns.forEach((column, number) => {
					show(cells[number + 1], cell(model, basket, column, { date: day.date, index }));
				});
			});
		}
	}

	// On the date on which it is.
	show_joining(head) {
		const { model } = this.panel;
		const place = head.title.querySelector(".oa-booked-join");
		const booked = model.mine(model.columns.get(head.offer).booking);
		show_joining(place, booked?.date === place.dataset.date ? booked : null);
	}

	on_click(event, day) {
		const td = event.target.closest("td");
		if (td) this.use(td, day);
	}

	on_key(event, day) {
		const td = event.target.closest("td");
		if (!td) return;
		if (event.key === " " || event.key === "Enter") {
			event.preventDefault();
			this.use(td, day);
			return;
		}
		const target = step(td, event);
		if (!target) return;
		event.preventDefault();
		target.focus();
	}

	// Of a whole grid one cell is reached with the tab key: the one used last.
	on_focus(event) {
		const td = event.target.closest("td");
		if (!td) return;
		for (const other of td.closest("table").querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
		td.tabIndex = 0;
	}

	use(td, day) {
		const { offer } = this.child.columns[td.cellIndex - 1];
		this.panel.use(offer, this.panel.model.moment(day.date, td.parentElement.sectionRowIndex));
	}

	/** Put the focus on a cell. */
	focus(offer, start) {
		const number = this.child.columns.findIndex((column) => column.offer === offer);
		const place = this.panel.model.place(start);
		const grid = this.grids.find(({ day }) => day.date === place?.date);
		const td = grid?.body.rows[place.index]?.cells[number + 1];
		td?.focus();
		return Boolean(td);
	}

	/** The offer and start of the cell that has the focus. */
	get focused() {
		const td = document.activeElement?.closest("td");
		const grid = td && this.grids.find(({ body }) => body.contains(td));
		if (!grid) return null;
		const { offer } = this.child.columns[td.cellIndex - 1];
		return {
			offer,
			start: this.panel.model.moment(grid.day.date, td.parentElement.sectionRowIndex),
		};
	}
}

const SELECTABLE = ["free", "chosen", "mine"];

function show(td, { kind, word, name, selected, continued }) {
	if (td.dataset.kind !== kind) td.dataset.kind = kind;
	put(td, "data-continued", continued);
	put(td, "aria-label", name);
	put(td, "aria-selected", kind === "free" || kind === "chosen" ? String(Boolean(selected)) : null);
	put(td, "aria-disabled", SELECTABLE.includes(kind) ? null : "true");
	write(td, continued && kind !== "chosen" ? "" : word);
}
