// The form: what happened, who or what and when, and what is to be done about it.

import { el, number } from "../../offers/dom.js";
import { ask_substitute } from "./disruptions_substitutes.js";
import { Picker } from "../../offers/picker.js";

const KINDS = () => [
	["ill", __("An instructor is ill"), __("Not there on one or all dates.")],
	["later", __("An instructor comes later or leaves earlier"), __("There for a part of the time.")],
	["room_closed", __("A room is closed"), __("Who sits there needs another place.")],
	["date_moved", __("A date moves"), __("To another date, or to other times.")],
];
const CHOICES = () => ({
	rerun: [__("Look for other times"), __("With the same people, at times or dates when they are there.")],
	substitute: [
		__("Give them to somebody else"),
		__("At the same times where a substitute is free, else at another time."),
	],
	online: [__("Make them online"), __("At the same times where families can; the link follows.")],
	cancel: [__("Cancel them"), __("They go to the list of what is not placed.")],
	room: [__("Use another room"), __("At the same times.")],
});
const OF_KIND = {
	ill: ["rerun", "substitute", "online", "cancel"],
	later: ["rerun", "substitute", "online", "cancel"],
	room_closed: ["room", "online", "rerun", "cancel"],
	date_moved: [],
};
let made = 0;

export class Form {
	constructor(tab, evening, known = {}, wish = null) {
		this.tab = tab;
		this.page = tab.page;
		this.evening = evening;
		this.id = `oa-disruption-${++made}`;
		this.wish = wish
			? { ...wish, each: {} }
			: { kind: KINDS().some(([key]) => key === known.kind) ? known.kind : null };
		if (!wish && known.who)
			this.wish[this.wish.kind === "room_closed" ? "room" : "instructor"] = known.who;
		this.make();
	}

	/** The evening was read again. */
	know(evening) {
		this.evening = evening;
	}

	make() {
		this.who = el("div", { class: "oa-disruption-who" });
		this.todo = el("div", { class: "oa-disruption-todo" });
		this.hit = el("p", { class: "oa-disruption-hit", role: "status" });
		this.go = el("button", {
			type: "submit",
			class: "btn btn-primary btn-sm",
			text: __("Look for a Proposal"),
		});
		const kinds = this.radios(
			"kind",
			__("What happened?"),
			KINDS().map(([key, label, note]) => ({ value: key, label, note })),
			() => this.kind_chosen()
		);
		this.root = el(
			"form",
			{ class: "oa-disruption-form", on: { submit: (event) => this.submit(event) } },
			this.recent(),
			kinds,
			this.who,
			this.hit,
			this.todo,
			el(
				"div",
				{ class: "oa-disruption-actions" },
				this.go,
				el("p", {
					class: "text-muted",
					text: __(
						"Nothing changes, and nobody is told, before you have seen the proposal and confirmed it."
					),
				})
			)
		);
		if (this.wish.kind) this.kind_chosen({ fresh: false });
		else this.go.hidden = true;
	}

	recent() {
		const rows = this.evening.recent || [];
		if (!rows.length) return null;
		return el(
			"details",
			{ class: "oa-disruption-recent" },
			el("summary", { text: __("What happened before ({0})", [number(rows.length)]) }),
			el(
				"ul",
				{},
				rows.map((row) =>
					el(
						"li",
						{},
						el("a", {
							href: `/app/ouderavond-planning/${encodeURIComponent(this.page.evening)}/disruptions/run/${row.run}`,
							text: row.title,
						}),
						row.undone ? ` (${__("undone")})` : null
					)
				)
			)
		);
	}

	// Fields

	radios(name, legend, options, on_change) {
		return el(
			"fieldset",
			{ class: "oa-disruption-radios" },
			el("legend", { text: legend }),
			options.map(({ value, label, note }) =>
				el(
					"label",
					{ class: "oa-disruption-radio" },
					el("input", {
						type: "radio",
						name: `${this.id}-${name}`,
						value,
						checked: this.wish[name] === value,
						on: {
							change: () => {
								this.wish[name] = value;
								on_change?.();
							},
						},
					}),
					el("span", {}, el("b", { text: label }), note && el("small", { text: note }))
				)
			)
		);
	}

	field(label, input) {
		const id = `${this.id}-f${++made}`;
		input.id = id;
		return el(
			"div",
			{ class: "oa-disruption-field" },
			el("label", { for: id, class: "control-label", text: label }),
			input
		);
	}

	select(label, options, name, on_change = () => this.look()) {
		const input = el(
			"select",
			{
				class: "form-control",
				on: {
					change: (event) => {
						this.wish[name] = event.target.value || null;
						on_change();
					},
				},
			},
			options.map(([value, text]) =>
				el("option", { value, text, selected: (this.wish[name] || "") === value })
			)
		);
		return this.field(label, input);
	}

	input(label, type, name) {
		const change = (event) => {
			this.wish[name] = event.target.value || null;
			this.look();
		};
		const value = this.wish[name] || "";
		return this.field(label, el("input", { type, class: "form-control", value, on: { change } }));
	}

	check(label, name, otherwise) {
		const checked = this.wish[name] ?? otherwise;
		const change = (event) => (this.wish[name] = event.target.checked);
		this.wish[name] = checked;
		return el(
			"label",
			{ class: "oa-disruption-check" },
			el("input", { type: "checkbox", checked, on: { change } }),
			el("span", { text: label })
		);
	}

	picker(label, rows, name) {
		const found = rows.find((row) => row.value === this.wish[name]);
		const field = el("div", { class: "oa-disruption-field" });
		new Picker({
			page: this.page,
			parent: field,
			label,
			multi: false,
			value: found ? [found] : [],
			search: async (text) => matching(rows, text),
			on_change: ([item]) => {
				this.wish[name] = item?.value || null;
				this.wish.dates = null;
				this.chosen();
			},
		});
		return field;
	}

	// Who, and when

	kind_chosen({ fresh = true } = {}) {
		const { kind } = this.wish;
		if (fresh) this.wish = { kind };
		this.go.hidden = false;
		const subject = {
			ill: () => this.picker(__("Instructor", null, "Planning"), this.people(), "instructor"),
			later: () => this.picker(__("Instructor", null, "Planning"), this.people(), "instructor"),
			room_closed: () => this.picker(__("Room", null, "Planning"), this.rooms_used(), "room"),
			date_moved: () => null,
		}[kind]();
		this.when = el("div", { class: "oa-disruption-when" });
		this.who.replaceChildren(...[subject, this.when].filter(Boolean));
		this.chosen();
		if (fresh) this.who.querySelector("input, select")?.focus();
	}

	people() {
		return this.evening.instructors.map((row) => ({
			value: row.instructor,
			label: row.title,
			description: row.code,
		}));
	}

	rooms_used() {
		return this.evening.rooms
			.filter((row) => Object.keys(row.dates).length)
			.map((row) => ({
				value: row.room,
				label: row.title,
				description: __("{0} sit there", [number(sitting(row).length)]),
			}));
	}

	/** The dates that are possible for who or what was chosen: [{value, label}]. */
	dates() {
		const of_evening = this.page.info.evening.dates;
		if (this.wish.kind === "date_moved") return of_evening.map((day) => [day.date, day.label]);
		const row =
			this.wish.kind === "room_closed"
				? this.evening.rooms.find((one) => one.room === this.wish.room)
				: this.evening.instructors.find((one) => one.instructor === this.wish.instructor);
		if (!row) return [];
		return of_evening
			.filter((day) => day.date in row.dates)
			.map((day) => {
				const there = row.dates[day.date];
				if (Array.isArray(there))
					return [day.date, `${day.label}: ${there.map((one) => one.title).join(", ")}`];
				return [day.date, __("{0}: {1} conversations", [day.label, number(there)])];
			});
	}

	chosen() {
		const dates = this.dates();
		const known = (this.wish.dates || []).filter((day) => dates.some(([date]) => date === day));
		const single = ["later", "date_moved"].includes(this.wish.kind);
		this.wish.dates = known.length
			? known
			: single
				? dates.slice(0, 1).map(([day]) => day)
				: dates.map(([day]) => day);
		const parts = dates.length ? [this.date_fields(dates, single), ...this.time_fields()] : [];
		this.when.replaceChildren(...parts.filter(Boolean));
		this.look();
	}

	date_fields(dates, single) {
		const type = single ? "radio" : "checkbox";
		const change = () => {
			this.wish.dates = [...this.when.querySelectorAll("[data-date]:checked")].map((one) => one.value);
			if (single) this.chosen();
			else this.look();
		};
		return el(
			"fieldset",
			{ class: "oa-disruption-dates" },
			el("legend", { text: single ? __("Which date?") : __("On which dates?") }),
			dates.map(([date, label]) =>
				el(
					"label",
					{ class: "oa-disruption-check" },
					el("input", {
						type,
						name: `${this.id}-dates`,
						value: date,
						"data-date": true,
						checked: this.wish.dates.includes(date),
						on: { change },
					}),
					el("span", { text: label })
				)
			)
		);
	}

	time_fields() {
		if (this.wish.kind === "later") {
			return [
				this.select(__("There from"), this.times(__("the beginning")), "present_from"),
				this.select(__("There until"), this.times(__("the end")), "present_until"),
			];
		}
		if (this.wish.kind !== "date_moved") return [];
		return [
			this.input(__("New date (empty: the same)"), "date", "new_date"),
			this.input(__("First time (empty: the same)"), "time", "first_time"),
			this.input(__("End time (empty: the same)"), "time", "end_time"),
			this.select(
				__("Where times change"),
				[
					["shift", __("everybody keeps their place in the order")],
					["clock", __("who still fits keeps their time")],
				],
				"order"
			),
		];
	}

	times(otherwise) {
		const day = this.page.info.evening.dates.find((one) => one.date === this.wish.dates[0]);
		return [["", otherwise], ...day.starts.slice(1).map((time) => [time, time])];
	}

	// What it hits, and what is to be done

	is_complete() {
		const { kind, instructor, room, dates, present_from, present_until } = this.wish;
		if (!kind || !dates?.length) return false;
		if (kind === "ill") return Boolean(instructor);
		if (kind === "later") return Boolean(instructor && (present_from || present_until));
		if (kind === "room_closed") return Boolean(room);
		return Boolean(this.wish.new_date || this.wish.first_time || this.wish.end_time);
	}

	/** What happened, without what is to be done about it. */
	asked() {
		const choice = this.wish.kind === "room_closed" ? "cancel" : "rerun";
		return { ...this.wish, choice, rooms: null, to_room: null, substitute: null, each: null };
	}

	async look() {
		this.go.disabled = !this.is_complete();
		this.turn = (this.turn || 0) + 1;
		const { turn } = this;
		if (!this.is_complete()) {
			this.hit.textContent = "";
			this.todo.replaceChildren();
			return;
		}
		const found = await this.page.read("disruptions.hit", { wish: this.asked() }).catch(() => null);
		if (turn !== this.turn) return;
		this.found = found;
		this.hit.textContent = found ? sentence_about(found) : "";
		this.show_todo();
	}

	show_todo() {
		const choices = OF_KIND[this.wish.kind];
		if (choices.length && !choices.includes(this.wish.choice)) this.wish.choice = this.usual_choice();
		const parts = [
			choices.length &&
				this.radios(
					"choice",
					__("What shall be done?"),
					choices.map((key) => ({ value: key, label: CHOICES()[key][0], note: CHOICES()[key][1] })),
					() => this.show_more()
				),
			(this.more = el("div", { class: "oa-disruption-more" })),
			this.wish.kind !== "ill" && this.wish.kind !== "later"
				? null
				: this.check(
						__("Conversations with several instructors go on without the one who is missing"),
						"alone",
						true
					),
			this.check(
				__("No other conversation may move, even if that would save one"),
				"nothing_else",
				false
			),
		];
		this.todo.replaceChildren(...parts.filter(Boolean));
		this.show_more();
	}

	/** Who is not there on any date has no other times. */
	usual_choice() {
		const all = this.wish.kind === "ill" && this.wish.dates.length === this.dates().length;
		return all ? "substitute" : OF_KIND[this.wish.kind][0];
	}

	show_more() {
		const { choice, kind } = this.wish;
		const parts = [];
		if (choice === "substitute" && this.found) {
			parts.push(ask_substitute(this, this.found.substitutes));
		}
		if (choice === "room" && kind === "room_closed") parts.push(...this.room_fields());
		this.more.replaceChildren(...parts);
	}

	room_fields() {
		const closed = this.evening.rooms.find((row) => row.room === this.wish.room);
		const free = this.evening.rooms
			.filter((row) => row.room !== this.wish.room)
			.map((row) => [row.room, this.room_label(row)])
			.sort((one, other) => one[1].order - other[1].order)
			.map(([room, { text }]) => [room, text]);
		const people = closed ? sitting(closed) : [];
		const all = this.select(
			people.length > 1 ? __("Other room for all") : __("Other room"),
			[["", __("choose a room")], ...free],
			"to_room",
			() => {}
		);
		if (people.length < 2) return [all];
		const each = people.map((one) => {
			const input = el(
				"select",
				{
					class: "form-control",
					on: {
						change: (event) =>
							(this.wish.rooms = { ...this.wish.rooms, [one.instructor]: event.target.value }),
					},
				},
				el("option", { value: "", text: __("as chosen for all") }),
				free.map(([value, text]) =>
					el("option", { value, text, selected: this.wish.rooms?.[one.instructor] === value })
				)
			);
			return this.field(one.title, input);
		});
		const summary = el("summary", { text: __("Different rooms for some of them") });
		return [all, el("details", {}, summary, each)];
	}

	room_label(row) {
		const there = this.wish.dates.flatMap((day) => row.dates[day] || []);
		if (!there.length) return { order: 0, text: __("{0} (free)", [row.title]) };
		if (row.shared)
			return { order: 1, text: __("{0} (shared, {1} sit there)", [row.title, number(there.length)]) };
		return { order: 2, text: __("{0} (taken by {1})", [row.title, there[0].title]) };
	}

	async submit(event) {
		event.preventDefault();
		if (!this.is_complete() || this.busy) return;
		this.busy = true;
		this.go.disabled = true;
		try {
			await this.tab.propose(this.wish);
		} catch {
			// The user was told why.
		}
		this.busy = false;
		this.go.disabled = false;
	}
}

function sitting(room) {
	const found = new Map();
	for (const people of Object.values(room.dates)) for (const one of people) found.set(one.instructor, one);
	return [...found.values()];
}

function matching(rows, text) {
	const wanted = text.trim().toLowerCase();
	return rows
		.filter((row) => `${row.label} ${row.description}`.toLowerCase().includes(wanted))
		.slice(0, 20);
}

function sentence_about({ number: count, households }) {
	if (!count) return __("No conversation is concerned.");
	if (count === 1) return __("One conversation is concerned.");
	return __("{0} conversations of {1} households are concerned.", [number(count), number(households)]);
}
