// What a change would do, before it is done.
//
// confirm_would(report, {title, label, note}) -> Promise of whether to go on; where nothing would happen there is
//     only what yields nothing, and why. `report` is that of a dry run; `note` an element above that

import { ask, show } from "./dialogs.js";
import { el, number } from "./dom.js";
import { skipped_list } from "./skipped.js";

/** Show it, and ask. */
export async function confirm_would(report, { title, label, note }) {
	const body = el("div", {}, contents(report, note));
	const size = report.skipped.length ? "large" : undefined;
	const { created, switched_on, removed, switched_off } = report;
	if (created + switched_on + removed + switched_off > 0) {
		return Boolean(await ask({ title, body, size, primary_label: label }));
	}
	show({ title, body, size });
	return false;
}

function contents(report, note) {
	const nothing = report.skipped.reduce((sum, row) => sum + row.number, 0);
	const who = [number(report.students), number(report.instructors)];
	return [
		el("p", { class: "oa-would", text: report.sentence }),
		report.instructors
			? el("p", { class: "text-muted", text: __("{0} students, {1} instructors.", who) })
			: "",
		note || "",
		nothing ? el("h5", { text: __("{0} yield nothing:", [number(nothing)]) }) : "",
		nothing ? skipped_list(report.skipped) : "",
	];
}
