// What yields nothing, and why: grouped by reason, each with a link to the record where it can be mended.

import { show } from "./dialogs.js";
import { el, link, number } from "./dom.js";

// More of one reason than this are folded away.
const UNFOLDED = 10;

/** Open the dialog of a report's skipped rows. */
export function show_skipped(report, title) {
	const body = skipped_list(report.skipped || []);
	return show({ title: title || __("What Yields Nothing"), size: "large", body });
}

/** The list itself, for a tab that shows it in place. */
export function skipped_list(skipped) {
	const groups = new Map();
	for (const row of skipped) {
		const key = row.code || row.sentence;
		groups.set(key, [...(groups.get(key) || []), row]);
	}
	return el("div", { class: "oa-skipped" }, ...[...groups.values()].map(group));
}

function group(rows) {
	const total = rows.reduce((sum, row) => sum + (row.number || 1), 0);
	const list = el("ul", {}, ...rows.map(item));
	if (rows.length === 1) return list;
	const heading = __("{0} × {1}", [number(total), reason(rows)]);
	return el("details", { open: rows.length <= UNFOLDED }, el("summary", {}, heading), list);
}

// One reason's sentences usually differ only in the names in them: the first stands for them.
function reason(rows) {
	return rows[0].reason || rows[0].sentence;
}

function item(row) {
	return el(
		"li",
		{},
		row.line ? el("span", { class: "text-muted", text: __("Line {0}: ", [row.line]) }) : "",
		row.sentence,
		row.number > 1 ? ` (${number(row.number)})` : "",
		row.doctype && row.name ? [" ", link(row.doctype, row.name, __("Open {0}", [row.name]))] : "",
		row.doctype && row.filters ? [" ", link_to_list(row.doctype, row.filters)] : "",
		row.items?.length ? items(row) : ""
	);
}

function link_to_list(doctype, filters) {
	const address = `/app/${frappe.router.slug(doctype)}?${new URLSearchParams(filters)}`;
	return el("a", { href: address, text: __("Open the list") });
}

// The single records, where one line stands for many.
function items(row) {
	const links = row.items.map(([doctype, name, title]) => link(doctype, name, title));
	if (links.length === 1) return [" ", links[0]];
	return el(
		"details",
		{},
		el("summary", { text: __("Which ones ({0})", [number(row.items.length)]) }),
		el("ul", {}, ...links.map((one) => el("li", {}, one)))
	);
}
