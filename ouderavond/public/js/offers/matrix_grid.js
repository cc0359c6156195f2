// The matrix of programs (across) and courses (down): cells are selected with the mouse, a finger or the keyboard.
//
// const grid = new MatrixGrid({label, on_select(count), on_tip(text)});
// grid.root                    element to put on the page
// grid.show(matrix, removing)  other figures; what was selected and is still there stays selected
// grid.selected                the selected cells: [{program, course, label, total, offered, requested}]
// grid.is_everything           whether every cell that can be is selected
// grid.toggle_all(), grid.clear()
//
// Keys: arrows, Home and End move, with Ctrl to the corner; space selects a cell; Shift with arrows selects what is
// between; Enter or space on a head selects its row or column, in the corner everything; Ctrl+A, Escape.

import { el, number } from "./dom.js";

const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

export class MatrixGrid {
	constructor(options) {
		this.options = options;
		this.chosen = new Set();
		// Row and column -1 are the heads.
		this.at = [0, 0];
		this.grid = el("table", {
			role: "grid",
			class: "oa-matrix",
			"aria-label": options.label,
			"aria-multiselectable": "true",
			on: {
				keydown: (event) => this.on_key(event),
				mousedown: (event) => this.on_press(event),
				mouseover: (event) => this.on_over(event),
				mouseleave: () => options.on_tip(""),
				focusin: (event) => this.on_focus(event),
			},
		});
		this.root = el("div", { class: "oa-matrix-scroll" }, this.grid);
		window.addEventListener("mouseup", () => (this.drag = null));
	}

	get selected() {
		return [...this.chosen].map((key) => this.by_key.get(key));
	}

	get is_everything() {
		return this.chosen.size > 0 && this.chosen.size === this.by_key.size;
	}

	// Showing

	show(matrix, removing) {
		const focused = this.grid.contains(document.activeElement);
		this.matrix = matrix;
		this.removing = removing;
		this.cells = matrix.rows.map(() => []);
		this.by_key = new Map();
		for (const [column, row, total, offered, requested] of matrix.cells)
			this.put(column, row, total, offered, requested);
		this.chosen = new Set([...this.chosen].filter((key) => this.by_key.has(key)));
		this.at = [
			Math.min(this.at[0], matrix.rows.length - 1),
			Math.min(this.at[1], matrix.programs.length - 1),
		];
		this.draw();
		if (focused) this.focus();
		this.options.on_select(this.chosen.size);
	}

	put(column, row, total, offered, requested) {
		const { name: program } = this.matrix.programs[column];
		const { course, label } = this.matrix.rows[row];
		const key = JSON.stringify([program, course, label]);
		const cell = { key, program, course, label, total, offered, requested };
		this.cells[row][column] = cell;
		this.by_key.set(key, cell);
	}

	draw() {
		const { programs, rows } = this.matrix;
		this.elements = new Map();
		const head = el(
			"tr",
			{ role: "row" },
			this.place(
				-1,
				-1,
				el("th", { role: "columnheader", class: "oa-matrix-corner" }, __("Everything"))
			),
			...programs.map((program, column) => this.place(-1, column, column_head(program)))
		);
		const body = rows.map((row, at) =>
			el(
				"tr",
				{ role: "row" },
				this.place(at, -1, row_head(row)),
				...programs.map((_program, column) => this.place(at, column, this.cell_element(at, column)))
			)
		);
		this.grid.replaceChildren(
			el("thead", { role: "rowgroup" }, head),
			el("tbody", { role: "rowgroup" }, ...body)
		);
		this.mark();
	}

	place(row, column, element) {
		element.tabIndex = row === this.at[0] && column === this.at[1] ? 0 : -1;
		Object.assign(element.dataset, { row, column });
		this.elements.set(`${row},${column}`, element);
		return element;
	}

	cell_element(row, column) {
		const cell = this.cells[row][column];
		const tip = this.tip(row, column);
		return el(
			"td",
			{
				role: "gridcell",
				class: cell ? `oa-cell oa-cell-${this.state(cell)}` : "oa-cell oa-cell-no",
				title: tip,
				"aria-label": tip,
				"aria-disabled": cell ? null : "true",
			},
			cell ? this.text(cell) : "·"
		);
	}

	state({ total, offered }) {
		if (this.removing) return "some-offers";
		return offered === total ? "all" : offered ? "some" : "none";
	}

	text(cell) {
		const { total, offered } = cell;
		if (this.removing) return number(total);
		const sign = { all: "✓ ", some: "◐ ", none: "" }[this.state(cell)];
		return offered === total ? sign + number(total) : `${sign}${number(offered)}/${number(total)}`;
	}

	tip(row, column) {
		const what = title_of(this.matrix.rows[row]);
		const where = this.matrix.programs[column].title;
		const cell = this.cells[row][column];
		if (!cell && this.removing) return __("{0}, {1}: nothing is offered", [what, where]);
		if (!cell) return __("{0}, {1}: not in the package", [what, where]);
		const { total, offered, requested } = cell;
		const figures = [what, where, number(offered), number(total), number(requested)];
		if (this.removing) return __("{0}, {1}: {2} offers, {4} requested", figures);
		return __("{0}, {1}: {2}/{3} offered, {4} requested", figures);
	}

	/** Show on the elements what is selected. */
	mark() {
		for (const [row, line] of this.cells.entries()) {
			for (const [column, cell] of line.entries()) {
				if (!cell) continue;
				const element = this.elements.get(`${row},${column}`);
				element.setAttribute("aria-selected", String(this.chosen.has(cell.key)));
			}
		}
	}

	// Selecting

	/** The cells of a place: of a cell itself, of a head its row or column, of the corner all. */
	cells_of(row, column) {
		const rows = row < 0 ? this.cells : [this.cells[row]];
		return rows.flatMap((line) => (column < 0 ? line : [line[column]])).filter(Boolean);
	}

	cells_between([row, column], [other_row, other_column]) {
		const found = [];
		for (let r = Math.min(row, other_row); r <= Math.max(row, other_row); r++) {
			for (let c = Math.min(column, other_column); c <= Math.max(column, other_column); c++) {
				if (this.cells[r]?.[c]) found.push(this.cells[r][c]);
			}
		}
		return found;
	}

	toggle(row, column) {
		const cells = this.cells_of(row, column);
		const on = !cells.every((cell) => this.chosen.has(cell.key));
		this.base = new Set(this.chosen);
		this.choose(cells, on);
		this.anchor = row < 0 || column < 0 ? null : [row, column];
		return on;
	}

	/** From the selection as it was when the range began: these too, or not these. */
	choose(cells, on) {
		this.chosen = new Set(this.base);
		for (const cell of cells) this.chosen[on ? "add" : "delete"](cell.key);
		this.mark();
		this.options.on_select(this.chosen.size);
	}

	extend_to(place) {
		if (!this.anchor) [this.anchor, this.base] = [[...this.at], new Set(this.chosen)];
		this.choose(this.cells_between(this.anchor, place), true);
	}

	toggle_all() {
		this.toggle(-1, -1);
	}

	clear() {
		this.anchor = null;
		this.base = new Set();
		this.choose([], true);
	}

	// Mouse and finger

	place_of(target) {
		const element = target.closest("[data-row]");
		return element && [Number(element.dataset.row), Number(element.dataset.column)];
	}

	on_press(event) {
		const place = this.place_of(event.target);
		if (!place || event.button) return;
		event.preventDefault();
		const inside = place[0] >= 0 && place[1] >= 0;
		if (event.shiftKey && inside) this.extend_to(place);
		else {
			const on = this.toggle(...place);
			this.drag = inside ? { on } : null;
		}
		this.go(place);
	}

	on_over(event) {
		const place = this.place_of(event.target);
		if (!place) return;
		this.options.on_tip(this.tip_of(place));
		if (!this.drag || !event.buttons || place[0] < 0 || place[1] < 0) return;
		this.choose(this.cells_between(this.anchor, place), this.drag.on);
	}

	on_focus(event) {
		const place = this.place_of(event.target);
		if (place) this.options.on_tip(this.tip_of(place));
	}

	tip_of([row, column]) {
		if (row >= 0 && column >= 0) return this.tip(row, column);
		if (row >= 0) return title_of(this.matrix.rows[row]);
		if (column < 0) return "";
		const { title, students } = this.matrix.programs[column];
		return __("{0}: {1} students", [title, number(students)]);
	}

	// Keyboard

	on_key(event) {
		const inside = this.at[0] >= 0 && this.at[1] >= 0;
		if (event.key === " " || (event.key === "Enter" && !inside)) this.toggle(...this.at);
		else if (event.key === "a" && (event.ctrlKey || event.metaKey)) this.toggle_all();
		else if (event.key === "Escape" && this.chosen.size) this.clear();
		else if (!this.move(event)) return;
		event.preventDefault();
		event.stopPropagation();
	}

	move(event) {
		const to = this.destination(event);
		if (!to) return false;
		if (event.shiftKey && to[0] >= 0 && to[1] >= 0 && this.at[0] >= 0 && this.at[1] >= 0)
			this.extend_to(to);
		else if (!event.shiftKey) this.anchor = null;
		this.go(to);
		return true;
	}

	destination({ key, ctrlKey, altKey }) {
		const last = [this.matrix.rows.length - 1, this.matrix.programs.length - 1];
		if (altKey) return null;
		if (key === "Home") return [ctrlKey ? 0 : this.at[0], 0];
		if (key === "End") return [ctrlKey ? last[0] : this.at[0], last[1]];
		const step = STEPS[key];
		return step && this.at.map((at, i) => Math.max(-1, Math.min(last[i], at + step[i])));
	}

	go(place) {
		const before = this.elements.get(this.at.join());
		if (before) before.tabIndex = -1;
		this.at = place;
		this.focus();
	}

	focus() {
		const element = this.elements.get(this.at.join());
		if (!element) return;
		element.tabIndex = 0;
		element.focus({ preventScroll: true });
		this.reveal(element);
	}

	/** Scroll until the cell is not behind the heads. */
	reveal(element) {
		const [box, cell] = [this.root.getBoundingClientRect(), element.getBoundingClientRect()];
		const corner = this.elements.get("-1,-1").getBoundingClientRect();
		const [left, top] = [box.left + corner.width, box.top + corner.height];
		if (this.at[1] >= 0 && cell.left < left) this.root.scrollLeft -= left - cell.left;
		else if (this.at[1] >= 0 && cell.right > box.right)
			this.root.scrollLeft += cell.right - box.right + 16;
		if (this.at[0] >= 0 && cell.top < top) this.root.scrollTop -= top - cell.top;
		else if (this.at[0] >= 0 && cell.bottom > box.bottom)
			this.root.scrollTop += cell.bottom - box.bottom + 16;
	}
}

function title_of({ code, title }) {
	return code && code !== title ? `${title} (${code})` : title;
}

function column_head({ title, students }) {
	return el(
		"th",
		{ role: "columnheader", scope: "col", title: __("{0}: {1} students", [title, number(students)]) },
		title
	);
}

function row_head(row) {
	return el(
		"th",
		{
			role: "rowheader",
			scope: "row",
			class: row.label ? "oa-matrix-label" : null,
			title: title_of(row),
		},
		row.code ? el("b", { text: row.code }) : "",
		el("span", { class: "oa-matrix-title", text: row.title })
	);
}
