// What is shown as a file: all pages, the chosen columns, and a line of totals.

import { el } from "../dom.js";

const KINDS = { xlsx: () => __("Excel", null, "Offers"), csv: () => __("CSV") };
const POLL_MS = 1000;

/** The button with its choices. */
export function export_menu(tab) {
	const menu = el("div", { class: "dropdown-menu dropdown-menu-right" });
	const button = el("button", {
		type: "button",
		class: "btn btn-default btn-sm dropdown-toggle",
		"data-toggle": "dropdown",
		"aria-haspopup": "true",
		"aria-expanded": "false",
		text: __("Export"),
		on: { click: () => menu.replaceChildren(...choices(tab)) },
	});
	return el("div", { class: "dropdown oa-views-export" }, button, menu);
}

function choices(tab) {
	return parts_of(tab).flatMap(([label, shown]) =>
		Object.entries(KINDS).map(([kind, name]) =>
			el("button", {
				type: "button",
				class: "dropdown-item",
				text: __("{0} ({1})", [label, name()]),
				on: { click: () => make(tab.page, { ...shown(), kind }) },
			})
		)
	);
}

function parts_of(tab) {
	const { view, filters, list } = tab;
	if (view === "overview") return [[__("Whole evening"), () => ({ view, filters: filters.values })]];
	const parts = [];
	if (tab.grouped) {
		const { table } = tab.groups;
		const columns = () => table.visible_columns.map((column) => column.key);
		const shown = () => ({ view, filters: filters.values, order_by: table.order_by, columns: columns() });
		parts.push([__("Groups", null, "Offers"), shown]);
	}
	if (!tab.grouped || tab.key != null) {
		const shown = () => ({
			view: "standard",
			filters: tab.shown_filters,
			order_by: list.table.order_by,
			columns: list.columns,
		});
		parts.push([__("List"), shown]);
	}
	return parts;
}

async function make(page, shown) {
	frappe.show_alert({ message: __("The file is being made."), indicator: "blue" });
	try {
		const answer = await page.call("views.prepare", shown);
		const report = answer.report || (await finished(page, answer.job));
		const query = new URLSearchParams({
			evening: page.evening,
			token: report.more.file,
			kind: shown.kind,
		});
		window.location.assign(`/api/method/ouderavond.api.offers.views.download?${query}`);
	} catch (error) {
		if (error.said)
			frappe.msgprint({ title: __("Export"), message: frappe.utils.escape_html(error.said) });
	}
}

async function finished(page, job) {
	for (;;) {
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		const now = await page.read("running.state", { job });
		if (now.state === "finished") return now.report;
		if (now.state === "failed") throw Object.assign(new Error("failed"), { said: now.message });
	}
}
