// The whole evening: by date, program and subject.

import { el, number } from "../dom.js";

const TITLES = {
	dates: () => __("By Date"),
	programs: () => __("By Program"),
	subjects: () => __("By Subject"),
};

export class Overview {
	constructor(page, parent, go) {
		Object.assign(this, { page, parent, go });
	}

	async show(filters, again = false) {
		const text = JSON.stringify(filters);
		if (text === this.shown && !again) return;
		this.parent.setAttribute("aria-busy", "true");
		const found = await this.page.read("views.overall", { filters });
		this.parent.removeAttribute("aria-busy");
		this.shown = text;
		this.parent.replaceChildren(this.figures(found.totals), ...this.tables(found));
	}

	figures(totals) {
		const items = [
			[totals.students, __("students")],
			[totals.without, __("students without offers")],
			[totals.offered, __("offered")],
			[totals.requested, __("requested")],
			[totals.booked, __("booked")],
			[totals.households, __("households that asked")],
		];
		return el(
			"ul",
			{ class: "oa-views-figures" },
			items.map(([count, label]) =>
				el("li", {}, el("b", { text: number(count) }), el("span", { text: label }))
			)
		);
	}

	tables(found) {
		return Object.entries(found.tables).map(([name, columns]) =>
			el(
				"section",
				{},
				el("h4", { text: TITLES[name]() }),
				el(
					"div",
					{ class: "oa-views-scroll", tabindex: "0", role: "region", "aria-label": TITLES[name]() },
					this.table(name, columns, found)
				)
			)
		);
	}

	table(name, columns, found) {
		const rows = found[name].map((row) =>
			el(
				"tr",
				{},
				columns.map((column, i) => this.cell(name, row, column, i))
			)
		);
		return el(
			"table",
			{ class: "oa-plain" },
			el(
				"thead",
				{},
				el(
					"tr",
					{},
					columns.map(({ label, format }) =>
						el("th", { scope: "col", class: kind(format), text: label })
					)
				)
			),
			el("tbody", {}, rows),
			name === "programs" ? this.foot(columns, found.totals) : ""
		);
	}

	cell(name, row, { key, format }, i) {
		const text = format === "number" ? number(row[key]) : row[key];
		const link = i === 0 && name === "programs";
		return el(
			i ? "td" : "th",
			{ class: kind(format), scope: i ? null : "row" },
			link
				? el("button", {
						type: "button",
						class: "oa-cell-action",
						text,
						on: { click: () => this.go("program", row.key) },
					})
				: text
		);
	}

	foot(columns, totals) {
		return el(
			"tfoot",
			{},
			el(
				"tr",
				{},
				columns.map(({ key, format }, i) =>
					el(i ? "td" : "th", { class: kind(format), text: i ? number(totals[key]) : __("Total") })
				)
			)
		);
	}
}

function kind(format) {
	return format === "number" ? "oa-number" : null;
}
