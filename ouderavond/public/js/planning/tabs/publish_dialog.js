// What publishing would mean, asked before it is done: how many, whom it concerns, and whether they are told.

import { show } from "../../offers/dialogs.js";
import { before_publishing } from "../../evening/connection_test.js";
import { el, number } from "../../offers/dom.js";

/** Ask, and publish all changes, or those of some conversations. */
export async function publish(tab, bookings) {
	const { page, info } = tab;
	const { go } = await before_publishing(page.evening);
	if (!go) return;
	const which = bookings ? { bookings } : {};
	const found = await request_audience(page, which);
	if (!found) return;
	const tell = el("input", { type: "checkbox", disabled: Boolean(info.mail) });
	const answer = await ask(body_of(info, found, tell), info);
	if (!answer) return;
	await page.change("publish.publish", { ...which, tell: tell.checked ? 1 : 0 });
}

// Many names do not fit in an address.
function request_audience(page, which) {
	return page.read("publish.audience", which).catch(() => null);
}

function ask(body, info) {
	return new Promise((resolve) => {
		let answer = false;
		const dialog = show({
			title: info.state.first ? __("Publish the Schedule") : __("Publish Changes"),
			body,
			primary_action_label: __("Publish", null, "Planning"),
			primary_action() {
				answer = true;
				dialog.hide();
			},
			secondary_action_label: __("Cancel"),
			secondary_action: () => dialog.hide(),
			on_close: () => resolve(answer),
		});
		dialog.$wrapper.addClass("oa-publish-dialog");
	});
}

function body_of(info, found, tell) {
	const people = [
		[found.guardian, __("parents and guardians")],
		[found.student, __("students")],
		[found.instructor, __("instructors")],
	].filter(([count]) => count);
	return el(
		"div",
		{},
		el("p", {
			text: info.state.first
				? __("{0} conversations become known as they are planned now.", [number(found.changes)])
				: __(
						"{0} conversations become known as they are planned now. What else was published stays.",
						[number(found.changes)]
					),
		}),
		el(
			"ul",
			{ class: "oa-publish-people" },
			people.map(([count, label]) => el("li", {}, el("b", { text: number(count) }), " ", label))
		),
		el(
			"label",
			{ class: "oa-publish-tell" },
			tell,
			" ",
			info.state.first
				? __("Send each of them their overview by e-mail")
				: __("Tell them by e-mail: what changes, before and after")
		),
		info.mail ? el("p", { class: "oa-notice", text: info.mail }) : "",
		found.unreachable ? unreachable(found) : ""
	);
}

function unreachable({ unreachable: count, who }) {
	return el(
		"details",
		{ class: "oa-publish-unreachable" },
		el("summary", { text: __("{0} have no e-mail address of their own", [number(count)]) }),
		el(
			"ul",
			{},
			who.map((name) => el("li", { text: name }))
		)
	);
}
