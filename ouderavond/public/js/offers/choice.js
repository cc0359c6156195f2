// Which evening? Asked when the address names none.

import { el } from "./dom.js";
import { request } from "./work.js";

/** List the evenings that are not archived; a single one is opened at once, unless something went wrong. */
export async function choose_evening(parent, route, question, refusal = null) {
	const evenings = await request("ouderavond.api.offers.page.evenings", {}, { reads: true });
	if (frappe.get_route().length > 1 && !refusal) return;
	if (evenings.length === 1 && !refusal) {
		instead(() => frappe.set_route(route, evenings[0].name));
		return;
	}
	parent.replaceChildren(
		refusal ? el("p", { class: "oa-notice", role: "alert", text: refusal }) : "",
		evenings.length ? choices(evenings, route, question) : nothing()
	);
}

function choices(evenings, route, question) {
	const rows = evenings.map((evening) =>
		el(
			"li",
			{},
			el(
				"a",
				{ href: `/app/${route}/${encodeURIComponent(evening.name)}` },
				el("span", { class: "oa-choice-title", text: evening.title }),
				el("span", { class: "text-muted", text: __(evening.status) })
			)
		)
	);
	return el("section", { class: "oa-choice" }, el("h4", { text: question }), el("ul", {}, rows));
}

function nothing() {
	return el(
		"p",
		{},
		__("There is no evening that is not archived."),
		" ",
		el("a", { href: "/app/parent-evening/new", text: __("Make an evening") })
	);
}

/** Go somewhere in the place of where we are, so that going back does not return here. */
export function instead(go) {
	frappe.route_flags.replace_route = true;
	const gone = go();
	// The platform forgets this only when all calls have come back; a click before that is a step of its own.
	frappe.route_flags.replace_route = false;
	return gone;
}
