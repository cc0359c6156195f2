// The board: instructors down, time across, one date at a time. Conversations are moved, swapped, pinned, cancelled and
// added here; the server judges each slot beforehand, and each change is one call that can be undone.
//
// This file puts the parts together; what each of them does stands at its head in ../board.

import { el } from "../../offers/dom.js";
import { cancel, pin, place as place_request } from "../board/acts.js";
import { choose_offer } from "../board/by_hand.js";
import { Drag } from "../board/drag.js";
import { Filters } from "../board/filters.js";
import { Grid } from "../board/grid.js";
import { of_booking, of_request } from "../board/hand.js";
import { destination, show_keys } from "../board/keys.js";
import { List } from "../board/list.js";
import { Menu } from "../board/menu.js";
import { menu_of } from "../board/menus.js";
import { Model } from "../board/model.js";
import { Picking } from "../board/picking.js";
import { print_with } from "../board/print.js";
import { run_banner } from "../board/run_banner.js";
import { household_line, who } from "../board/sayings.js";
import { Selection } from "../board/selection.js";
import { Side } from "../board/side.js";
import { legend } from "../board/signs.js";

const PHONE = "(max-width: 767px)";
// The pointer crosses conversations on its way: they light up only where it rests.
const REST_MS = 90;
// How wide a slot is at least; the second one at first.
const WIDTHS = [52, 84, 120, 160];
const WIDTH_KEY = "ouderavond-board-width";

export class BoardTab {
	static key = "board";
	static label = () => __("Board", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.run = null;
		this.make(parent);
	}

	get read_only() {
		return Boolean(this.run) || this.page.read_only;
	}

	// Making

	make(parent) {
		this.menu = new Menu();
		this.picking = new Picking(this);
		this.filters = new Filters({ on_change: () => this.show_part() });
		this.side = new Side({
			read_only: () => this.read_only,
			on_pick: (row) => this.lift(of_request(row)),
			on_place: (row, option) => place_request(this, row, option),
		});
		this.selection = new Selection({
			on_change: (names) => this.view.mark_selected(names),
			actions: [
				{ label: __("Pin"), act: () => this.pin_selected(true) },
				{ label: __("Unpin"), act: () => this.pin_selected(false) },
				{ label: __("Cancel…"), act: () => this.cancel_selected() },
			],
		});
		this.make_bars();
		this.main = el("div", { class: "oa-board-main" });
		this.root = el(
			"div",
			{ class: "oa-board", on: { keydown: (event) => this.on_key(event) } },
			this.banner,
			el("div", { class: "oa-board-top" }, this.tabs, this.tools),
			this.filters.root,
			el("div", { class: "oa-board-line" }, this.picking.bar, this.selection.root, this.status),
			el("div", { class: "oa-board-columns" }, this.main, this.side.root),
			this.legend,
			this.live
		);
		parent.append(this.root);
		this.set_width(Number(localStorage.getItem(WIDTH_KEY) ?? 1));
		this.make_views();
	}

	make_bars() {
		this.banner = el("div", { class: "oa-board-banner" });
		this.tabs = el("div", {
			class: "btn-group oa-board-dates",
			role: "group",
			"aria-label": __("Date"),
			on: { click: (event) => this.on_date(event) },
		});
		this.add = this.tool(__("Add a Conversation…"), () => this.add_by_hand());
		this.tools = el(
			"div",
			{ class: "oa-board-tools" },
			this.add,
			el(
				"div",
				{ class: "btn-group oa-board-widths", role: "group", "aria-label": __("Width of the slots") },
				this.width("−", __("Narrower"), -1),
				this.width("+", __("Wider"), 1)
			),
			this.tool(__("Print"), () => window.print()),
			this.tool(__("Keys"), () => show_keys(), "oa-board-keys-tool")
		);
		this.status = el("p", { class: "oa-board-status", "aria-hidden": "true" });
		this.legend = el("div");
		this.live = el("p", { class: "sr-only", "aria-live": "polite" });
	}

	width(text, label, step) {
		return el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			"aria-label": label,
			title: label,
			text,
			on: { click: () => this.set_width(this.wide + step) },
		});
	}

	set_width(wide) {
		this.wide = Math.max(0, Math.min(WIDTHS.length - 1, wide));
		localStorage.setItem(WIDTH_KEY, this.wide);
		this.root.style.setProperty("--oa-slot", `${WIDTHS[this.wide]}px`);
	}

	tool(text, act, extra = "") {
		return el("button", {
			type: "button",
			class: `btn btn-default btn-sm ${extra}`,
			text,
			on: { click: act },
		});
	}

	make_views() {
		this.grid = new Grid({
			on_focus: (place) => this.on_focus(place),
			on_hover: (place, event) => this.on_hover(place, event),
		});
		this.grid.element.addEventListener("click", (event) => this.on_click(event));
		this.grid.element.addEventListener("contextmenu", (event) => this.on_context(event));
		this.list = new List({
			judge: (place) => this.picking.hand.judge(place),
			on_open: (booking, anchor) => this.open_menu(booking, null, anchor),
			on_drop: (place) => this.picking.drop(place),
		});
		this.phone = window.matchMedia(PHONE);
		this.phone.addEventListener("change", () => this.choose_view());
		this.drag = new Drag({
			root: this.root,
			grid: this.grid,
			allowed: () => !this.read_only,
			ghost_text: (element) => who(this.dragged(element).booking || this.side.row_of(element)),
			on_lift: (element) =>
				this.lift(this.dragged(element), { from: this.row_of(element), dragging: true }),
			on_over: (place, x, y) => this.picking.hand && this.picking.aim(place, { x, y }),
			on_drop: (place) => this.picking.hand && this.picking.drop(place),
			on_cancel: () => this.picking.put_back(),
			on_date: (date) => this.show_date(date),
			on_frame: (from, to) => this.frame(from, to),
		});
		print_with(() => this.on_paper());
		this.choose_view();
	}

	choose_view() {
		const view = this.phone.matches ? this.list : this.grid;
		if (view === this.view) return;
		this.picking.hand && this.picking.end();
		this.view = view;
		this.main.replaceChildren(view.root);
		// On a phone the list would push the board's own end far away.
		this.side.fold.open = view === this.grid;
		if (this.model) this.show_all();
	}

	dragged(element) {
		const { booking } = element.dataset;
		if (booking) return of_booking(this.model.booking(booking));
		return of_request(this.side.row_of(element));
	}

	row_of(element) {
		return element.closest(".oa-board-row")?.dataset.instructor;
	}

	// Reading

	async show([run = null] = []) {
		if (this.model && run === this.run) return;
		if (this.picking.hand) this.picking.end();
		this.selection.clear();
		this.before = null;
		this.run = run;
		await this.read({ anew: true });
	}

	/** Something was changed here. What was foreseen is on the board already: nobody waits for the rest. */
	async refresh() {
		if (!this.model) return;
		const reading = this.read();
		if (!this.before) await reading;
		this.before = null;
		reading.catch((error) => console.error(error));
	}

	/** Show what a change will have done, before the server has answered. */
	foresee(change) {
		this.before = this.model;
		this.model = this.before.foreseen(change);
		this.show_changes(this.before);
	}

	/** It was refused, or the server could not be reached. */
	take_back() {
		const [foreseen, before] = [this.model, this.before];
		this.before = null;
		if (!before || foreseen.answer.bookings.every(({ saving }) => !saving)) return;
		this.model = before;
		this.show_changes(foreseen);
	}

	/** Others changed the schedule. */
	async told(version) {
		if (this.run || this.model?.version === version) return;
		await this.read();
	}

	async read({ anew = false } = {}) {
		const { run } = this;
		const turn = (this.turn = (this.turn || 0) + 1);
		const answer = await this.page.read("board.read", { run: run || undefined });
		// An older answer says less than one that was asked for later.
		if (turn !== this.turn) return;
		const before = this.model;
		this.model = new Model(this.page.info.evening, answer);
		if (anew || !before || !this.model.same_shape(before)) this.show_all();
		else this.show_changes(before);
		this.selection.keep(this.model);
		this.picking.renew(this.model);
	}

	show_all() {
		const { model } = this;
		if (!model.times.of(this.date)) this.date = this.first_date();
		this.show_dates();
		this.add.hidden = this.read_only;
		this.say("");
		this.banner.replaceChildren(...run_banner(this.page, model));
		this.legend.replaceChildren(legend(Boolean(model.run)));
		this.filters.show(model);
		this.side.show(model, (row) => this.filters.unplaced(row));
		if (!this.date) {
			this.main.replaceChildren(
				el("p", { class: "oa-notice", text: __("This evening has no dates yet.") })
			);
			return;
		}
		this.view.show(model, this.date);
		this.view.filter(this.filters);
	}

	/** Only what differs is drawn: scroll, focus and what is in hand stay. */
	show_changes(before) {
		const { model } = this;
		this.show_dates();
		this.filters.show(model);
		this.side.show(model, (row) => this.filters.unplaced(row));
		const changed = model.rows_changed(before);
		if (changed.size) this.view.update(model, changed);
		this.view.model = model;
	}

	first_date() {
		const today = frappe.datetime.get_today();
		const dates = this.model.dates.map(({ date }) => date);
		const used = dates.find((date) =>
			this.model.instructors.some(({ name }) => this.model.held(name, date).length)
		);
		return dates.includes(today) ? today : used || dates[0];
	}

	show_part() {
		this.view.filter(this.filters);
		this.side.show(this.model, (row) => this.filters.unplaced(row));
	}

	// Dates

	show_dates() {
		this.tabs.hidden = this.model.dates.length < 2;
		this.tabs.replaceChildren(
			...this.model.dates.map(({ date, label }) =>
				el("button", {
					type: "button",
					class: `btn btn-default btn-sm${date === this.date ? " active" : ""}`,
					"aria-pressed": String(date === this.date),
					data: { boardDate: date },
					text: label,
				})
			)
		);
	}

	on_date({ target }) {
		const { boardDate } = target.closest("button")?.dataset || {};
		if (!boardDate) return;
		this.show_date(boardDate);
		this.tabs.querySelector(".active").focus();
	}

	show_date(date) {
		if (!this.model.times.of(date) || date === this.date) return;
		this.date = date;
		this.show_dates();
		const { hand } = this.picking;
		if (hand) this.view.verdicts = hand.verdicts(date);
		this.view.show(this.model, date);
		if (hand) {
			this.picking.aim(null);
			this.announce(this.model.times.label(date));
		}
	}

	/** To a conversation, on its date. */
	go_to({ booking }, options) {
		const row = this.model.booking(booking);
		if (!row) return;
		const date = row.start.slice(0, 10);
		const focus = options?.focus;
		this.show_date(date);
		const index = this.model.times.index(date, row.start);
		this.view.go({ instructor: row.instructors[0], date, index }, { focus });
	}

	// Pointer and focus

	on_focus(place) {
		if (this.picking.hand) {
			if (!this.drag.active) this.picking.aim(place, { cell: this.grid.cell(place), speaks: true });
		} else this.look_at(this.grid.booking_at(place));
	}

	on_hover(place, event) {
		if (this.picking.hand) {
			if (place && !this.drag.active && event?.movementX + event?.movementY)
				this.picking.aim(place, { x: event.clientX, y: event.clientY });
			return;
		}
		clearTimeout(this.resting);
		const booking = this.model.booking(event?.target.closest(".oa-block")?.dataset.booking);
		this.resting = setTimeout(
			() => !this.picking.hand && this.look_at(booking || this.focused()),
			REST_MS
		);
	}

	focused() {
		const { grid } = this;
		return grid.element.contains(document.activeElement) ? grid.booking_at(grid.at) : null;
	}

	/** The household of a conversation lights up, with a line that says where it is when. */
	look_at(booking) {
		this.view.light(booking?.household ?? null);
		this.say(booking ? household_line(this.model, booking) : "");
	}

	say(text, verdict = "") {
		this.status.textContent = text || this.hint();
		this.status.title = text;
		this.status.classList.toggle("is-hint", !text);
		this.status.dataset.verdict = verdict;
	}

	hint() {
		if (this.picking.hand) return "";
		return this.read_only
			? __("Point at a conversation to see where its household is when.")
			: __("Drag a conversation to move it, click it to see what else can be done; ? shows the keys.");
	}

	announce(text) {
		this.live.textContent = text;
	}

	refuse(text) {
		frappe.show_alert({ message: frappe.utils.escape_html(text), indicator: "orange" }, 8);
		this.announce(text);
	}

	on_click(event) {
		const row = event.target.closest(".oa-board-row");
		const place = row && this.grid.place_in(row, event.clientX);
		if (!place || !event.target.closest(".oa-slot")) return;
		if (this.picking.hand) {
			this.picking.drop(place);
			return;
		}
		const from = this.grid.at;
		this.grid.go(place, { scroll: false });
		const name = event.target.closest(".oa-block")?.dataset.booking;
		if (event.shiftKey && from) this.frame(from, place);
		else if (event.ctrlKey || event.metaKey) name && this.selection.toggle(name);
		else if (name) this.open_menu(this.model.booking(name), place, event.target.closest(".oa-block"));
		else this.selection.clear();
	}

	on_context(event) {
		const block = event.target.closest(".oa-block") || event.target.querySelector?.(".oa-block");
		if (!block || this.picking.hand) return;
		event.preventDefault();
		const place = this.grid.place_in(
			block.closest(".oa-board-row"),
			block.getBoundingClientRect().left + 2
		);
		this.grid.go(place, { scroll: false });
		this.open_menu(this.model.booking(block.dataset.booking), place, block);
	}

	frame(from, to) {
		if (this.framing !== from) this.selection.begin(false);
		this.framing = from;
		this.selection.frame(this.grid.bookings_between(from, to));
	}

	open_menu(booking, place, anchor) {
		if (!booking || booking.saving) return;
		const back = () => (place ? this.grid.go(place) : anchor.focus());
		this.menu.open(anchor, { ...menu_of(this, booking, place), back });
	}

	// Keys

	on_key(event) {
		if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.target.closest("input")) {
			event.preventDefault();
			this.page.head.press_undo();
			return;
		}
		if (event.key === "Escape" && this.picking.hand) {
			event.stopPropagation();
			this.picking.put_back();
			return;
		}
		if (this.grid.element.contains(event.target)) this.on_grid_key(event);
	}

	on_grid_key(event) {
		const to = destination(event, this.grid, Boolean(this.picking.hand));
		const act = to ? () => this.walk(to, event) : this.acts(event);
		if (!act) return;
		event.preventDefault();
		event.stopPropagation();
		act();
	}

	walk(to, { shiftKey }) {
		if (shiftKey && !this.picking.hand) {
			this.anchor ??= this.grid.at;
			this.frame(this.anchor, to);
		} else this.anchor = null;
		this.grid.go(to);
		// In a long cell the focus stays where it is.
		if (this.picking.hand) this.on_focus(to);
	}

	/** What a key does, or nothing. */
	acts({ key, ctrlKey, metaKey, altKey }) {
		if (ctrlKey || metaKey || altKey) return null;
		if (key >= "1" && key <= "9") return () => this.key_date(Number(key) - 1);
		const common = {
			"?": () => show_keys(),
			"/": () => this.filters.focus(),
			n: () => this.side.focus(),
		};
		const keys = this.picking.hand ? this.keys_in_hand() : this.keys_free();
		const name = key.length === 1 ? key.toLowerCase() : key;
		return keys[name] || common[name];
	}

	keys_in_hand() {
		const drop = () => this.picking.drop(this.grid.at);
		return { Enter: drop, " ": drop, f: () => this.next_fit() };
	}

	keys_free() {
		const booking = this.grid.booking_at(this.grid.at);
		const always = {
			Escape: this.selection.size ? () => this.selection.clear() : undefined,
			Enter: booking && (() => this.open_menu(booking, this.grid.at, this.grid.cell(this.grid.at))),
		};
		if (this.read_only || !booking) return always;
		return {
			...always,
			" ": () => this.lift(of_booking(booking), { from: this.grid.at.instructor }),
			s: () => this.selection.toggle(booking.booking),
			p: () => this.pin_selected(null, booking),
			Delete: () => this.cancel_selected(booking),
			w: () => this.lift(of_booking(booking), { from: this.grid.at.instructor, swapping: true }),
		};
	}

	key_date(number) {
		const day = this.model.dates[number];
		if (!day) return;
		this.show_date(day.date);
		const start = this.grid.at || { instructor: this.model.instructors[0].name, index: 0 };
		this.grid.go({ ...start, date: day.date });
		if (this.picking.hand) this.on_focus(this.grid.at);
	}

	next_fit() {
		const shown = [...this.grid.rows.keys()].filter((name) => !this.grid.rows.get(name).hidden);
		const next = this.picking.hand.next(this.grid.at, shown);
		if (!next) {
			this.announce(__("There is no slot in which it fits."));
			return;
		}
		this.show_date(next.date);
		this.grid.go(next);
		this.on_focus(next);
	}

	// Acts

	/** Take something in hand; with the keyboard the focus goes to the board. */
	lift(subject, options = {}) {
		this.menu.close({ focus: false });
		if (this.picking.hand) this.picking.end();
		this.look_at(null);
		if (!options.dragging) this.focus_for(subject);
		return this.picking.lift(subject, options);
	}

	focus_for({ booking, instructors }) {
		const [instructor] = instructors;
		if (booking) this.go_to(booking, { focus: true });
		else if (this.model.instructor(instructor))
			this.view.go({ instructor, date: this.date, index: 0 }, { focus: true });
	}

	selected_or(booking) {
		const { names } = this.selection;
		return names.size ? [...names].map((name) => this.model.booking(name)) : [booking].filter(Boolean);
	}

	async pin_selected(pinned, booking) {
		const rows = this.selected_or(booking);
		if (rows.length && !this.read_only) await pin(this, rows, pinned ?? !rows.every((row) => row.pinned));
	}

	async cancel_selected(booking) {
		const rows = this.selected_or(booking);
		if (!rows.length || this.read_only) return;
		if (await cancel(this, rows)) this.selection.clear();
	}

	async add_by_hand() {
		const subject = await choose_offer(this.page);
		if (subject) await this.lift(subject);
	}

	/** What is printed: the date that is looked at, without the instructors that are filtered away. */
	on_paper() {
		if (!this.root.offsetParent || !this.model?.times.of(this.date)) return null;
		const dates = this.model.dates.filter(({ date }) => date === this.date);
		return [
			this.model,
			this.page.info.evening.title,
			dates,
			(name, date) => this.filters.row(name, date),
		];
	}
}
