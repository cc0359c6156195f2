// One kind of thing that is wrong: its head with the number, and, opened, why it matters, its rows and the repairs.

import { el, link, number } from "../dom.js";
import { Table } from "../table.js";

const SEVERITIES = {
	error: { tone: "red", label: () => __("Error") },
	warning: { tone: "yellow", label: () => __("Warning") },
	note: { tone: "gray", label: () => __("Note") },
};

export class Finding {
	constructor(tab, data) {
		this.tab = tab;
		this.page = tab.page;
		this.is_open = false;
		this.head = el("button", {
			type: "button",
			class: "oa-finding-head",
			"aria-expanded": "false",
			"aria-controls": `oa-finding-${data.code}`,
			data: { finding: data.code },
			on: { click: () => (this.is_open ? this.close() : this.open()) },
		});
		this.body = el("div", { class: "oa-finding-body", id: `oa-finding-${data.code}`, hidden: true });
		this.root = el("section", { class: "oa-finding" }, el("h4", {}, this.head), this.body);
	}

	update(data) {
		this.data = data;
		const { tone, label } = SEVERITIES[data.severity];
		this.root.dataset.code = data.code;
		this.head.replaceChildren(
			el("span", { class: `oa-tone oa-tone-${tone}`, text: label() }),
			el("b", { class: "oa-finding-number", text: number(data.number) }),
			el("span", { class: "oa-finding-title", text: data.title })
		);
		if (this.table) this.read_again();
	}

	read_again() {
		this.all_buttons.replaceChildren(...this.buttons());
		this.table.refresh();
	}

	open() {
		this.is_open = true;
		this.head.setAttribute("aria-expanded", "true");
		this.body.hidden = false;
		if (!this.table) this.make();
	}

	close() {
		this.is_open = false;
		this.head.setAttribute("aria-expanded", "false");
		this.body.hidden = true;
	}

	make() {
		this.all_buttons = el("div", { class: "oa-finding-repairs" }, ...this.buttons());
		this.body.replaceChildren(el("p", { text: this.data.explanation }), this.all_buttons);
		const repairs = this.page.read_only ? [] : this.data.repairs;
		this.table = new Table({
			parent: this.body,
			label: this.data.title,
			columns: [...COLUMNS, ...repairs.map((repair) => this.repair_column(repair))],
			storage_key: `check_${this.data.code}`,
			row_key: "key",
			multi: repairs.length > 0,
			height: "320px",
			fetch: async ({ start, length }) => ({
				rows: await this.page.read("check.rows", {
					...this.tab.scope,
					code: this.data.code,
					start,
					length,
				}),
				total: this.data.lines,
			}),
			on_select: (keys) => this.selected(keys),
			on_activate: (row) => row.record && frappe.set_route("Form", row.record.doctype, row.record.name),
		});
	}

	buttons() {
		const chosen = this.table?.selected.length || 0;
		const repairs = this.page.read_only ? [] : this.data.repairs;
		const button = (text, click) =>
			el("button", { type: "button", class: "btn btn-default btn-xs", text, on: { click } });
		return [
			...repairs.map((repair) =>
				chosen
					? button(__("{0}: {1} selected", [repair.label, number(chosen)]), () =>
							this.repair(repair, this.table.selected)
						)
					: button(__("{0}: all {1}", [repair.label, number(this.data.number)]), () =>
							this.repair(repair, null)
						)
			),
			button(__("Export to Excel"), () => this.tab.export("xlsx", this.data.code)),
		];
	}

	selected() {
		this.all_buttons.replaceChildren(...this.buttons());
	}

	repair_column(repair) {
		return {
			key: `repair_${repair.how}`,
			label: __("Repair"),
			width: 40 + 7 * repair.label.length,
			sortable: false,
			render: () => repair.label,
			action: (row) => this.repair(repair, [row.key]),
			action_label: (row) => __("{0}: {1}", [repair.label, row.record?.label || ""]),
		};
	}

	/** Repair some rows, or all; what was asked for is named and confirmed by page.change. */
	async repair(repair, keys) {
		if (this.busy) return;
		if (!keys && !(await sure(repair, this.data))) return;
		this.busy = true;
		try {
			await this.page.change("check.repair", {
				...this.tab.scope,
				code: this.data.code,
				how: repair.how,
				keys: keys || undefined,
			});
		} finally {
			this.busy = false;
		}
	}
}

function sure(repair, data) {
	return new Promise((resolve) => {
		frappe.confirm(
			__("{0}: all {1}?", [frappe.utils.escape_html(repair.label), number(data.number)]),
			() => resolve(true),
			() => resolve(false)
		);
	});
}

const COLUMNS = [
	{
		key: "record",
		label: __("Who or What"),
		width: 200,
		sortable: false,
		fixed: true,
		render: ({ record }) => (record ? link(record.doctype, record.name, record.label) : ""),
	},
	{ key: "classes", label: __("Class"), width: 90, sortable: false },
	{ key: "detail", label: __("What Is Wrong"), width: 320, sortable: false, title: (row) => row.detail },
	{
		key: "links",
		label: __("See Also"),
		width: 240,
		sortable: false,
		title: (row) => row.links.map((one) => one.label).join(", "),
		render: ({ links }) =>
			el(
				"span",
				{},
				...links.flatMap((one, i) => [i ? ", " : "", link(one.doctype, one.name, one.label)])
			),
	},
];
