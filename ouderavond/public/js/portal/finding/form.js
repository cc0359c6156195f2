// What to find times for: conversations of all children, a date, and between which times.

import { button, el, put, write } from "../booking/dom";
import { say, texts } from "../texts";

// So many can be looked for at once.
const MOST = 40;
// Up to so many conversations the lists are open at first.
const FEW = 8;

let numbers = 0;

export class FindForm {
	/** @param {function} on_search called with the wishes: {wanted, earliest, latest, date} */
	constructor(on_search) {
		this.on_search = on_search;
		this.number = ++numbers;
		this.rows = new Map();
		this.children = new Map();
		this.groups = el("div", { class: "oa-find-children" });
		this.date = el("select", { class: "form-control", name: "date" });
		this.from = el("input", { type: "time", class: "form-control", name: "earliest" });
		this.until = el("input", { type: "time", class: "form-control", name: "latest" });
		this.longer = el("input", { type: "checkbox", name: "longer" });
		this.date_label = this.labelled(texts.find_date, this.date);
		this.longer_label = el(
			"label",
			{ class: "oa-find-row" },
			this.longer,
			el("span", {}, texts.find_longer)
		);
		this.status = el("p", { class: "oa-status", role: "status" });
		this.submit = el("button", { type: "submit", class: "btn btn-primary" }, texts.find_search);
		this.element = el(
			"form",
			{ class: "oa-find-form", novalidate: true, on: { submit: (event) => this.search(event) } },
			el("p", {}, texts.find_about),
			this.groups,
			el(
				"p",
				{},
				button(texts.find_nothing, () => this.choose_none(), "btn-default btn-sm")
			),
			this.longer_label,
			el(
				"fieldset",
				{ class: "oa-find-when" },
				el("legend", {}, texts.find_when),
				this.date_label,
				this.labelled(texts.find_from, this.from),
				this.labelled(texts.find_until, this.until)
			),
			this.submit,
			this.status
		);
	}

	labelled(text, input) {
		input.id = `oa-find-${this.number}-${input.name}`;
		return el("div", { class: "oa-find-field" }, el("label", { for: input.id }, text), input);
	}

	/** Show what the table says now; what the reader ticked or filled in stays. */
	update(data) {
		this.data = data;
		const offers = new Set(data.children.flatMap((child) => child.columns.map(({ offer }) => offer)));
		for (const [offer, { row }] of this.rows) put(row, "hidden", !offers.has(offer));
		for (const child of data.children) this.update_child(child);
		if (this.date.options.length !== data.dates.length + 1) {
			const days = data.dates.map((day) => el("option", { value: day.date }, day.label));
			this.date.replaceChildren(el("option", { value: "" }, texts.find_any_date), ...days);
		}
		put(this.date_label, "hidden", data.dates.length < 2);
		put(this.longer_label, "hidden", !data.rules.longer);
		if (!this.ticked) this.tick_first();
		this.ticked = true;
		this.count();
	}

	/** Whether there is anything to find a time for. */
	get any() {
		return [...this.rows.values()].some(({ row }) => !row.hidden);
	}

	update_child(child) {
		if (!this.children.has(child.student)) this.add_child(child);
		for (const column of child.columns) {
			if (!this.rows.has(column.offer)) this.add_row(child, column);
			const { row, box, full } = this.rows.get(column.offer);
			put(row, "hidden", Boolean(column.booking || column.exists));
			put(full, "hidden", !column.full);
			box.disabled = row.hidden || column.full;
			if (box.disabled) box.checked = false;
		}
		const { group } = this.children.get(child.student);
		put(group, "hidden", !child.columns.some((column) => !column.booking && !column.exists));
	}

	add_child(child) {
		const count = el("span", { class: "oa-count" });
		const names = el("span", { class: "oa-sub" });
		const list = el("ul", { role: "group", "aria-label": child.name });
		const open = this.data.children.reduce((sum, { columns }) => sum + columns.length, 0) <= FEW;
		const summary = el("summary", {}, el("strong", {}, child.name), " ", count, names);
		const group = el("details", { class: "oa-find-child", open }, summary, list);
		list.addEventListener("change", () => this.count());
		this.children.set(child.student, { group, list, count, names });
		this.groups.append(group);
	}

	add_row(child, column) {
		const box = el("input", { type: "checkbox", value: column.offer });
		const full = el("span", { class: "oa-sub" }, texts.find_full);
		const people = el("span", { class: "oa-sub" }, column.instructors.join(", "));
		const asked = column.invitation && el("span", { class: "oa-sub" }, texts.booking_invitation);
		const what = el("span", {}, column.subject, people, asked, full);
		const row = el("li", { role: "presentation" }, el("label", { class: "oa-find-row" }, box, what));
		this.rows.set(column.offer, { row, box, full });
		this.children.get(child.student).list.append(row);
	}

	choose_none() {
		for (const { box } of this.rows.values()) box.checked = false;
		this.count();
		for (const { group } of this.children.values()) group.open = true;
		this.groups.querySelector("summary").focus();
	}

	/**
	 * Tick what the school asks for, and all of a child's where all of them may be booked: among more of them the reader
	 * has to choose, so that nobody books the first of the alphabet in a hurry.
	 */
	tick_first() {
		const { maximum_per_student, maximum_per_household } = this.data.rules;
		const booked = this.data.children.reduce((sum, child) => sum + child.booked, 0);
		const household = maximum_per_household ? maximum_per_household - booked : MOST;
		const free = this.data.children.map((child) => this.to_choose(child));
		const all_fit = free.reduce((sum, columns) => sum + columns.length, 0) <= household;
		this.data.children.forEach((child, index) => {
			const room = maximum_per_student ? maximum_per_student - child.booked : MOST;
			const fit = all_fit && free[index].length <= room;
			for (const column of child.columns) {
				const { box } = this.rows.get(column.offer);
				box.checked = !box.disabled && (column.invitation || fit);
			}
		});
		this.count();
	}

	/** The columns of a child that can be ticked and count towards the maximum. */
	to_choose(child) {
		return child.columns.filter(
			({ offer, invitation }) => !invitation && !this.rows.get(offer).box.disabled
		);
	}

	count() {
		for (const child of this.data.children) {
			const { count, names } = this.children.get(child.student);
			const maximum = this.data.rules.maximum_per_student;
			const ticked = this.chosen_of(child);
			const chosen = ticked.filter((column) => !column.invitation).length;
			const most = Math.max(0, maximum - child.booked);
			write(count, maximum ? say("chosen", chosen, most) : say("chosen_without_maximum", chosen));
			write(names, ticked.map(({ subject }) => subject).join("; "));
			count.classList.toggle("oa-problem", Boolean(maximum) && chosen > most);
		}
	}

	chosen_of(child) {
		return child.columns.filter((column) => this.rows.get(column.offer).box.checked);
	}

	search(event) {
		event.preventDefault();
		const wrong = [this.from, this.until].find((input) => input.validity.badInput);
		for (const input of [this.from, this.until]) put(input, "aria-invalid", input === wrong);
		if (wrong) return this.refuse(texts.find_time, wrong);
		const longer = this.data.rules.longer && this.longer.checked;
		const wanted = this.data.children
			.flatMap((child) => this.chosen_of(child))
			.map(({ offer }) => (longer ? { offer, longer } : { offer }));
		if (!wanted.length) return this.refuse(texts.find_choose, this.groups.querySelector("summary"));
		this.on_search({
			wanted,
			earliest: this.from.value || null,
			latest: this.until.value || null,
			date: this.date.value || null,
		});
	}

	refuse(sentence, input) {
		this.say(sentence, "problem");
		input?.focus();
	}

	say(text, kind = "") {
		this.status.dataset.kind = kind;
		write(this.status, text);
	}

	busy(on) {
		put(this.submit, "aria-disabled", on ? "true" : null);
	}
}
