// By course: programs across, courses down. Select cells, then offer them or, in the other mode, remove them.

import { el, number } from "../dom.js";
import { MatrixGrid } from "../matrix_grid.js";
import { choose_instructors } from "../week_dialog.js";
import { confirm_would } from "../would.js";

const MODES = { offer: () => __("Offer"), remove: () => __("Remove") };

export class CourseTab {
	static key = "by-course";
	static label = () => __("By Course");

	constructor(page, parent) {
		this.page = page;
		this.mode = "offer";
		this.turn = 0;
		this.make(parent);
	}

	get removing() {
		return this.mode === "remove";
	}

	async show([mode] = []) {
		const wanted = MODES[mode] ? mode : "offer";
		if (wanted === this.mode && this.matrix) return;
		if (wanted !== this.mode) this.grid.clear_soon = true;
		this.mode = wanted;
		await this.refresh();
	}

	async refresh() {
		const turn = ++this.turn;
		this.show_mode();
		this.show_week();
		const matrix = await this.page
			.read("by_course.matrix", { remove: Number(this.removing) })
			.catch(() => null);
		if (!matrix || turn !== this.turn) return;
		if (this.grid.clear_soon) this.grid.chosen.clear();
		this.grid.clear_soon = false;
		this.matrix = matrix;
		this.grid.show(matrix, this.removing);
		this.empty.hidden = matrix.cells.length > 0;
		this.grid.root.hidden = !matrix.cells.length;
		this.empty.textContent = this.removing
			? __("Nothing is offered yet.")
			: __("No participant has a course in the package.");
	}

	// Making

	make(parent) {
		this.modes = el(
			"div",
			{ class: "btn-group oa-modes", role: "group", "aria-label": __("What to do") },
			Object.entries(MODES).map(([key, label]) =>
				el("button", {
					type: "button",
					class: "btn btn-default btn-sm",
					data: { mode: key },
					text: label(),
					on: { click: () => this.page.go(CourseTab.key, ...(key === "offer" ? [] : [key])) },
				})
			)
		);
		this.apply = el("button", {
			type: "button",
			class: "btn btn-primary btn-sm oa-matrix-apply",
			on: { click: () => this.press() },
		});
		this.clear = el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			text: __("Clear", null, "Offers"),
			on: { click: () => this.grid.clear() },
		});
		this.count = el("span", { class: "oa-matrix-count", "aria-live": "polite" });
		this.week = el("button", {
			type: "button",
			class: "btn btn-default btn-sm oa-week-button",
			hidden: true,
			on: { click: () => this.change_choices() },
		});
		this.refusal = el("p", { class: "oa-notice", hidden: true });
		this.legend = el("p", { class: "oa-matrix-legend" });
		this.tip = el("span", { class: "oa-matrix-tip", "aria-hidden": "true" });
		this.empty = el("p", { class: "text-muted", hidden: true });
		this.grid = new MatrixGrid({
			label: __("Courses by program"),
			on_select: () => this.show_selection(),
			on_tip: (text) => (this.tip.textContent = text),
		});
		parent.append(
			this.refusal,
			el("div", { class: "oa-matrix-bar" }, this.modes, this.apply, this.clear, this.count, this.week),
			el("div", { class: "oa-matrix-line" }, this.legend, this.tip),
			this.empty,
			this.grid.root
		);
	}

	show_mode() {
		for (const button of this.modes.children) {
			const mine = button.dataset.mode === this.mode;
			button.setAttribute("aria-pressed", String(mine));
			button.classList.toggle("active", mine);
		}
		const sample = (state, text) => el("span", { class: `oa-sample oa-cell-${state}`, text });
		this.legend.replaceChildren(
			...(this.removing
				? [sample("some-offers", __("offers"))]
				: [
						sample("all", __("✓ offered to all")),
						sample("some", __("◐ to some")),
						sample("none", __("to none")),
						sample("no", __("· not in the package")),
					]),
			sample("chosen", __("selected"))
		);
		this.apply.classList.toggle("btn-danger", this.removing);
		this.apply.classList.toggle("btn-primary", !this.removing);
		this.show_selection();
	}

	show_selection() {
		const cells = this.matrix ? this.grid.selected : [];
		const sum = (key) => cells.reduce((total, cell) => total + cell[key], 0);
		const label = this.removing ? __("Remove Selected…") : __("Offer Selected…");
		this.apply.textContent = label;
		this.apply.disabled = !cells.length || this.page.read_only;
		this.clear.disabled = !cells.length;
		const figures = [number(cells.length), number(sum("total")), number(sum("offered"))];
		if (!cells.length) this.count.textContent = __("Select cells, or the head of a row or column.");
		else if (this.removing) this.count.textContent = __("{0} cells, {1} offers", figures);
		else this.count.textContent = __("{0} cells, {1} conversations, {2} offered already", figures);
	}

	// The reference week

	async show_week() {
		const state = await this.page.read("week.state").catch(() => null);
		if (!state) return;
		this.cases = state.open;
		this.refusal.hidden = this.removing || !state.refusal;
		this.refusal.replaceChildren(
			state.refusal || "",
			" ",
			el("a", {
				href: frappe.utils.get_form_link("Parent Evening", this.page.evening),
				text: __("Open the evening"),
			})
		);
		this.week.hidden = this.removing || !state.cases;
		this.week.textContent = state.open
			? __("Reference week {0}: {1} to choose", [state.week, number(state.open)])
			: __("Reference week {0}: {1} chosen", [state.week, number(state.cases)]);
		this.week.classList.toggle("oa-open", state.open > 0);
	}

	async change_choices() {
		const cases = await this.page.read("week.cases").catch(() => null);
		if (cases) await choose_instructors(this.page, cases);
	}

	/** Have chosen who gives the selected conversations where nobody did; false when it was cancelled. */
	async settle_week(cells) {
		if (!this.cases) return true;
		const cases = await this.page.read("week.cases", { cells }).catch(() => null);
		if (!cases) return false;
		const open = cases.filter((row) => !row.chosen);
		return !open.length || choose_instructors(this.page, open, { continues: true });
	}

	// Offering and removing

	async press() {
		const cells = this.grid.selected.map(({ program, course, label }) =>
			label ? [program, null, label] : [program, course]
		);
		this.apply.disabled = true;
		// To offer everything needs no list; what is to be removed is always named.
		const offering = this.grid.is_everything ? undefined : cells;
		const done = this.removing ? await this.remove(cells) : await this.offer(offering);
		if (done) this.grid.clear();
		this.show_selection();
	}

	async offer(cells) {
		if (!(await this.settle_week(cells))) return null;
		const would = await this.page.change("by_course.offer", { cells, dry_run: 1 });
		const question = { title: __("Offer by Course"), label: __("Offer") };
		if (!would || !(await confirm_would(would, question))) return null;
		return this.page.change("by_course.offer", { cells }, { progress_title: __("Offering") });
	}

	async remove(cells) {
		const would = await this.page.change("by_course.remove", { cells, dry_run: 1 });
		if (!would) return null;
		// Where somebody asked, those concerned are listed instead, and that is the question.
		const asked = would.concerned.length > 0;
		const question = { title: __("Remove by Course"), label: __("Remove") };
		if (!asked && !(await confirm_would(would, question))) return null;
		return this.page.change(
			"by_course.remove",
			{ cells },
			{ confirm_title: __("Remove by Course"), progress_title: __("Removing") }
		);
	}
}
