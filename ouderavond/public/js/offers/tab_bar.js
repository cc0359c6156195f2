// The tabs as screen readers and keyboards know them: arrows move, Enter or the space bar opens.

import { el } from "./dom.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class TabBar {
	constructor(tabs, label, open) {
		this.buttons = new Map(
			tabs.map((tab) => [
				tab.key,
				el("button", {
					type: "button",
					role: "tab",
					id: `oa-tab-${tab.key}`,
					class: "oa-tab",
					tabindex: "-1",
					"aria-selected": "false",
					text: tab.label(),
					on: { click: () => open(tab.key) },
				}),
			])
		);
		this.root = el(
			"div",
			{
				role: "tablist",
				class: "oa-tabs",
				"aria-label": label,
				on: { keydown: (event) => this.on_key(event) },
			},
			...this.buttons.values()
		);
	}

	/** The panel of a tab, not yet on the page. */
	panel_for(key) {
		this.buttons.get(key).setAttribute("aria-controls", `oa-panel-${key}`);
		return el("div", {
			role: "tabpanel",
			id: `oa-panel-${key}`,
			class: "oa-panel",
			"aria-labelledby": `oa-tab-${key}`,
			data: { tab: key },
		});
	}

	select(key) {
		for (const [other, button] of this.buttons) {
			button.setAttribute("aria-selected", String(other === key));
			button.tabIndex = other === key ? 0 : -1;
		}
		this.reveal(this.buttons.get(key));
	}

	on_key(event) {
		const buttons = [...this.buttons.values()];
		const at = buttons.indexOf(document.activeElement);
		const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? at + (STEPS[event.key] || 0);
		if (at < 0 || to === at) return;
		event.preventDefault();
		const button = buttons[(to + buttons.length) % buttons.length];
		button.focus();
		this.reveal(button);
	}

	/** Scroll the bar, and only the bar, until the tab is seen. */
	reveal(button) {
		const [bar, tab] = [this.root.getBoundingClientRect(), button.getBoundingClientRect()];
		if (tab.left < bar.left) this.root.scrollLeft -= bar.left - tab.left + 24;
		if (tab.right > bar.right) this.root.scrollLeft += tab.right - bar.right + 24;
	}
}
