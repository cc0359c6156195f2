// The runs of an evening, one per row: tick several to compare them; what can be done with one stands in its row.

import { el, moment_text, number } from "../../offers/dom.js";
import { Table } from "../../offers/table.js";
import { button } from "./runs_form.js";

const TONES = {
	Running: "blue",
	Queued: "gray",
	Waiting: "gray",
	Finished: "green",
	Cancelled: "yellow",
	Interrupted: "red",
	Failed: "red",
};

const states = () => ({
	Waiting: __("Waits", null, "Schedule Run"),
	Queued: __("Queued"),
	Running: __("Running"),
	Finished: __("Finished"),
	Cancelled: __("Stopped", null, "Schedule Run"),
	Interrupted: __("Interrupted"),
	Failed: __("Failed"),
});

export class RunList {
	constructor(tab, parent) {
		this.tab = tab;
		this.page = tab.page;
		this.compare = button(__("Compare"), "btn-default", () => this.press_compare());
		this.look = button(__("Look on the Board"), "btn-default", () => this.with_one("look"));
		this.apply = button(__("Apply…"), "btn-primary", () => this.with_one("apply"));
		this.table = new Table({
			parent,
			label: __("Runs"),
			columns: this.columns(),
			fetch: () => this.tab.read_rows(),
			storage_key: "ouderavond-planning-runs",
			multi: true,
			height: "320px",
			tools: [this.compare, this.look, this.apply],
			empty: __("There are no runs yet."),
			on_select: () => this.show_tools(),
			on_activate: (row) => this.activate(row),
		});
		this.show_tools();
	}

	columns() {
		const figure = (key, label, width = 96) => ({
			key,
			label,
			format: "numeric",
			numeric: true,
			width,
			sortable: true,
			// What a worker left that was killed has not been reckoned.
			render: (row) => (row.status || (key === "placed" && row.placed) ? number(row[key]) : ""),
		});
		return [
			{ key: "title", label: __("Run"), fixed: true, width: 190 },
			{
				key: "state",
				label: __("State", null, "Planning"),
				width: 120,
				render: (row) => ({
					text: row.applied_on && row.applied ? __("Applied") : states()[row.state],
					tone: row.applied_on && row.applied ? "green" : TONES[row.state],
					title: row.message || "",
				}),
			},
			figure("placed", __("Placed"), 80),
			figure("must_unplaced", __("Must, left out"), 120),
			figure("wanted_unplaced", __("Asked, left out"), 128),
			figure("extra_dates", __("Further dates"), 120),
			figure("waiting_minutes", __("Waiting (min)"), 122),
			figure("preferences_missed", __("Missed wishes"), 128),
			figure("instructor_waiting_minutes", __("Instructors idle (min)"), 172),
			figure("moved", __("Moved"), 80),
			{ key: "moves", label: __("What may move"), width: 240 },
			{ key: "by", label: __("By"), width: 130 },
			{ key: "on", label: __("Started"), width: 150, render: (row) => moment_text(row.on) },
			{ key: "message", label: __("Remarks"), width: 260, hidden: true },
		];
	}

	get chosen() {
		return this.table.selected_rows.filter((row) => row.placed && !row.going_on);
	}

	show_tools() {
		const { length } = this.chosen;
		this.compare.disabled = !length || length > this.tab.constructor.most;
		this.compare.textContent =
			length > 1 ? __("Compare {0} Runs", [number(length)]) : __("Look at the Figures");
		this.look.disabled = length !== 1;
		this.apply.disabled = length !== 1 || this.page.read_only;
	}

	press_compare() {
		this.tab.comparison.open(this.tab.constructor.in_order(this.chosen));
	}

	with_one(what) {
		const [row] = this.chosen;
		if (!row) return;
		if (what === "look") this.page.go("board", row.name);
		else this.tab.apply(row.name);
	}

	activate(row) {
		if (row.going_on) this.tab.live.follow(row.name);
		else if (row.placed) this.tab.comparison.open([row.name]);
		else frappe.set_route("Form", "Schedule Run", row.name);
	}

	async refresh() {
		await this.table.refresh();
		this.show_tools();
	}
}

/** Sentences, one below the other. */
export function sentences(lines) {
	return el("ul", { class: "oa-runs-lines" }, ...lines.map((text) => el("li", { text })));
}
