// The conversations without a time, beside the board: why, and what could be done about it.
//
// const side = new Side({on_pick(row), on_place(row, alternative), read_only()}); side.show(model, matches)

import { el, number } from "../../offers/dom.js";
import { who } from "./sayings.js";

// More than one looks through; the filters find the rest.
const MOST = 100;

export class Side {
	constructor(options) {
		this.options = options;
		this.list = el("ul", { class: "oa-side-list" });
		this.count = el("span", { class: "oa-side-count" });
		this.rest = el("p", { class: "text-muted oa-side-rest" });
		this.title = el(
			"summary",
			{ class: "oa-side-title" },
			__("Not placed", null, "Planning"),
			" ",
			this.count
		);
		this.fold = el("details", { class: "oa-side-fold", open: true }, this.title, this.list, this.rest);
		this.root = el(
			"section",
			{ class: "oa-board-side", "aria-label": __("Not placed", null, "Planning") },
			this.fold
		);
		this.root.addEventListener("click", (event) => this.on_click(event));
	}

	show(model, matches) {
		this.model = model;
		const rows = model.unplaced.filter(matches);
		const all = model.unplaced.length;
		this.count.textContent =
			rows.length < all ? __("{0} of {1}", [number(rows.length), number(all)]) : number(all);
		this.list.replaceChildren(
			...model.lost.map((row) => this.lost(row)),
			...rows.slice(0, MOST).map((row) => this.item(row))
		);
		this.rest.textContent = rest_said(all, rows.length, model.lost.length);
	}

	focus() {
		this.fold.open = true;
		(this.list.querySelector("button") || this.title).focus();
	}

	focus_on(request) {
		const item = this.list.querySelector(`[data-request="${CSS.escape(request)}"]`);
		item?.querySelector("[data-act='pick']")?.focus();
	}

	item(row) {
		const may = !this.options.read_only();
		const rows = row.alternatives || [];
		return el(
			"li",
			{ class: `oa-unplaced${may ? " may-drag" : ""}`, data: { request: row.request } },
			this.facts(row),
			el("p", { class: "oa-unplaced-why", text: row.sentence }),
			rows.length
				? el(
						"ul",
						{ class: "oa-alternatives", "aria-label": __("What could be done") },
						rows.map((option, i) => this.alternative(row, option, i, may))
					)
				: "",
			may
				? el("button", {
						type: "button",
						class: "btn btn-default btn-xs",
						"aria-label": __("Choose a slot for {0}", [who(row)]),
						data: { act: "pick" },
						text: __("Choose a Slot"),
					})
				: ""
		);
	}

	facts(row) {
		const marks = [row.must && __("must see"), row.longer && __("longer")].filter(Boolean);
		return el(
			"p",
			{ class: "oa-unplaced-who" },
			el("b", { text: row.name }),
			` ${row.class || ""}`,
			el("br"),
			[row.subject, this.model.titles(row.instructors)].filter(Boolean).join(" · "),
			marks.map((text) => el("span", { class: "oa-tone oa-tone-yellow", text }))
		);
	}

	alternative(row, option, index, may) {
		const placeable = may && option.possible;
		return el(
			"li",
			{},
			el("span", { text: option.sentence }),
			placeable
				? el("button", {
						type: "button",
						class: "btn btn-default btn-xs",
						"aria-label": __("Place {0}: {1}", [row.name, option.sentence]),
						data: { act: "place", index },
						text: __("Place", null, "Planning"),
					})
				: ""
		);
	}

	/** A conversation that has a time now, and would have none after the run. */
	lost(row) {
		return el(
			"li",
			{ class: "oa-unplaced is-lost" },
			el("p", { class: "oa-unplaced-who" }, el("b", { text: row.name }), ` ${row.class || ""}`),
			el("p", {
				class: "oa-unplaced-why",
				text:
					row.sentence || __("Loses its time: {0}.", [this.model.times.say(row.start || row.from)]),
			})
		);
	}

	on_click(event) {
		const button = event.target.closest("[data-act]");
		if (!button) return;
		const { request } = button.closest("li[data-request]").dataset;
		const row = this.model.unplaced.find((one) => one.request === request);
		if (button.dataset.act === "pick") this.options.on_pick(row);
		else this.options.on_place(row, row.alternatives[button.dataset.index]);
	}

	row_of(element) {
		return this.model.unplaced.find((row) => row.request === element.dataset.request);
	}
}

function rest_said(all, shown, lost) {
	if (!all && !lost) return __("Every conversation that was asked for has a time.");
	if (!shown && all) return __("None of these with the chosen filters.");
	if (shown > MOST) return __("The first {0} are shown: filter to find others.", [number(MOST)]);
	return "";
}
