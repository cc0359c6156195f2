// The board itself: instructors down, time across, one date. It shows and tells where the pointer and the focus are;
// what is to be done about it is decided in tabs/board.js.
//
// const grid = new Grid({on_focus(place), on_hover(place, event)}); a place is {instructor, date, index}
// grid.show(model, date)         everything anew; grid.update(model, instructors): only these rows
// grid.place_at(x, y)            the place at a point of the window, or null
// grid.go(place, {focus})        move the keyboard's place; grid.at is where it is
// grid.cell(place)               the element that covers a place; grid.booking_at(place)
// grid.paint(verdicts)           verdicts(instructor) -> [{index, verdict: "fits" | "warning", own}], or null
// grid.aim(place, slots, verdict)  where what is held would come, or null
// grid.light(household)          its conversations stand out, the others step back; null: none does
// grid.filter({block, row})      which conversations and which instructors are shown
// grid.mark_selected(names), grid.mark_held(name)

import { el } from "../../offers/dom.js";
import { fill_row, make_row } from "./row.js";
import { empty_said } from "./sayings.js";

// Two neighbours in number are far apart in colour.
const GOLDEN_ANGLE = 137.5;
// Rows beside those in sight that are filled at once, and how many at a time the rest is.
const [AROUND, CHUNK] = [4, 8];

export class Grid {
	constructor(options) {
		this.options = options;
		this.rows = new Map();
		this.at = null;
		this.lit = null;
		this.head = el("div", { role: "row", class: "oa-board-row oa-board-times", "aria-rowindex": 1 });
		this.target = el("div", { class: "oa-board-target", hidden: true, "aria-hidden": "true" });
		this.element = el(
			"div",
			{
				role: "grid",
				class: "oa-board-grid",
				"aria-multiselectable": "true",
				on: {
					focusin: (event) => this.on_focus(event),
					mouseover: (event) => this.on_over(event),
					mouseleave: () => options.on_hover(null),
				},
			},
			this.head
		);
		this.root = el(
			"div",
			{ class: "oa-board-scroll", on: { scroll: () => this.on_scroll() } },
			this.element
		);
		this.pending = new Set();
	}

	// Showing

	show(model, date) {
		const focused = this.element.contains(document.activeElement);
		Object.assign(this, { model, date });
		this.rows.clear();
		const { starts, label } = model.times.of(date);
		this.element.setAttribute("aria-label", __("Conversations on {0}", [label]));
		this.element.setAttribute("aria-rowcount", model.instructors.length + 1);
		this.element.setAttribute("aria-colcount", starts.length + 1);
		this.element.style.setProperty("--oa-slots", starts.length);
		this.show_times(starts);
		model.instructors.forEach((instructor, i) =>
			this.rows.set(instructor.name, make_row(instructor, i + 2))
		);
		this.pending = new Set(this.rows.keys());
		this.element.replaceChildren(this.head, ...this.rows.values());
		this.hide_rows();
		this.fill_seen();
		this.fill_rest();
		this.restore(focused);
	}

	// Rows are filled when they are seen or needed, and the others when there is nothing else to do.

	fill_seen() {
		for (const name of this.seen()) this.need(name);
	}

	/** The instructors whose rows are in sight, or nearly so. */
	seen() {
		const height = this.head.nextElementSibling?.offsetHeight || 1;
		const shown = [...this.rows.keys()].filter((name) => !this.rows.get(name).hidden);
		const first = Math.max(0, Math.floor(this.root.scrollTop / height) - AROUND);
		const count = Math.ceil((this.root.clientHeight || innerHeight) / height) + 2 * AROUND;
		return shown.slice(first, first + count);
	}

	on_scroll() {
		if (this.pending.size) this.fill_seen();
		if (this.lit != null) this.dim_seen();
	}

	fill_rest() {
		const later = window.requestIdleCallback || ((work) => setTimeout(work, 50));
		window.cancelIdleCallback?.(this.idle);
		this.idle = later(() => {
			for (const name of [...this.pending].slice(0, CHUNK)) this.need(name);
			if (this.pending.size) this.fill_rest();
		});
	}

	/** A row, with what is in it. */
	need(name) {
		const row = this.rows.get(name);
		if (!row || !this.pending.delete(name)) return row;
		fill_row(row, this.model, this.model.instructor(name), this.date);
		this.dress(row, name);
		return row;
	}

	/** What lies over all rows lies over this one too. */
	dress(row, name) {
		const { filters, verdicts, held, lit } = this;
		const selected = this.selected || new Set();
		for (const block of row.querySelectorAll(".oa-block")) {
			if (filters)
				block.classList.toggle("is-out", !filters.block(this.model.booking(block.dataset.booking)));
			if (lit != null && block.dataset.household === String(lit)) light_up(block, lit);
		}
		for (const cell of row.querySelectorAll("[data-booking].oa-slot")) {
			if (selected.has(cell.dataset.booking)) cell.setAttribute("aria-selected", "true");
			if (held === cell.dataset.booking) cell.classList.add("is-held");
		}
		if (verdicts) this.paint_row(row, verdicts(name));
	}

	show_times(starts) {
		this.head.replaceChildren(
			el("div", {
				role: "columnheader",
				class: "oa-board-corner",
				"aria-colindex": 1,
				text: __("Instructor", null, "Planning"),
			}),
			...starts.map((start, i) =>
				el("div", {
					role: "columnheader",
					class: "oa-board-time",
					"aria-colindex": i + 2,
					text: start,
				})
			)
		);
	}

	/** Other contents in some rows; scroll, focus, paint and everything else stays. */
	update(model, instructors) {
		const { activeElement } = document;
		const focused = this.element.contains(activeElement);
		this.model = model;
		for (const name of instructors) {
			const row = this.rows.get(name);
			if (!row || this.pending.has(name)) continue;
			fill_row(row, model, model.instructor(name), this.date);
			this.dress(row, name);
		}
		this.hide_rows();
		this.restore(focused && !activeElement.isConnected);
	}

	/** The keyboard's place stays where it was. */
	restore(focused) {
		if (this.at && this.rows.has(this.at.instructor)) {
			const { starts } = this.model.times.of(this.date);
			const index = Math.min(this.at.index, starts.length - 1);
			this.go({ ...this.at, date: this.date, index }, { focus: focused, scroll: false });
		} else {
			this.at = null;
			this.first_stop();
		}
	}

	/** The place that Tab reaches when nobody has been on the board. */
	first_stop() {
		const [name] = [...this.rows].find(([, { hidden }]) => !hidden) || [];
		const cell = name && this.need(name).querySelector(".oa-slot");
		if (cell) this.make_stop(cell);
	}

	make_stop(cell) {
		if (this.stop && this.stop !== cell) this.stop.removeAttribute("tabindex");
		this.stop = cell;
		cell.tabIndex = 0;
	}

	// Places

	place_at(x, y) {
		const found = document.elementFromPoint(x, y)?.closest?.(".oa-board-row");
		return found && this.element.contains(found) ? this.place_in(found, x) : null;
	}

	/** Cells of several slots are one element, so the slot follows from where the pointer is. */
	place_in(row, x) {
		const { instructor } = row.dataset;
		if (!instructor) return null;
		const first = this.head.children[1].getBoundingClientRect();
		const corner = this.head.children[0].getBoundingClientRect();
		if (x < corner.right) return null;
		const index = Math.floor((x - first.left) / first.width);
		const { starts } = this.model.times.of(this.date);
		return index < 0 || index >= starts.length ? null : { instructor, date: this.date, index };
	}

	cell({ instructor, index }) {
		const cells = this.need(instructor)?.querySelectorAll(":scope > .oa-slot") || [];
		return [...cells].findLast((cell) => Number(cell.dataset.at) <= index) || null;
	}

	/** The conversation at a place of the date that is shown. */
	booking_at(place) {
		const name = place && this.cell(place)?.dataset.booking;
		return name ? this.model.booking(name) : null;
	}

	/** The places from one to another, with everything between. */
	bookings_between(a, b) {
		const names = [...this.rows.keys()].filter((name) => !this.rows.get(name).hidden);
		const [top, bottom] = ordered(names.indexOf(a.instructor), names.indexOf(b.instructor));
		const [left, right] = ordered(a.index, b.index);
		return names
			.slice(top, bottom + 1)
			.flatMap((name) => this.model.held(name, this.date))
			.filter((row) => {
				const index = this.model.times.index(this.date, row.start);
				return index <= right && index + row.slots > left;
			})
			.map((row) => row.booking);
	}

	/** The place so many rows and slots further; rows that are not shown are passed over. */
	step({ instructor, date, index }, down, across) {
		const shown = [...this.rows.keys()].filter((name) => !this.rows.get(name).hidden);
		const { starts } = this.model.times.of(this.date);
		const row = Math.max(0, Math.min(shown.length - 1, shown.indexOf(instructor) + down));
		return {
			instructor: shown[row],
			date,
			index: Math.max(0, Math.min(starts.length - 1, index + across)),
		};
	}

	go(place, { focus = true, scroll = true } = {}) {
		this.at = place;
		const cell = this.cell(place);
		if (!cell) return;
		this.make_stop(cell);
		if (!cell.dataset.booking) cell.setAttribute("aria-label", this.said(place, cell));
		if (focus) cell.focus({ preventScroll: true });
		if (scroll) this.reveal(cell);
	}

	said(place, cell) {
		const at = Number(cell.dataset.at);
		const cells = this.model.cells(place.instructor, this.date);
		return empty_said(
			this.model,
			{ ...place, date: this.date },
			cells.find(({ index }) => index === at)
		);
	}

	/** Scroll the board, and only the board, until a cell is seen beside the heads. */
	reveal(cell) {
		const [box, view] = [cell.getBoundingClientRect(), this.root.getBoundingClientRect()];
		const corner = this.head.children[0].getBoundingClientRect();
		const [left, top] = [view.left + corner.width, view.top + corner.height];
		if (box.left < left) this.root.scrollLeft -= left - box.left + 8;
		else if (box.right > view.right - 16) this.root.scrollLeft += box.right - view.right + 24;
		if (box.top < top) this.root.scrollTop -= top - box.top + 4;
		else if (box.bottom > view.bottom - 16) this.root.scrollTop += box.bottom - view.bottom + 24;
	}

	on_focus({ target }) {
		const cell = target.closest(".oa-slot");
		if (!cell) return;
		const { instructor } = cell.parentElement.dataset;
		const index = Number(cell.dataset.at);
		// In a long cell the keyboard's place may lie further on than where the cell begins.
		const inside = this.at?.instructor === instructor && this.cell(this.at) === cell;
		if (!inside) this.go({ instructor, date: this.date, index }, { focus: false, scroll: false });
		this.options.on_focus(this.at);
	}

	on_over(event) {
		const row = event.target.closest(".oa-board-row");
		this.options.on_hover(row && this.place_in(row, event.clientX), event);
	}

	// What lies over the rows

	paint(verdicts) {
		for (const mark of this.element.querySelectorAll(".oa-verdict")) mark.remove();
		this.verdicts = verdicts;
		this.element.classList.toggle("is-picking", Boolean(verdicts));
		if (!verdicts) return;
		for (const [instructor, row] of this.rows)
			if (!this.pending.has(instructor)) this.paint_row(row, verdicts(instructor));
	}

	paint_row(row, found) {
		row.classList.toggle(
			"is-own",
			found.some(({ own }) => own)
		);
		row.append(...found.map(verdict_mark));
	}

	aim(place, slots, verdict) {
		const row = place && this.need(place.instructor);
		this.target.hidden = !row;
		if (!row) return this.target.remove();
		const { starts } = this.model.times.of(this.date);
		const span = Math.min(slots, starts.length - place.index);
		this.target.style.gridColumn = `${place.index + 2} / span ${span}`;
		this.target.dataset.verdict = verdict;
		if (this.target.parentElement !== row) row.append(this.target);
	}

	light(household) {
		if (household === this.lit) return;
		for (const block of this.element.querySelectorAll(".oa-block.is-lit"))
			block.classList.remove("is-lit");
		if (household == null) {
			for (const row of this.element.querySelectorAll(".has-lit")) row.classList.remove("has-lit");
		} else {
			for (const block of this.element.querySelectorAll(`[data-household="${household}"]`))
				light_up(block, household);
		}
		this.lit = household;
		if (household != null) this.dim_seen();
	}

	/** The others step back: only in the rows in sight, since all of them would take longer than a glance. */
	dim_seen() {
		for (const name of this.seen()) this.rows.get(name).classList.add("has-lit");
	}

	filter(filters) {
		this.filters = filters;
		for (const block of this.element.querySelectorAll(".oa-block"))
			block.classList.toggle("is-out", !filters.block(this.model.booking(block.dataset.booking)));
		this.hide_rows();
		this.fill_seen();
	}

	hide_rows() {
		if (!this.filters) return;
		for (const [name, row] of this.rows) row.hidden = !this.filters.row(name, this.date);
	}

	mark_selected(names) {
		this.selected = names;
		for (const cell of this.element.querySelectorAll('[aria-selected="true"]'))
			cell.removeAttribute("aria-selected");
		for (const name of names) {
			for (const cell of this.cells_of(name)) cell.setAttribute("aria-selected", "true");
		}
	}

	mark_held(name) {
		this.held = name;
		for (const cell of this.element.querySelectorAll(".is-held")) cell.classList.remove("is-held");
		for (const cell of name ? this.cells_of(name) : []) cell.classList.add("is-held");
	}

	cells_of(name) {
		return this.element.querySelectorAll(`.oa-slot[data-booking="${CSS.escape(name)}"]`);
	}
}

function light_up(block, household) {
	block.style.setProperty("--oa-hue", Math.round(household * GOLDEN_ANGLE) % 360);
	block.classList.add("is-lit");
}

function verdict_mark({ index, verdict, own }) {
	const whose = own ? "" : " is-other";
	const mark = el("div", { class: `oa-verdict oa-verdict-${verdict}${whose}`, "aria-hidden": "true" });
	mark.style.gridColumn = `${index + 2}`;
	return mark;
}

const ordered = (a, b) => (a < b ? [a, b] : [b, a]);
