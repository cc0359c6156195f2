// A tab per child; with one child only its name.

import { el, put, write } from "./dom";

let numbers = 0;

export class Tabs {
	/**
	 * @param {{student, name}[]} children
	 * @param {function} content called with a child: what its tab shows
	 * @param {string} label what the tabs are about
	 * @param {number} level of the headings
	 * @param {function} on_show called after another child is shown
	 */
	constructor(children, content, label, level, on_show = () => {}) {
		this.on_show = on_show;
		this.id = `oa-child-${++numbers}`;
		this.parts = children.map((child, index) => this.part(child, index, content, level, children.length));
		this.bar = el(
			"div",
			{
				class: "oa-tabs",
				role: "tablist",
				"aria-label": label,
				on: { keydown: (event) => this.on_key(event) },
			},
			this.parts.map((part) => part.tab)
		);
		put(this.bar, "hidden", children.length < 2);
		this.element = el(
			"div",
			{},
			this.bar,
			this.parts.map((part) => part.panel)
		);
		this.show(children[0]?.student);
	}

	part(child, index, content, level, count) {
		const id = `${this.id}-${index}`;
		const several = count > 1;
		const tab = el(
			"button",
			{ type: "button", role: "tab", id, "aria-controls": `${id}-panel`, class: "oa-tab" },
			el("span", {}, child.name),
			el("span", { class: "oa-tab-count" })
		);
		tab.addEventListener("click", () => this.show(child.student));
		const heading = el(`h${level}`, { class: "oa-child-name" }, child.name);
		const roles = several ? { role: "tabpanel", "aria-labelledby": id } : {};
		const panel = el(
			"div",
			{ id: `${id}-panel`, class: "oa-child-panel", ...roles },
			heading,
			content(child)
		);
		return { student: child.student, tab, panel };
	}

	/** Show a child. */
	show(student) {
		this.shown = student;
		for (const part of this.parts) {
			const here = part.student === student;
			put(part.tab, "aria-selected", String(here));
			part.tab.tabIndex = here ? 0 : -1;
			part.panel.classList.toggle("oa-hidden", !here);
		}
		this.on_show();
	}

	/** Say how much is chosen and booked in a tab. */
	count(student, text) {
		const part = this.parts.find((one) => one.student === student);
		if (part) write(part.tab.lastChild, text);
	}

	on_key(event) {
		const index = this.parts.findIndex((part) => part.student === this.shown);
		const last = this.parts.length - 1;
		const target = {
			ArrowRight: index === last ? 0 : index + 1,
			ArrowLeft: index === 0 ? last : index - 1,
			Home: 0,
			End: last,
		}[event.key];
		if (target === undefined) return;
		event.preventDefault();
		this.show(this.parts[target].student);
		this.parts[target].tab.focus();
	}
}
