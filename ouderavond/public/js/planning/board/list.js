// The board on a phone: one instructor at a time, the slots of a date below each other.
//
// const list = new List({on_open(booking, element), on_drop(place), on_date()}); the same `show`, `filter`, `paint` …
// as Grid, so that tabs/board.js need not know which of the two is shown.

import { el } from "../../offers/dom.js";
import { state_said } from "./sayings.js";
import { name_of, sign, signs_of } from "./signs.js";

export class List {
	constructor(options) {
		this.options = options;
		this.at = null;
		this.choice = el("select", {
			class: "form-control",
			id: "oa-board-instructor",
			on: { change: () => this.choose(this.choice.value) },
		});
		this.slots = el("ol", { class: "oa-list-slots", on: { click: (event) => this.on_click(event) } });
		this.where = el("p", { class: "text-muted oa-list-where" });
		this.root = el(
			"div",
			{ class: "oa-board-list" },
			el("label", {
				for: "oa-board-instructor",
				class: "control-label",
				text: __("Instructor", null, "Planning"),
			}),
			this.choice,
			this.where,
			this.slots
		);
	}

	get element() {
		return this.slots;
	}

	show(model, date) {
		Object.assign(this, { model, date });
		this.instructor ??= model.instructors.find(({ name }) => model.held(name, date).length)?.name;
		this.fill_choice();
		this.draw();
	}

	fill_choice() {
		const { model, date, filters } = this;
		const rows = model.instructors.filter(
			({ name }) => name === this.instructor || !filters || filters.row(name, date)
		);
		this.choice.replaceChildren(
			...rows.map(({ name, title }) => {
				const count = model.held(name, date).length;
				const free = this.verdicts?.(name).length;
				const text =
					free == null
						? __("{0}: {1} conversations", [title, count])
						: __("{0}: {1} slots fit", [title, free]);
				return el("option", { value: name, text });
			})
		);
		this.instructor ??= model.instructors[0]?.name;
		this.choice.value = this.instructor;
	}

	choose(instructor) {
		this.instructor = instructor;
		this.draw();
	}

	update(model) {
		this.show(model, this.date);
	}

	draw() {
		const focused = this.slots.contains(document.activeElement) && document.activeElement.dataset.at;
		const { model, date, instructor } = this;
		if (!instructor) return;
		this.where.textContent = model.where(instructor, date);
		this.slots.replaceChildren(
			...model
				.cells(instructor, date)
				.flatMap((cell) => (this.verdicts ? this.picking(cell) : this.slot(cell)))
		);
		if (focused) this.slots.querySelector(`[data-at="${focused}"]`)?.focus();
	}

	slot(cell) {
		const { date, model } = this;
		const start = model.times.of(date).starts[cell.index];
		const [booking] = cell.bookings || [];
		const time = el("span", { class: "oa-list-time", text: start });
		if (booking) return el("li", { class: "is-booking" }, time, this.conversation(booking, cell));
		return el(
			"li",
			{ class: `is-${cell.kind}` },
			time,
			el("span", { class: "text-muted", text: state_said(cell) })
		);
	}

	conversation(booking, cell) {
		const out = this.filters && !this.filters.block(booking);
		return el(
			"button",
			{
				type: "button",
				class: `oa-list-booking${out ? " is-out" : ""}`,
				data: { at: cell.index, booking: booking.booking },
			},
			el("b", { text: booking.name }),
			el("span", { text: [booking.class, booking.subject].filter(Boolean).join(" · ") }),
			el(
				"span",
				{ class: "oa-list-signs" },
				signs_of(booking).map((key) => el("span", {}, sign(key), name_of(key)))
			)
		);
	}

	/** Each slot with how it would do, to choose from. */
	picking(cell) {
		const { date, instructor, model } = this;
		return Array.from({ length: cell.span }, (_none, i) => {
			const index = cell.index + i;
			const { verdict, sentence } = this.options.judge({ instructor, date, index });
			const may = !["never", "here", "waiting"].includes(verdict);
			return el(
				"li",
				{ class: "is-picking", data: { verdict } },
				el("span", { class: "oa-list-time", text: model.times.of(date).starts[index] }),
				el("span", { class: "oa-list-why", text: sentence }),
				may
					? el("button", {
							type: "button",
							class: "btn btn-default btn-sm",
							data: { at: index, drop: index },
							text: verdict === "swap" ? __("Swap") : __("Here"),
							"aria-label": __("{0}: {1}", [model.times.of(date).starts[index], sentence]),
						})
					: ""
			);
		});
	}

	on_click(event) {
		const button = event.target.closest("button");
		if (!button) return;
		const { drop, booking } = button.dataset;
		const { instructor, date } = this;
		if (drop != null) this.options.on_drop({ instructor, date, index: Number(drop) });
		else this.options.on_open(this.model.booking(booking), button);
	}

	filter(filters) {
		this.filters = filters;
		this.fill_choice();
		this.draw();
	}

	paint(verdicts) {
		this.verdicts = verdicts;
		this.fill_choice();
		this.draw();
	}

	go(place) {
		this.at = place;
		this.choose(place.instructor);
		this.choice.value = place.instructor;
		this.slots.querySelector(`[data-at="${place.index}"]`)?.focus();
	}

	// What only the wide board shows.
	aim() {}
	light() {}
	mark_selected() {}
	mark_held() {}
	place_at() {
		return null;
	}
}
