// The form with which runs are started: weights, what may move, a time limit and a name; one run or several.

import { confirm, Picker } from "../../offers/dialogs.js";
import { el, number } from "../../offers/dom.js";
import { Weights } from "./runs_weights.js";

const LIMITS = [15, 30, 60, 120, 300, 600, 1800];

const moves = (info) => [
	[
		"planned",
		__("Everything that is not pinned or published"),
		info.planned
			? __("{0} planned conversations may get another time.", [number(info.planned)])
			: __("Nothing is planned yet."),
	],
	["new", __("Nothing that has a time"), __("Only requests without a time are placed.")],
	["instructors", __("Only conversations of chosen instructors"), ""],
	[
		"all",
		__("Everything that is not pinned, also what was published"),
		info.published
			? __(
					"{0} conversations of which people were told a time may move: they learn it when you publish again.",
					[number(info.published)]
				)
			: __("Nothing has been published."),
	],
];

export class RunForm {
	constructor(tab, info) {
		this.tab = tab;
		this.page = tab.page;
		this.info = info;
		this.scenarios = [];
		this.weights = new Weights({
			minutes: info.minutes,
			weights: info.weights,
			presets: info.presets,
			on_change: () => this.name_follows(),
		});
		this.root = el("form", {
			class: "oa-runs-form",
			"aria-label": __("Start a run"),
			on: { submit: (event) => event.preventDefault() },
		});
		this.root.append(this.weights.root, this.side());
		this.draw_scenarios();
		this.choose_move();
	}

	side() {
		this.move = el(
			"fieldset",
			{ class: "oa-runs-move", on: { change: () => this.choose_move() } },
			el("legend", { text: __("What may move") }),
			...moves(this.info).map(([value, label, description], i) => choice(value, label, description, !i))
		);
		this.chosen = el("div", { class: "oa-runs-chosen", hidden: true });
		this.picker = new Picker({
			page: this.page,
			parent: this.chosen,
			label: __("Instructors whose conversations may move"),
			search: (text) => this.page.read("runs.instructors", { text }),
		});
		this.published = el("input", { type: "checkbox" });
		this.chosen.append(
			el(
				"label",
				{ class: "oa-runs-check" },
				this.published,
				el("span", { text: __("Also those of which people were told a time") })
			)
		);
		this.limit = el(
			"select",
			{ class: "form-control input-sm", "aria-label": __("Time limit") },
			...[...new Set([...LIMITS, this.info.time_limit])]
				.sort((one, other) => one - other)
				.map((seconds) =>
					el("option", {
						value: seconds,
						text: duration(seconds),
						selected: seconds === this.info.time_limit,
					})
				)
		);
		this.name = el("input", {
			type: "text",
			class: "form-control input-sm",
			maxlength: 140,
			"aria-label": __("Name"),
			placeholder: __("A name to tell runs apart"),
			on: { input: () => (this.named = Boolean(this.name.value.trim())) },
		});
		this.list = el("ul", { class: "oa-runs-scenarios", "aria-label": __("Scenarios to start") });
		this.start = button(__("Start"), "btn-primary", () => this.start_one());
		this.add = button(__("Add as a Scenario"), "btn-default", () => this.add_scenario());
		this.several = button("", "btn-primary", () => this.start_several());
		this.room = el("div", { class: "oa-runs-room", "aria-live": "polite" });
		return el(
			"div",
			{ class: "oa-runs-side" },
			this.move,
			this.chosen,
			labelled(__("Time limit"), this.limit),
			labelled(__("Name"), this.name),
			el("p", { class: "text-muted", text: this.what() }),
			el("div", { class: "oa-runs-buttons" }, this.start, this.add),
			this.list,
			el("div", { class: "oa-runs-buttons" }, this.several),
			el(
				"div",
				{ class: "oa-runs-buttons" },
				button(__("Is There Room for Everything?"), "btn-default btn-xs", () => this.look_for_room())
			),
			this.room
		);
	}

	what() {
		const { requests, pinned } = this.info;
		const asked = __("{0} requests take part.", [number(requests)]);
		return pinned ? `${asked} ${__("{0} pinned conversations stay.", [number(pinned)])}` : asked;
	}

	/** Without a name of their own, runs are called after where their weights come from. */
	name_follows() {
		if (this.named || !this.name) return;
		const preset = this.weights.preset.selectedOptions[0];
		this.name.value = preset && preset.value && preset.value !== "own" ? preset.text : "";
	}

	get move_value() {
		return this.move.querySelector("input:checked").value;
	}

	choose_move() {
		this.chosen.hidden = this.move_value !== "instructors";
	}

	/** The values that all runs share; null where something is missing. */
	shared() {
		const values = { move: this.move_value, time_limit: Number(this.limit.value) };
		if (values.move === "instructors") {
			if (!this.picker.values.length) {
				frappe.show_alert({
					message: __("Choose the instructors whose conversations may move."),
					indicator: "orange",
				});
				this.picker.focus();
				return null;
			}
			values.instructors = this.picker.values;
			values.published = this.published.checked ? 1 : 0;
		}
		return values;
	}

	async start_one() {
		const shared = this.shared();
		if (!shared || !(await this.is_meant(shared))) return;
		const scenario = this.name.value.trim() || undefined;
		await this.begin("runs.start", { ...shared, scenario, weights: this.weights.values });
	}

	async start_several() {
		const shared = this.shared();
		if (!shared || !(await this.is_meant(shared))) return;
		if (await this.begin("runs.start_scenarios", { ...shared, scenarios: this.scenarios })) {
			this.scenarios = [];
			this.draw_scenarios();
		}
	}

	is_meant({ move, published }) {
		if (!this.info.published || !(move === "all" || published)) return true;
		return confirm(
			__(
				"Conversations of which people were told a time may move. Nothing changes before you apply the run, and people see the old time until you publish the change."
			),
			{ title: __("Move What Was Published?"), primary_label: __("Start") }
		);
	}

	async begin(method, values) {
		this.start.disabled = this.several.disabled = true;
		try {
			const { run, runs } = await this.page.call(method, values);
			await this.tab.begun(run || runs[0]);
			return true;
		} catch {
			return false;
		} finally {
			this.start.disabled = this.several.disabled = false;
		}
	}

	add_scenario() {
		const preset = this.weights.preset.selectedOptions[0];
		const name = this.name.value.trim() || (preset.value ? preset.text : __("By hand"));
		if (this.scenarios.some((one) => one.name === name)) {
			frappe.show_alert({ message: __("Give each scenario a name of its own."), indicator: "orange" });
			this.name.focus();
			return;
		}
		this.scenarios.push({ name, weights: this.weights.values });
		this.named = false;
		this.draw_scenarios();
	}

	draw_scenarios() {
		const count = this.scenarios.length;
		this.list.hidden = this.several.hidden = !count;
		this.several.textContent =
			count === 1 ? __("Start This Scenario") : __("Start {0} Scenarios", [number(count)]);
		this.list.replaceChildren(
			...this.scenarios.map((one) =>
				el(
					"li",
					{},
					el("span", { text: one.name }),
					el("button", {
						type: "button",
						class: "btn btn-link btn-xs",
						"aria-label": __("Take {0} away", [one.name]),
						text: "×",
						on: {
							click: () => {
								this.scenarios = this.scenarios.filter((other) => other !== one);
								this.draw_scenarios();
								this.add.focus();
							},
						},
					})
				)
			)
		);
	}

	async look_for_room() {
		this.room.replaceChildren(el("p", { class: "text-muted", text: __("Looking…") }));
		const found = await this.page.read("runs.outlook").catch(() => null);
		if (!found) return this.room.replaceChildren();
		if (!found.instructors.length)
			return this.room.replaceChildren(
				el("p", { text: __("Every instructor has at least as many slots as were asked.") })
			);
		return this.room.replaceChildren(
			el("p", {
				text: __(
					"{0} instructors were asked for more slots than they have: at least {1} of {2} slots cannot be had by any run.",
					[number(found.instructors.length), number(found.short), number(found.asked)]
				),
			}),
			el(
				"details",
				{},
				el("summary", { text: __("Who") }),
				el(
					"ul",
					{},
					...found.instructors.map((row) =>
						el("li", {
							text: __("{0}: asked for {1}, has {2}", [
								row.name,
								number(row.asked),
								number(row.available),
							]),
						})
					)
				)
			)
		);
	}
}

function choice(value, label, description, checked) {
	return el(
		"label",
		{ class: "oa-runs-check" },
		el("input", { type: "radio", name: "oa-runs-move", value, checked }),
		el(
			"span",
			{},
			label,
			description ? el("span", { class: "text-muted oa-runs-words", text: description }) : ""
		)
	);
}

function labelled(text, control) {
	return el("label", { class: "oa-runs-field" }, el("span", { class: "text-muted", text }), control);
}

export function button(text, css, click) {
	return el("button", { type: "button", class: `btn btn-sm ${css}`, text, on: { click } });
}

/** A number of seconds in words. */
export function duration(seconds) {
	if (seconds < 120 || seconds % 60) return __("{0} seconds", [number(Math.round(seconds))]);
	return __("{0} minutes", [number(seconds / 60)]);
}
