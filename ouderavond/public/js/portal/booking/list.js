// The same as the table, as a list: per instructor the times that are free, as buttons.
//
// Buttons are made once and shown, hidden and changed in place. One that has the focus is never hidden.

import { say, texts } from "../texts";
import { cell } from "./cells";
import { button, el, put, write } from "./dom";
import { Head, room } from "./head";
import { show_joining } from "./joining";

// So many instructors are shown with their times at once; of more, each is opened by its reader.
const OPEN = 4;

export class ListView {
	constructor(panel, child) {
		this.panel = panel;
		this.child = child;
		this.rows = child.columns.map(({ offer }) => new Row(panel, panel.model.columns.get(offer)));
		this.element = el(
			"ul",
			{ class: "oa-booking-list" },
			this.rows.map((row) => row.element)
		);
		this.update();
	}

	update() {
		for (const row of this.rows) row.update();
	}

	/** Put the focus on a time. */
	focus(offer, start) {
		const row = this.rows.find((one) => one.offer === offer);
		return Boolean(row?.focus(start));
	}

	/** The offer and start of the time that has the focus. */
	get focused() {
		const { offer, start } = document.activeElement?.dataset || {};
		return offer && this.element.contains(document.activeElement) ? { offer, start } : null;
	}
}

class Row {
	constructor(panel, column) {
		this.panel = panel;
		this.offer = column.offer;
		this.head = new Head(column, `h${panel.level + 2}`);
		this.summary = el("summary", {}, this.head.title);
		this.actions = el("p", { class: "oa-booked-actions" });
		this.joining = el("span", { class: "oa-booked-join" });
		this.days = panel.model.dates.map((day) => new Day(panel, column, day));
		const open = column.child.columns.length <= OPEN || Boolean(column.booking);
		this.details = el(
			"details",
			{ open },
			this.summary,
			this.actions,
			this.days.map((day) => day.element)
		);
		this.element = el("li", { class: "oa-booking-row" }, this.details, this.head.waiting);
	}

	update() {
		const { model, moving } = this.panel;
		const column = model.columns.get(this.offer);
		if (moving.is(column)) this.details.open = true;
		const free = this.days.reduce((sum, day) => sum + day.update(), 0);
		this.head.update(model, this.notes(column, free));
		this.show_actions(column);
	}

	notes(column, free) {
		const { model, basket } = this.panel;
		const choice = basket.of(this.offer);
		if (choice) return [say("booking_chosen_at", model.time_label(choice.start))];
		if (column.full || column.booking || column.exists) return [];
		if (!free) return [texts.booking_no_free];
		return [free === 1 ? texts.booking_free_one : say("booking_free_count", free)];
	}

	show_actions(column) {
		const booked = column.booking && this.panel.model.mine(column.booking);
		put(this.actions, "hidden", !booked);
		show_joining(this.joining, booked);
		if (!booked || this.actions.firstChild) return;
		this.actions.append(
			this.joining,
			button(texts.booking_change, () => this.change())
		);
	}

	change() {
		this.panel.change(this.panel.model.columns.get(this.offer).booking);
	}

	focus(start) {
		this.details.open = true;
		const found = this.days.map((day) => day.focus(start)).some(Boolean);
		if (!found) this.summary.focus();
		return true;
	}
}

class Day {
	constructor(panel, column, day) {
		this.panel = panel;
		this.column = column;
		this.day = day;
		this.times = day.starts.map((start, index) => this.time(index));
		this.nothing = el("span", { class: "oa-sub" }, texts.booking_no_free);
		this.others = el("p", { class: "oa-other-times" });
		this.details = el("details", {}, el("summary", {}, texts.booking_other_times), this.others);
		const where = room(column, day.date);
		const name = this.title(where);
		this.element = el(
			"div",
			{
				class: "oa-booking-day",
				role: "group",
				"aria-label": say("booking_day", column.title, day.label),
			},
			name && el("p", { class: "oa-sub" }, name),
			el("div", { class: "oa-time-buttons" }, this.times, this.nothing),
			this.details
		);
	}

	title(where) {
		const label = this.panel.model.dates.length > 1 ? this.day.label : "";
		return [label, where].filter(Boolean).join(" · ");
	}

	time(index) {
		const start = this.panel.model.moment(this.day.date, index);
		const made = button("", () => this.panel.use(this.column.offer, start), "oa-time-button");
		made.dataset.offer = this.column.offer;
		made.dataset.start = start;
		made.addEventListener("blur", () => this.update_time(made, index));
		return made;
	}

	/** Answers how many times are free. */
	update() {
		const column = this.panel.model.columns.get(this.column.offer);
		const other = {};
		let free = 0;
		this.times.forEach((made, index) => {
			const found = this.update_time(made, index, made === document.activeElement);
			if (found.kind === "free") free++;
			if (!shown(found)) (other[found.word] ||= []).push(this.day.labels[index]);
		});
		put(
			this.nothing,
			"hidden",
			this.times.some((made) => !made.hidden)
		);
		const lines = Object.entries(other).map(([word, times]) => `${word}: ${times.join(", ")}`);
		write(this.others, lines.join("\n"));
		put(this.details, "hidden", !lines.length);
		const done = column.booking || column.exists;
		put(this.element, "hidden", Boolean(done) && !this.panel.moving.is(column));
		return free;
	}

	update_time(made, index, focused = false) {
		const { model, basket } = this.panel;
		const column = model.columns.get(this.column.offer);
		if (!column) return null;
		const found = cell(model, basket, column, { date: this.day.date, index });
		const time = this.day.labels[index];
		const free = found.kind === "free";
		put(made, "hidden", !shown(found) && !focused);
		put(made, "data-kind", found.kind);
		put(made, "data-continued", found.continued);
		put(made, "aria-label", found.name);
		put(made, "aria-pressed", free || found.selected ? String(Boolean(found.selected)) : null);
		put(made, "aria-disabled", free || found.selected ? null : "true");
		write(made, free ? time : `${time} ${found.word}`);
		return found;
	}

	focus(start) {
		const made = this.times.find((one) => one.dataset.start === start);
		if (!made || made.hidden) return false;
		made.focus();
		return true;
	}
}

function shown(found) {
	return found.kind === "free" || found.kind === "chosen";
}
