// Who takes conversations over: whoever is free, or one person, with what speaks for each of them.

import { el, number } from "../../offers/dom.js";

// Beyond these nobody looks.
const SHOWN = 40;

export function ask_substitute(form, rows) {
	const set = (event) => (form.wish.substitute = event.target.value || null);
	const there = rows.filter((row) => row.there && row.free).slice(0, SHOWN);
	const absent = rows.filter((row) => !row.there);
	const option = (row) =>
		el("option", {
			value: row.instructor,
			text: described(row),
			selected: form.wish.substitute === row.instructor,
		});
	const input = el(
		"select",
		{ class: "form-control", on: { change: set } },
		el("option", { value: "", text: __("Whoever is free, who teaches the child first") }),
		there.length && el("optgroup", { label: __("There that evening") }, there.map(option)),
		absent.length && el("optgroup", { label: __("Would come for it") }, absent.map(option))
	);
	return form.field(__("Substitute"), input);
}

function described(row) {
	if (!row.there) return row.title;
	const parts = [__("free for {0} of {1}", [number(row.free), number(row.of)])];
	if (row.teaches) parts.push(__("teaches {0} of the children", [number(row.teaches)]));
	else if (row.subject) parts.push(__("teaches the subject"));
	return `${row.title} (${parts.join(", ")})`;
}
