// What a cell of the table is, in a word and as a sentence: the same for the table and the list.

import { say, texts } from "../texts";

const WORDS = { f: "free", o: "others", u: "unavailable", h: "held", c: "clash" };

/**
 * @returns {{kind: string, word: string, name: string, selected: boolean, continued: boolean}} `word` is what the cell
 * shows, `name` what it is called: "19:10, Wiskunde, free".
 */
export function cell(model, basket, column, place) {
	const found = kind_of(model, basket, column, place);
	const time = model.day(place.date).labels[place.index];
	return { ...found, name: say("booking_cell", time, column.label, found.said || found.word) };
}

function kind_of(model, basket, column, place) {
	const choice = basket.of(column.offer);
	if (choice && model.covers(choice, place)) return chosen(model, choice, place);
	const letter = model.letter(column, place);
	if (letter === "m") return mine(model, column, place);
	if (letter === "c") return clash(model, column, place);
	if (letter === "f") return free(model, basket, column, place);
	return { kind: WORDS[letter] || "unavailable", word: texts[`booking_${WORDS[letter] || "unavailable"}`] };
}

function chosen(model, choice, place) {
	const continued = model.place(choice.start).index !== place.index;
	return { kind: "chosen", word: texts.booking_chosen, selected: true, continued };
}

function mine(model, column, place) {
	const row = own_row(model, column, place);
	if (!row) return { kind: "mine", word: texts.booking_mine };
	const continued = row.start < model.moment(place.date, place.index);
	const found = { kind: "mine", booking: row, continued };
	if (model.is_own) return { ...found, word: texts.booking_mine };
	return { ...found, word: row.name, said: say("booking_mine_of", row.name) };
}

/** My conversation in a cell: with this instructor, of whichever child. */
export function own_row(model, column, place) {
	const rows = model.mine_at(place);
	return (
		rows.find((row) => row.offer === column.offer) || rows.find((row) => shares(row, column)) || rows[0]
	);
}

function shares(row, column) {
	return row.instructors.some((one) => column.instructors.includes(one));
}

function clash(model, column, place) {
	const row = model.mine_at(place, model.slots(column))[0];
	const said = row ? say("booking_clash_with", row.name, row.subject) : texts.booking_clash;
	return { kind: "clash", word: texts.booking_clash, said };
}

// A time of another choice stays to be seen as free, but is not to be chosen as well.
function free(model, basket, column, place) {
	const other = meeting(model, basket, column, place);
	if (!other) return { kind: "free", word: texts.booking_free };
	const with_whom = model.columns.get(other.offer);
	return {
		kind: "clash",
		word: texts.booking_clash,
		said: say("booking_clash_with", with_whom.child.name, with_whom.label),
	};
}

/** The choice in another column at the time of a place, if there is one. */
export function meeting(model, basket, column, place, longer = false) {
	const slots = model.slots(column, longer);
	return basket.all.find((choice) => choice.offer !== column.offer && model.meets(choice, place, slots));
}
