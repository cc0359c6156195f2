// Publishing: what people do not know yet, before and after, and telling them all of it or what is ticked.

import { el, number } from "../../offers/dom.js";
import { PublishList } from "./publish_list.js";
import { publish } from "./publish_dialog.js";
import { Shown } from "./publish_shown.js";

export class PublishTab {
	static key = "publish";
	static label = () => __("Publish", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.make(parent);
	}

	make(parent) {
		this.state = el("p", { class: "oa-publish-state", role: "status" });
		this.mail = el("p", { class: "oa-notice", hidden: true });
		this.all = this.button("btn-primary", () => publish(this));
		this.some = this.button("btn-default", () => publish(this, this.list.selected));
		this.visible = this.button("btn-default", () => this.switch_visible());
		this.shown = new Shown(this.page, () => this.refresh());
		const list = el("section", { class: "oa-publish-list", "aria-label": __("Not published") });
		parent.append(
			el(
				"div",
				{ class: "oa-publish-head" },
				this.state,
				el("div", { class: "oa-publish-actions" }, this.all, this.some, this.visible)
			),
			this.mail,
			this.shown.root,
			list
		);
		this.list = new PublishList(list, () => this.show_actions());
	}

	button(look, action) {
		return el("button", { type: "button", class: `btn ${look} btn-sm`, on: { click: action } });
	}

	async show() {
		if (!this.info) await this.refresh();
	}

	async refresh() {
		const info = await this.page.read("publish.read").catch(() => null);
		if (!info) return;
		this.info = info;
		this.state.textContent = this.page.read_only
			? __("This evening is archived: only staff see its schedule.")
			: sentence_about(info);
		this.mail.hidden = !info.mail || this.page.read_only;
		this.mail.textContent = info.mail ? __("Nobody can be told by e-mail now. {0}", [info.mail]) : "";
		this.shown.fill(info, this.page.read_only);
		await this.list.fill(info.rows, this.page.read_only);
		this.show_actions();
	}

	show_actions() {
		const { state, rows } = this.info;
		const chosen = this.list.selected.length;
		const locked = this.page.read_only || !state.published;
		this.all.textContent = state.first
			? __("Publish All ({0})…", [number(rows.length)])
			: __("Publish Changes ({0})…", [number(rows.length)]);
		this.all.disabled = locked || !rows.length;
		this.some.textContent = chosen
			? __("Publish {0} Ticked…", [number(chosen)])
			: __("Publish What Is Ticked…");
		this.some.disabled = locked || !chosen;
		this.visible.textContent = state.visible ? __("Hide the Schedule…") : __("Show the Schedule Again");
		this.visible.hidden = this.page.read_only || state.always || (!state.visible && state.first);
		this.visible.disabled = locked;
	}

	async switch_visible() {
		if (!this.info.state.visible) return this.page.change("publish.show");
		frappe.confirm(
			__(
				"Nobody but staff will see the conversations until you show or publish them again. Hide them?"
			),
			() => this.page.change("publish.hide")
		);
	}
}

function sentence_about({ state, rows }) {
	if (!state.published) return __("The evening itself is not published yet: publish it on its form first.");
	if (state.first) {
		return rows.length
			? __("Nobody has been told a time yet: {0} conversations are planned.", [number(rows.length)])
			: __("There is nothing to publish yet: make a schedule and apply it.");
	}
	const known = state.visible
		? __("The schedule is shown: people know {0} conversations.", [number(state.known)])
		: __("The schedule is hidden: only staff see the {0} published conversations.", [
				number(state.known),
			]);
	const left = rows.length
		? __("{0} differ from what people were told.", [number(rows.length)])
		: __("People know everything as it is planned.");
	return `${known} ${left}`;
}
