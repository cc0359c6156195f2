// A grid of which a rectangle of cells is selected: what the sheet of places and the grid of blocks have in common.
//
// A grid that extends it has root (what scrolls), grid, body and, while a cell is typed in, input. It says: size ->
// [rows, columns], element([row, column]), place_of(target), heads(cell) -> [height, width] of what stays in sight,
// acted(event) -> whether a key did something there, and marked(), called when something else is selected.

const PAGE = 10;
const STEPS = {
	ArrowDown: [1, 0],
	ArrowUp: [-1, 0],
	ArrowRight: [0, 1],
	ArrowLeft: [0, -1],
	PageDown: [PAGE, 0],
	PageUp: [-PAGE, 0],
};
// How much of what comes next is shown too.
const MARGIN = 18;

export class CellArea {
	constructor() {
		this.at = this.anchor = [0, 0];
	}

	get area() {
		const [[r1, c1], [r2, c2]] = [this.anchor, this.at];
		return {
			rows: [Math.min(r1, r2), Math.max(r1, r2)],
			columns: [Math.min(c1, c2), Math.max(c1, c2)],
		};
	}

	get last() {
		return this.size.map((size) => Math.max(0, size - 1));
	}

	/** After other rows are there: the selection stays as far as it can. */
	keep_within() {
		const within = (place) => place.map((value, i) => Math.min(value, this.last[i]));
		[this.at, this.anchor] = [within(this.at), within(this.anchor)];
	}

	mark() {
		const { rows, columns } = this.area;
		for (const cell of this.body.querySelectorAll("[aria-selected]"))
			cell.removeAttribute("aria-selected");
		for (const cell of this.body.querySelectorAll('[tabindex="0"]')) cell.tabIndex = -1;
		for (let row = rows[0]; row <= rows[1]; row++) {
			for (let column = columns[0]; column <= columns[1]; column++)
				this.element([row, column])?.setAttribute("aria-selected", "true");
		}
		const current = this.element(this.at);
		if (current) current.tabIndex = 0;
		this.marked();
	}

	go(to, extend = false) {
		this.at = to.map((value, i) => Math.max(0, Math.min(this.last[i], value)));
		if (!extend) this.anchor = this.at;
		this.mark();
		this.focus();
	}

	select(anchor, at) {
		[this.anchor, this.at] = [anchor, at];
		this.mark();
	}

	select_all() {
		this.select([0, 0], this.last);
	}

	focus() {
		const cell = this.element(this.at);
		if (!cell) return;
		cell.focus({ preventScroll: true });
		this.reveal(cell);
	}

	reveal(cell) {
		const [box, one] = [this.root.getBoundingClientRect(), cell.getBoundingClientRect()];
		const [height, width] = this.heads(cell);
		const [top, left] = [box.top + height, box.left + width];
		if (one.top < top) this.root.scrollTop -= top - one.top;
		else if (one.bottom > box.bottom) this.root.scrollTop += one.bottom - box.bottom + MARGIN;
		if (one.left < left) this.root.scrollLeft -= left - one.left;
		else if (one.right > box.right) this.root.scrollLeft += one.right - box.right + MARGIN;
	}

	// By other ways than ours, such as a screen reader's: from there it goes on.
	on_focus(event) {
		const place = this.place_of(event.target);
		if (!place || this.input || place.join() === this.at.join()) return;
		this.at = this.anchor = place;
		this.mark();
	}

	on_key(event) {
		if (this.input) return;
		if (this.moved(event) || this.acted(event)) {
			event.preventDefault();
			event.stopPropagation();
		}
	}

	moved(event) {
		const to = event.altKey ? null : this.destination(event);
		if (to) this.go(to, event.shiftKey);
		return Boolean(to);
	}

	destination({ key, ctrlKey, metaKey }) {
		const [[row, column], last] = [this.at, this.last];
		const whole = ctrlKey || metaKey;
		if (key === "Home") return [whole ? 0 : row, 0];
		if (key === "End") return [whole ? last[0] : row, last[1]];
		if (whole && key === "ArrowDown") return [last[0], column];
		if (whole && key === "ArrowUp") return [0, column];
		const step = STEPS[key];
		return step ? [row + step[0], column + step[1]] : null;
	}
}
