// How crowded the evening will be, before anybody asks: the scheduler's forecast from what is offered.

import { el, link, number } from "../dom.js";

export class Forecast {
	constructor(page) {
		this.page = page;
		this.inputs = {
			asking: this.input({ value: 70, min: 0, max: 100, step: 1 }),
			per_student: this.input({ value: 1.5, min: 0, max: 20, step: 0.1 }),
			most: this.input({ value: 3, min: 1, max: 20, step: 1 }),
		};
		this.result = el("div", { class: "oa-forecast-result", role: "status" });
		this.button = el("button", {
			type: "submit",
			class: "btn btn-default btn-sm",
			text: __("Calculate", null, "Offers"),
		});
		this.root = el(
			"section",
			{ class: "oa-forecast" },
			el("h4", { text: __("Forecast") }),
			el("p", {
				class: "text-muted",
				text: __(
					"How many conversations each instructor may expect from what is offered, and the chance that there is not enough time."
				),
			}),
			el(
				"form",
				{
					class: "oa-forecast-form",
					on: {
						submit: (event) => {
							event.preventDefault();
							this.calculate();
						},
					},
				},
				field(__("Households that ask (%)"), this.inputs.asking),
				field(__("Conversations per student"), this.inputs.per_student),
				field(__("At most"), this.inputs.most),
				this.button
			),
			this.result
		);
	}

	input(attributes) {
		return el("input", { type: "number", class: "form-control input-sm", required: true, ...attributes });
	}

	async calculate() {
		if (this.button.disabled) return;
		this.button.disabled = true;
		this.result.textContent = __("Calculating…");
		try {
			const { asking, per_student, most } = this.inputs;
			// Nothing is changed: only the report comes back, at once or from a job that is followed.
			const found = await this.page.change(
				"check.expect",
				{
					asking: Number(asking.value) / 100,
					per_student: Number(per_student.value),
					most: Number(most.value),
					dry_run: 1,
				},
				{ progress_title: __("Calculating the Forecast") }
			);
			this.result.textContent = "";
			this.show(found);
		} finally {
			this.button.disabled = false;
		}
	}

	show(found) {
		if (!found) return;
		const { asked, demand, slots, short, looked_at, instructors, extras, impossible } = found;
		const texts = [
			__("{0} requests are expected, which take {1} of the {2} slots of {3} instructors.", [
				number(Math.round(asked)),
				number(Math.round(demand)),
				number(slots),
				number(looked_at),
			]),
			instructors.length
				? __("About {0} slots will find no place.", [decimal(short)])
				: __("Everybody has enough time."),
			impossible
				? __("{0} offers leave their family no time and were left out.", [number(impossible)])
				: "",
		];
		this.result.replaceChildren(
			el("p", { text: texts.filter(Boolean).join(" ") }),
			instructors.length ? tight(instructors) : "",
			extras.length ? more_time(extras) : ""
		);
	}
}

function field(text, input) {
	return el("label", { class: "oa-check-choice" }, el("span", { class: "text-muted", text }), input);
}

function tight(instructors) {
	const heads = [
		__("Instructor", null, "Offers"),
		__("Offers"),
		__("Slots"),
		__("Expected"),
		__("Chance of Too Little Time"),
		__("Short"),
	];
	return table(
		__("Instructors who may have too little time"),
		heads,
		instructors.map((one) => [
			link("Instructor", one.instructor, one.label),
			number(one.offers),
			number(one.slots),
			__("{0} ({1} to {2})", [decimal(one.demand), number(one.low), number(one.high)]),
			percent(one.chance),
			decimal(one.short),
		])
	);
}

function more_time(extras) {
	const kinds = { freed: __("blocked now"), added: __("after the last slot") };
	return table(
		__("Extra times that would help most"),
		[__("Instructor", null, "Offers"), __("Time"), __("What"), __("Slots Gained")],
		extras.map((one) => [
			link("Instructor", one.instructor, one.label),
			`${frappe.datetime.str_to_user(one.start.slice(0, 10))} ${one.start.slice(11, 16)}`,
			kinds[one.kind],
			decimal(one.gain),
		])
	);
}

function table(caption, heads, rows) {
	const cell = (value, i) =>
		el("td", { class: i ? "oa-forecast-figure" : null }, value instanceof Node ? value : String(value));
	return el(
		"details",
		{ open: true },
		el("summary", { text: caption }),
		el(
			"div",
			{ class: "oa-listing", tabindex: "0", role: "region", "aria-label": caption },
			el(
				"table",
				{ class: "oa-plain" },
				el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col", text })))),
				el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cell))))
			)
		)
	);
}

function decimal(value) {
	return Number(value).toLocaleString(frappe.boot.lang || undefined, { maximumFractionDigits: 1 });
}

function percent(value) {
	return Number(value).toLocaleString(frappe.boot.lang || undefined, { style: "percent" });
}
