// What the tab Online Meetings calls things.

import { moment_text, number } from "../../offers/dom.js";

// Where a meeting stands -> [its name, its colour]; in the order in which they are shown.
export const STANDINGS = {
	made: [() => __("Made", null, "Online Meetings"), "green"],
	making: [() => __("To be made", null, "Online Meetings"), "blue"],
	retry: [() => __("Tried again soon", null, "Online Meetings"), "yellow"],
	failed: [() => __("Failed", null, "Online Meetings"), "red"],
	leaving: [() => __("To be taken away", null, "Online Meetings"), "gray"],
	over: [() => __("Over without a meeting", null, "Online Meetings"), "gray"],
	gone: [() => __("Taken away", null, "Online Meetings"), "gray"],
};

/** The name of a standing. */
export const standing_label = (key) => STANDINGS[key][0]();

/** Where the meetings of an evening stand, in a sentence. */
export function sentence_about({ counts, busy, refusal }) {
	const { made, total, failed, leaving } = counts;
	if (!total && !leaving) return __("There are no online meetings.");
	const numbers = [number(made), number(total)];
	if (!total)
		return __("Meetings that are not wanted any more are to be taken away: {0}.", [number(leaving)]);
	if (made === total) return __("All {0} meetings are there.", [number(total)]);
	const left = refusal ? 0 : total - made - failed;
	if (left && failed)
		return __("{0} of {1} meetings are there; {2} follow, {3} failed.", [
			...numbers,
			number(left),
			number(failed),
		]);
	if (failed) return __("{0} of {1} meetings are there; {2} failed.", [...numbers, number(failed)]);
	if (busy) return __("{0} of {1} meetings are there; the others are being made.", numbers);
	return __("{0} of {1} meetings are there.", numbers);
}

/** When the calendars were looked into. */
export function sentence_about_look(looked) {
	if (!looked) return "";
	if (looked.state === "asked") return __("Looking into the calendars…");
	if (looked.state === "busy")
		return __("Meetings are being made first; the look follows within five minutes.");
	return __("Looked into the calendars: {0}", [moment_text(looked.on)]);
}
