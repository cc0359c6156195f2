// Online meetings: how many of the evening's are there, why some are not and trying those again, and all of them.
//
// /online            everything
// /online/<filter>   with the list of only those that are made, making, retry, failed, leaving, over or gone

import { el, number } from "../../offers/dom.js";
import { request } from "../../offers/work.js";
import { OnlineList } from "./online_list.js";
import { how_to_begin } from "./online_off.js";
import { OnlineReasons } from "./online_reasons.js";
import { sentence_about, sentence_about_look, standing_label, STANDINGS } from "./online_words.js";

// While a job works, and otherwise; the platform's live messages come sooner where they come.
const [BUSY_MS, LOOK_MS] = [3000, 15000];
const REST_MS = 1000;
// A screen reader hears of progress this often between nothing and all.
const PARTS = 4;
// Shown even when there are none.
const ALWAYS = ["made", "making", "failed"];

export class OnlineTab {
	static key = "online";
	static label = () => __("Online Meetings");

	constructor(page, parent) {
		this.page = page;
		this.evening = page.evening;
		this.make(parent);
		this.hear = ({ evening }) => evening === this.evening && this.heard();
		frappe.realtime.on("ouderavond_meetings", this.hear);
	}

	make(parent) {
		this.spoken = el("div", { class: "sr-only", role: "status" });
		this.state = el("p", { class: "oa-online-state", tabindex: "-1" });
		this.looked = el("span", { class: "text-muted" });
		this.look = el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			text: __("Look Into the Calendars Now"),
			on: { click: () => this.look_now() },
		});
		this.actions = el("div", { class: "oa-online-actions" }, this.looked, this.look);
		this.notices = el("div", { class: "oa-online-notices" });
		this.off = el("section", { class: "oa-online-off" });
		this.bar = el("progress", { class: "oa-online-bar" });
		this.tiles = {};
		this.figures = el("ul", { class: "oa-online-figures", "aria-label": __("How many are where") });
		this.hurried = el("p", { class: "oa-online-hurry" });
		this.about = el("div", { class: "oa-online-about text-muted" });
		this.reasons = new OnlineReasons(this);
		this.listed = el("section", { class: "oa-online-list", "aria-label": __("All meetings") });
		this.on = el(
			"div",
			{},
			this.bar,
			this.figures,
			this.hurried,
			this.about,
			this.reasons.root,
			this.listed
		);
		const head = el("div", { class: "oa-online-head" }, this.state, this.actions);
		parent.append(el("div", { class: "oa-online" }, this.spoken, head, this.notices, this.off, this.on));
	}

	async show([standing] = []) {
		await this.refresh();
		if (standing in STANDINGS && !this.on.hidden) await this.list.choose(standing);
	}

	/** Read and show everything again; what is being looked at in the list stays. */
	async refresh() {
		await this.take(await this.page.read("online.read"));
	}

	/** The schedule changed; the meetings follow in a moment. */
	told() {
		return this.refresh_quietly();
	}

	// Following the job

	wait() {
		clearTimeout(this.timer);
		const { busy, looked } = this.info;
		const soon = busy || looked?.state === "asked";
		this.timer = setTimeout(() => this.tick(), soon ? BUSY_MS : LOOK_MS);
	}

	async tick() {
		// Another evening was opened, with a tab of its own.
		if (this.page.tabs.get(OnlineTab.key)?.module !== this)
			return frappe.realtime.off("ouderavond_meetings", this.hear);
		if (this.is_seen) await this.refresh_quietly();
		return this.wait();
	}

	get is_seen() {
		const { page } = this;
		return page.active === OnlineTab.key && page.root.offsetParent && !document.hidden;
	}

	/** The job did something; shown at once, but not more often than a reader follows. */
	heard() {
		if (!this.info || !this.is_seen) return;
		const rest = Math.max(0, REST_MS - (Date.now() - this.read_on));
		this.resting ??= setTimeout(() => {
			this.resting = null;
			this.refresh_quietly();
		}, rest);
	}

	// Nobody asked for this reading, and another one follows: a failure is not told.
	async refresh_quietly() {
		if (this.page.evening !== this.evening) return;
		// What happens while it is being read may not be in it.
		if (this.reading) {
			this.reading = "again";
			return;
		}
		this.reading = true;
		const method = `${this.page.constructor.api}online.read`;
		const asked = request(method, { evening: this.evening }, { reads: true, silent: true });
		const info = await asked.catch(() => null);
		const again = this.reading === "again";
		this.reading = false;
		if (info) await this.take(info);
		if (again) this.heard();
	}

	async take(info) {
		const read = JSON.stringify(info);
		const changed = read !== this.read;
		[this.info, this.read, this.read_on] = [info, read, Date.now()];
		this.wait();
		if (!changed) return;
		this.draw();
		if (!this.on.hidden) await this.list.know(info);
	}

	// Drawing

	draw() {
		const { info } = this;
		const { total, leaving, over } = info.counts;
		this.on.hidden = !(total || leaving || over);
		this.off.hidden = !this.on.hidden;
		this.state.textContent = sentence_about(info);
		this.draw_notices();
		this.draw_look();
		this.speak();
		if (this.on.hidden) return this.off.replaceChildren(...how_to_begin(this.page, info));
		this.draw_bar();
		this.draw_figures();
		this.draw_hurry();
		this.draw_about();
		this.reasons.show(info);
		this.list ??= new OnlineList(this, this.listed);
		return null;
	}

	draw_notices() {
		const { notices } = this.info;
		const said = JSON.stringify(notices);
		if (said !== this.noticed) this.notices.replaceChildren(...notices.map((one) => this.notice(one)));
		this.noticed = said;
	}

	notice({ key, sentence }) {
		const settings = ["refusal", "stalled"].includes(key) && !this.page.read_only;
		const elsewhere = {
			untold: () => this.page.go("publish"),
			unpublished: () => frappe.set_route("Form", "Parent Evening", this.evening),
			no_provider: () => frappe.set_route("Form", "Parent Evening", this.evening),
		};
		const label = {
			untold: __("Publish…"),
			unpublished: __("To the Evening"),
			no_provider: __("To the Evening"),
		};
		const go = settings ? () => frappe.set_route("Form", "Ouderavond Settings") : elsewhere[key];
		const button =
			go &&
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				text: settings ? __("To the Settings") : label[key],
				on: { click: go },
			});
		return el("p", { class: "oa-notice" }, sentence, button && " ", button);
	}

	draw_look() {
		const { calendar, refusal, looked } = this.info;
		this.actions.hidden = !calendar || this.page.read_only;
		this.look.disabled = Boolean(refusal) || looked?.state === "asked";
		this.looked.textContent = sentence_about_look(looked);
	}

	draw_bar() {
		const { made, total, making, retry } = this.info.counts;
		this.bar.hidden = !(making || retry);
		this.bar.max = total || 1;
		this.bar.value = made;
		this.bar.setAttribute(
			"aria-label",
			__("{0} of {1} meetings are there", [number(made), number(total)])
		);
	}

	/** What a reader does not see moving: said at a quarter, a half, and when it is done. */
	speak() {
		const { counts, busy } = this.info;
		const part = counts.total ? Math.floor((PARTS * counts.made) / counts.total) : 0;
		const said = [part, busy, busy || counts.failed].join();
		if (said === this.said) return;
		const first = this.said === undefined;
		this.said = said;
		if (!first) this.spoken.textContent = this.state.textContent;
	}

	// The same buttons each time, so that the one with the focus keeps it.
	draw_figures() {
		const { counts } = this.info;
		const shown = Object.keys(STANDINGS).filter((key) => counts[key] || ALWAYS.includes(key));
		for (const key of shown) {
			const figure = (this.tiles[key] ??= this.tile(key));
			figure.number.textContent = number(counts[key]);
			figure.button.disabled = !counts[key];
			figure.button.classList.toggle(`oa-online-${key}`, Boolean(counts[key]));
		}
		const items = shown.map((key) => this.tiles[key].item);
		const there = [...this.figures.children];
		if (items.length !== there.length || items.some((item, i) => item !== there[i]))
			this.figures.replaceChildren(...items);
	}

	tile(key) {
		const count = el("b");
		const button = el(
			"button",
			{ type: "button", class: "oa-online-figure", on: { click: () => this.look_at(key) } },
			count,
			el("span", { text: standing_label(key) })
		);
		return { item: el("li", {}, button), button, number: count };
	}

	async look_at(standing) {
		await this.list.choose(standing);
		this.listed.scrollIntoView({ block: "start" });
	}

	draw_hurry() {
		const { counts, next, refusal } = this.info;
		this.hurried.hidden = !counts.retry || !next || Boolean(refusal);
		if (this.hurried.hidden) return;
		this.waits ??= el("span");
		this.now ??= el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text: __("Try Them Now"),
			on: { click: () => this.act("online.hurry") },
		});
		this.waits.textContent = __("{0} are tried again by themselves, the next at {1}.", [
			number(counts.retry),
			moment(next).format("HH:mm"),
		]);
		if (!this.now.isConnected) this.hurried.append(this.waits, " ", this.now);
	}

	draw_about() {
		const { about, counts, unset } = this.info;
		const lacking = unset.map((one) => __("{0} meetings: {1}", [number(one.number), one.sentence]));
		const lines = [...about, ...lacking];
		const follows =
			counts.follows &&
			__("Families and instructors read “Online, the link follows” at {0} conversations.", [
				number(counts.follows),
			]);
		const named = this.info.provider && el("b", { text: `${__(this.info.provider)}: ` });
		this.about.replaceChildren(
			...[
				follows && el("p", { text: follows }),
				lines.length && el("p", {}, named, lines.join(" ")),
			].filter(Boolean)
		);
	}

	// Acting

	async look_now() {
		this.look.disabled = true;
		await this.page.call("online.look").catch(() => {});
		await this.refresh();
	}

	/** Try what failed again: all of it, that of a reason, or some. */
	retry(which = {}) {
		return this.act("online.retry", which);
	}

	async act(method, args = {}) {
		const answer = await this.page.call(method, args).catch(() => null);
		if (!answer) return;
		frappe.show_alert({
			message: frappe.utils.escape_html(answer.message),
			indicator: answer.number ? "green" : "orange",
		});
		await this.refresh();
		// The button that was pressed may be gone with its reason.
		if (document.activeElement === document.body) this.state.focus({ preventScroll: true });
	}

	/** Whether anything can be tried again now. */
	get may_retry() {
		return !this.page.read_only && !this.info.refusal;
	}
}
