// What can be refused before the server is asked. The server checks all of it again.

import { say, texts } from "../texts";
import { meeting } from "./cells";

const LETTERS = {
	o: "booking_refused_others",
	u: "booking_refused_unavailable",
	c: "booking_refused_clash",
	m: "booking_refused_mine",
	h: "booking_refused_held",
};

/** Why a start can't be chosen in a column, as a sentence; null where it can. */
export function refusal(model, basket, column, start, longer = false) {
	if (!model.open) return model.data.booking.sentence;
	if (column.exists) return column.exists;
	const place = model.place(start);
	if (!place) return texts.booking_refused_unavailable;
	return (
		refused_letter(model, column, place, longer) ||
		refused_choice(model, basket, column, place, longer) ||
		refused_maximum(model, basket, column)
	);
}

function refused_letter(model, column, place, longer) {
	const letter = model.letter(column, place, longer);
	if (letter === "f") return null;
	if (longer && model.letter(column, place) === "f") return texts.booking_refused_longer;
	return say(LETTERS[letter] || LETTERS.u, model.day(place.date).labels[place.index], column.label);
}

function refused_choice(model, basket, column, place, longer) {
	const other = meeting(model, basket, column, place, longer);
	if (!other) return null;
	const taken = model.columns.get(other.offer);
	return say("booking_refused_choice", model.time_label(other.start), taken.child.name, taken.label);
}

// What the school asks for is on top of the maximum.
function refused_maximum(model, basket, column) {
	if (basket.of(column.offer) || column.invitation) return null;
	const { maximum_per_student, maximum_per_household } = model.rules;
	const { student, name } = column.child;
	if (maximum_per_student && counted(model, basket, student) >= maximum_per_student) {
		return say("booking_full_student", maximum_per_student, name);
	}
	if (maximum_per_household && counted(model, basket) >= maximum_per_household) {
		return say("booking_full_household", maximum_per_household);
	}
	return null;
}

/** How many conversations count for the maximum of a student, or of all children together. */
export function counted(model, basket, student = null) {
	const children = model.children.filter((child) => !student || child.student === student);
	const booked = children.reduce((sum, child) => sum + child.booked, 0);
	const chosen = basket.all.filter(({ offer }) => {
		const column = model.columns.get(offer);
		return column && !column.invitation && (!student || column.child.student === student);
	});
	return booked + chosen.length;
}

/** Whether a choice can be made longer where it stands. */
export function may_be_longer(model, basket, choice) {
	const column = model.columns.get(choice.offer);
	if (!model.rules.longer || !column || !model.place(choice.start)) return false;
	return !refusal(model, basket, column, choice.start, true);
}

/** What has happened to choices since they were made: [{offer, sentence}], for those that can't be kept. */
export function lost(model, basket) {
	return basket.all.map((choice) => lost_choice(model, choice)).filter(Boolean);
}

function lost_choice(model, choice) {
	const column = model.columns.get(choice.offer);
	const place = column && model.place(choice.start);
	if (!place) return { offer: choice.offer, sentence: texts.booking_lost_offer };
	const letter = model.letter(column, place, choice.longer);
	if (letter === "f" && !column.exists) return null;
	const what = say("booking_choice", model.time_label(choice.start), column.label, column.child.name);
	return { offer: choice.offer, sentence: say(lost_key(model, column, choice, letter), what) };
}

function lost_key(model, column, choice, letter) {
	if (column.booking && model.mine(column.booking)?.start === choice.start) return "booking_lost_booked";
	if (column.exists) return "booking_lost_exists";
	return letter === "c" || letter === "m" ? "booking_lost_clash" : "booking_lost_taken";
}
