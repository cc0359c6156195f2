// The weights of a run: a slider each, with what it means in words, and a warning where the usual order breaks.
//
// const weights = new Weights({minutes, weights, presets, on_change})
// weights.root, weights.values {name: number}, weights.set(values)

import { el, number } from "../../offers/dom.js";

const STEPS = [
	...[0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 50, 90, 100, 200, 300, 500, 1000, 2000, 5000],
	...[10000, 20000, 50000, 100000],
];
const LARGEST = 1000000;

// Group, name and title of each weight, as they are shown.
const groups = () => [
	[
		__("Who gets a time"),
		[
			["must", __("Conversations that must take place")],
			["wanted", __("Conversations that were asked for")],
			["nothing", __("Families with no conversation at all")],
		],
	],
	[
		__("For families"),
		[
			["moved", __("Conversations that move")],
			["date", __("Coming on more than one date")],
			["waiting", __("Waiting")],
			["preference", __("Early or late")],
		],
	],
	[
		__("For instructors"),
		[
			["break", __("Breaks")],
			["instructor_waiting", __("Gaps between conversations")],
		],
	],
];

export class Weights {
	constructor(options) {
		this.options = options;
		this.fields = new Map();
		this.warning = el("p", { class: "oa-notice oa-runs-order", role: "status", hidden: true });
		this.preset = el(
			"select",
			{
				class: "form-control input-sm",
				"aria-label": __("Start from"),
				on: { change: () => this.take_preset() },
			},
			...options.presets.map((one) => el("option", { value: one.key, text: one.label })),
			el("option", { value: "", text: __("Chosen by hand") })
		);
		this.root = el(
			"div",
			{ class: "oa-runs-weights" },
			el(
				"label",
				{ class: "oa-runs-preset" },
				el("span", { class: "text-muted", text: __("Start from") }),
				this.preset
			),
			...groups().map(([title, rows]) => this.group(title, rows)),
			this.warning
		);
		this.set(options.weights);
	}

	group(title, rows) {
		return el(
			"fieldset",
			{},
			el("legend", { text: title }),
			...rows.map(([name, label]) => this.field(name, label))
		);
	}

	field(name, label) {
		const id = `oa-runs-weight-${name}`;
		const slider = el("input", {
			type: "range",
			id,
			min: 0,
			step: 1,
			class: "oa-runs-slider",
			on: { input: () => this.slid(name) },
		});
		const exact = el("input", {
			type: "number",
			min: 0,
			max: LARGEST,
			step: "0.001",
			class: "form-control input-sm",
			"aria-label": __("{0}: exact weight", [label]),
			on: { change: () => this.typed(name) },
		});
		const words = el("span", { class: "text-muted oa-runs-words", id: `${id}-words` });
		this.fields.set(name, { slider, exact, words, value: 0 });
		return el(
			"div",
			{ class: "oa-runs-weight" },
			el("label", { for: id, text: label }),
			el("div", { class: "oa-runs-control" }, slider, exact),
			words
		);
	}

	get values() {
		return Object.fromEntries([...this.fields].map(([name, field]) => [name, field.value]));
	}

	/** Show these weights. */
	set(values) {
		for (const [name, field] of this.fields) this.put(field, Number(values[name] ?? 0));
		this.tell();
	}

	put(field, value) {
		field.value = value;
		field.steps = [...new Set([...STEPS, value])].sort((one, other) => one - other);
		field.slider.max = field.steps.length - 1;
		field.slider.value = field.steps.indexOf(value);
		field.exact.value = value;
	}

	slid(name) {
		const field = this.fields.get(name);
		field.value = field.steps[Number(field.slider.value)];
		field.exact.value = field.value;
		this.tell();
	}

	typed(name) {
		const field = this.fields.get(name);
		const value = Math.round(Number(field.exact.value) * 1000) / 1000;
		this.put(field, Number.isFinite(value) ? Math.min(LARGEST, Math.max(0, value)) : 0);
		this.tell();
	}

	take_preset() {
		const chosen = this.options.presets.find((one) => one.key === this.preset.value);
		if (chosen) this.set(chosen.weights);
	}

	tell() {
		const { values } = this;
		for (const [name, field] of this.fields) {
			const text = words_of(name, values, this.options.minutes);
			field.words.textContent = text;
			field.slider.setAttribute("aria-valuetext", `${decimal(field.value)}. ${text}`);
		}
		const same = this.options.presets.find((one) =>
			Object.entries(one.weights).every(([name, value]) => values[name] === Number(value))
		);
		this.preset.value = same ? same.key : "";
		const broken = broken_order(values);
		this.warning.hidden = !broken.length;
		this.warning.textContent = broken.join(" ");
		this.options.on_change?.(values);
	}
}

const decimal = (value) =>
	Number(value).toLocaleString(frappe.boot.lang || undefined, { maximumFractionDigits: 3 });

/** What a weight means, in minutes of waiting where that can be said. */
export function words_of(name, values, minutes) {
	const value = values[name];
	if (!value) return does_not_count(name);
	if (name === "waiting")
		return __("This is the measure: a family that waits {0} minutes counts for {1}.", [
			number(minutes),
			decimal(value),
		]);
	if (name === "must" && values.wanted)
		return __("One that is left out counts as much as {0} that were only asked for.", [
			decimal(round(value / values.wanted)),
		]);
	if (name === "break" || name === "instructor_waiting")
		return for_instructors(name, value, values, minutes);
	if (!values.waiting) return __("It counts for {0}; waiting does not count at all.", [decimal(value)]);
	const waited = number(Math.round((value / values.waiting) * minutes));
	return {
		must: () => __("One that is left out counts as much as {0} minutes of waiting.", [waited]),
		wanted: () => __("One that is left out counts as much as {0} minutes of waiting.", [waited]),
		nothing: () =>
			__("Each of these families counts as much as {0} minutes of waiting, on top of that.", [waited]),
		moved: () =>
			__("Another time than people know, or was planned, counts as much as {0} minutes of waiting.", [
				waited,
			]),
		date: () => __("Each further date of a family counts as much as {0} minutes of waiting.", [waited]),
		preference: () => __("A missed wish counts as much as {0} minutes of waiting.", [waited]),
	}[name]();
}

function does_not_count(name) {
	if (name === "instructor_waiting") return __("Gaps in the evenings of instructors do not count.");
	return __("This does not count at all.");
}

function for_instructors(name, value, values, minutes) {
	if (name === "instructor_waiting")
		return __(
			"It only decides between schedules that are equally good for families: {0} idle minutes count for {1}.",
			[number(minutes), decimal(value)]
		);
	if (!values.instructor_waiting)
		return __("Breaks are looked after once families have the best that is possible.");
	return __("A missed break counts as much as {0} idle minutes of an instructor.", [
		number(Math.round((value / values.instructor_waiting) * minutes)),
	]);
}

const round = (value) => Math.round(value * 10) / 10;

/** Sentences where the usual order of importance does not hold: must, asked, moves, dates, then the rest. */
export function broken_order(values) {
	const last = Math.max(values.waiting, values.preference);
	const order = [
		[__("a conversation that must take place"), values.must * 0.6, values.must],
		[__("a conversation that was asked for"), values.wanted * 0.6, values.wanted],
		...[
			[__("a conversation that moves"), values.moved],
			[__("a further date"), values.date],
			[__("waiting or a missed wish"), last],
		]
			.filter(([, value]) => value)
			.map(([text, value]) => [text, value, value]),
	];
	const found = [];
	for (let i = 0; i + 1 < order.length; i++) {
		const [[one, least], [other, , most]] = [order[i], order[i + 1]];
		if (least <= most)
			found.push(__("Unusual: “{0}” does not always count for more than “{1}”.", [one, other]));
	}
	return found;
}
