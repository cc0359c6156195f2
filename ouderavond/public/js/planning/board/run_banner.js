// The line above a board that shows what a run proposes instead of the schedule itself.

import { el, number } from "../../offers/dom.js";
import { CHANGES, name_of, sign } from "./signs.js";

/** The elements of the banner; none for the schedule itself. */
export function run_banner(page, model) {
	if (!model.run) return [];
	const rows = [...model.bookings.values()];
	const counts = CHANGES.map(({ key }) => [key, rows.filter(({ change }) => change === key).length]);
	return [
		el(
			"div",
			{ class: "oa-notice oa-run-banner", role: "status" },
			el("b", {
				text: __("Proposal of the run {0}: nothing has been applied.", [
					model.run.title || model.run.name,
				]),
			}),
			el(
				"ul",
				{},
				counts.map(([key, count]) => el("li", {}, sign(key), `${name_of(key)}: ${number(count)}`)),
				el("li", { text: __("Loses its time: {0}", [number(model.lost.length)]) }),
				el("li", { text: __("Not placed: {0}", [number(model.unplaced.length)]) })
			),
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				text: __("Back to the Runs"),
				on: { click: () => page.go("runs") },
			}),
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				text: __("Show the Schedule Itself"),
				on: { click: () => page.go("board") },
			})
		),
	];
}
