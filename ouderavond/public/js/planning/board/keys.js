// The keys of the board, and the list of them.

import { show } from "../../offers/dialogs.js";
import { el } from "../../offers/dom.js";

const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], PageDown: [10, 0], PageUp: [-10, 0] };
const FAR = 1000;

/** Where a key leads from a place, or null. */
export function destination(event, grid, picking) {
	const { key, ctrlKey, altKey } = event;
	if (altKey || !grid.at) return null;
	if (STEPS[key]) return grid.step(grid.at, ...STEPS[key].map((by) => (ctrlKey ? by * FAR : by)));
	if (key === "Home") return grid.step(grid.at, ctrlKey ? -FAR : 0, -FAR);
	if (key === "End") return grid.step(grid.at, ctrlKey ? FAR : 0, FAR);
	if (key === "ArrowRight") return grid.step(grid.at, 0, ctrlKey ? FAR : to_next(grid, picking));
	if (key === "ArrowLeft") return grid.step(grid.at, 0, -(ctrlKey ? FAR : to_previous(grid, picking)));
	return null;
}

// A conversation of two slots is one step; with something in hand each slot counts.
function to_next(grid, picking) {
	if (picking) return 1;
	const cell = grid.cell(grid.at);
	return Number(cell.dataset.at) + Number(cell.getAttribute("aria-colspan") || 1) - grid.at.index;
}

function to_previous(grid, picking) {
	return picking ? 1 : grid.at.index - Number(grid.cell(grid.at).dataset.at) + 1;
}

/** The keys, as a dialog. */
export function show_keys() {
	show({
		title: __("Keys on the Board"),
		body: el(
			"table",
			{ class: "oa-plain oa-board-keys" },
			el(
				"tbody",
				{},
				listed().map(([keys, meaning]) =>
					el(
						"tr",
						{},
						el("th", { scope: "row" }, el("kbd", { text: keys })),
						el("td", { text: meaning })
					)
				)
			)
		),
	});
}

function listed() {
	return [
		[__("Arrows"), __("Go from slot to slot; with Ctrl to the edge")],
		[__("Page Up, Page Down"), __("Ten instructors up or down")],
		[__("Enter"), __("What can be done with this conversation, and who it is")],
		[__("Space"), __("Pick up, and put down again")],
		[__("Escape"), __("Leave it where it was; select nothing")],
		["F", __("With a conversation in hand: go to the next slot in which it fits")],
		["1 … 9", __("Show the first, second … date, also with a conversation in hand")],
		["S", __("Select or no longer select; Shift with arrows selects what is between")],
		["P", __("Pin or unpin what is selected, or this conversation")],
		[__("Delete"), __("Cancel what is selected, or this conversation")],
		["W", __("Swap with another conversation")],
		["N", __("To the conversations that are not placed")],
		["/", __("To the filters")],
		["Ctrl+Z", __("Undo the last change")],
		["?", __("These keys")],
	];
}
