// Why meetings are not there, reason by reason: whom it concerns, which conversations, and trying them again.

import { el, link, number } from "../../offers/dom.js";
import { short } from "./conversations_table.js";

const PAGE = 50;
// So many instructors are shown without being asked for.
const FEW = 8;
// What heals by itself once the instructor has another address.
const BY_ADDRESS = ["no_account", "unknown_account", "no_mailbox"];

export class OnlineReasons {
	constructor(tab) {
		this.tab = tab;
		this.shown = new Map();
		this.all = button("btn-primary", "", () => tab.retry());
		this.head = el(
			"div",
			{ class: "oa-online-reasons-head" },
			el("h3", { text: __("What Failed") }),
			this.all
		);
		this.held = el("div");
		this.without = el("div");
		this.root = el("section", { class: "oa-online-reasons" }, this.head, this.held, this.without);
	}

	show({ reasons, counts, without_account }) {
		this.root.hidden = !reasons.length && !without_account.length;
		this.head.hidden = !reasons.length;
		this.all.textContent = __("Try All {0} Again", [number(counts.failed)]);
		this.all.disabled = !this.tab.may_retry;
		this.all.hidden = reasons.length < 2 || this.tab.page.read_only;
		const before = this.shown;
		this.shown = new Map(
			reasons.map((reason) => [reason.code, before.get(reason.code) || new Reason(this.tab)])
		);
		const roots = reasons.map((reason) => this.shown.get(reason.code).show(reason));
		// What is there already stays where it is, so that nothing loses the focus.
		if (
			roots.length !== this.held.children.length ||
			roots.some((root, i) => root !== this.held.children[i])
		)
			this.held.replaceChildren(...roots);
		const told = reasons.some(({ code }) => code === "no_account");
		this.without.replaceChildren(...(without_account.length && !told ? [without(without_account)] : []));
	}
}

class Reason {
	constructor(tab) {
		this.tab = tab;
		this.sentence = el("p", { class: "oa-online-sentence" });
		this.whom = el("p", { class: "text-muted" });
		this.again = button("btn-default", "", () => tab.retry({ code: this.reason.code }));
		this.instructors = details();
		this.conversations = details();
		this.conversations.root.addEventListener("toggle", () => this.open());
		this.more = button("btn-default", "", () => this.read(this.rows.length));
		this.root = el(
			"article",
			{ class: "oa-online-reason" },
			this.sentence,
			this.whom,
			el("div", { class: "oa-online-again" }, this.again),
			this.instructors.root,
			this.conversations.root
		);
	}

	show(reason) {
		const said = JSON.stringify(reason);
		this.again.disabled = !this.tab.may_retry;
		this.again.hidden = this.tab.page.read_only;
		if (said === this.said) return this.root;
		[this.reason, this.said] = [reason, said];
		const { instructors, of_all } = reason;
		this.sentence.replaceChildren(
			reason.sentence,
			" ",
			of_all ? link("Ouderavond Settings", "Ouderavond Settings", __("To the Settings")) : ""
		);
		this.whom.textContent = sentence_about(reason);
		this.again.textContent = __("Try These {0} Again", [number(reason.number)]);
		this.instructors.summary.textContent = __("Instructors: {0}", [number(instructors.length)]);
		this.instructors.body.replaceChildren(list_of(instructors));
		this.instructors.root.open ||= !of_all && instructors.length <= FEW;
		this.conversations.summary.textContent = __("Conversations: {0}", [number(reason.number)]);
		if (this.rows) this.read(0, Math.max(this.rows.length, PAGE));
		return this.root;
	}

	open() {
		if (this.conversations.root.open && !this.rows) this.read(0);
	}

	async read(start, length = PAGE) {
		const filters = { standing: "failed", code: this.reason.code };
		const found = await this.tab.page
			.read("online.events", { filters, start, length, order_by: "start asc" })
			.catch(() => null);
		if (!found) return;
		this.rows = start ? [...this.rows, ...found.rows] : found.rows;
		const left = found.total - this.rows.length;
		this.more.textContent = __("Show More ({0})", [number(left)]);
		this.more.hidden = !left;
		this.conversations.body.replaceChildren(this.table(), this.more);
	}

	table() {
		const heads = [__("Time", null, "Planning"), __("Conversation"), __("Try again")];
		const head = el(
			"tr",
			{},
			heads.map((text) => el("th", { scope: "col", text }))
		);
		const listed = __("Conversations whose meeting failed");
		return el(
			"div",
			{ class: "oa-listing", tabindex: "0", role: "region", "aria-label": listed },
			el(
				"table",
				{ class: "oa-plain" },
				el("thead", {}, head),
				el(
					"tbody",
					{},
					this.rows.map((row) => this.row(row))
				)
			)
		);
	}

	row(row) {
		const again = button("btn-default btn-xs", __("Try Again"), () =>
			this.tab.retry({ meetings: [row.name] })
		);
		again.setAttribute("aria-label", __("Try again: {0}, {1}", [row.student, short(row.start)]));
		again.disabled = !this.tab.may_retry;
		return el(
			"tr",
			{},
			el("td", { text: short(row.start) }),
			el(
				"td",
				{},
				link("Evening Booking", row.booking, row.student || row.booking),
				el("div", { class: "text-muted", text: row.instructor_name })
			),
			el("td", {}, again)
		);
	}
}

function sentence_about({ number: count, instructors, leaving, linked, code, of_all }) {
	const said = [
		instructors.length === 1
			? __("{0} conversations of {1}.", [number(count), instructors[0].title])
			: __("{0} conversations of {1} instructors.", [number(count), number(instructors.length)]),
		leaving &&
			__("{0} of them are still in the calendar and could not be taken away.", [number(leaving)]),
		linked && __("{0} of them have a link that works all the same.", [number(linked)]),
		of_all && __("They are also tried again by themselves every hour."),
		BY_ADDRESS.includes(code) && __("With another address they are tried again by themselves."),
	];
	return said.filter(Boolean).join(" ");
}

// Instructors, each with a way to the own form.
function list_of(instructors) {
	return el(
		"ul",
		{ class: "oa-online-people" },
		instructors.map(({ name, title, account, number: count }) =>
			el(
				"li",
				{},
				name ? link("Instructor", name, title || name) : __("Not known any more"),
				account && el("span", { class: "text-muted", text: ` ${account}` }),
				count && el("span", { class: "text-muted", text: ` (${number(count)})` })
			)
		)
	);
}

// Nothing failed for them yet.
function without(instructors) {
	const { root, summary, body } = details();
	summary.textContent = __(
		"Without an address, so that nothing can be put into their calendar: {0} instructors",
		[number(instructors.length)]
	);
	body.replaceChildren(list_of(instructors));
	return root;
}

function details() {
	const [summary, body] = [el("summary"), el("div")];
	return { root: el("details", {}, summary, body), summary, body };
}

function button(look, text, action) {
	const size = look.includes("btn-xs") ? "" : " btn-sm";
	return el("button", { type: "button", class: `btn ${look}${size}`, text, on: { click: action } });
}
