// Adding a conversation by hand: a student is looked up, one of the conversations is chosen, then a slot on the board.

import { ask } from "../../offers/dialogs.js";
import { el } from "../../offers/dom.js";
import { Picker } from "../../offers/picker.js";
import { of_offer } from "./hand.js";

/** The subject to pick up, or null. */
export async function choose_offer(page, text = "") {
	const found = new Map();
	const body = el("div");
	const picker = new Picker({
		page,
		parent: body,
		label: __("Student, class or subject"),
		multi: false,
		search: (typed) => look_up(page, typed || text, found),
		on_change: ([item]) => show_guardians(item && found.get(item.value)),
	});
	const guardians = el("select", { class: "form-control", id: "oa-by-hand-guardian" });
	const field = el(
		"div",
		{ hidden: true },
		el("label", { class: "control-label", for: "oa-by-hand-guardian", text: __("Who comes") }),
		guardians
	);
	body.append(field);

	function show_guardians(row) {
		const rows = row?.guardians || [];
		guardians.replaceChildren(
			...rows.map((one) => el("option", { value: one.guardian, text: one.name }))
		);
		field.hidden = rows.length < 2;
	}

	const answer = await ask({
		title: __("Add a Conversation"),
		body,
		primary_label: __("Choose a Slot"),
		before: () => (picker.items.length ? null : __("Choose the conversation.")),
	});
	const offer = answer && found.get(picker.values[0]);
	return offer && of_offer(offer, guardians.value || undefined);
}

async function look_up(page, text, found) {
	if (text.length < 2) return [];
	const answer = await page.read("board.offers", { text });
	return (answer.offers || answer).map((row) => {
		found.set(row.offer, row);
		const label = [row.name, row.class].filter(Boolean).join(" ");
		const with_whom = (row.titles || row.instructors).join(", ");
		const facts = [
			row.subject,
			with_whom,
			!row.offered && __("not offered"),
			row.booked && __("has a time already"),
		].filter(Boolean);
		return { value: row.offer, label, description: facts.join(" · ") };
	});
}
