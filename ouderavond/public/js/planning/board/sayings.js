// Conversations, slots and households in words.

import { names_of } from "./signs.js";
import { time_of } from "./times.js";

/** A conversation in one line. */
export function who(booking) {
	const parts = [booking.name, booking.class].filter(Boolean).join(" ");
	return booking.subject ? __("{0}, {1}", [parts, booking.subject]) : parts;
}

/** From when until when. */
export function when(model, booking) {
	return __("{0} to {1}", [model.times.say(booking.start), time_of(booking.end)]);
}

/** Everything about a conversation that its block shows only by place and sign. */
export function described(model, booking) {
	return [
		__("{0}, with {1}", [who(booking), model.titles(booking.instructors)]),
		when(model, booking),
		...names_of(booking),
		booking.untold && booking.told && __("told: {0}", [model.times.say(booking.told)]),
		booking.change === "moved" && booking.from && __("was {0}", [model.times.say(booking.from)]),
	]
		.filter(Boolean)
		.join("; ");
}

/** Where the household of a conversation is, and when. */
export function household_line(model, booking) {
	const rows = model.of_household(booking.household);
	const family = booking.guardians || booking.name;
	if (rows.length < 2) return __("{0}: only this conversation.", [family]);
	const days = model.dates
		.map(({ date, label }) => [label, rows.filter(({ start }) => start.startsWith(date))])
		.filter(([, there]) => there.length)
		.map(([label, there]) => {
			const said = there.map((row) => stop_said(model, row)).join(" · ");
			return model.dates.length < 2 ? said : __("{0} {1}", [label, said]);
		});
	return __("{0}: {1}", [family, days.join("; ")]);
}

const stop_said = (model, row) =>
	__("{0} {1} ({2})", [time_of(row.start), model.titles(row.instructors), first_name(row.name)]);

const first_name = (name) => name.split(" ")[0];

/** What a slot without a conversation is, with its time and instructor. */
export function empty_said(model, place, cell) {
	const said = __("{0}: {1}", [slot_said(model, place), state_said(cell)]);
	const where = place.index === 0 && model.where(place.instructor, place.date);
	return where ? __("{0}. {1}", [said, where]) : said;
}

/** What a slot without a conversation is. */
export function state_said({ kind, block }) {
	if (kind === "absent") return __("Not present");
	return kind === "block" ? __("Blocked: {0}", [block_said(block)]) : __("Free");
}

export function block_said(block) {
	const reason = block.reason || __("No reason is given.");
	return block.who_type === "Everyone" ? __("Everyone: {0}", [reason]) : reason;
}

/** An instructor and a time. */
export function slot_said(model, { instructor, date, index }) {
	return __("{0}, {1}", [model.times.say(model.times.start(date, index)), model.title(instructor)]);
}
