// A field in which students, instructors or courses are looked up on the server and chosen, several or one.
//
// The platform's MultiSelectPills takes any text for a value, shows records by number instead of name once the
// search has moved on, and puts labels into the page as HTML; hence a field of our own.
//
// const picker = new Picker({
//     page,                   the page Offers
//     parent, label,          where, and what is chosen (translated)
//     doctype,                "Student" (participants only) | "Instructor" | "Course"
//     search,                 instead of doctype: text -> Promise of [{value, label, description}]
//     value: [],              chosen at the start: [{value, label}]
//     multi: true,
//     on_change(items, picker)
// });
// picker.items [{value, label, description}], picker.values [names], picker.set(items), picker.focus()
//
// Keys: what is typed is searched for; arrows choose, Enter takes, Escape closes the list, Backspace in the empty
// field takes the last one away.

import { el } from "./dom.js";

const SEARCH_MS = 200;
let made = 0;

export class Picker {
	constructor(options) {
		this.options = { multi: true, ...options };
		this.items = [...(options.value || [])];
		this.found = [];
		this.active = -1;
		this.turn = 0;
		this.id = `oa-picker-${++made}`;
		this.make();
		this.draw_chips();
	}

	get values() {
		return this.items.map((item) => item.value);
	}

	get text() {
		return this.input.value.trim();
	}

	make() {
		const { label, parent } = this.options;
		this.chips = el("ul", { class: "oa-chips", "aria-label": label });
		this.input = el("input", {
			type: "text",
			id: this.id,
			role: "combobox",
			class: "form-control",
			autocomplete: "off",
			"aria-autocomplete": "list",
			"aria-expanded": "false",
			"aria-controls": `${this.id}-list`,
			placeholder: __("Name or code"),
			on: {
				input: frappe.utils.debounce(() => this.look(), SEARCH_MS),
				focus: () => this.look(),
				blur: () => this.close(),
				keydown: (event) => this.on_key(event),
			},
		});
		this.list = el("ul", {
			role: "listbox",
			id: `${this.id}-list`,
			class: "oa-choices",
			hidden: true,
			"aria-label": label,
			// The field keeps the focus while something in the list is clicked.
			on: { mousedown: (event) => event.preventDefault(), click: (event) => this.on_click(event) },
		});
		this.root = el(
			"div",
			{ class: "oa-picker" },
			el("label", { for: this.id, class: "control-label", text: label }),
			this.chips,
			el("div", { class: "oa-picker-field" }, this.input, this.list)
		);
		parent.append(this.root);
	}

	focus() {
		this.input.focus();
	}

	/** Choose these instead of what is chosen. */
	set(items) {
		this.items = [...items];
		this.draw_chips();
		this.options.on_change?.(this.items, this);
	}

	search(text) {
		const { search, page, doctype } = this.options;
		return search ? search(text) : page.read("choices.search", { doctype, text });
	}

	async look() {
		const turn = ++this.turn;
		const text = this.text;
		const found = await this.search(text).catch(() => []);
		// Typed on meanwhile: Enter must not take what was found for less.
		if (turn !== this.turn || text !== this.text || document.activeElement !== this.input) return;
		this.found_for = text;
		this.found = found.filter((item) => !this.values.includes(item.value));
		this.active = text && this.found.length ? 0 : -1;
		this.draw_list();
	}

	close() {
		this.turn++;
		this.list.hidden = true;
		this.input.setAttribute("aria-expanded", "false");
		this.input.removeAttribute("aria-activedescendant");
	}

	take(item) {
		this.input.value = "";
		this.set(this.options.multi ? [...this.items, item] : [item]);
		if (this.options.multi) this.look();
		else this.close();
	}

	draw_list() {
		const rows = this.found.map((item, i) =>
			el(
				"li",
				{ role: "option", id: `${this.id}-${i}`, "aria-selected": "false", data: { index: i } },
				el("span", { text: item.label }),
				item.description ? el("span", { class: "text-muted", text: item.description }) : ""
			)
		);
		const none = el("li", {
			role: "option",
			"aria-disabled": "true",
			"aria-selected": "false",
			class: "text-muted",
			text: __("Nothing found."),
		});
		this.list.replaceChildren(...(rows.length ? rows : [none]));
		this.list.hidden = false;
		this.input.setAttribute("aria-expanded", "true");
		this.show_active();
	}

	show_active() {
		[...this.list.children].forEach((row, i) =>
			row.setAttribute("aria-selected", String(i === this.active))
		);
		const row = this.list.children[this.active];
		if (!row) return this.input.removeAttribute("aria-activedescendant");
		row.scrollIntoView({ block: "nearest" });
		return this.input.setAttribute("aria-activedescendant", row.id);
	}

	draw_chips() {
		this.chips.hidden = !this.items.length;
		this.chips.replaceChildren(
			...this.items.map((item) =>
				el(
					"li",
					{},
					el("span", { text: item.label || item.value }),
					el("button", {
						type: "button",
						"aria-label": __("Take {0} away", [item.label || item.value]),
						text: "×",
						on: { click: () => this.remove(item) },
					})
				)
			)
		);
	}

	remove(item) {
		this.set(this.items.filter((other) => other !== item));
		this.focus();
	}

	on_click(event) {
		const item = this.found[event.target.closest("li")?.dataset.index];
		if (item) this.take(item);
	}

	on_key(event) {
		const open = !this.list.hidden;
		const actions = {
			ArrowDown: () => (open ? this.step(1) : this.look()),
			ArrowUp: () => open && this.step(-1),
			Enter: () => open && this.take_active(),
			Escape: open && (() => this.close()),
			Backspace: !this.input.value && this.items.length && (() => this.set(this.items.slice(0, -1))),
		};
		if (!actions[event.key]) return;
		event.preventDefault();
		// A dialog around the field would close at Escape.
		event.stopPropagation();
		actions[event.key]();
	}

	take_active() {
		const item = this.found[this.active];
		if (item && this.found_for === this.text) this.take(item);
	}

	step(by) {
		if (!this.found.length) return;
		this.active = (this.active + by + this.found.length) % this.found.length;
		this.show_active();
	}
}
