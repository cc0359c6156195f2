// What the menu of a conversation says and offers.

import { request } from "../../offers/work.js";
import { household_line, when, who } from "./sayings.js";
import { names_of } from "./signs.js";
import { cancel, lengthen, pin } from "./acts.js";
import { of_booking } from "./hand.js";
import { choose_instead } from "./instead.js";

/** The menu of a conversation, for Menu.open. */
export function menu_of(board, booking, place) {
	const { model } = board;
	return {
		label: __("Conversation of {0}", [booking.name]),
		head: who(booking),
		facts: facts_of(model, booking),
		more: about(board, booking).then(about_said),
		actions: [...(board.read_only ? [] : changes_of(board, booking, place)), ...looks_of(board, booking)],
	};
}

// What is more to know may be missing: the menu does without, and says nothing of it.
function about(board, { booking }) {
	const { evening, constructor } = board.page;
	const options = { reads: true, silent: true };
	return request(`${constructor.api}board.about`, { evening, booking }, options).catch(() => null);
}

function facts_of(model, booking) {
	return [
		__("{0}, {1}", [when(model, booking), model.titles(booking.instructors)]),
		names_of(booking).join(" · "),
		booking.untold && booking.told && __("People were told {0}.", [model.times.say(booking.told)]),
		booking.change === "moved" && booking.from && __("Was: {0}.", [model.times.say(booking.from)]),
		booking.room && __("Room: {0}", [model.rooms?.[booking.room] || booking.room]),
		booking.guardians && __("Guardians: {0}", [booking.guardians]),
		household_line(model, booking),
	].filter(Boolean);
}

function about_said(about) {
	if (!about) return [];
	const contact = (about.guardians || []).map(({ name, email, mobile }) =>
		[name, mobile, email].filter(Boolean).join(", ")
	);
	return [
		...contact,
		about.asked_by && __("Asked by {0}", [about.asked_by]),
		about.remark && __("Remark: {0}", [about.remark]),
		...(about.wishes || []),
		...(about.history || []),
	].filter(Boolean);
}

function changes_of(board, booking, place) {
	const from = place?.instructor;
	const lift = (options) => board.lift(of_booking(booking), { from, ...options });
	return [
		{ label: __("Move…"), act: () => lift() },
		{ label: __("Swap With…"), act: () => lift({ swapping: true }) },
		{ label: __("Other Instructor…"), act: () => choose_instead(board, booking) },
		{ label: __("Longer"), act: () => lengthen(board, booking, booking.slots + 1) },
		booking.slots > 1 && { label: __("Shorter"), act: () => lengthen(board, booking, booking.slots - 1) },
		booking.pinned
			? { label: __("Unpin"), act: () => pin(board, [booking], false) }
			: { label: __("Pin"), act: () => pin(board, [booking], true) },
		{ label: __("Cancel…"), act: () => cancel(board, [booking]) },
	].filter(Boolean);
}

function looks_of(board, booking) {
	const { household, name, request, booking: record, offer } = booking;
	return [
		household != null && {
			label: __("Only This Household"),
			act: () => board.filters.only_household(household, name),
		},
		record && !board.run && { label: __("Open the Booking"), href: form("Evening Booking", record) },
		request && { label: __("Open the Request"), href: form("Conversation Request", request) },
		!request && offer && { label: __("Open the Offer"), href: form("Conversation Offer", offer) },
	].filter(Boolean);
}

const form = (doctype, name) => frappe.utils.get_form_link(doctype, name);
