// Several conversations at once: which ones, and what can be done with them.
//
// const selection = new Selection({on_change(names), actions: [{label, act(names)}]})
// selection.names (Set), toggle(name), frame(names, {adding}), clear(), keep(model); selection.root: the bar

import { el, number } from "../../offers/dom.js";

export class Selection {
	constructor(options) {
		this.options = options;
		this.names = new Set();
		this.count = el("span", { class: "oa-bar-text" });
		this.root = el(
			"div",
			{
				class: "oa-board-bar",
				role: "toolbar",
				"aria-label": __("Selected conversations"),
				hidden: true,
			},
			this.count,
			options.actions.map(({ label, act }) =>
				el("button", {
					type: "button",
					class: "btn btn-default btn-xs",
					text: label,
					on: { click: act },
				})
			),
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				text: __("Select Nothing"),
				on: { click: () => this.clear() },
			})
		);
	}

	get size() {
		return this.names.size;
	}

	set(names) {
		this.names = new Set(names);
		this.root.hidden = !this.names.size;
		this.count.textContent = __("{0} selected", [number(this.names.size)]);
		this.options.on_change(this.names);
	}

	toggle(name) {
		const names = new Set(this.names);
		if (!names.delete(name)) names.add(name);
		this.base = names;
		this.set(names);
	}

	/** From what was selected when the frame began: these too. */
	frame(names) {
		this.base ??= new Set(this.names);
		this.set([...this.base, ...names]);
	}

	begin(adding) {
		this.base = adding ? new Set(this.names) : new Set();
	}

	clear() {
		this.base = null;
		this.set([]);
	}

	/** Conversations that are gone are not selected any more. */
	keep(model) {
		const left = [...this.names].filter((name) => model.booking(name));
		if (left.length < this.names.size) this.set(left);
	}
}
