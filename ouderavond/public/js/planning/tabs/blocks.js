// Blocks: times at which instructors, rooms, classes or everyone cannot, on a grid of a date.

import { confirm } from "../../offers/dialogs.js";
import { el, number } from "../../offers/dom.js";
import { block_selection, make_breaks, open_block } from "./blocks_dialogs.js";
import { BlocksGrid } from "./blocks_grid.js";

const SEARCH_MS = 200;
const KINDS = () => [
	["Instructor", __("Instructors", null, "Offers")],
	["Room", __("Rooms")],
	["Student Group", __("Classes")],
	["Everyone", __("Everyone")],
];

export class BlocksTab {
	static key = "blocks";
	static label = () => __("Blocks", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.root = el("section", { class: "oa-blocks" });
		parent.append(this.root);
		this.kind = "Instructor";
		this.filters = { text: "", group: "" };
	}

	async show() {
		if (!this.grid) await this.refresh();
	}

	async refresh() {
		const { dates } = this.page.info.evening;
		this.date = dates.some((day) => day.date === this.date) ? this.date : dates[0]?.date;
		if (!this.grid) this.lay_out();
		await this.read();
	}

	async read() {
		const asked = (this.asked = [this.kind, this.date].join());
		const found = await this.page.read("blocks.read", { kind: this.kind, date: this.date });
		if (asked !== this.asked) return;
		this.found = found;
		this.break_after = found.break_after;
		this.draw_groups();
		this.draw();
	}

	lay_out() {
		this.grid = new BlocksGrid({
			label: __("Blocked times"),
			head: () => KINDS().find(([kind]) => kind === this.kind)[1],
			on_select: (selection) => this.draw_selection(selection),
			on_choose: (selection) => this.block(selection),
			on_block: (block, steps) => this.open(block, steps),
			on_remove: (blocks) => this.remove(blocks),
		});
		this.search = el("input", {
			type: "search",
			class: "form-control input-sm oa-places-search",
			placeholder: __("Name or code"),
			"aria-label": __("Show only rows with"),
			on: { input: frappe.utils.debounce(() => this.filter({ text: this.search.value }), SEARCH_MS) },
		});
		this.groups = el("select", {
			class: "form-control input-sm oa-places-choice",
			"aria-label": __("Only of"),
			on: { change: () => this.filter({ group: this.groups.value }) },
		});
		this.selected = el("span", { class: "text-muted", role: "status" });
		this.block_button = button(__("Block…"), () => this.block(this.grid.selection));
		this.remove_button = button(__("Remove Blocks"), () => this.remove(this.grid.selection.blocks));
		this.breaks_button = button(__("Breaks…"), () => make_breaks(this));
		this.no_breaks_button = button(__("Remove All Fixed Breaks"), () => this.remove_breaks());
		this.root.replaceChildren(
			el(
				"div",
				{ class: "oa-places-bar" },
				this.choice(__("Who is blocked"), KINDS(), (value) => this.change_kind(value)),
				this.choice(
					__("Date"),
					this.page.info.evening.dates.map((day) => [day.date, day.label]),
					(value) => this.change_date(value)
				),
				this.search,
				this.groups,
				el(
					"span",
					{ class: "oa-places-tools" },
					this.block_button,
					this.remove_button,
					this.breaks_button,
					this.no_breaks_button
				)
			),
			el("div", { class: "oa-places-line" }, this.selected, legend()),
			this.grid.root
		);
		if (this.page.read_only)
			this.root.querySelectorAll(".oa-places-tools button").forEach((one) => (one.hidden = true));
	}

	choice(label, values, act) {
		return el(
			"select",
			{
				class: "form-control input-sm oa-places-choice",
				"aria-label": label,
				on: { change: (event) => act(event.target.value) },
			},
			values.map(([value, text]) => el("option", { value, text }))
		);
	}

	change_kind(kind) {
		this.kind = kind;
		this.filters = { text: "", group: "" };
		this.search.value = "";
		return this.read();
	}

	change_date(date) {
		this.date = date;
		return this.read();
	}

	filter(values) {
		Object.assign(this.filters, values);
		this.draw();
	}

	draw_groups() {
		const found = [...new Set(this.found.rows.map((row) => row.group).filter(Boolean))].sort();
		this.groups.hidden = found.length < 2;
		this.search.hidden = this.kind === "Everyone";
		this.groups.replaceChildren(
			el("option", {
				value: "",
				text: this.kind === "Student Group" ? __("All programs") : __("All departments"),
			}),
			...found.map((name) => el("option", { value: name, text: name }))
		);
		this.groups.value = this.filters.group;
	}

	draw() {
		const words = this.filters.text.toLowerCase().split(/\s+/).filter(Boolean);
		const { group } = this.filters;
		const rows = this.found.rows.filter(
			(row) =>
				(!group || row.group === group) &&
				words.every((word) => `${row.title} ${row.code} ${row.group}`.toLowerCase().includes(word))
		);
		const { starts, minutes } = this.slots;
		const ends = starts.map((start) => plus(start, minutes));
		this.grid.show({ ...this.found, rows, starts, ends });
		this.no_breaks_button.hidden = this.page.read_only || !this.found.breaks;
		this.breaks_button.hidden = this.page.read_only || this.kind !== "Instructor";
	}

	get slots() {
		const { dates, minutes } = this.page.info.evening;
		return { starts: dates.find((day) => day.date === this.date)?.starts || [], minutes };
	}

	/** A time of day, some slots later or earlier. */
	shifted(time, steps) {
		const { minutes, pause } = this.page.info.evening;
		return plus(time, steps * (minutes + pause));
	}

	draw_selection({ rows, from, to, blocks }) {
		const what = blocks.length ? __("Blocks: {0}", [number(blocks.length)]) : "";
		const who = rows.length === 1 ? rows[0].title : __("{0} selected", [number(rows.length)]);
		this.selected.textContent = [`${who}, ${from}–${to}`, what].filter(Boolean).join(" · ");
		this.remove_button.disabled = !blocks.length;
	}

	// Doing

	async block(selection) {
		if (!this.page.read_only && selection.rows.length) await block_selection(this, selection);
	}

	async open(block, steps = 0) {
		await open_block(this, block, steps);
	}

	async remove(blocks) {
		if (!blocks.length || this.page.read_only) return null;
		const own = blocks.filter((block) => block.source === "Instructor").length;
		const note = own ? ` ${__("Instructors made {0} of them themselves.", [number(own)])}` : "";
		if (blocks.length > 1 || own) {
			const text = __("Remove {0} blocks?", [number(blocks.length)]) + note;
			if (!(await confirm(text, { primary_label: __("Remove") }))) return null;
		}
		return this.page.change("blocks.remove", { blocks: blocks.map((block) => block.block) });
	}

	async remove_breaks() {
		const text = __("Remove all {0} fixed breaks of this evening?", [number(this.found.breaks)]);
		if (await confirm(text, { primary_label: __("Remove") }))
			await this.page.change("blocks.remove_breaks");
	}
}

function plus(time, minutes) {
	return moment(time, "HH:mm").add(minutes, "minutes").format("HH:mm");
}

function button(text, act) {
	return el("button", { type: "button", class: "btn btn-default btn-sm", text, on: { click: act } });
}

function legend() {
	const signs = [
		["oa-blocks-on", __("blocked")],
		["oa-blocks-on oa-blocks-by-instructor", __("by themselves")],
		["oa-blocks-break", __("fixed break")],
		["oa-blocks-everyone", __("everyone")],
		["oa-blocks-away", __("not there")],
	];
	return el(
		"ul",
		{ class: "oa-blocks-legend", "aria-label": __("Signs") },
		signs.map(([name, text]) => el("li", {}, el("span", { class: `oa-blocks-sample ${name}` }), text)),
		el("li", {}, el("span", { class: "oa-blocks-busy", text: "●" }), __("conversation"))
	);
}
