// What staff do on the board: each act is one call to the server, with a question first where one is due.
// Every act is a Promise of the report, or null when it was refused or not done after all.

import { ask } from "../../offers/dialogs.js";
import { el } from "../../offers/dom.js";
import { slot_said, when, who } from "./sayings.js";

/** Give what is held a place. */
export async function drop(page, hand, place, judged) {
	const { verdict, sentence } = judged;
	if (verdict === "swap") return swap(page, hand.model, hand.subject.booking, judged.other);
	if (verdict === "fits") return put(page, hand, place);
	const reason = await ask_reason({
		title: __("Place It Here All the Same?"),
		facts: [__("{0}: {1}", [hand.subject.name, slot_said(hand.model, place)]), sentence],
		needed: verdict === "rule",
	});
	return reason && put(page, hand, place, reason.reason);
}

function put(page, hand, place, reason) {
	const { subject, own, model } = hand;
	const other = !own.includes(place.instructor);
	const args = {
		[subject.kind]: subject.key,
		start: model.times.start(place.date, place.index),
		instructor: other ? place.instructor : undefined,
		instead_of: other && own.length > 1 ? hand.from || own[0] : undefined,
		slots: subject.kind === "booking" ? undefined : subject.slots,
		guardian: subject.guardian,
		reason: reason || undefined,
	};
	return page.change(subject.kind === "booking" ? "board.move" : "board.book", args);
}

/** Two conversations take each other's time. */
export async function swap(page, model, booking, other) {
	const answer = await ask_reason({
		title: __("Swap Two Conversations"),
		facts: [said(model, booking), said(model, other)],
		primary: __("Swap"),
		needed: false,
	});
	if (!answer) return null;
	const args = { booking: booking.booking, other: other.booking, reason: answer.reason || undefined };
	return page.change("board.swap", args);
}

const said = (model, booking) =>
	__("{0}: {1}, {2}", [who(booking), when(model, booking), model.titles(booking.instructors)]);

export async function cancel(page, model, bookings) {
	const told = bookings.filter(({ state }) => state === "Published");
	const shown = bookings.slice(0, 8).map((booking) => said(model, booking));
	if (bookings.length > shown.length) shown.push(__("… and {0} more", [bookings.length - shown.length]));
	const answer = await ask_reason({
		title:
			bookings.length > 1
				? __("Cancel {0} Conversations", [bookings.length])
				: __("Cancel This Conversation"),
		facts: shown,
		note: told.length
			? __("Guardians and instructors read of it when the change is published.")
			: __("Nobody was told a time yet."),
		primary: __("Cancel Conversation"),
		needed: false,
	});
	if (!answer) return null;
	const names = bookings.map(({ booking }) => booking);
	const args = names.length > 1 ? { bookings: names } : { booking: names[0] };
	return page.change("board.cancel", { ...args, reason: answer.reason || undefined });
}

export function pin(page, bookings, pinned) {
	return page.change("board.pin", {
		bookings: bookings.map(({ booking }) => booking),
		pinned: pinned ? 1 : 0,
	});
}

export function lengthen(page, booking, slots) {
	return page.change("board.lengthen", { booking: booking.booking, slots });
}

export function place(page, request, { kind, start, instructor }) {
	return page.change("board.place", { request, kind, start, instructor: instructor || undefined });
}

/** Facts to read, and a reason to give; null when it is not to be done. */
function ask_reason({ title, facts, note, needed, primary }) {
	const body = el(
		"div",
		{ class: "oa-board-facts" },
		el(
			"ul",
			{},
			facts.map((text) => el("li", { text }))
		),
		note ? el("p", { class: "text-muted", text: note }) : ""
	);
	const label = needed ? __("Why all the same? The reason is kept.") : __("Reason");
	return ask({
		title,
		body,
		fields: [{ fieldname: "reason", fieldtype: "Data", label, reqd: needed ? 1 : 0 }],
		primary_label: primary || __("Place It Here"),
	});
}
