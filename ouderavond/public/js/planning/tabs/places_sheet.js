// A small spreadsheet: cells are typed in, filled down, copied and pasted, many at once.
//
// const sheet = new Sheet({
//     label,                          what it lists, for screen readers
//     columns,                        [{key, label, kind: "text|time|number|room|check", fixed, width, choices}]
//     text(row, column),              what a cell shows
//     state(row, column),             {changed, problem}: whether it waits to be saved; a sentence
//     row_state(row),                 "added" | "removed" | ""
//     on_change(changes),             [[row, column, text]] were typed, pasted or filled in
//     on_select(sheet),
// });
// sheet.root, sheet.show(rows), sheet.redraw(), sheet.rows_selected, sheet.cells_selected [[row, column]]
//
// Keys: arrows, Home, End, Page Up and Page Down move, with Shift they select what is between; Ctrl+A selects all;
// typing, Enter or F2 opens a cell, Enter and Tab close it, Ctrl+Enter writes to all that is selected, Escape leaves
// it as it was; Delete empties; Ctrl+D fills down; Ctrl+C and Ctrl+V copy and paste, also from a spreadsheet; the
// space bar ticks.

import { el } from "../../offers/dom.js";
import { CellArea } from "./cell_area.js";

let made = 0;

export class Sheet extends CellArea {
	constructor(options) {
		super();
		this.options = options;
		this.columns = options.columns;
		this.rows = [];
		this.id = `oa-sheet-${++made}`;
		this.body = el("tbody", { role: "rowgroup" });
		this.grid = el(
			"table",
			{
				role: "grid",
				class: "oa-sheet",
				"aria-label": options.label,
				"aria-multiselectable": "true",
				"aria-describedby": `${this.id}-keys`,
				on: {
					keydown: (event) => this.on_key(event),
					focusin: (event) => this.on_focus(event),
					mousedown: (event) => this.on_press(event),
					mouseover: (event) => this.on_over(event),
					dblclick: (event) => this.on_double_click(event),
					copy: (event) => this.on_copy(event),
					cut: (event) => this.on_copy(event, true),
					paste: (event) => this.on_paste(event),
				},
			},
			el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, this.columns.map(column_head))),
			this.body
		);
		this.root = el(
			"div",
			{ class: "oa-sheet-scroll" },
			this.grid,
			this.columns.map((column) => column.choices && this.choices(column))
		);
		this.keys = el("p", {
			class: "sr-only",
			id: `${this.id}-keys`,
			text: __(
				"Type in a cell. Shift with arrows selects several; Ctrl+Enter writes to all of them, Ctrl+D fills down."
			),
		});
		this.root.append(this.keys);
		window.addEventListener("mouseup", () => (this.dragging = false));
	}

	choices(column) {
		const options = column.choices.map((text) => el("option", { value: text }));
		return el("datalist", { id: `${this.id}-${column.key}` }, options);
	}

	// Showing

	show(rows) {
		const focused = this.root.contains(document.activeElement) && !this.input;
		this.rows = rows;
		this.keep_within();
		this.grid.setAttribute("aria-rowcount", rows.length + 1);
		this.body.replaceChildren(...rows.map((row, i) => this.row_element(row, i)));
		this.mark();
		if (focused) this.focus();
	}

	/** Draw again what rows and cells say; selection and focus stay. */
	redraw() {
		this.show(this.rows);
	}

	row_element(row, at) {
		const state = this.options.row_state(row);
		return el(
			"tr",
			{ role: "row", class: state ? `oa-sheet-${state}` : null, data: { row: at } },
			this.columns.map((column, i) => this.cell(row, column, i))
		);
	}

	cell(row, column, i) {
		const { changed, problem } = this.options.state(row, column);
		const text = this.options.text(row, column);
		return el(
			column.head ? "th" : "td",
			{
				role: column.head ? "rowheader" : "gridcell",
				tabindex: "-1",
				class: [
					`oa-sheet-${column.kind || "text"}`,
					column.stays ? "oa-sheet-stays" : "",
					changed ? "oa-sheet-changed" : "",
				]
					.filter(Boolean)
					.join(" "),
				title: problem || null,
				"aria-readonly": column.fixed ? "true" : null,
				"aria-invalid": problem ? "true" : null,
				data: { column: i },
			},
			column.kind === "check" ? tick(text) : text,
			changed ? el("span", { class: "sr-only", text: ` (${__("changed")})` }) : ""
		);
	}

	element([row, column]) {
		return this.body.children[row]?.children[column];
	}

	get size() {
		return [this.rows.length, this.columns.length];
	}

	heads(cell) {
		const fixed = cell.parentElement.querySelector(".oa-sheet-stays");
		return [this.grid.tHead.offsetHeight, fixed && fixed !== cell ? fixed.offsetWidth : 0];
	}

	get rows_selected() {
		const [first, last] = this.area.rows;
		return this.rows.slice(first, last + 1);
	}

	get cells_selected() {
		const [first, last] = this.area.columns;
		const columns = this.columns.slice(first, last + 1).filter((column) => !column.fixed);
		return this.rows_selected.flatMap((row) => columns.map((column) => [row, column]));
	}

	marked() {
		this.options.on_select?.(this);
	}

	acted({ key, ctrlKey, metaKey, altKey }) {
		const column = this.columns[this.at[1]];
		if (ctrlKey || metaKey) {
			if (key.toLowerCase() === "a") this.select_all();
			else if (key.toLowerCase() === "d") this.fill_down();
			else return false;
			return true;
		}
		if (altKey) return false;
		if (key === "Delete" || key === "Backspace") this.write("");
		else if (key === " " && column.kind === "check") this.toggle();
		else if (key === "Enter" || key === "F2") this.open();
		else if (key.length === 1) this.open(key);
		else return false;
		return true;
	}

	// Mouse and finger

	place_of(target) {
		const cell = target.closest("[data-column]");
		return cell && [Number(cell.parentElement.dataset.row), Number(cell.dataset.column)];
	}

	on_press(event) {
		if (event.button || event.target.closest("input")) return;
		this.close();
		const head = event.target.closest("thead th");
		if (head) {
			event.preventDefault();
			this.select_column([...head.parentElement.children].indexOf(head));
			return;
		}
		const place = this.place_of(event.target);
		if (!place) return;
		event.preventDefault();
		const again = place.join() === this.at.join() && document.activeElement === this.element(place);
		if (again && window.matchMedia("(pointer: coarse)").matches) {
			this.open();
			return;
		}
		this.go(place, event.shiftKey);
		this.dragging = true;
	}

	select_column(column) {
		this.anchor = [this.rows.length - 1, column];
		this.at = [0, column];
		this.mark();
		this.element(this.at)?.focus({ preventScroll: true });
	}

	on_over(event) {
		if (!this.dragging || !event.buttons) return;
		const place = this.place_of(event.target);
		if (place && place.join() !== this.at.join()) this.go(place, true);
	}

	on_double_click(event) {
		if (this.place_of(event.target)) this.open();
	}

	// Writing

	/** Open the current cell, with what is in it or with what was typed. */
	open(typed = null) {
		const [row, column] = [this.rows[this.at[0]], this.columns[this.at[1]]];
		if (!row || column.fixed || this.options.read_only()) return;
		if (column.kind === "check") {
			this.toggle();
			return;
		}
		const cell = this.element(this.at);
		const text = this.options.text(row, column);
		this.input = el("input", {
			type: "text",
			class: "oa-sheet-input",
			inputmode: column.kind === "number" ? "numeric" : null,
			placeholder: column.kind === "time" ? "18:30" : null,
			list: column.choices ? `${this.id}-${column.key}` : null,
			autocomplete: "off",
			"aria-label": `${column.label}, ${row.title}`,
			on: { keydown: (event) => this.on_typing(event), blur: () => this.close() },
		});
		this.input.value = typed ?? text;
		cell.classList.add("oa-sheet-open");
		cell.append(this.input);
		this.input.focus({ preventScroll: true });
		if (typed === null) this.input.select();
		this.reveal(cell);
	}

	on_typing(event) {
		const steps = { Enter: [1, 0], Tab: [0, event.shiftKey ? -1 : 1] };
		event.stopPropagation();
		if (event.key === "Escape") this.close(false);
		else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
			const { value } = this.input;
			this.close(false);
			this.write(value);
			this.focus();
		} else if (steps[event.key]) {
			this.close();
			this.go([this.at[0] + steps[event.key][0], this.at[1] + steps[event.key][1]]);
		} else return;
		event.preventDefault();
	}

	/** Close the open cell, and keep what was typed. */
	close(keep = true) {
		const { input } = this;
		if (!input) return;
		this.input = null;
		const focused = document.activeElement === input;
		const value = input.value;
		const cell = input.parentElement;
		cell.classList.remove("oa-sheet-open");
		input.remove();
		const [row, column] = [this.rows[this.at[0]], this.columns[this.at[1]]];
		if (keep && value !== this.options.text(row, column)) this.change([[row, column, value]]);
		if (focused) this.focus();
	}

	change(changes) {
		if (!changes.length || this.options.read_only()) return;
		this.options.on_change(changes);
	}

	/** Write one value to all that is selected. */
	write(value) {
		this.change(this.cells_selected.map(([row, column]) => [row, column, value]));
	}

	toggle() {
		const cells = this.cells_selected.filter(([, column]) => column.kind === "check");
		const on = cells.every(([row, column]) => this.options.text(row, column));
		this.change(cells.map(([row, column]) => [row, column, on ? "" : "1"]));
	}

	fill_down() {
		const [first] = this.rows_selected;
		this.change(
			this.cells_selected
				.filter(([row]) => row !== first)
				.map(([row, column]) => [row, column, this.options.text(first, column)])
		);
	}

	// The clipboard

	on_copy(event, cut = false) {
		if (this.input) return;
		event.preventDefault();
		const [first, last] = this.area.columns;
		const columns = this.columns.slice(first, last + 1);
		const lines = this.rows_selected.map((row) =>
			columns.map((column) => this.options.text(row, column).replace(/[\t\n]/g, " ")).join("\t")
		);
		event.clipboardData.setData("text/plain", lines.join("\n"));
		if (cut) this.write("");
	}

	on_paste(event) {
		if (this.input) return;
		event.preventDefault();
		const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
		const lines = text.split("\n").map((line) => line.split("\t"));
		if (lines.length === 1 && lines[0].length === 1) {
			this.write(lines[0][0]);
			return;
		}
		const { rows, columns } = this.area;
		const changes = [];
		lines.forEach((line, r) =>
			line.forEach((value, c) => {
				const row = this.rows[rows[0] + r];
				const column = this.columns[columns[0] + c];
				if (row && column && !column.fixed) changes.push([row, column, value.trim()]);
			})
		);
		this.change(changes);
		this.anchor = [rows[0], columns[0]];
		this.go([rows[0] + lines.length - 1, columns[0] + lines[0].length - 1], true);
	}
}

function column_head(column) {
	return el("th", {
		role: "columnheader",
		scope: "col",
		class: column.stays ? "oa-sheet-stays" : null,
		title: column.tip || null,
		style: column.width ? { width: `${column.width}px`, "min-width": `${column.width}px` } : {},
		text: column.label,
	});
}

function tick(text) {
	return [
		el("span", { "aria-hidden": "true", text: text ? "✓" : "" }),
		el("span", { class: "sr-only", text: text ? __("Yes") : __("No") }),
	];
}
