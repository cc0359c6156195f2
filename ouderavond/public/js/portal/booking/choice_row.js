// A choice in the bar: what it is, taking it away, and what may be added to it: longer, at school or online, a remark.

import { say, texts } from "../texts";
import { button, el, put, write } from "./dom";
import { may_be_longer } from "./rules";

const MODES = ["In Person", "Online"];

export class ChoiceRow {
	constructor(panel, offer) {
		this.panel = panel;
		this.offer = offer;
		this.title = el("strong");
		this.longer = panel.model.rules.longer && this.check();
		this.mode = panel.model.rules.mode_choice && this.modes();
		this.remark = panel.model.rules.remarks && this.remarks();
		this.remove = button(texts.booking_remove, () => this.take_away(), "btn-default btn-sm");
		this.element = el(
			"li",
			{ class: "oa-basket-row" },
			el("div", { class: "oa-basket-head" }, this.title, this.remove),
			this.longer?.parentElement,
			this.mode?.parentElement,
			this.remark?.parentElement
		);
	}

	check() {
		const box = el("input", {
			type: "checkbox",
			on: { change: () => this.set({ longer: box.checked }) },
		});
		el("label", { class: "oa-check" }, box, texts.booking_longer);
		return box;
	}

	modes() {
		const select = el("select", {
			class: "form-control",
			on: { change: () => this.set({ mode: select.value }) },
		});
		for (const mode of MODES) {
			select.append(el("option", { value: mode }, texts[`booking_mode_${MODES.indexOf(mode)}`]));
		}
		el("label", { class: "oa-field" }, texts.booking_mode, select);
		return select;
	}

	remarks() {
		const area = el("textarea", {
			class: "form-control",
			rows: 2,
			maxlength: 1000,
			on: { input: () => this.set({ remark: area.value }) },
		});
		el("label", { class: "oa-field" }, texts.booking_remark, area);
		return area;
	}

	set(values) {
		this.panel.basket.set({ offer: this.offer, ...values });
	}

	take_away() {
		const { basket, bar } = this.panel;
		basket.remove(this.offer);
		if (basket.size) bar.details.querySelector("summary").focus();
		else bar.focus();
	}

	update(choice) {
		const { model, basket } = this.panel;
		const column = model.columns.get(this.offer);
		const what = say("booking_choice", model.time_label(choice.start), column.label, column.child.name);
		write(this.title, what);
		put(this.remove, "aria-label", say("booking_remove_of", what));
		if (this.longer) {
			this.longer.checked = Boolean(choice.longer);
			this.longer.disabled = !choice.longer && !may_be_longer(model, basket, choice);
		}
		if (this.mode) this.mode.value = choice.mode || model.rules.mode;
		if (this.remark && this.remark !== document.activeElement) this.remark.value = choice.remark || "";
	}
}
