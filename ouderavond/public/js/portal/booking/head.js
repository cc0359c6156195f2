// What is said about a column: its subject and instructors, what is booked in it, and a place for the waiting list.

import { say, texts } from "../texts";
import { el, put, write } from "./dom";

export class Head {
	/** @param {string} tag the element: a heading of a column, or of an entry of the list */
	constructor(column, tag, attributes = {}) {
		this.offer = column.offer;
		this.notes = el("span", { class: "oa-column-notes" });
		// Filled by the waiting list, where the instructor is full.
		this.waiting = el("div", {
			class: "oa-waiting-slot",
			"data-waiting-offer": column.offer,
			hidden: true,
		});
		this.title = el(
			tag,
			{ class: "oa-column-head", ...attributes },
			el("strong", {}, column.subject),
			el("span", { class: "oa-sub" }, column.people),
			this.notes
		);
	}

	/** @param {string[]} more what else is said of the column */
	update(model, more = []) {
		const column = model.columns.get(this.offer);
		write(this.notes, [...notes(model, column), ...more].join(" · "));
		put(this.title, "data-full", column.full);
		put(this.waiting, "hidden", !column.full || Boolean(column.booking));
	}
}

function notes(model, column) {
	const found = [];
	const booked = model.mine(column.booking);
	if (booked) found.push(say("booking_booked_at", model.time_label(booked.start)));
	else if (column.exists) found.push(column.exists);
	else if (column.invitation) found.push(texts.booking_invitation);
	if (column.full && !column.booking) found.push(texts.booking_full);
	if (column.slots > 1) found.push(say("booking_slots", column.slots));
	return found;
}

/** Where a column is on a date; empty where that is not known. */
export function room(column, date) {
	return column.room?.[date] || "";
}
