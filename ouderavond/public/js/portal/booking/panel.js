// The booking panel of an evening: the table or the list of free times, and the bar with what is chosen.
//
// new BookingPanel(element)      element: .oa-booking, as templates/includes/portal/booking.html makes it
//   .element .evening .role      which panel it is
//   .data                        what the server said last, as api/table.py writes it; null before
//   event "data"                 there is a new table
//   event "view"                 the reader switched between table and list: its elements are new
//   refresh()                    read the table now
//   select(offer, start)         choose a start; answers whether that was possible
//   say_status(text, kind, lines) say something in the bar; kind "done", "problem" or nothing
//   announce(text)               say something to screen readers only
//   [data-waiting-offer]         in the panel: a place for the waiting list of a column that is full

import { say, texts } from "../texts";
import { Bar } from "./bar";
import { Basket } from "./basket";
import { own_row } from "./cells";
import { Countdown } from "./countdown";
import { el, put, write } from "./dom";
import { GridView } from "./grid";
import { ListView } from "./list";
import { Model } from "./model";
import { Moving } from "./moving";
import { Reserving } from "./reserving";
import { counted, lost, refusal } from "./rules";
import { Source, user } from "./source";
import { Tabs } from "./tabs";
import { ViewSwitch } from "./view_switch";

const TROUBLES = ["offline", "expired", "other_user", "busy"];
const VIEWS = { table: GridView, list: ListView };

export class BookingPanel extends EventTarget {
	constructor(element) {
		super();
		this.element = element;
		this.evening = element.dataset.evening;
		this.role = element.dataset.role;
		this.level = Number(element.dataset.level);
		this.data = null;
		this.model = null;
		this.basket = new Basket(user(), this.evening, this.role);
		this.reserving = new Reserving(this);
		this.moving = new Moving(this);
		this.views = new Map();
		this.place_parts();
		this.basket.addEventListener("change", () => this.update());
		this.source = new Source(
			{ evening: this.evening, role: this.role },
			(data) => this.on_table(data),
			(trouble, problem) => this.on_trouble(trouble, problem)
		);
		window.addEventListener("hashchange", () => this.follow_address());
		this.source.start();
	}

	place_parts() {
		this.sentence = this.element.querySelector(".oa-booking-sentence");
		this.timer = el("p", { class: "oa-countdown", role: "timer" });
		this.countdown = new Countdown(this.timer, () => this.refresh(true));
		this.switch = new ViewSwitch(() => this.show_view());
		this.counts = el("p", { class: "oa-count" });
		this.tools = el("div", { class: "oa-booking-tools", hidden: true }, this.counts, this.switch.element);
		this.stage = el("div", { class: "oa-booking-stage" }, el("p", {}, texts.booking_loading));
		this.element.querySelector(".oa-booking-table").append(this.timer, this.tools, this.stage);
		this.bar = new Bar(this);
		this.element.append(this.bar.element, this.bar.live);
	}

	/** Read the table now; `whole` also where nothing seems to have changed. */
	refresh(whole = false) {
		return this.source.refresh(whole);
	}

	say_status(text, kind = "", lines = []) {
		this.bar.say(text, kind, lines);
	}

	announce(text) {
		this.bar.announce(text);
	}

	on_table(data) {
		const before = this.model;
		this.data = data;
		this.model = new Model(data, this.role);
		this.source.calm = !this.model.open;
		if (!data.mine.some((row) => row.mode === "Online" && !row.link)) this.source.hurried = 0;
		write(this.sentence, data.booking.sentence);
		this.countdown.set(data.booking, data.now);
		this.drop_lost();
		if (this.model.has_form_of(before) && this.tabs) this.update();
		else this.build();
		if (!before) this.follow_address();
		this.dispatchEvent(new CustomEvent("data", { detail: data }));
	}

	on_trouble(trouble, problem) {
		const known = TROUBLES.includes(trouble);
		this.bar.say_connection(known ? texts[`booking_trouble_${trouble}`] : problem || "");
	}

	// What can't be kept any more is said, and only that is taken away. While it is being reserved, the answer tells.
	drop_lost() {
		if (this.reserving.busy || !this.shows_times) return;
		const found = lost(this.model, this.basket);
		if (!found.length) return;
		this.basket.remove(...found.map(({ offer }) => offer));
		const [first, ...others] = found.map(({ sentence }) => sentence);
		this.say_status(first, "problem", others);
	}

	/** Times are shown while they can be booked, or while something booked can still be moved. */
	get shows_times() {
		if (!this.model?.children.length) return false;
		return this.model.open || this.data.mine.some((row) => row.can_change);
	}

	build() {
		if (!this.model) return;
		const focused = this.view?.focused;
		const shown = this.tabs?.shown;
		this.views.clear();
		this.tabs = null;
		put(this.tools, "hidden", !this.shows_times);
		if (this.shows_times) {
			this.tabs = new Tabs(
				this.model.children,
				(child) => this.content(child),
				texts.booking_children,
				this.level + 1,
				() => this.show_counts()
			);
			if (this.views.has(shown)) this.tabs.show(shown);
			this.stage.replaceChildren(this.tabs.element);
		} else {
			const nothing = this.model.open ? texts.booking_nothing : "";
			this.stage.replaceChildren(el("p", {}, nothing));
		}
		this.update();
		if (focused) this.focus(focused.offer, focused.start);
	}

	show_view() {
		this.build();
		this.dispatchEvent(new Event("view"));
	}

	content(child) {
		const view = new VIEWS[this.switch.view](this, child);
		this.views.set(child.student, view);
		return view.element;
	}

	/** The table or list of the child that is shown. */
	get view() {
		return this.views.get(this.tabs?.shown);
	}

	update() {
		if (!this.model) return;
		if (Boolean(this.tabs) !== this.shows_times) return this.build();
		this.moving.update();
		for (const view of this.views.values()) view.update();
		for (const child of this.model.children) this.count(child);
		this.show_counts();
		this.bar.update();
	}

	count(child) {
		const chosen = this.basket.all.filter(
			({ offer }) => this.model.columns.get(offer)?.child.student === child.student
		).length;
		const parts = [];
		if (chosen) parts.push(say("booking_tab_chosen", chosen));
		if (child.booked) parts.push(say("booking_tab_booked", child.booked));
		this.tabs?.count(child.student, parts.join(", "));
	}

	// Of the child that is shown, and of all together, where there is a maximum.
	show_counts() {
		const { maximum_per_student, maximum_per_household } = this.model.rules;
		const child = this.model.children.find(({ student }) => student === this.tabs?.shown);
		const lines = [];
		if (maximum_per_student && child) {
			const count = counted(this.model, this.basket, child.student);
			lines.push(say("booking_count_student", child.name, count, maximum_per_student));
		}
		if (maximum_per_household) {
			const count = counted(this.model, this.basket);
			lines.push(say("booking_count_household", count, maximum_per_household));
		}
		write(this.counts, lines.join(" "));
	}

	/** A cell or a time was clicked: choose it, take it away, or see what can be done with what is booked there. */
	use(offer, start) {
		const column = this.model.columns.get(offer);
		const place = this.model.place(start);
		const choice = this.basket.of(offer);
		if (choice && this.model.covers(choice, place)) return this.unselect(offer);
		const letter = this.model.letter(column, place);
		const moved = this.moving.booking && this.model.mine(this.moving.booking);
		if (moved && letter === "f") return this.moving.pick(moved, offer, start);
		const own = letter === "m" && own_row(this.model, column, place);
		if (own) return this.moving.offer(own);
		const booked = column.booking && this.model.mine(column.booking);
		if (booked && letter === "f") return this.moving.pick(booked, offer, start);
		return this.select(offer, start);
	}

	select(offer, start) {
		const column = this.model?.columns.get(offer);
		if (!column) return false;
		const before = this.basket.of(offer);
		let longer = Boolean(before?.longer);
		if (longer && refusal(this.model, this.basket, column, start, true)) longer = false;
		const refused = refusal(this.model, this.basket, column, start, longer);
		if (refused) {
			this.say_status(refused, "problem");
			return false;
		}
		this.say_status("");
		this.basket.set({ offer, start, longer });
		// The bar that comes up with the first choice must not hide what was chosen.
		if (this.view?.focused)
			document.activeElement.scrollIntoView({ block: "nearest", inline: "nearest" });
		const said = before ? "booking_announce_moved" : "booking_announce_chosen";
		this.announce(say(said, this.model.time_label(start), column.label, this.basket.size));
		return true;
	}

	unselect(offer) {
		this.say_status("");
		this.basket.remove(offer);
		this.announce(say("booking_announce_removed", this.basket.size));
	}

	/** What can be done with one of my conversations. */
	change(booking) {
		const row = this.model.mine(booking);
		if (row) this.moving.offer(row);
	}

	show_child_of(offer) {
		const student = this.model.columns.get(offer)?.child.student;
		if (student && this.tabs) this.tabs.show(student);
	}

	focus(offer, start) {
		this.view?.focus(offer, start);
	}

	// "#move=<booking>": from the overview of my conversations.
	follow_address() {
		const booking = window.location.hash.match(/^#move=(.+)$/)?.[1];
		const row = booking && this.model?.mine(decodeURIComponent(booking));
		if (!row || !this.tabs) return;
		history.replaceState(null, "", window.location.pathname + window.location.search);
		this.element.scrollIntoView();
		this.moving.start(row);
	}
}
