// A desk page about one evening: its head, its tabs, and the calls that the tabs make.
//
// A page is a class that extends EveningPage and says: static route, static api (prefix of its calls), static tabs,
// static title(), static question() (which evening?), static tabs_label(), static counts(counts) -> [[number, label]],
// and static undo(page, last), which takes the last change back.
//
// page.evening            name of the evening in the address
// page.info               answer of <api>page.start: {evening, counts, undo}
// page.read_only          the evening is archived: show, change nothing
// page.call(method, args) -> Promise of the answer of <api><method>(evening, ...args); rejects after the user was
//                            told why
// page.read(method, args) -> the same for what only reads
// page.change(method, args, options) -> Promise of the report, or null: see work.js
// page.go(tab, ...args)   opens a tab of this evening (and changes the address)
// page.changed()          something changed elsewhere than through page.change: head and tabs are read again

import { choose_evening, instead } from "./choice.js";
import { el } from "./dom.js";
import { Head } from "./head.js";
import { TabBar } from "./tab_bar.js";
import { change, request } from "./work.js";

// After so long in another window it is worth a look whether somebody else changed something.
const FRESH_MS = 20000;

export class EveningPage {
	constructor(wrapper) {
		this.desk = wrapper.page;
		this.root = el("div", { class: `oa-offers ${this.constructor.css_class || ""}`.trim() });
		this.desk.main.append(this.root);
		this.desk.add_menu_item(__("Choose Another Evening"), () => frappe.set_route(this.constructor.route));
		// Whoever is offline is told when they do something.
		window.addEventListener("focus", () => this.look_again().catch(() => {}));
	}

	/** Show what the address says. */
	async open() {
		const [, evening, key, ...args] = frappe.get_route();
		if (!evening) return this.choose();
		if (evening !== this.evening && !(await this.start(evening))) return;
		const { tabs } = this.constructor;
		if (!tabs.some((tab) => tab.key === key)) return this.go_instead(tabs[0].key);
		await this.show(key, args);
	}

	async choose(refusal = null) {
		this.evening = null;
		this.desk.set_title(this.constructor.title());
		this.root.replaceChildren();
		await choose_evening(this.root, this.constructor.route, this.constructor.question(), refusal);
	}

	/** Begin with another evening; false when it cannot be opened, or another one was opened meanwhile. */
	async start(evening) {
		this.evening = evening;
		this.tabs = new Map();
		this.stale = new Set();
		this.root.replaceChildren(el("p", { class: "text-muted", text: __("Loading…") }));
		const info = await this.read("page.start").catch(() => null);
		if (this.evening !== evening) return false;
		if (info) this.show_info(info);
		else await this.choose(__("The evening {0} cannot be opened.", [evening]));
		return Boolean(info);
	}

	show_info(info) {
		const first = this.info?.evening.name !== info.evening.name || !this.head?.root.isConnected;
		this.info = info;
		this.read_only = Boolean(info.evening.archived);
		if (first) this.lay_out();
		this.head.show(info);
		this.desk.set_title(this.constructor.title());
		frappe.utils.set_title(`${this.constructor.title()}: ${info.evening.title}`);
	}

	lay_out() {
		this.head = new Head(this);
		this.bar = new TabBar(this.constructor.tabs, this.constructor.tabs_label(), (key) => this.go(key));
		this.panels = el("div", { class: "oa-panels" });
		this.root.replaceChildren(this.head.root, this.bar.root, this.panels);
	}

	go(key, ...args) {
		return frappe.set_route(this.constructor.route, this.evening, key, ...args);
	}

	go_instead(key) {
		return instead(() => this.go(key));
	}

	/** Open a tab: made once, then kept. */
	async show(key, args) {
		this.active = key;
		this.bar.select(key);
		const tab = this.tabs.get(key) || this.make(key);
		for (const panel of this.panels.children) panel.hidden = panel !== tab.panel;
		try {
			await tab.module.show(args);
			if (this.stale.delete(key)) await tab.module.refresh();
		} catch (error) {
			console.error(error);
			this.offer_again(key, args);
		}
	}

	/** A tab that could not be shown is made anew when asked for. */
	offer_again(key, args) {
		const { panel } = this.tabs.get(key);
		this.tabs.delete(key);
		panel.replaceChildren(
			el("p", { class: "oa-notice", role: "alert", text: __("This could not be shown.") }),
			el("button", {
				type: "button",
				class: "btn btn-default btn-sm",
				text: __("Try Again"),
				on: { click: () => this.show(key, args) },
			})
		);
	}

	make(key) {
		this.panels.querySelector(`[data-tab="${key}"]`)?.remove();
		const panel = this.bar.panel_for(key);
		this.panels.append(panel);
		const Module = this.constructor.tabs.find((tab) => tab.key === key);
		const tab = { panel, module: new Module(this, panel) };
		this.tabs.set(key, tab);
		return tab;
	}

	call(method, args = {}) {
		return request(this.constructor.api + method, { evening: this.evening, ...args });
	}

	read(method, args = {}) {
		return request(this.constructor.api + method, { evening: this.evening, ...args }, { reads: true });
	}

	change(method, args = {}, options = {}) {
		return change(this, method, args, options);
	}

	/** Offers changed: what is shown is read again, what is not when it is opened. */
	async changed() {
		this.stale = new Set(this.tabs.keys());
		await this.read_info();
		await this.refresh_active();
	}

	async refresh_active() {
		if (this.stale.delete(this.active)) await this.tabs.get(this.active).module.refresh();
	}

	async read_info() {
		const evening = this.evening;
		const info = await this.read("page.start");
		this.looked = Date.now();
		if (this.evening === evening) this.show_info(info);
	}

	/** Two people may work on one evening: the counts and lists follow when the window is used again. */
	async look_again() {
		if (!this.evening || !this.info || !this.root.offsetParent) return;
		if (Date.now() - (this.looked || 0) < FRESH_MS) return;
		this.looked = Date.now();
		const before = this.info.undo?.change;
		await this.read_info();
		if (this.info.undo?.change !== before) {
			this.stale = new Set(this.tabs.keys());
			await this.refresh_active();
		}
	}
}
