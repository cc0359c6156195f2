// Runs side by side: a column each, a row per figure, with the best of each row marked in words and colour.

import { show } from "../../offers/dialogs.js";
import { el, number } from "../../offers/dom.js";
import { Table } from "../../offers/table.js";
import { Chart } from "./runs_chart.js";
import { button } from "./runs_form.js";

const tenth = (value) =>
	Number(value || 0).toLocaleString(frappe.boot.lang || undefined, { maximumFractionDigits: 1 });
const criteria = (name) => (run) => run.criteria[name];

// [title, value of a run, how it is written, larger is better]
const rows = () => [
	[__("Conversations placed"), (run) => run.placed, number, true],
	[__("That must take place, left out"), criteria("must_unplaced"), number],
	[__("That were asked for, left out"), criteria("wanted_unplaced"), number],
	[__("Families with nothing"), criteria("households_with_nothing"), number],
	[__("Further dates of families"), criteria("extra_dates"), number],
	[__("Waiting per family, in minutes"), (run) => run.waiting_mean, tenth],
	[__("Longest waiting of a family, in minutes"), (run) => run.waiting_worst, number],
	[__("Families that wait"), (run) => run.waiting_households, number],
	[__("Missed wishes for early or late"), criteria("preferences_missed"), number],
	[__("Moved from where they were"), criteria("moved"), number],
	[__("Idle minutes of instructors"), criteria("instructor_waiting_minutes"), number],
	[__("Longest idle time of an instructor, in minutes"), (run) => run.instructor_waiting_worst, number],
	[__("Missed breaks"), criteria("breaks_missed"), number],
];

export class Comparison {
	constructor(tab) {
		this.tab = tab;
		this.page = tab.page;
		this.root = el("section", {
			class: "oa-runs-compare",
			"aria-label": __("Comparison"),
			tabindex: "-1",
			hidden: true,
		});
	}

	async open(names) {
		this.names = names;
		this.root.hidden = false;
		this.root.replaceChildren(el("p", { class: "text-muted", text: __("Comparing…") }));
		const found = await this.page.read("runs.compare", { runs: JSON.stringify(names) }).catch(() => null);
		if (this.names !== names) return;
		if (!found) return this.close();
		this.draw(found);
		if (names.length === 1) await this.draw_progress(names[0]);
		if (this.names !== names) return;
		this.root.focus({ preventScroll: true });
		this.root.scrollIntoView({ block: "start", behavior: "instant" });
	}

	/** How a run alone came to its result. */
	async draw_progress(run) {
		const found = await this.page.read("runs.read", { run }).catch(() => null);
		if (!found?.points.length) return;
		const chart = new Chart();
		chart.show(found.points, { done: true });
		this.root.append(chart.root);
	}

	close() {
		this.names = null;
		this.root.hidden = true;
	}

	draw({ runs, same_input: same }) {
		this.runs = runs;
		this.root.replaceChildren(
			el(
				"div",
				{ class: "oa-runs-live-head" },
				el("h4", { text: runs.length > 1 ? __("Side by side") : runs[0].title }),
				button(__("Close"), "btn-default", () => this.close())
			),
			same
				? ""
				: el("p", {
						class: "oa-notice",
						text: __(
							"These runs were calculated from different requests or times, or may move different conversations."
						),
					}),
			el(
				"div",
				{
					class: "table-responsive oa-runs-scroll",
					tabindex: "0",
					role: "region",
					"aria-label": __("Figures"),
				},
				this.table(runs)
			),
			el("div", { class: "oa-runs-worst" }, ...runs.map((run) => worst(run)))
		);
	}

	table(runs) {
		const head = runs.map((run) =>
			el(
				"th",
				{ scope: "col" },
				el("span", { text: run.title }),
				el("span", { class: "text-muted", text: run.moves }),
				this.tab.is_applied(run.run) ? el("span", { class: "oa-runs-tag", text: __("Applied") }) : ""
			)
		);
		return el(
			"table",
			{ class: "table table-sm oa-runs-table" },
			el("thead", {}, el("tr", {}, el("td", {}), ...head)),
			el(
				"tbody",
				{},
				...rows().map(([title, value, write, larger]) => figures(title, runs, value, write, larger)),
				texts(__("How sure"), runs, proof),
				...this.worth(runs),
				runs.length > 1 ? this.differences(runs) : "",
				texts(__("Seconds"), runs, (run) => number(Math.round(run.seconds)))
			),
			el("tfoot", {}, el("tr", {}, el("td", {}), ...runs.map((run) => this.actions(run))))
		);
	}

	/** What each schedule is worth to whoever weighs as in another run. */
	worth(runs) {
		return runs.map((judge) =>
			figures(
				runs.length > 1
					? __("Points by the weights of “{0}”", [judge.title])
					: __("Points (fewer is better)"),
				runs,
				(run) => run.values[judge.run],
				tenth
			)
		);
	}

	differences(runs) {
		const [first] = runs;
		return el(
			"tr",
			{},
			el("th", { scope: "row", text: __("Elsewhere than in “{0}”", [first.title]) }),
			...runs.map((run) =>
				el(
					"td",
					{},
					run === first
						? "–"
						: el("button", {
								type: "button",
								class: "btn btn-link btn-sm",
								text: number(run.differs[first.run]),
								"aria-label": __("{0} conversations are elsewhere: see which", [
									number(run.differs[first.run]),
								]),
								on: { click: () => this.show_difference(first, run) },
							})
				)
			)
		);
	}

	actions(run) {
		return el(
			"td",
			{},
			el(
				"div",
				{ class: "oa-runs-buttons" },
				button(__("Look on the Board"), "btn-default btn-xs", () => this.page.go("board", run.run)),
				this.page.read_only
					? ""
					: button(__("Apply…"), "btn-primary btn-xs", () => this.tab.apply(run.run))
			)
		);
	}

	async show_difference(one, other) {
		const found = await this.page
			.read("runs.difference", { one: one.run, other: other.run })
			.catch(() => null);
		if (!found) return;
		const body = el("div", {});
		const { figures: n } = found;
		body.append(
			el("p", {
				text: __(
					"{0} have the same time, {1} another one; {2} have a time only in “{3}”, {4} only in “{5}”.",
					[
						number(n.same),
						number(n.elsewhere),
						number(n.only_one),
						one.title,
						number(n.only_other),
						other.title,
					]
				),
			})
		);
		const when = (value) => (value ? moment_of(value) : __("not placed"));
		new Table({
			parent: body,
			label: __("What two runs do differently"),
			row_key: "key",
			rows: found.rows,
			search: true,
			height: "50vh",
			columns: [
				{ key: "student", label: __("Student", null, "Planning"), fixed: true, width: 170 },
				{ key: "subject", label: __("Subject", null, "Planning"), width: 130 },
				{ key: "instructors", label: __("Instructors", null, "Planning"), width: 170 },
				{ key: "one", label: one.title, width: 150, render: (row) => when(row.one) },
				{ key: "other", label: other.title, width: 150, render: (row) => when(row.other) },
			],
		});
		show({ title: __("What differs"), body, size: "extra-large" });
	}
}

function moment_of(value) {
	return `${frappe.datetime.str_to_user(value.slice(0, 10))} ${value.slice(11)}`;
}

function figures(title, runs, value, write, larger = false) {
	const values = runs.map(value);
	const best = larger ? Math.max(...values) : Math.min(...values);
	const marks = runs.length > 1 && values.some((one) => one !== best);
	return el(
		"tr",
		{},
		el("th", { scope: "row", text: title }),
		...values.map((one) =>
			el(
				"td",
				{ class: marks && one === best ? "oa-runs-best" : "" },
				write(one),
				marks && one === best ? el("span", { class: "sr-only", text: ` ${__("(best)")}` }) : ""
			)
		)
	);
}

function texts(title, runs, text) {
	return el(
		"tr",
		{},
		el("th", { scope: "row", text: title }),
		...runs.map((run) => el("td", { text: text(run) }))
	);
}

/** How good a schedule is beside the best that can exist. */
export function proof(run) {
	if (run.proven) return __("Proven: none is better for these weights.");
	const missed = run.criteria.must_unplaced + run.criteria.wanted_unplaced;
	const { must_unplaced: must, wanted_unplaced: wanted } = run.bounds;
	if (must != null && wanted != null)
		return missed === must + wanted
			? __("Proven: none places more conversations.")
			: __("At most {0} more could be placed.", [number(missed - must - wanted)]);
	if (run.gap == null) return __("Not known.");
	return __("At most {0} points better could exist.", [tenth(run.gap)]);
}

function worst(run) {
	return el(
		"details",
		{},
		el("summary", { text: __("Who is worst off in “{0}”", [run.title]) }),
		el("h5", { text: __("Families") }),
		run.households.length
			? el(
					"ul",
					{},
					...run.households.map((row) =>
						el("li", {}, el("b", { text: row.name }), " ", about_household(row))
					)
				)
			: el("p", { class: "text-muted", text: __("Every family has what it asked, without waiting.") }),
		el("h5", { text: __("Instructors", null, "Planning") }),
		run.instructors.length
			? el(
					"ul",
					{},
					...run.instructors.map((row) =>
						el("li", {}, el("b", { text: row.name }), " ", about_instructor(row))
					)
				)
			: el("p", { class: "text-muted", text: __("No instructor has a gap or misses a break.") })
	);
}

function about_household(row) {
	const left = row.asked - row.placed;
	return [
		row.students ? `(${row.students})` : "",
		left ? __("{0} of {1} conversations left out", [number(left), number(row.asked)]) : "",
		row.dates > 1 ? __("comes on {0} dates", [number(row.dates)]) : "",
		row.waiting ? __("waits {0} minutes", [number(row.waiting)]) : "",
		row.missed ? __("{0} missed wishes", [number(row.missed)]) : "",
		row.moved ? __("{0} moved", [number(row.moved)]) : "",
	]
		.filter(Boolean)
		.join(", ");
}

function about_instructor(row) {
	return [
		__("{0} conversations", [number(row.placed)]),
		row.idle ? __("{0} minutes idle", [number(row.idle)]) : "",
		row.breaks_missed ? __("{0} missed breaks", [number(row.breaks_missed)]) : "",
	]
		.filter(Boolean)
		.join(", ");
}
