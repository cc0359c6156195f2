// The bar at the bottom: what is chosen, Reserve, and the one place where everything that happens is said.

import { say, texts } from "../texts";
import { ChoiceRow } from "./choice_row";
import { button, el, put, write } from "./dom";

// Milliseconds.
const FOLLOWED = 3000;

export class Bar {
	constructor(panel) {
		this.panel = panel;
		this.rows = new Map();
		this.connection = el("p", { class: "oa-connection", role: "status" });
		this.message = el("span");
		this.lines = el("ul");
		this.status = el(
			"div",
			{ class: "oa-booking-status", role: "status", tabindex: "-1" },
			this.message,
			this.lines
		);
		this.moved = el("span");
		const stop = button(texts.booking_move_stop, () => panel.moving.stop());
		this.moving = el("p", { class: "oa-moving", hidden: true }, this.moved, " ", stop);
		this.count = el("strong");
		this.names = el("span", { class: "oa-basket-names" });
		this.list = el("ul", { class: "oa-basket-list" });
		this.details = el("details", {}, el("summary", {}, this.count, " ", this.names), this.list);
		this.reserve = button(texts.booking_reserve, () => panel.reserving.reserve(), "btn-primary");
		this.clear = button(texts.booking_clear, () => this.clear_all());
		this.chosen = el(
			"div",
			{ class: "oa-basket" },
			this.details,
			el("div", { class: "oa-basket-buttons" }, this.clear, this.reserve)
		);
		this.live = el("p", { class: "sr-only", role: "status" });
		this.element = el(
			"section",
			{ class: "oa-booking-bar", "aria-label": texts.booking_bar },
			this.connection,
			this.status,
			this.moving,
			this.chosen
		);
		this.say("");
		this.update();
	}

	/** Say something; `kind` is "done", "problem" or nothing. */
	say(text, kind = "", lines = []) {
		this.status.dataset.kind = kind;
		write(this.message, text);
		this.lines.replaceChildren(...lines.map((line) => el("li", {}, line)));
		this.show();
	}

	/** Put the focus on what was said, and keep it in sight while the page above gets its new conversations. */
	focus() {
		this.status.focus();
		this.follow?.disconnect();
		this.follow = new ResizeObserver(() => {
			if (document.activeElement === this.status) this.status.scrollIntoView({ block: "nearest" });
		});
		this.follow.observe(this.panel.element.closest(".oa-portal"));
		setTimeout(() => this.follow.disconnect(), FOLLOWED);
	}

	/** Say that the server can't be reached or doesn't know the reader any more; empty when all is well. */
	say_connection(text) {
		write(this.connection, text);
		this.show();
	}

	announce(text) {
		write(this.live, "");
		write(this.live, text);
	}

	/** Say which conversation is being moved; empty where none is. */
	say_moving(text) {
		write(this.moved, text);
		put(this.moving, "hidden", !text);
	}

	busy(on) {
		put(this.reserve, "aria-disabled", on ? "true" : null);
	}

	clear_all() {
		this.panel.basket.clear();
		this.say(texts.booking_cleared);
		this.focus();
	}

	update() {
		const { basket, model } = this.panel;
		const choices = model ? basket.all.filter((choice) => model.columns.has(choice.offer)) : [];
		write(this.count, say("booking_chosen_count", choices.length));
		write(this.names, choices.map((choice) => this.short(choice)).join("; "));
		this.update_rows(choices);
		put(this.chosen, "hidden", !choices.length);
		this.show();
	}

	update_rows(choices) {
		const offers = new Set(choices.map(({ offer }) => offer));
		for (const [offer, row] of this.rows) {
			if (offers.has(offer)) continue;
			row.element.remove();
			this.rows.delete(offer);
		}
		for (const choice of choices) {
			if (!this.rows.has(choice.offer)) this.add_row(choice);
			this.rows.get(choice.offer).update(choice);
		}
	}

	add_row(choice) {
		const row = new ChoiceRow(this.panel, choice.offer);
		this.rows.set(choice.offer, row);
		this.list.append(row.element);
	}

	short(choice) {
		const { model } = this.panel;
		const column = model.columns.get(choice.offer);
		return say("booking_short", column.child.name, model.time_label(choice.start), column.label);
	}

	show() {
		const said = [this.connection, this.message, this.moved].some((part) => part.textContent);
		put(this.element, "data-shown", said || !this.chosen.hidden);
	}
}
