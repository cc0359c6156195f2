// The line above a board that shows what a run proposes instead of the schedule itself.

import { el, number } from "../../offers/dom.js";
import { CHANGES, name_of, sign } from "./signs.js";

/** The elements of the banner; none for the schedule itself. */
export function run_banner(page, model) {
	if (!model.run) return [];
	const rows = [...model.bookings.values()];
	const counts = CHANGES.map(({ key }) => [key, rows.filter(({ change }) => change === key).length]);
	const { run } = model;
	return [
		el(
			"div",
			{ class: "oa-notice oa-run-banner", role: "status" },
			el("b", { text: about(run) }),
			run.out_of_date ? el("span", { text: __("The schedule was changed since.") }) : "",
			el(
				"ul",
				{},
				counts.map(([key, count]) => el("li", {}, sign(key), `${name_of(key)}: ${number(count)}`)),
				el("li", { text: __("Loses its time: {0}", [number(model.lost.length)]) }),
				el("li", { text: __("Not placed: {0}", [number(model.unplaced.length)]) })
			),
			leave(__("Back to the Runs"), () => page.go("runs")),
			leave(__("Show the Schedule Itself"), () => page.go("board"))
		),
	];
}

function about({ name, title, applied_on }) {
	const shown = title && title !== name ? __("{0} ({1})", [title, name]) : name;
	if (applied_on) return __("What the run {0} proposed; it has been applied.", [shown]);
	return __("What the run {0} proposes; nothing has been applied.", [shown]);
}

function leave(text, act) {
	return el("button", { type: "button", class: "btn btn-default btn-xs", text, on: { click: act } });
}
