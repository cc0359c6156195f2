// Classes per date: a tab per date, the classes in columns by program; a click or the space bar forbids or allows a
// class there, and the head of a column the whole program.

import { el, number } from "../dom.js";
import { ask_staying } from "./classes_staying.js";
import { warnings } from "./classes_warnings.js";

const SHOWS = {
	students: () => __("Show Students"),
	offers: () => __("Show Conversations"),
};
const SIGNS = { all: "✓", some: "◐", none: "✕" };

export class ClassesTab {
	static key = "classes";
	static label = () => __("Classes per Date");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
		this.shown = "students";
		this.make();
	}

	make() {
		this.dates = el("div", {
			role: "tablist",
			class: "oa-dates",
			"aria-label": __("Dates"),
			on: { keydown: (event) => this.on_date_key(event) },
		});
		this.shows = Object.entries(SHOWS).map(([key, label]) =>
			el("button", {
				type: "button",
				class: "btn btn-default btn-sm",
				data: { show: key },
				text: label(),
				on: { click: () => this.show_figures(key) },
			})
		);
		this.warnings = el("div", { class: "oa-classes-warnings" });
		this.columns = el("div", {
			class: "oa-classes",
			role: "tabpanel",
			id: "oa-classes-panel",
			on: {
				keydown: (event) => this.on_key(event),
				focusin: (event) => this.tell(event.target),
				mouseover: (event) => this.tell(event.target),
			},
		});
		this.tip = el("p", { class: "oa-classes-tip text-muted" });
		this.said = el("p", { class: "sr-only", role: "status" });
		this.parent.append(
			el("div", { class: "oa-classes-bar" }, this.dates, el("span", { class: "oa-gap" }), this.shows),
			el("p", {
				class: "text-muted",
				text: __(
					"Click a class, or press the space bar, to forbid it on this date or to allow it again; the head of a column does so for all classes of the program."
				),
			}),
			this.warnings,
			this.columns,
			this.tip,
			this.said
		);
	}

	async show([date] = []) {
		this.wanted = date;
		if (!this.answer) await this.refresh();
		else this.draw();
	}

	async refresh() {
		this.answer = await this.page.read("classes.read");
		this.draw();
	}

	get date() {
		const { dates } = this.answer;
		return dates.find((one) => one.date === this.wanted) || dates[0];
	}

	// Drawing

	draw() {
		const focused = this.parent.contains(document.activeElement) && document.activeElement.dataset.key;
		this.draw_dates();
		for (const button of this.shows)
			button.setAttribute("aria-pressed", String(button.dataset.show === this.shown));
		this.warnings.replaceChildren(...warnings(this.answer.warnings));
		this.tip.textContent = "";
		this.columns.dataset.shown = this.shown || "";
		this.columns.replaceChildren(...this.contents());
		this.columns.querySelector("button")?.setAttribute("tabindex", "0");
		if (focused) this.focus(this.parent.querySelector(`[data-key="${CSS.escape(focused)}"]`));
	}

	draw_dates() {
		this.dates.replaceChildren(
			...this.answer.dates.map((day) => {
				const chosen = day === this.date;
				const forbidden = this.all_classes().filter((one) => one.places[day.date].forbidden).length;
				return el(
					"button",
					{
						type: "button",
						role: "tab",
						class: "oa-date",
						tabindex: chosen ? "0" : "-1",
						"aria-selected": String(chosen),
						"aria-controls": "oa-classes-panel",
						data: { key: `date ${day.date}` },
						on: { click: () => this.page.go(ClassesTab.key, day.date) },
					},
					el("span", { text: day.label }),
					forbidden
						? el("span", { class: "text-muted", text: __("{0} forbidden", [number(forbidden)]) })
						: ""
				);
			})
		);
	}

	contents() {
		if (!this.answer.dates.length) return [el("p", { text: __("This evening has no dates yet.") })];
		if (!this.answer.programs.length)
			return [el("p", { text: __("No classes take part in this evening.") })];
		return this.answer.programs.map((program) => this.column(program));
	}

	column(program) {
		const label = program.name || __("No Program");
		const free = program.classes.filter((one) => !this.place(one).forbidden).length;
		const title = free
			? __("Forbid all classes of {0} on this date", [label])
			: __("Allow all classes of {0} on this date", [label]);
		return el(
			"div",
			{ class: "oa-program", role: "group", "aria-label": label },
			el("button", {
				type: "button",
				class: "oa-program-head",
				tabindex: "-1",
				"aria-label": title,
				"aria-disabled": this.page.read_only ? "true" : null,
				text: label,
				data: { key: `program ${program.name}`, tip: title },
				on: { click: () => this.toggle(program.classes, Boolean(free)) },
			}),
			...program.classes.map((one) => this.cell(one))
		);
	}

	cell(one) {
		const place = this.place(one);
		const state = !place.forbidden && place.students_free ? (all_free(place) ? "all" : "some") : "none";
		const tip = this.sentence(place);
		return el(
			"button",
			{
				type: "button",
				class: `oa-class oa-class-${state}`,
				tabindex: "-1",
				"aria-pressed": String(Boolean(place.forbidden)),
				"aria-label": `${one.name}. ${place.forbidden ? __("Forbidden.") : __("Allowed.")} ${tip}`,
				"aria-disabled": this.page.read_only ? "true" : null,
				title: tip,
				data: { key: `class ${one.name}`, tip },
				on: { click: () => this.toggle([one], !place.forbidden) },
			},
			el("span", { class: "oa-class-sign", "aria-hidden": "true", text: SIGNS[state] }),
			el("span", { class: "oa-class-name", text: one.name }),
			el("span", { class: "oa-class-figure", text: this.figure(place) })
		);
	}

	figure(place) {
		if (this.shown === "students") return `${number(place.students_free)}/${number(place.students)}`;
		if (this.shown === "offers") return `${number(place.offers_free)}/${number(place.offers)}`;
		return "";
	}

	sentence(place) {
		const [free, all, students] = [place.offers_free, place.offers, place.students].map(number);
		const texts = [];
		if (!place.offers)
			texts.push(__("Nothing is offered to the {0} students of this class.", [students]));
		else if (!place.offers_free)
			texts.push(
				__(
					"None of {0} conversations of the {1} students of this class may be scheduled on this evening.",
					[all, students]
				)
			);
		else if (place.offers_free === place.offers)
			texts.push(
				__(
					"All {0} conversations of the {1} students of this class may be scheduled on this evening.",
					[all, students]
				)
			);
		else
			texts.push(
				__(
					"{0} of {1} conversations of the {2} students of this class may be scheduled on this evening.",
					[free, all, students]
				)
			);
		if (place.booked) texts.push(__("{0} have a time on this evening.", [number(place.booked)]));
		return texts.join(" ");
	}

	place(one) {
		return one.places[this.date.date];
	}

	all_classes() {
		return this.answer.programs.flatMap((program) => program.classes);
	}

	// Acting

	show_figures(key) {
		this.shown = this.shown === key ? null : key;
		this.draw();
	}

	async toggle(classes, forbidden) {
		if (this.busy) return;
		const changed = classes.filter((one) => Boolean(this.place(one).forbidden) !== forbidden);
		if (!changed.length) return;
		this.busy = true;
		this.columns.setAttribute("aria-busy", "true");
		try {
			await this.change(changed, forbidden);
		} finally {
			this.busy = false;
			this.columns.removeAttribute("aria-busy");
		}
	}

	async change(classes, forbidden) {
		const wish = {
			classes: classes.map((one) => one.name),
			date: this.date.date,
			forbidden: forbidden ? 1 : 0,
		};
		if (forbidden && classes.some((one) => this.place(one).booked)) {
			const would = await this.page.change("classes.change", { ...wish, dry_run: 1 });
			if (!would || !(await ask_staying(would, this.date.long))) return;
		}
		const report = await this.page.change("classes.change", wish, { quiet: true });
		if (!report) return;
		this.said.textContent = report.sentence;
		this.tip.textContent = report.sentence;
	}

	tell(target) {
		const tip = target.closest?.("[data-tip]")?.dataset.tip;
		if (tip) this.tip.textContent = tip;
	}

	// Keys

	on_date_key(event) {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!step) return;
		event.preventDefault();
		const { dates } = this.answer;
		const next = dates[(dates.indexOf(this.date) + step + dates.length) % dates.length];
		this.page.go(ClassesTab.key, next.date);
	}

	on_key(event) {
		const column = event.target.closest(".oa-program");
		if (!column) return;
		const columns = [...this.columns.children];
		const at = [columns.indexOf(column), [...column.querySelectorAll("button")].indexOf(event.target)];
		const to = {
			ArrowUp: [at[0], at[1] - 1],
			ArrowDown: [at[0], at[1] + 1],
			ArrowLeft: [at[0] - 1, at[1]],
			ArrowRight: [at[0] + 1, at[1]],
			Home: [0, at[1]],
			End: [columns.length - 1, at[1]],
		}[event.key];
		const buttons = to && columns[to[0]]?.querySelectorAll("button");
		if (!to) return;
		event.preventDefault();
		if (buttons && to[1] >= 0) this.focus(buttons[Math.min(to[1], buttons.length - 1)]);
	}

	focus(button) {
		if (!button) return;
		if (this.columns.contains(button)) {
			this.columns.querySelectorAll('[tabindex="0"]').forEach((other) => (other.tabIndex = -1));
			button.tabIndex = 0;
		}
		button.focus();
	}
}

function all_free(place) {
	return place.students_free === place.students && place.offers_free === place.offers;
}
