// The grid of a date: rows are who can be blocked, columns the slots. What is dragged over is selected.
//
// const grid = new BlocksGrid({label, on_select(selection), on_block(block), on_choose(selection), on_remove(blocks)});
// grid.root, grid.show({rows, starts, ends, blocks, everyone, booked}), grid.selection -> {rows, from, to, blocks}
//
// Mouse: drag over free cells selects them and asks; a press on a block opens it, dragging it moves it. Finger: one tap
// selects a cell, the next one what lies between. Keys: arrows, Home, End move, with Shift they select; Ctrl+A selects
// all; Enter or space blocks what is selected, or opens the block; Delete removes the blocks that are selected.

import { el } from "../../offers/dom.js";
import { CellArea } from "./cell_area.js";

export class BlocksGrid extends CellArea {
	constructor(options) {
		super();
		this.options = options;
		this.head = el("thead", { role: "rowgroup" });
		this.body = el("tbody", { role: "rowgroup" });
		this.grid = el(
			"table",
			{
				role: "grid",
				class: "oa-blocks-grid",
				"aria-label": options.label,
				"aria-multiselectable": "true",
				on: {
					keydown: (event) => this.on_key(event),
					focusin: (event) => this.on_focus(event),
					pointerdown: (event) => this.on_press(event),
					pointerover: (event) => this.on_over(event),
					click: (event) => this.on_click(event),
				},
			},
			this.head,
			this.body
		);
		this.root = el("div", { class: "oa-blocks-scroll" }, this.grid);
		window.addEventListener("pointerup", (event) => this.on_release(event));
		window.addEventListener("pointercancel", () => (this.drag = null));
	}

	// Showing

	show(data) {
		const focused = this.grid.contains(document.activeElement);
		this.data = data;
		this.keep_within();
		this.blocks_of = grouped(data.blocks, (block) => block.who ?? "");
		this.head.replaceChildren(
			el(
				"tr",
				{ role: "row" },
				el("th", { role: "columnheader", class: "oa-blocks-corner", text: this.options.head() }),
				data.starts.map((start, i) =>
					el("th", {
						role: "columnheader",
						scope: "col",
						data: { head: i },
						title: __("Select everybody who is shown at {0}", [start]),
						text: start,
					})
				)
			)
		);
		this.body.replaceChildren(...data.rows.map((row, i) => this.row_element(row, i)));
		this.mark();
		if (focused) this.focus();
	}

	row_element(row, at) {
		return el(
			"tr",
			{ role: "row", data: { row: at } },
			el(
				"th",
				{
					role: "rowheader",
					scope: "row",
					class: "oa-blocks-who",
					data: { row_head: at },
					title: row.title,
				},
				el("span", { text: row.title }),
				row.code ? el("small", { class: "text-muted", text: row.code }) : ""
			),
			this.data.starts.map((start, i) => this.cell(row, start, this.data.ends[i], i))
		);
	}

	cell(row, start, end, i) {
		const there = (block) => block.from < end && start < block.to;
		const block = (this.blocks_of.get(row.name) || []).find(there);
		const everyone = this.data.everyone.find(there);
		const booked = (this.data.booked[row.name] || []).filter(there);
		const away = row.from && (start < row.from || end > row.until);
		const classes = ["oa-blocks-cell"];
		if (block)
			classes.push(
				block.is_break ? "oa-blocks-break" : "oa-blocks-on",
				`oa-blocks-by-${block.source.toLowerCase()}`
			);
		else if (everyone) classes.push("oa-blocks-everyone");
		if (away) classes.push("oa-blocks-away");
		if (booked.length) classes.push("oa-blocks-booked");
		const first = block && (i === 0 || !(block.from < this.data.ends[i - 1]));
		const count = booked.reduce((sum, one) => sum + (one.number || 1), 0);
		const names = booked.map((one) => one.title).filter(Boolean);
		const said = [
			`${row.title}, ${start}`,
			block && block_words(block),
			!block && everyone && __("Everyone: {0}", [everyone.reason || __("blocked")]),
			away && __("not there"),
			count &&
				(names.length
					? __("conversation about {0}", [names.join(", ")])
					: __("{0} conversations", [count])),
		].filter(Boolean);
		return el(
			"td",
			{
				role: "gridcell",
				tabindex: "-1",
				class: classes.join(" "),
				"aria-label": said.join("; "),
				title: said.slice(1).join("\n") || null,
				data: { column: i, ...(block ? { block: block.block } : {}) },
			},
			first ? el("span", { class: "oa-blocks-reason", text: block.reason || sign(block) }) : "",
			!block && count
				? el("span", { class: "oa-blocks-busy", text: names.length ? "●" : String(count) })
				: ""
		);
	}

	element([row, column]) {
		return this.body.children[row]?.children[column + 1];
	}

	get size() {
		return [this.data.rows.length, this.data.starts.length];
	}

	heads(cell) {
		return [this.head.offsetHeight, cell.parentElement.firstChild.offsetWidth];
	}

	get selection() {
		const { rows, columns } = this.area;
		const { starts, ends } = this.data;
		const chosen = this.data.rows.slice(rows[0], rows[1] + 1);
		const [from, to] = [starts[columns[0]], ends[columns[1]]];
		const names = new Set(chosen.map((row) => row.name));
		const blocks = this.data.blocks.filter(
			(block) => names.has(block.who ?? "") && block.from < to && from < block.to
		);
		return { rows: chosen, from, to, blocks };
	}

	marked() {
		if (this.data.rows.length) this.options.on_select(this.selection);
	}

	block_at(place) {
		const name = this.element(place)?.dataset.block;
		return name && this.data.blocks.find((block) => block.block === name);
	}

	acted({ key, ctrlKey, metaKey }) {
		if (key.toLowerCase() === "a" && (ctrlKey || metaKey)) this.select_all();
		else if (key === "Enter" || key === " ") this.choose();
		else if (key === "Delete" || key === "Backspace") this.options.on_remove(this.selection.blocks);
		else return false;
		return true;
	}

	/** Block what is selected, or open the block on which the focus is. */
	choose() {
		const alone = this.anchor.join() === this.at.join();
		const block = alone && this.block_at(this.at);
		if (block) this.options.on_block(block);
		else this.options.on_choose(this.selection);
	}

	// Mouse and finger

	place_of(target) {
		const cell = target.closest?.("[data-column]");
		if (!cell || !this.grid.contains(cell)) return null;
		return [Number(cell.parentElement.dataset.row), Number(cell.dataset.column)];
	}

	on_press(event) {
		const place = this.place_of(event.target);
		if (!place || event.button || event.pointerType === "touch") return;
		event.preventDefault();
		this.drag = { from: place, block: this.block_at(place), moved: false };
		this.go(place, event.shiftKey && !this.drag.block);
	}

	on_over(event) {
		const place = this.place_of(event.target);
		if (!this.drag || !place || place.join() === this.at.join()) return;
		this.drag.moved = true;
		if (this.drag.block) this.show_moving(place);
		else this.go(place, true);
	}

	/** A block goes along its own row, by whole slots. */
	show_moving(place) {
		this.drag.to = place[1];
		this.select([this.drag.from[0], place[1]], [this.drag.from[0], place[1]]);
	}

	on_release() {
		const { drag } = this;
		this.drag = null;
		if (!drag) return;
		const steps = (drag.to ?? drag.from[1]) - drag.from[1];
		if (drag.block) this.options.on_block(drag.block, steps);
		else if (drag.moved) this.options.on_choose(this.selection);
	}

	on_click(event) {
		const head = event.target.closest("[data-head]");
		const who = event.target.closest("[data-row_head]");
		const { last } = this;
		if (head) this.select([last[0], Number(head.dataset.head)], [0, Number(head.dataset.head)]);
		else if (who) this.select([Number(who.dataset.row_head), last[1]], [Number(who.dataset.row_head), 0]);
		else if (event.pointerType === "touch") this.tap(this.place_of(event.target));
	}

	// The first tap begins, the second one ends; one on a block opens it.
	tap(place) {
		if (!place) return;
		const block = this.block_at(place);
		const begun = block ? null : this.tapped;
		this.tapped = block || begun ? null : place;
		// The tap itself has moved the focus already.
		if (begun) this.anchor = begun;
		this.go(place, Boolean(begun));
		if (block) this.options.on_block(block);
	}
}

function grouped(items, key) {
	const found = new Map();
	for (const item of items) found.set(key(item), [...(found.get(key(item)) || []), item]);
	return found;
}

function sign(block) {
	return { Instructor: "✎", Staff: "✕" }[block.source] || "✕";
}

/** What a block is, in words. */
export function block_words(block) {
	const times = `${block.from}–${block.to}`;
	const what = block.reason || (block.source === "Instructor" ? __("said so themselves") : __("blocked"));
	return `${times}: ${what}`;
}
