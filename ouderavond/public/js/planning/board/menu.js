// What can be done with a conversation, and who it is: a small window beside it.
//
// const menu = new Menu(); menu.open(anchor, {label, head, facts, more, actions}); menu.close()
//     facts: [text]; more: Promise of further [text] or null; actions: [{label, act} | {label, href}]
// Keys: arrows walk the actions, Enter takes one, Escape closes; the focus goes back to where it was.

import { el } from "../../offers/dom.js";

const MARGIN = 8;

export class Menu {
	constructor() {
		document.addEventListener("pointerdown", (event) => {
			if (this.root && !this.root.contains(event.target)) this.close({ focus: false });
		});
	}

	open(anchor, { label, head, facts, more, actions, back }) {
		this.close({ focus: false });
		this.back = back;
		this.facts = el(
			"ul",
			{ class: "oa-menu-facts" },
			facts.map((text) => el("li", { text }))
		);
		this.root = el(
			"div",
			{
				role: "dialog",
				class: "oa-menu",
				"aria-label": label,
				tabindex: "-1",
				on: { keydown: (event) => this.on_key(event) },
			},
			el("button", {
				type: "button",
				class: "oa-menu-close",
				"aria-label": __("Close"),
				text: "×",
				on: { click: () => this.close() },
			}),
			el("p", { class: "oa-menu-head", text: head }),
			this.facts,
			el(
				"div",
				{ class: "oa-menu-actions" },
				actions.map((action) => this.action(action))
			)
		);
		document.body.append(this.root);
		this.place(anchor);
		(this.buttons[0] || this.root).focus({ preventScroll: true });
		this.tell(more, anchor);
	}

	async tell(more, anchor) {
		const { root } = this;
		const found = await Promise.resolve(more).catch(() => null);
		if (!found?.length || this.root !== root) return;
		this.facts.append(...found.map((text) => el("li", { text })));
		this.place(anchor);
	}

	action({ label, act, href }) {
		if (href) return el("a", { class: "oa-menu-action", href, text: label });
		return el("button", {
			type: "button",
			class: "oa-menu-action",
			text: label,
			on: {
				click: () => {
					this.close();
					act();
				},
			},
		});
	}

	get buttons() {
		return [...this.root.querySelectorAll(".oa-menu-action")];
	}

	/** Below what it is about, or above it, and always within the window. */
	place(anchor) {
		const at = anchor.getBoundingClientRect();
		const { width, height } = this.root.getBoundingClientRect();
		const below = at.bottom + 4;
		const top = below + height > innerHeight - MARGIN ? at.top - height - 4 : below;
		this.root.style.top = `${Math.max(MARGIN, Math.min(top, innerHeight - height - MARGIN))}px`;
		this.root.style.left = `${Math.max(MARGIN, Math.min(at.left, innerWidth - width - MARGIN))}px`;
	}

	close({ focus = true } = {}) {
		if (!this.root) return;
		this.root.remove();
		this.root = null;
		if (focus) this.back?.();
	}

	on_key(event) {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (event.key === "Escape") this.close();
		else if (step) {
			const { buttons } = this;
			const at = buttons.indexOf(document.activeElement) + step;
			buttons[(at + buttons.length) % buttons.length]?.focus();
		} else if (event.key === "Tab") this.keep_inside(event);
		else return;
		event.stopPropagation();
		if (event.key !== "Tab") event.preventDefault();
	}

	/** Tab goes round within the window, as long as it is open. */
	keep_inside(event) {
		const stops = [...this.root.querySelectorAll("button, a")];
		const last = event.shiftKey ? stops[0] : stops.at(-1);
		if (document.activeElement !== last) return;
		event.preventDefault();
		(event.shiftKey ? stops.at(-1) : stops[0]).focus();
	}
}
