// A list in which several things are chosen: searched as one types, with what is chosen above it.
//
// const list = new HandList({
//     key, label,             an id, and what is chosen (translated)
//     all_label,              of the box for "all" (see allow_all)
//     groups: [{key, label}], kinds of items, of which one is shown at a time, but all are searched; none: all items
//     below,                  element under the list
//     count,                  () -> how many are chosen, where an item stands for several; default: the items
//     on_change(list)
// });
// Items: {key, label, code, note, group, value}.
// list.root, list.items, list.set_items(items) (keeps what is chosen and still there), list.chosen [keys],
// list.chosen_items, list.choose(key), list.allow_all(yes), list.all (all is meant), list.empty (nothing is meant)
//
// Keys in the list: arrows, Home, End, Page Up, Page Down move; space or Enter chooses; Shift chooses what is between;
// Ctrl+A chooses all that is shown. In the search field: Arrow Down goes to the list, Enter takes the first found.

import { el, number } from "../dom.js";

// More items than this are not drawn; searching finds them.
const MOST_DRAWN = 300;
const MOST_CHIPS = 10;
const SEARCH_MS = 150;
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity };

export class HandList {
	constructor(options) {
		this.options = options;
		this.items = [];
		this.picked = new Set();
		this.group = options.groups?.[0].key;
		this.at = 0;
		this.make();
	}

	get chosen() {
		return this.chosen_items.map((item) => item.key);
	}

	get chosen_items() {
		return this.all ? [] : this.items.filter((item) => this.picked.has(item.key));
	}

	get all() {
		return this.may_be_all && this.all_box.checked;
	}

	get empty() {
		return !this.all && !this.chosen.length;
	}

	// Making

	make() {
		const { key, label, all_label, below } = this.options;
		this.head = el("h5", { id: `oa-hand-${key}` });
		this.all_box = el("input", {
			type: "checkbox",
			checked: true,
			on: { change: () => this.all_changed() },
		});
		this.all_field = el("label", { class: "oa-hand-option", hidden: true }, this.all_box, all_label);
		this.chips = el("ul", { class: "oa-chips", "aria-label": __("Chosen: {0}", [label]) });
		this.search = el("input", {
			type: "search",
			class: "form-control input-sm",
			placeholder: __("Search", null, "Offers"),
			"aria-label": __("Search: {0}", [label]),
			on: {
				input: frappe.utils.debounce(() => this.find(), SEARCH_MS),
				keydown: (event) => this.on_search_key(event),
			},
		});
		this.list = el("ul", {
			role: "listbox",
			class: "oa-hand-options",
			"aria-multiselectable": "true",
			"aria-labelledby": `oa-hand-${key}`,
			on: {
				click: (event) => this.on_click(event),
				keydown: (event) => this.on_key(event),
			},
		});
		this.more = el("p", { class: "text-muted oa-hand-more" });
		this.whole = el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			on: { click: () => this.toggle_shown() },
		});
		this.body = el(
			"div",
			{ class: "oa-hand-body" },
			this.chips,
			this.group_bar(),
			el("div", { class: "oa-hand-search" }, this.search, this.whole),
			this.more,
			this.list,
			below
		);
		this.root = el("section", { class: "oa-hand-list" }, this.head, this.all_field, this.body);
	}

	group_bar() {
		const { groups, label } = this.options;
		if (!groups) return null;
		this.group_buttons = groups.map((group) =>
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				data: { group: group.key },
				text: group.label,
				on: { click: () => this.show_group(group.key) },
			})
		);
		return el("div", { class: "oa-hand-groups", role: "group", "aria-label": label }, this.group_buttons);
	}

	allow_all(yes) {
		this.may_be_all = yes;
		this.all_field.hidden = !yes;
		// Nobody removes something by having forgotten a choice made for offering.
		if (yes) this.all_box.checked = !this.picked.size;
		this.body.hidden = this.all;
		this.draw();
	}

	all_changed() {
		this.body.hidden = this.all;
		this.draw();
		this.options.on_change(this);
		if (!this.all) this.search.focus();
	}

	set_items(items) {
		this.items = items;
		const there = new Set(items.map((item) => item.key));
		for (const key of this.picked) if (!there.has(key)) this.picked.delete(key);
		this.draw();
	}

	// Choosing

	choose(key) {
		this.picked.add(key);
		if (this.may_be_all) this.all_box.checked = false;
		this.body.hidden = this.all;
		this.draw();
		this.options.on_change(this);
	}

	set(keys, yes) {
		for (const key of keys) {
			if (yes) this.picked.add(key);
			else this.picked.delete(key);
		}
		this.mark();
		this.options.on_change(this);
	}

	toggle(index, event) {
		const item = this.found[index];
		if (!item) return;
		const yes = !this.picked.has(item.key);
		const [from, to] = event.shiftKey
			? [Math.min(this.at, index), Math.max(this.at, index)]
			: [index, index];
		this.set(
			this.found.slice(from, to + 1).map((other) => other.key),
			yes
		);
		this.at = index;
	}

	toggle_shown() {
		const keys = this.found.map((item) => item.key);
		this.set(keys, !keys.every((key) => this.picked.has(key)));
	}

	// Finding

	find() {
		this.at = 0;
		this.draw();
	}

	show_group(key) {
		this.group = key;
		this.search.value = "";
		this.find();
	}

	get matching() {
		const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
		return this.items.filter((item) => {
			if (!words.length) return item.group === this.group;
			const text = `${item.label} ${item.code || ""} ${item.note || ""}`.toLowerCase();
			return words.every((word) => text.includes(word));
		});
	}

	// Drawing

	draw() {
		if (this.all) {
			this.mark();
			return;
		}
		this.found = this.matching;
		this.at = Math.min(this.at, Math.max(this.found.length - 1, 0));
		this.list.replaceChildren(
			...this.found
				.slice(0, MOST_DRAWN)
				.map((item, i) =>
					el(
						"li",
						{ role: "option", tabindex: i === this.at ? "0" : "-1", data: { index: i } },
						el("span", { class: "oa-box", "aria-hidden": "true" }),
						el("span", { class: "oa-hand-name", text: item.label }),
						item.code ? el("span", { class: "oa-hand-short", text: item.code }) : null,
						item.note ? el("span", { class: "oa-hand-note text-muted", text: item.note }) : null
					)
				)
		);
		const rest = this.found.length - MOST_DRAWN;
		this.more.hidden = this.found.length > 0 && rest <= 0;
		this.more.textContent = this.found.length
			? __("{0} more: search to see them.", [number(rest)])
			: __("Nothing found.");
		this.mark();
	}

	/** Show what is chosen, without drawing the list anew. */
	mark() {
		const { label } = this.options;
		const count = this.options.count && !this.all ? this.options.count() : this.chosen.length;
		this.head.textContent = count ? __("{0}: {1} chosen", [label, number(count)]) : label;
		for (const row of this.list.children) {
			const item = this.found?.[row.dataset.index];
			row.setAttribute("aria-selected", String(Boolean(item && this.picked.has(item.key))));
		}
		for (const button of this.group_buttons || []) {
			const shown = button.dataset.group === this.group && !this.search.value.trim();
			button.setAttribute("aria-pressed", String(shown));
		}
		const shown = this.found?.length || 0;
		const every = shown && this.found.every((item) => this.picked.has(item.key));
		this.whole.disabled = !shown;
		this.whole.textContent = every ? __("None") : __("All {0}", [number(shown)]);
		this.draw_chips();
	}

	draw_chips() {
		const items = this.chosen_items;
		const chips = items.slice(0, MOST_CHIPS).map((item) =>
			el(
				"li",
				{},
				el("span", { text: item.label }),
				el("button", {
					type: "button",
					"aria-label": __("Take {0} away", [item.label]),
					text: "×",
					on: { click: () => this.take_away(item) },
				})
			)
		);
		const rest = items.length - MOST_CHIPS;
		const more =
			rest > 0 ? el("li", { class: "oa-hand-rest", text: __("and {0} more", [number(rest)]) }) : "";
		const none = el(
			"li",
			{},
			el("button", {
				type: "button",
				class: "oa-hand-clear",
				text: __("Choose None"),
				on: { click: () => this.clear() },
			})
		);
		this.chips.hidden = !items.length;
		this.chips.replaceChildren(...chips, more, items.length > 1 ? none : "");
	}

	take_away(item) {
		this.set([item.key], false);
		this.search.focus();
	}

	clear() {
		this.set([...this.picked], false);
		this.search.focus();
	}

	// Events

	on_click(event) {
		const row = event.target.closest("[role=option]");
		if (!row) return;
		const index = Number(row.dataset.index);
		this.toggle(index, event);
		this.focus(index);
	}

	focus(index) {
		const row = this.list.children[index];
		if (!row) return;
		this.list.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
		row.tabIndex = 0;
		row.focus({ preventScroll: true });
		reveal(this.list, row);
		this.at = index;
	}

	on_search_key(event) {
		if (event.key === "ArrowDown") {
			event.preventDefault();
			this.focus(0);
		} else if (event.key === "Enter" && this.search.value && this.found.length) {
			event.preventDefault();
			this.set([this.found[0].key], true);
			this.search.value = "";
			this.find();
		}
	}

	on_key(event) {
		const index = Number(document.activeElement.dataset.index);
		if (Number.isNaN(index)) return;
		if (event.key in STEPS) this.step(event, index);
		else if (event.key === " " || event.key === "Enter") {
			event.preventDefault();
			this.toggle(index, event);
		} else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
			event.preventDefault();
			this.toggle_shown();
		}
	}

	step(event, index) {
		event.preventDefault();
		const last = this.list.children.length - 1;
		const to = Math.max(0, Math.min(last, index + STEPS[event.key]));
		if (event.key === "ArrowUp" && index === 0) return this.search.focus();
		const from = this.at;
		this.focus(to);
		// With Shift the place from which it began stays, so that space then chooses what is between.
		if (event.shiftKey) this.at = from;
		return null;
	}
}

/** Scroll the list, and only the list, until a row is seen. */
function reveal(list, row) {
	const [outer, inner] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
	if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top;
	if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}
