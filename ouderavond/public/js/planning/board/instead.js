// Giving a conversation to another instructor at the same time: those who could take it.

import { ask } from "../../offers/dialogs.js";
import { el } from "../../offers/dom.js";
import { give } from "./acts.js";
import { Hand, of_booking } from "./hand.js";
import { when, who } from "./sayings.js";

/** Choose who takes a conversation over; the report, or null. */
export async function choose_instead(board, booking) {
	const { page, model } = board;
	const hand = new Hand(page, model, of_booking(booking));
	await hand.ready;
	const rows = hand.instead();
	if (!rows.length) {
		const message = __("At {0} nobody else is free to take it. Move it to see the other times.", [
			model.times.say(booking.start),
		]);
		frappe.show_alert({ message: frappe.utils.escape_html(message), indicator: "orange" }, 8);
		return null;
	}
	const own = booking.instructors;
	const labelled = (name) => ({ value: name, label: model.title(name) });
	const answer = await ask({
		title: __("Other Instructor"),
		body: el("p", { text: __("{0}, {1}", [who(booking), when(model, booking)]) }),
		fields: [
			own.length > 1 && {
				fieldname: "instead_of",
				fieldtype: "Select",
				label: __("Who gives it up"),
				options: own.map(labelled),
				default: own[0],
				reqd: 1,
			},
			{
				fieldname: "instructor",
				fieldtype: "Select",
				label: __("Who takes it over at the same time"),
				options: rows.map(({ name }) => labelled(name)),
				default: rows[0].name,
				reqd: 1,
			},
		].filter(Boolean),
		primary_label: __("Give It to This Instructor"),
	});
	if (!answer) return null;
	return give(board, booking, answer);
}
