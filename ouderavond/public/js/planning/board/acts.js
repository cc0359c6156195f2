// What staff do on the board: each act is one call to the server, with a question first where one is due.
// Every act is a Promise of the report, or null when it was refused or not done after all.

import { ask } from "../../offers/dialogs.js";
import { el } from "../../offers/dom.js";
import { Hand, of_booking } from "./hand.js";
import { slot_said, when, who } from "./sayings.js";

/**
 * Change the schedule. The board shows at once what is known of it: expected(model) -> {bookings: {name: conversation,
 * or null when it goes}, placed: a request that gets its time}.
 */
async function change(board, method, args, expected = null) {
	if (expected) board.foresee(expected(board.model));
	const report = await board.page.change(method, args);
	if (!report) board.take_back();
	return report;
}

/** Give what is held a place. */
export async function drop(board, hand, place, judged) {
	const { verdict, sentence } = judged;
	if (verdict === "swap") return swap(board, hand.subject.booking, judged.other);
	if (verdict === "fits") return put(board, hand, place);
	const answer = await ask_reason({
		title: __("Place It Here All the Same?"),
		facts: [__("{0}: {1}", [hand.subject.name, slot_said(hand.model, place)]), sentence],
		needed: verdict === "rule",
	});
	return answer && put(board, hand, place, answer.reason);
}

function put(board, hand, place, reason) {
	const { subject, own } = hand;
	const taker = own.includes(place.instructor) ? undefined : place.instructor;
	const args = {
		[subject.kind]: subject.key,
		start: hand.model.times.start(place.date, place.index),
		instructor: taker,
		instead_of: taker && own.length > 1 ? hand.from || own[0] : undefined,
		guardian: subject.guardian,
		reason: reason || undefined,
	};
	const method = subject.kind === "booking" ? "board.move" : "board.book";
	return change(board, method, args, (model) => after(model, subject, place, args));
}

/** What the board will show once it has been done. */
function after(model, subject, place, { instructor, instead_of }) {
	const now = subject.booking || draft(subject);
	const given_up = instead_of || now.instructors[0];
	const instructors = instructor
		? now.instructors.map((name) => (name === given_up ? instructor : name))
		: now.instructors;
	const placed = subject.kind === "request" ? subject.key : null;
	return { bookings: { [now.booking]: { ...model.moved(now, place), instructors } }, placed };
}

/** A conversation that has no time yet, as if it had one. */
function draft({ key, name, slots, instructors, row = {} }) {
	return { ...row, booking: `new ${key}`, name, slots, instructors, state: "Planned" };
}

/** Another instructor takes a conversation over, at the same time. */
export function give(board, booking, { instructor, instead_of = booking.instructors[0] }) {
	const args = { booking: booking.booking, start: booking.start, instructor, instead_of };
	const instructors = booking.instructors.map((name) => (name === instead_of ? instructor : name));
	return change(board, "board.move", args, () => ({
		bookings: { [booking.booking]: { ...booking, instructors } },
	}));
}

/** Two conversations take each other's time. */
export async function swap(board, booking, other) {
	const { model } = board;
	const answer = await ask_reason({
		title: __("Swap Two Conversations"),
		facts: [said(model, booking), said(model, other)],
		primary: __("Swap"),
		needed: false,
	});
	if (!answer) return null;
	const args = { booking: booking.booking, other: other.booking, reason: answer.reason || undefined };
	return change(board, "board.swap", args, (there) => ({
		bookings: {
			[booking.booking]: there.at_time_of(booking, other),
			[other.booking]: there.at_time_of(other, booking),
		},
	}));
}

const said = (model, booking) =>
	__("{0}: {1}, {2}", [who(booking), when(model, booking), model.titles(booking.instructors)]);

export async function cancel(board, bookings) {
	const told = bookings.some(({ state }) => state === "Published");
	const shown = bookings.slice(0, 8).map((booking) => said(board.model, booking));
	if (bookings.length > shown.length) shown.push(__("… and {0} more", [bookings.length - shown.length]));
	const answer = await ask_reason({
		title:
			bookings.length > 1
				? __("Cancel {0} Conversations", [bookings.length])
				: __("Cancel This Conversation"),
		facts: shown,
		note: told
			? __("Guardians and instructors read of it when the change is published.")
			: __("Nobody was told a time yet."),
		primary: __("Cancel Conversation"),
		needed: false,
	});
	if (!answer) return null;
	const names = bookings.map(({ booking }) => booking);
	const args = names.length > 1 ? { bookings: names } : { booking: names[0] };
	const gone = Object.fromEntries(names.map((name) => [name, null]));
	return change(board, "board.cancel", { ...args, reason: answer.reason || undefined }, () => ({
		bookings: gone,
	}));
}

export function pin(board, bookings, pinned) {
	const rows = bookings.map((row) => [row.booking, { ...row, pinned: pinned ? 1 : 0 }]);
	const args = { bookings: rows.map(([name]) => name), pinned: pinned ? 1 : 0 };
	return change(board, "board.pin", args, () => ({ bookings: Object.fromEntries(rows) }));
}

/** Make a conversation longer or shorter where it is; a rule in the way is named, and asks for a reason. */
export async function lengthen(board, booking, slots) {
	const hand = new Hand(board.page, board.model, { ...of_booking(booking), slots });
	await hand.ready;
	const [date] = booking.start.split("T");
	const index = board.model.times.index(date, booking.start);
	const { verdict, sentence } = hand.judge_free({ instructor: booking.instructors[0], date, index });
	if (verdict === "never") {
		board.refuse(sentence);
		return null;
	}
	const args = { booking: booking.booking, slots };
	if (verdict !== "fits") {
		const title = __("Change the Length All the Same?");
		const facts = [said(board.model, booking), sentence];
		const answer = await ask_reason({
			title,
			facts,
			needed: verdict === "rule",
			primary: __("Change the Length"),
		});
		if (!answer) return null;
		args.reason = answer.reason || undefined;
	}
	const place = { date, index };
	return change(board, "board.lengthen", args, (model) => ({
		bookings: { [booking.booking]: model.moved(booking, place, slots) },
	}));
}

/** Do what would give a conversation a time. */
export async function place(board, row, option) {
	const { kind, start, instructor, sentence, needs_reason } = option;
	let reason;
	if (needs_reason) {
		const answer = await ask_reason({
			title: __("Place {0}", [row.name]),
			facts: [sentence],
			needed: true,
		});
		if (!answer) return null;
		({ reason } = answer);
	}
	const args = { request: row.request, kind, start, instructor: instructor || undefined, reason };
	return change(board, "board.place", args);
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
