// Table or list: as the reader chose before, else a list on a narrow screen.

import { texts } from "../texts";
import { button, el, put } from "./dom";

const NAME = "oa-booking-view";
const NARROW = 600;

export class ViewSwitch {
	constructor(on_change) {
		this.on_change = on_change;
		this.view = kept() || (window.innerWidth < NARROW ? "list" : "table");
		this.buttons = ["table", "list"].map((view) => {
			const made = button(texts[`booking_view_${view}`], () => this.choose(view), "btn-default");
			made.dataset.view = view;
			return made;
		});
		this.element = el(
			"div",
			{ class: "oa-view-switch", role: "group", "aria-label": texts.booking_view },
			this.buttons
		);
		this.show();
	}

	choose(view) {
		this.view = view;
		try {
			localStorage.setItem(NAME, view);
		} catch {
			// Without storage it holds for this page.
		}
		this.show();
		this.on_change();
	}

	show() {
		for (const made of this.buttons) {
			put(made, "aria-pressed", String(made.dataset.view === this.view));
		}
	}
}

function kept() {
	try {
		const view = localStorage.getItem(NAME);
		return ["table", "list"].includes(view) ? view : null;
	} catch {
		return null;
	}
}
