// The rows of a table: all at once, or pages from the server as they come into sight.

import { text_of } from "./table_cells.js";

const PAGE = 200;

export class Source {
	constructor(table) {
		this.table = table;
		this.total = 0;
		this.rows = [];
		this.asked = new Map();
		// Answers to questions from before the last reset are thrown away.
		this.turn = 0;
	}

	get complete() {
		return this.rows.filter(Boolean).length === this.total;
	}

	row(index) {
		return this.rows[index];
	}

	find(key) {
		return this.rows.find((row) => row && this.table.key_of(row) === key);
	}

	index_of(key) {
		return this.rows.findIndex((row) => row && this.table.key_of(row) === key);
	}

	keys() {
		return this.rows.filter(Boolean).map((row) => this.table.key_of(row));
	}

	/** Read from the start; false when another reading has begun meanwhile. */
	async reset() {
		const turn = ++this.turn;
		this.failed = false;
		this.asked.clear();
		const { rows } = this.table.options;
		if (rows) return this.take_all(this.searched(rows));
		// The rows in sight are read at once, so that reading again does not jump to the top.
		const first = this.page_in_sight();
		try {
			await this.ask(first, turn, true);
		} catch {
			if (turn === this.turn) [this.failed, this.total, this.rows] = [true, 0, []];
		}
		return turn === this.turn;
	}

	page_in_sight() {
		const { scroller, row_height } = this.table;
		return Math.floor(scroller.scrollTop / row_height / PAGE);
	}

	async ask(page, turn, anew = false) {
		const { fetch } = this.table.options;
		const { order_by, filters } = this.table;
		const answer = await fetch({ start: page * PAGE, length: PAGE, order_by, filters });
		if (turn !== this.turn) return;
		if (Array.isArray(answer)) {
			this.take_all(answer);
			return;
		}
		if (anew) this.rows = [];
		this.total = answer.total;
		this.rows.length = this.total;
		answer.rows.forEach((row, i) => (this.rows[page * PAGE + i] = row));
	}

	/** Ask for what is missing of these rows, and draw it when it is there. */
	need(first, last) {
		if (!this.complete) this.read_all(first, last).then((news) => news && this.table.draw_soon());
	}

	/** Read these rows; whether any came that was not there. */
	async read_all(first, last) {
		const pages = new Set();
		for (let i = first; i < Math.min(last, this.total); i++) {
			if (!this.rows[i]) pages.add(Math.floor(i / PAGE));
		}
		const came = await Promise.all([...pages].map((page) => this.read_page(page)));
		return came.some(Boolean);
	}

	read_page(page) {
		if (!this.asked.has(page)) {
			const asked = this.ask(page, this.turn).then(() => true);
			// One that failed is asked for again when it is needed again.
			this.asked.set(
				page,
				asked.catch(() => !this.asked.delete(page))
			);
		}
		return this.asked.get(page);
	}

	// All rows are here: order and search are done here too.

	take_all(rows) {
		const { order_by } = this.table;
		this.rows = order_by ? this.sorted(rows, ...order_by.split(" ")) : [...rows];
		this.total = this.rows.length;
		return true;
	}

	searched(rows) {
		const { search } = this.table.filters;
		return search ? rows.filter((row) => this.matches(row, search)) : rows;
	}

	matches(row, search) {
		const text = this.table.columns.map((column) => text_of(row, column)).join(" ");
		return search
			.toLowerCase()
			.split(/\s+/)
			.every((word) => text.toLowerCase().includes(word));
	}

	sorted(rows, key, direction) {
		const column = this.table.columns.find((other) => other.key === key);
		if (!column) return [...rows];
		const sign = direction === "desc" ? -1 : 1;
		const { compare } = new Intl.Collator(frappe.boot.lang || undefined, { numeric: true });
		const value = (row) => (typeof row[key] === "number" ? row[key] : text_of(row, column));
		return rows
			.map((row) => [value(row), row])
			.sort(([a], [b]) => {
				const numbers = typeof a === "number" && typeof b === "number";
				return sign * (numbers ? a - b : compare(String(a), String(b)));
			})
			.map(([, row]) => row);
	}
}
