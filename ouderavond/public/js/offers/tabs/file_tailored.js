// Tailored programs: students who follow a lesson group without its course in their package.

import { el, number } from "../dom.js";
import { Table } from "../table.js";

const STATES = {
	yes: () => ({ text: __("Yes"), tone: "green" }),
	some: () => ({ text: __("Partly"), tone: "yellow" }),
	no: () => ({ text: __("No"), tone: "gray" }),
	nobody: () => ({ text: __("Not Possible"), tone: "red" }),
};

export class TailoredPrograms {
	constructor(page, parent) {
		this.page = page;
		this.said = el("p", { class: "text-muted", role: "status" });
		this.body = el("div");
		parent.append(
			el("h4", { text: __("Tailored Programs") }),
			el("p", {
				text: __(
					"Students who are in a lesson group without having its course in their package. By Course passes them by; here they are offered what they follow, without a file."
				),
			}),
			this.said,
			this.body
		);
	}

	async show() {
		if (!this.read) await this.refresh();
	}

	async refresh() {
		const answer = await this.page.read("tailored.listed").catch(() => null);
		if (!answer) return;
		this.read = true;
		this.rows = answer.rows;
		this.said.textContent = answer.why_not || this.summary();
		if (!this.rows.length) {
			this.body.replaceChildren();
			this.table = null;
		} else if (this.table) await this.table.set_rows(this.rows);
		else this.make();
		this.enable();
	}

	get open() {
		return this.rows.filter((row) => row.offered === "no" || row.offered === "some");
	}

	summary() {
		if (!this.rows.length) {
			return __("There are none: what students follow is in their packages.");
		}
		return __("{0} in all; {1} can still be offered.", [
			number(this.rows.length),
			number(this.open.length),
		]);
	}

	make() {
		this.some = this.button(__("Offer the Selected"), () => this.offer(this.table.selected));
		this.all = this.button("", () => this.offer(this.open.map((row) => row.key)));
		this.table = new Table({
			parent: this.body,
			label: __("Tailored Programs"),
			row_key: "key",
			multi: true,
			search: true,
			storage_key: "offers_tailored",
			rows: this.rows,
			height: "50vh",
			tools: [this.some, this.all],
			on_select: () => this.enable(),
			columns: columns(),
		});
	}

	button(text, press) {
		return el("button", { type: "button", class: "btn btn-default btn-xs", text, on: { click: press } });
	}

	enable() {
		if (!this.table) return;
		this.some.disabled = !this.table.selected.length || this.page.read_only;
		this.all.disabled = !this.open.length || this.page.read_only;
		this.all.textContent = __("Offer All {0}", [number(this.open.length)]);
	}

	async offer(keys) {
		if (!keys.length) return;
		const chosen = keys.map((key) => key.split("\t"));
		const report = await this.page.change("tailored.offer", { chosen });
		if (report) this.table?.clear_selection();
	}
}

const columns = () => [
	{ key: "student_name", label: __("Student", null, "Offers"), width: 180, fixed: true },
	{ key: "class", label: __("Class"), width: 90 },
	{ key: "course", label: __("Course"), width: 170 },
	{
		key: "group",
		label: __("Lesson Group"),
		width: 140,
		render: (row) =>
			el("a", {
				href: frappe.utils.get_form_link("Student Group", row.group),
				text: row.group,
				tabindex: "-1",
			}),
	},
	{
		key: "instructors",
		label: __("Instructors", null, "Offers"),
		width: 240,
		render: (row) =>
			row.offered === "nobody"
				? __("The lesson group has no instructor and no lesson.")
				: row.instructors.join(" · "),
	},
	{ key: "offered", label: __("Offered"), width: 120, render: (row) => STATES[row.offered]() },
];
