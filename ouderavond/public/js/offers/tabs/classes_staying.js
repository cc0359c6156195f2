// Before a class is forbidden on a date where some of its conversations have a time: which, and what becomes of them.

import { el, number } from "../dom.js";

/** Ask; a Promise of whether to go on. */
export function ask_staying(report, date) {
	const { staying = [], planned = [] } = report.more || {};
	if (!staying.length && !planned.length) return Promise.resolve(true);
	return new Promise((resolve) => {
		let yes = false;
		const dialog = new frappe.ui.Dialog({
			title: __("Conversations on This Date"),
			size: "large",
			primary_action_label: __("Forbid All the Same"),
			primary_action() {
				yes = true;
				dialog.hide();
			},
			secondary_action_label: __("Cancel"),
			secondary_action: () => dialog.hide(),
		});
		dialog.onhide = () => {
			resolve(yes);
			dialog.$wrapper.remove();
		};
		dialog.body.append(
			...part(
				staying,
				__(
					"{0} conversations on {1} were told, are pinned or were booked by hand. They stay where they are; cancel or move them yourself.",
					[number(staying.length), date]
				)
			),
			...part(
				planned,
				__("{0} planned conversations on {1} move with the next run of the scheduler.", [
					number(planned.length),
					date,
				])
			)
		);
		dialog.show();
	});
}

function part(rows, sentence) {
	if (!rows.length) return [];
	const line = (row) =>
		el(
			"tr",
			{},
			el("td", { text: row.start.slice(11, 16) }),
			el("td", { text: row.student_name }),
			el("td", { text: row.subject })
		);
	const heads = [__("Time"), __("Student", null, "Offers"), __("Conversation")];
	return [
		el("p", { text: sentence }),
		el(
			"div",
			{ class: "oa-listing", tabindex: "0", role: "region", "aria-label": __("Conversations") },
			el(
				"table",
				{ class: "oa-plain" },
				el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col", text })))),
				el("tbody", {}, ...rows.map(line))
			)
		),
	];
}
