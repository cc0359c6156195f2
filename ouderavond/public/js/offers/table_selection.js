// Which rows of a table are selected, by key: also of rows that were not read yet.

export class Selection {
	constructor(table) {
		this.table = table;
		this.chosen = new Set();
		// Where a range begins.
		this.anchor = null;
	}

	get keys() {
		return [...this.chosen];
	}

	has(key) {
		return this.chosen.has(key);
	}

	set(keys) {
		this.chosen = new Set(keys);
		this.table.selection_changed();
	}

	clear() {
		if (!this.chosen.size) return;
		this.anchor = null;
		this.set([]);
	}

	toggle(index) {
		const { options } = this.table;
		const row = this.table.source.row(index);
		if (!row || !(options.multi || options.on_select)) return;
		const key = this.table.key_of(row);
		this.anchor = index;
		if (!options.multi) return this.set(this.chosen.has(key) ? [] : [key]);
		if (!this.chosen.delete(key)) this.chosen.add(key);
		this.table.selection_changed();
	}

	/** A plain click: chooses the row where there can be one only, else only remembers where a range begins. */
	clicked(index) {
		this.anchor = index;
		const { options, source } = this.table;
		if (!options.multi && options.on_select) this.set([this.table.key_of(source.row(index))]);
	}

	/** Everything between where the range began and here. */
	async extend_to(index, from = index) {
		const { table } = this;
		if (!table.options.multi) return;
		this.anchor ??= from;
		const [first, last] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
		await table.source.read_all(first, last + 1);
		for (let i = first; i <= last; i++) {
			const row = table.source.row(i);
			if (row) this.chosen.add(table.key_of(row));
		}
		table.selection_changed();
	}

	async all() {
		this.set(await this.every_key());
	}

	toggle_all() {
		return this.chosen.size && this.chosen.size >= this.table.total ? this.clear() : this.all();
	}

	async every_key() {
		const { table } = this;
		const { fetch_keys } = table.options;
		if (fetch_keys && !table.source.complete) {
			return fetch_keys({ order_by: table.order_by, filters: table.filters });
		}
		await table.source.read_all(0, table.total);
		return table.source.keys();
	}

	/** After reading again: rows that have gone are not selected any more. */
	async keep_what_is_there() {
		const { source, options } = this.table;
		if (!this.chosen.size || !(source.complete || options.fetch_keys)) return;
		const there = new Set(await this.every_key());
		const left = this.keys.filter((key) => there.has(key));
		if (left.length < this.chosen.size) this.set(left);
	}
}
