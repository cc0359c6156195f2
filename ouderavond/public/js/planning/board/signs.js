// What is the matter with a conversation, in signs that each have a name: no state is told by colour alone.
//
// signs_of(booking) -> [key]; sign(key) -> element; SIGNS [{key, label()}] for the legend; names_of(booking) -> [text]

import { el } from "../../offers/dom.js";

export const SIGNS = [
	{ key: "planned", label: () => __("Planned: nobody was told", null, "Planning") },
	{ key: "published", label: () => __("Published", null, "Planning") },
	{ key: "untold", label: () => __("Changed since published", null, "Planning") },
	{ key: "pinned", label: () => __("Pinned", null, "Planning") },
	{ key: "online", label: () => __("Online", null, "Planning") },
	{ key: "must", label: () => __("Must see", null, "Planning") },
	{ key: "cant-come", label: () => __("Said they cannot come", null, "Planning") },
	{ key: "remark", label: () => __("Remark", null, "Planning") },
];

export const CHANGES = [
	{ key: "kept", label: () => __("Stays", null, "Planning") },
	{ key: "moved", label: () => __("Moves", null, "Planning") },
	{ key: "added", label: () => __("New", null, "Planning") },
];

const LABELS = new Map([...SIGNS, ...CHANGES].map(({ key, label }) => [key, label]));

/** The signs that a conversation bears, the most important first. */
export function signs_of(booking) {
	return [
		booking.change,
		!booking.change && state_of(booking),
		booking.pinned && "pinned",
		booking.mode === "Online" && "online",
		booking.must && "must",
		booking.cant_come && "cant-come",
		booking.remark && "remark",
	].filter((key) => LABELS.has(key));
}

function state_of({ untold, state }) {
	if (untold) return "untold";
	return state === "Published" ? "published" : "planned";
}

export const name_of = (key) => LABELS.get(key)();

export const names_of = (booking) => signs_of(booking).map(name_of);

/** A sign for the eye; whoever listens hears its name in the label of the conversation. */
export function sign(key) {
	return el("i", { class: `oa-sign oa-sign-${key}`, "aria-hidden": "true" });
}

/** The signs with their names. */
export function legend(with_changes) {
	const shown = with_changes ? [...CHANGES, ...SIGNS.slice(3)] : SIGNS;
	return el(
		"ul",
		{ class: "oa-board-legend", "aria-label": __("Signs on the board") },
		shown.map(({ key, label }) => el("li", {}, sign(key), label()))
	);
}
