// What staff should know about the dates of the classes as they are now.

import { el, link, number } from "../dom.js";

/** Elements, none where all is well. */
export function warnings({ nowhere, requests_nowhere, households, named }) {
	return [
		nowhere.length && notice(__("Forbidden on all dates: {0}.", [nowhere.join(", ")])),
		requests_nowhere &&
			notice(__("{0} requests have no date left and cannot be scheduled.", [number(requests_nowhere)])),
		households && siblings(households, named),
	].filter(Boolean);
}

function notice(text) {
	return el("p", { class: "oa-notice" }, text);
}

function siblings(count, named) {
	const summary = __(
		"{0} households have children in classes without a common date: they would have to come on two evenings.",
		[number(count)]
	);
	return el(
		"details",
		{ class: "oa-notice" },
		el("summary", { text: summary }),
		el(
			"ul",
			{},
			...named.map((children) =>
				el(
					"li",
					{},
					...children.flatMap((child, i) => [
						i ? " · " : "",
						link("Student", child.student, child.name),
						child.classes ? ` (${child.classes})` : "",
					])
				)
			)
		),
		count > named.length ? el("p", { text: __("And {0} more.", [number(count - named.length)]) }) : ""
	);
}
