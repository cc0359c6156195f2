// A table of many rows, as an accessible grid: all tabs show their lists with it.
//
// const table = new Table({
//     parent,                 element it is put into
//     label,                  what it lists, for screen readers (translated)
//     columns,                see below
//     storage_key,            under which each user's columns and order are kept; none: not kept
//     fetch,                  ({start, length, order_by, filters}) -> Promise of {rows, total}, or of an array that
//                             holds all rows. order_by is "key asc" | "key desc" | null; pages of 200
//     rows,                   instead of fetch: all rows at once (sorted and searched here)
//     fetch_keys,             ({order_by, filters}) -> Promise of the keys of all rows: makes "select all" complete
//                             where rows are paged; without it every page is read for that
//     row_key: "name",        key of a row: a field, or row => text
//     multi: false,           several rows can be selected (with a column of boxes)
//     on_select(keys, table)  the selection changed (also without multi: then at most one)
//     on_activate(row, column, table)   Enter or double click on a cell without an action of its own
//     on_space(row, column, table)      space bar there; default: selects the row
//     order_by, filters,      at the start
//     search: false,          a search box; its text is filters.search
//     tools: [],              elements for the bar above the table, before the button "Columns"
//     empty,                  sentence when there are no rows
//     row_class: row => text, height: CSS height of the scrolled part (default: 65vh at most)
// });
//
// Column: {key, label, format, numeric, sortable, width, render, action, action_label, title, hidden, fixed}
//     format      text (default) | number | yesno | date | datetime | list
//     sortable    default true; false: not
//     width       pixels, default by format
//     render      (row, column) -> text | Node | {text, tone, title, class}; tone: green yellow blue red gray – shown
//                 as a colour with a pattern, beside the text. Text is never read as HTML
//     action      (row, column, table) => …: the cell is a button; click, Enter and space bar run it
//     action_label (row) -> text: what the button does, where its text does not say it
//     pressed     (row) -> boolean: the button switches something on and off, and this is how it is
//     title       (row) -> text: tip of the cell
//     hidden      not shown unless the user chooses it; fixed: cannot be hidden (the first column should be)
//
// table.ready               Promise: the user's columns are known, the first rows are there
// table.refresh()           reads again; keeps the selection (of rows that are still there), the place and the focus
// table.set_filters(values) other filters (merged; undefined takes one away); clears the selection
// table.set_rows(rows)      other rows, where `rows` was given
// table.set_columns(columns)
// table.set_totals(row)     a last line that stays in sight; null takes it away
// table.selected            keys of the selected rows (array);  table.selected_rows  those of them that were read
// table.select(keys), table.clear_selection(), table.select_all()
// table.row(key), table.update_row(key, values)   one row that was read; show other values in it
// table.total, table.order_by, table.filters, table.visible_columns, table.focus(), table.choose_columns()
//
// Keys: arrows, Home, End, Ctrl+Home, Ctrl+End, Page Up, Page Down move; space selects; Shift with arrows, Page keys,
// space or click selects what is between; Ctrl+A selects all; Escape selects none; Enter opens, or sorts in the head.

import { cell_content, default_width, text_of } from "./table_cells.js";
import { choose_columns, Choice } from "./table_columns.js";
import { el, number } from "./dom.js";
import { move } from "./table_keys.js";
import { Selection } from "./table_selection.js";
import { Source } from "./table_source.js";

// Rows that are drawn above and below what is seen.
const MARGIN = 12;
const SEARCH_MS = 300;
const CHECK_WIDTH = 40;

export class Table {
	constructor(options) {
		this.options = { row_key: "name", tools: [], ...options };
		this.columns = this.options.columns;
		this.filters = { ...this.options.filters };
		this.order_by = this.options.order_by || null;
		this.source = new Source(this);
		this.selection = new Selection(this);
		this.choice = new Choice(this.options.storage_key);
		this.row_height = window.matchMedia("(pointer: coarse)").matches ? 40 : 32;
		// The cell that has or gets the focus; row -1 is the head.
		this.at = { row: 0, column: 0 };
		this.drawn = new Map();
		this.make();
		this.ready = this.begin();
	}

	get total() {
		return this.source.total;
	}

	get selected() {
		return this.selection.keys;
	}

	get selected_rows() {
		return this.selected.map((key) => this.source.find(key)).filter(Boolean);
	}

	get visible_columns() {
		return this.choice.apply(this.columns);
	}

	// Cells of a row: that of the box, and the columns.
	get cells() {
		const own = this.options.multi ? [{ key: "", check: true, width: CHECK_WIDTH }] : [];
		return [...own, ...this.visible_columns];
	}

	key_of(row) {
		const { row_key } = this.options;
		return typeof row_key === "function" ? row_key(row) : row[row_key];
	}

	row(key) {
		return this.source.find(key);
	}

	// Making

	make() {
		this.count = el("span", { class: "oa-table-count", "aria-live": "polite" });
		this.scroller = el("div", { class: "oa-table-scroll", on: { scroll: () => this.draw_soon() } });
		if (this.options.height) this.scroller.style.maxHeight = this.options.height;
		this.grid = el("table", {
			role: "grid",
			class: "oa-grid",
			tabindex: "-1",
			"aria-label": this.options.label,
			"aria-multiselectable": this.options.multi ? "true" : null,
			style: { "--oa-row": `${this.row_height}px` },
			on: {
				keyup: hold_back,
				keydown: (event) => this.on_key(event),
				click: (event) => this.on_click(event),
				dblclick: (event) => this.on_double_click(event),
				focusin: (event) => this.on_focus(event),
				mouseover: (event) => tell_what_is_cut_off(event.target),
			},
		});
		this.scroller.append(this.grid);
		this.root = el("div", { class: "oa-table" }, this.bar(), this.scroller);
		this.options.parent.append(this.root);
		// What was hidden when it was drawn did not know its height.
		new ResizeObserver(() => this.draw_soon()).observe(this.scroller);
	}

	bar() {
		const search =
			this.options.search &&
			el("input", {
				type: "search",
				class: "form-control input-sm oa-table-search",
				placeholder: __("Search", null, "Offers"),
				"aria-label": __("Search", null, "Offers"),
				on: {
					input: frappe.utils.debounce(
						(event) => this.set_filters({ search: event.target.value || undefined }),
						SEARCH_MS
					),
				},
			});
		const columns = el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text: __("Columns", null, "Offers"),
			on: { click: () => this.choose_columns() },
		});
		return el("div", { class: "oa-table-bar" }, search, this.count, el("span", { class: "oa-gap" }), [
			this.options.tools,
			columns,
		]);
	}

	async begin() {
		await this.choice.load();
		const kept = this.choice.order_by;
		if (this.columns.some((column) => column.key === kept?.split(" ")[0])) this.order_by = kept;
		this.lay_out();
		await this.read();
	}

	// Head, widths and an empty body: after a change of columns.
	lay_out() {
		const { cells } = this;
		this.at.column = Math.min(this.at.column, cells.length - 1);
		const widths = cells.map((column) => column.width || default_width(column));
		this.grid.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
		this.grid.setAttribute("aria-colcount", cells.length);
		this.head = el(
			"tr",
			{ role: "row", "aria-rowindex": "1" },
			...cells.map((column, i) => this.head_cell(column, i))
		);
		this.above = el(
			"tr",
			{ class: "oa-spacer", "aria-hidden": "true" },
			el("td", { colspan: cells.length })
		);
		this.below = this.above.cloneNode(true);
		this.body = el("tbody", { role: "rowgroup" }, this.above, this.below);
		this.foot = el("tfoot", { role: "rowgroup", hidden: true });
		this.grid.replaceChildren(
			el("colgroup", {}, ...widths.map((width) => el("col", { style: { width: `${width}px` } }))),
			el("thead", { role: "rowgroup" }, this.head),
			this.body,
			this.foot
		);
		this.drawn.clear();
		this.draw_totals();
	}

	head_cell(column, i) {
		const sorted = this.order_by?.split(" ");
		const mine = sorted?.[0] === column.key;
		return el(
			"th",
			{
				role: "columnheader",
				scope: "col",
				tabindex: "-1",
				class: cell_class(column, i, this.options.multi),
				"aria-sort": mine ? (sorted[1] === "desc" ? "descending" : "ascending") : null,
				"aria-label": column.check ? __("Select all") : null,
				"aria-colindex": i + 1,
				data: { column: i, sortable: column.check || column.sortable === false ? "" : "1" },
			},
			column.check ? el("span", { class: "oa-box" }) : column.label
		);
	}

	// Reading

	async read() {
		this.grid.setAttribute("aria-busy", "true");
		const done = await this.source.reset();
		this.grid.removeAttribute("aria-busy");
		if (!done) return;
		this.drawn.forEach((row) => row.remove());
		this.drawn.clear();
		this.at.row = Math.min(this.at.row, Math.max(this.total - 1, 0));
		this.draw();
	}

	async refresh() {
		const focused = this.grid.contains(document.activeElement);
		await this.read();
		await this.selection.keep_what_is_there();
		if (focused) this.focus();
	}

	set_filters(values) {
		Object.assign(this.filters, values);
		this.selection.clear();
		this.at.row = 0;
		this.scroller.scrollTop = 0;
		return this.read();
	}

	set_rows(rows) {
		this.options.rows = rows;
		return this.refresh();
	}

	set_columns(columns) {
		this.columns = columns;
		this.lay_out();
		this.draw();
	}

	set_totals(row) {
		this.totals = row;
		this.draw_totals();
	}

	sort(column) {
		const descending = this.order_by === `${column.key} asc`;
		this.order_by = `${column.key} ${descending ? "desc" : "asc"}`;
		this.choice.save({ order_by: this.order_by });
		const focused = this.grid.contains(document.activeElement);
		this.lay_out();
		if (focused) this.focus();
		return this.read();
	}

	choose_columns() {
		choose_columns(this.columns, this.choice, () => {
			this.lay_out();
			this.draw();
		});
	}

	update_row(key, values) {
		const row = this.source.find(key);
		if (!row) return;
		Object.assign(row, values);
		this.redraw(this.source.index_of(key));
	}

	// Selection

	select(keys) {
		this.selection.set(keys);
	}

	clear_selection() {
		this.selection.clear();
	}

	select_all() {
		return this.selection.all();
	}

	selection_changed() {
		for (const [index, row] of this.drawn) this.mark(row, index);
		this.draw_count();
		this.options.on_select?.(this.selected, this);
	}

	// Drawing: only what is seen, and a little more

	draw_soon() {
		this.drawing ??= requestAnimationFrame(() => {
			this.drawing = null;
			this.draw();
		});
	}

	draw() {
		if (!this.body) return;
		const { first, last } = this.window();
		const lost = this.forget_rows_outside(first, last);
		for (let index = first; index < last; index++) this.draw_row(index);
		this.above.firstChild.style.height = `${first * this.row_height}px`;
		this.below.firstChild.style.height = `${(this.total - last) * this.row_height}px`;
		this.above.hidden = first === 0;
		this.below.hidden = last === this.total;
		this.grid.setAttribute("aria-rowcount", this.total + 1);
		this.draw_count();
		this.mark_reachable(first, last);
		// The focused cell was scrolled away: keys go on working from where it was.
		if (lost) this.grid.focus({ preventScroll: true });
		this.source.need(first, last);
	}

	window() {
		const { scrollTop, clientHeight } = this.scroller;
		const seen = Math.ceil((clientHeight || 600) / this.row_height);
		const first = Math.max(
			0,
			Math.min(Math.floor(scrollTop / this.row_height), this.total - seen) - MARGIN
		);
		return { first, last: Math.min(this.total, first + seen + 2 * MARGIN) };
	}

	forget_rows_outside(first, last) {
		let lost = false;
		for (const [index, row] of this.drawn) {
			if (index >= first && index < last) continue;
			lost ||= row.contains(document.activeElement);
			row.remove();
			this.drawn.delete(index);
		}
		return lost;
	}

	draw_row(index) {
		const there = this.drawn.get(index);
		if (there && !(there.dataset.waits && this.source.row(index))) return;
		const row = this.row_element(index);
		if (there) {
			const focused = there.contains(document.activeElement);
			there.replaceWith(row);
			this.drawn.set(index, row);
			if (focused) this.target(index, this.at.column).focus({ preventScroll: true });
		} else {
			const next = [...this.drawn.keys()].filter((other) => other > index);
			this.body.insertBefore(row, next.length ? this.drawn.get(Math.min(...next)) : this.below);
		}
		this.drawn.set(index, row);
	}

	/** Draw one row again; the focus stays. */
	redraw(index) {
		const there = this.drawn.get(index);
		if (!there) return;
		const focused = there.contains(document.activeElement);
		there.replaceWith(this.row_element(index));
		const row = this.body.querySelector(`[aria-rowindex="${index + 2}"]`);
		this.drawn.set(index, row);
		const { first, last } = this.window();
		this.mark_reachable(first, last);
		if (focused) this.focus();
	}

	row_element(index) {
		const row = this.source.row(index);
		const element = el(
			"tr",
			{
				role: "row",
				"aria-rowindex": index + 2,
				class: (row && this.options.row_class?.(row)) || null,
				data: { row: index, ...(row ? {} : { waits: "1" }) },
			},
			...this.cells.map((column, i) => this.cell(row, column, i))
		);
		this.mark(element, index);
		return element;
	}

	cell(row, column, i) {
		const cell = el("td", {
			role: i === Number(Boolean(this.options.multi)) ? "rowheader" : "gridcell",
			tabindex: "-1",
			class: cell_class(column, i, this.options.multi),
			"aria-colindex": i + 1,
			data: { column: i },
		});
		if (column.check) cell.append(el("span", { class: "oa-box" }), el("span", { class: "sr-only" }));
		else if (row) cell.append(cell_content(row, column));
		else cell.append("…");
		if (row && column.title) cell.title = column.title(row) || "";
		return cell;
	}

	mark(element, index) {
		const row = this.source.row(index);
		const selected = Boolean(row) && this.selection.has(this.key_of(row));
		if (this.options.multi || this.options.on_select)
			element.setAttribute("aria-selected", String(selected));
		const word = this.options.multi && element.firstChild.querySelector(".sr-only");
		if (word) word.textContent = selected ? __("Selected") : __("Not selected");
	}

	// One cell can be reached with Tab: the current one, or else the first that is seen in its column.
	mark_reachable(first, last) {
		this.grid.querySelectorAll('[tabindex="0"]').forEach((cell) => (cell.tabIndex = -1));
		const inside = this.at.row < 0 || (this.at.row >= first && this.at.row < last);
		const target =
			this.target(inside ? this.at.row : first, this.at.column) || this.target(-1, this.at.column);
		if (target) target.tabIndex = 0;
	}

	draw_count() {
		const texts = [
			this.source.failed ? __("The rows could not be read.") : __("{0} rows", [number(this.total)]),
			this.selected.length && __("{0} selected", [number(this.selected.length)]),
		];
		const text = texts.filter(Boolean).join(" · ");
		if (this.count.textContent !== text) this.count.textContent = text;
		this.show_notice();
	}

	show_notice() {
		this.notice?.remove();
		this.notice = null;
		if (this.total || this.grid.hasAttribute("aria-busy")) return;
		const again = el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text: __("Try Again"),
			on: { click: () => this.read() },
		});
		this.notice = el(
			"p",
			{ class: "oa-table-empty text-muted" },
			this.source.failed ? again : this.options.empty || __("Nothing to show.")
		);
		this.scroller.after(this.notice);
	}

	draw_totals() {
		if (!this.foot) return;
		this.foot.hidden = !this.totals;
		if (!this.totals) return this.foot.replaceChildren();
		const cells = this.cells.map((column, i) =>
			el(
				"td",
				{ role: "gridcell", class: cell_class(column, i, this.options.multi) },
				column.check ? "" : text_of(this.totals, { ...column, render: null })
			)
		);
		return this.foot.replaceChildren(el("tr", { role: "row" }, ...cells));
	}

	// Focus

	/** What takes the focus in a cell: the button in it, or the cell. */
	target(row, column) {
		const line = row < 0 ? this.head : this.drawn.get(row);
		const cell = line?.children[column];
		return cell?.querySelector(".oa-cell-action") || cell;
	}

	focus() {
		if (this.at.row >= 0) this.bring_into_view(this.at.row);
		const target = this.target(this.at.row, this.at.column);
		if (!target) return;
		this.grid.querySelectorAll('[tabindex="0"]').forEach((cell) => (cell.tabIndex = -1));
		target.tabIndex = 0;
		target.focus({ preventScroll: true });
		this.bring_column_into_view(target.closest("td, th"));
	}

	bring_into_view(row) {
		const { scroller, row_height } = this;
		const above = this.head.offsetHeight;
		const room = scroller.clientHeight - above - (this.foot.hidden ? 0 : this.foot.offsetHeight);
		const top = row * row_height;
		if (top < scroller.scrollTop) scroller.scrollTop = top;
		else if (top + row_height > scroller.scrollTop + room) scroller.scrollTop = top + row_height - room;
		this.draw();
	}

	// The first columns stay in sight and would cover a cell that is scrolled to the edge.
	bring_column_into_view(cell) {
		if (cell.classList.contains("oa-stays")) return;
		const { scroller } = this;
		const fixed = [...this.head.children].filter((other) => other.classList.contains("oa-stays"));
		const covered = fixed.reduce((sum, other) => sum + other.offsetWidth, 0);
		const left = cell.offsetLeft;
		if (left - covered < scroller.scrollLeft) scroller.scrollLeft = left - covered;
		const right = left + cell.offsetWidth;
		if (right > scroller.scrollLeft + scroller.clientWidth)
			scroller.scrollLeft = right - scroller.clientWidth;
	}

	/** Rows that fit: how far Page Up and Page Down go. */
	get page_size() {
		return Math.max(1, Math.floor(this.scroller.clientHeight / this.row_height) - 2);
	}

	// Events

	place_of(element) {
		const cell = element.closest?.("td[data-column], th[data-column]");
		if (!cell || !this.grid.contains(cell)) return null;
		const row = cell.closest("tr").dataset.row;
		return { row: row === undefined ? -1 : Number(row), column: Number(cell.dataset.column) };
	}

	on_focus(event) {
		const place = this.place_of(event.target);
		if (place) this.at = place;
	}

	on_key(event) {
		if (move(this, event)) return;
		const column = this.cells[this.at.column];
		if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			if (this.at.row < 0) this.press_head(column);
			else this.press(event, column);
		} else if (event.key === "a" && (event.ctrlKey || event.metaKey) && this.options.multi) {
			event.preventDefault();
			this.select_all();
		} else if (event.key === "Escape" && this.selected.length) {
			event.stopPropagation();
			this.clear_selection();
		}
	}

	press_head(column) {
		if (column.check) return this.selection.toggle_all();
		return column.sortable === false ? null : this.sort(column);
	}

	press(event, column) {
		const row = this.source.row(this.at.row);
		if (!row) return;
		if (event.key === " " && event.shiftKey) this.selection.extend_to(this.at.row);
		else if (column.action) column.action(row, column, this);
		else if (event.key === "Enter") this.activate(row, column);
		else if (this.options.on_space && !column.check) this.options.on_space(row, column, this);
		else this.selection.toggle(this.at.row);
	}

	activate(row, column) {
		if (column.check) this.selection.toggle(this.at.row);
		else this.options.on_activate?.(row, column, this);
	}

	on_click(event) {
		const place = this.place_of(event.target);
		if (!place || event.target.closest("a")) return;
		this.at = place;
		const column = this.cells[place.column];
		if (place.row < 0) return this.press_head(column);
		this.focus();
		return this.click_row(event, column);
	}

	click_row(event, column) {
		const row = this.source.row(this.at.row);
		if (!row) return;
		if (event.shiftKey && this.options.multi) this.selection.extend_to(this.at.row);
		else if (column.check || event.ctrlKey || event.metaKey) this.selection.toggle(this.at.row);
		else if (event.target.closest(".oa-cell-action")) column.action(row, column, this);
		else this.selection.clicked(this.at.row);
	}

	on_double_click(event) {
		const place = this.place_of(event.target);
		const column = place && this.cells[place.column];
		if (!place || place.row < 0 || column.check || column.action) return;
		const row = this.source.row(place.row);
		if (row) this.options.on_activate?.(row, column, this);
	}
}

// The box and the first column stay in sight when the table is scrolled sideways.
function cell_class(column, i, multi) {
	const numeric = column.numeric ?? column.format === "number";
	return [
		column.check ? "oa-check" : numeric ? "oa-number" : "",
		i <= Number(Boolean(multi)) ? "oa-stays" : "",
		i === 1 && multi ? "oa-after-check" : "",
	]
		.filter(Boolean)
		.join(" ");
}

// The space bar has been acted on when it went down; some browsers press a button when it comes up.
function hold_back(event) {
	if (event.key === " " && event.target.matches(".oa-cell-action")) event.preventDefault();
}

function tell_what_is_cut_off(target) {
	const cell = target.closest?.("td, th");
	if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent;
}
