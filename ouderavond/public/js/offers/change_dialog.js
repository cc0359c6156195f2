// Changing offers that are chosen in a list: instructors, duration, forbidden dates or remark.
//
// change_offers(page, which, part) -> Promise of the report, or null. `which` is {offers: [names]} or
//     {filters: {…}}; `part` is one of PARTS to show only that, for a change in a cell of a list.
// editable(columns, page)    the columns of `offer_columns` in which a click, F2, Enter or the space bar changes a row
//
// What is asked is sent as what shall be added, taken out or replaced, not as a finished list: what somebody else
// changes at the same moment stays.

import { instructors_part } from "./change_instructors.js";
import { show } from "./dialogs.js";
import { el, number } from "./dom.js";
import { skipped_list } from "./skipped.js";

const COUNT_MS = 350;
const PARTS = {
	instructors: { label: () => __("Instructors", null, "Offers"), make: instructors_part },
	slots: { label: () => __("Duration", null, "Offers"), make: slots_part },
	forbidden: { label: () => __("Forbidden Dates"), make: dates_part },
	remark: { label: () => __("Remark"), make: remark_part },
};
const ABOUT = {
	instructors: (label) => label,
	slots: (label) => __("Duration {0}", [label]),
	forbidden: (label) => __("Not on {0}", [label]),
	remark: (label) => label,
};

/** Columns in which a cell can be changed. */
export function editable(columns, page) {
	if (page.read_only) return columns;
	return columns.map((column) => {
		if (!PARTS[column.key]) return column;
		const label = PARTS[column.key].label();
		return {
			...column,
			action: (row, _column, table) => {
				if (row.name)
					change_offers(page, { offers: [row.name] }, column.key).then(() => table.focus());
			},
			action_label: (row) => __("Change {0}: {1}", [label, said(row, column.key)]),
		};
	});
}

function said(row, key) {
	const value = row[key];
	return (Array.isArray(value) ? value.join(", ") : value) || __("nothing");
}

/** Open the dialog. */
export async function change_offers(page, which, part = null) {
	const now = await page.read("change.options", which).catch(() => null);
	return now && now.chosen ? new ChangeDialog(page, which, now, part).answer : null;
}

class ChangeDialog {
	constructor(page, which, now, part) {
		Object.assign(this, { page, which, now, single: now.chosen === 1 });
		this.turn = 0;
		this.done = null;
		this.parts = {};
		this.body = el("div", { class: "oa-change" });
		this.preview = el("div", { class: "oa-change-preview", "aria-live": "polite" });
		if (!part) this.body.append(this.chooser(), this.about());
		this.place = el("div", { class: "oa-change-part" });
		this.body.append(this.place, this.preview);
		this.answer = new Promise((resolve) => this.open(part, resolve));
		this.choose(part || Object.keys(PARTS)[0]);
	}

	open(part, resolve) {
		this.dialog = show({
			title: part ? PARTS[part].label() : __("Change Offers"),
			body: this.body,
			primary_action_label: this.single
				? __("Save", null, "Offers")
				: __("Change {0} Offers", [number(this.now.chosen)]),
			primary_action: () => this.apply(),
			secondary_action_label: __("Cancel"),
			secondary_action: () => this.dialog.hide(),
			on_close: () => resolve(this.done),
		});
		this.dialog.$wrapper.addClass("oa-change-dialog");
		this.body.addEventListener("keydown", (event) => {
			const typing = event.target.matches("textarea") && !event.ctrlKey && !event.metaKey;
			if (event.key !== "Enter" || event.defaultPrevented || typing || event.target.matches("button"))
				return;
			event.preventDefault();
			this.apply();
		});
	}

	chooser() {
		const buttons = Object.entries(PARTS).map(([key, { label }]) =>
			el(
				"label",
				{ class: "oa-segment" },
				el("input", {
					type: "radio",
					name: "oa-change-what",
					value: key,
					checked: key === "instructors",
					on: { change: () => this.choose(key) },
				}),
				el("span", { text: label() })
			)
		);
		return el(
			"div",
			{ class: "oa-segments", role: "radiogroup", "aria-label": __("What is to change") },
			buttons
		);
	}

	about() {
		const { chosen, requested, booked } = this.now;
		const texts = [
			__("{0} offers chosen", [number(chosen)]),
			requested && __("{0} requests", [number(requested)]),
			booked && __("{0} conversations have a time", [number(booked)]),
		];
		return el("p", { class: "text-muted", text: texts.filter(Boolean).join(" · ") });
	}

	choose(key) {
		this.part = this.parts[key] ||= PARTS[key].make(this);
		this.place.replaceChildren(this.part.root);
		this.count_soon();
	}

	/** The part says that something was chosen. */
	changed() {
		this.count_soon();
	}

	count_soon() {
		clearTimeout(this.timer);
		this.turn++;
		const wish = this.part.wish();
		if (!wish) return this.preview.replaceChildren();
		this.timer = setTimeout(() => this.count(wish, this.turn), COUNT_MS);
	}

	async count(wish, turn) {
		this.preview.setAttribute("aria-busy", "true");
		const report = await this.page.change("change.change", { ...this.which, ...wish, dry_run: 1 });
		if (turn !== this.turn) return;
		this.preview.removeAttribute("aria-busy");
		this.preview.replaceChildren(...(report ? preview_of(report) : []));
	}

	async apply() {
		const wish = this.part.wish();
		if (!wish && this.single) return this.dialog.hide();
		if (!wish) {
			frappe.show_alert({ message: __("Choose what is to change."), indicator: "orange" });
			return;
		}
		if (this.busy) return;
		this.busy = true;
		clearTimeout(this.timer);
		this.turn++;
		this.done = await this.page.change(
			"change.change",
			{ ...this.which, ...wish },
			{ confirm_title: __("Conversations That Have a Time"), progress_title: __("Changing the offers") }
		);
		this.busy = false;
		if (this.done) this.dialog.hide();
	}
}

// What it comes to

function preview_of(report) {
	const { figures = [], notes = [], unchanged } = report.more;
	const said = [report.sentence, unchanged && __("{0} stay as they are.", [number(unchanged)])];
	return [
		el("p", { text: said.filter(Boolean).join(" ") }),
		figures.length ? table_of(figures) : "",
		...notes.map((text) => el("p", { class: "oa-change-note", text })),
		report.skipped.length ? skipped_list(report.skipped) : "",
	];
}

function table_of(figures) {
	const row = ({ about, label, before, after }) =>
		el(
			"tr",
			{},
			el("th", { scope: "row", text: ABOUT[about](label) }),
			el("td", { class: "oa-number", text: number(before) }),
			el("td", { class: "oa-number", text: number(after) })
		);
	return el(
		"table",
		{ class: "oa-plain oa-change-figures" },
		el(
			"thead",
			{},
			el(
				"tr",
				{},
				el("th", { scope: "col", text: __("Offers with") }),
				el("th", { scope: "col", class: "oa-number", text: __("Now") }),
				el("th", { scope: "col", class: "oa-number", text: __("Then") })
			)
		),
		el("tbody", {}, figures.map(row))
	);
}

// The parts: {root, wish() -> what to send, or null}

function slots_part(dialog) {
	const { most_slots, slots } = dialog.now;
	const select = el(
		"select",
		{ class: "form-control", on: { change: () => dialog.changed() } },
		...Array.from({ length: most_slots }, (_none, i) =>
			el("option", { value: i + 1, text: String(i + 1) })
		)
	);
	const before = slots.length === 1 ? slots[0].value : null;
	if (before) select.value = before;
	const count = slots.map(({ value, offers }) => __("Duration {0}: {1} offers", [value, number(offers)]));
	return {
		root: field(__("Duration in slots"), select, dialog.single ? null : count.join(" · ")),
		wish: () => (Number(select.value) === before ? null : { slots: Number(select.value) }),
	};
}

function dates_part(dialog) {
	const { chosen, forbidden } = dialog.now;
	const boxes = forbidden.map(({ value, label, offers }) => {
		const box = el("input", {
			type: "checkbox",
			checked: offers === chosen,
			on: {
				change: () => {
					box.dataset.touched = "1";
					dialog.changed();
				},
			},
		});
		box.indeterminate = offers > 0 && offers < chosen;
		box.dataset.value = value;
		box.dataset.before = offers === chosen ? "1" : offers ? "" : "0";
		const some = box.indeterminate ? __("{0} of {1}", [number(offers), number(chosen)]) : "";
		return [
			box,
			el(
				"label",
				{},
				box,
				el("span", { text: label }),
				el("span", { class: "text-muted", text: some })
			),
		];
	});
	const days = (checked) =>
		boxes
			.map(([box]) => box)
			.filter((box) => box.dataset.touched && box.checked === checked)
			.filter((box) => box.dataset.before !== (checked ? "1" : "0"))
			.map((box) => box.dataset.value);
	return {
		root: el(
			"fieldset",
			{ class: "oa-change-dates" },
			el("legend", { class: "control-label", text: __("The conversation cannot be on") }),
			boxes.map(([, label]) => label)
		),
		wish: () => {
			const [forbid, allow] = [days(true), days(false)];
			return forbid.length || allow.length ? { forbid, allow } : null;
		},
	};
}

function remark_part(dialog) {
	const { remarks } = dialog.now;
	const same = remarks.length === 1;
	const before = same ? remarks[0].value : null;
	const input = el("textarea", {
		class: "form-control",
		rows: 3,
		on: {
			input: () => {
				input.dataset.touched = "1";
				dialog.changed();
			},
		},
	});
	input.value = before || "";
	const clear = el("button", {
		type: "button",
		class: "btn btn-default btn-xs",
		text: __("Take the Remarks Away"),
		on: {
			click: () => {
				input.value = "";
				input.dataset.touched = "1";
				dialog.changed();
			},
		},
	});
	const note = same ? null : __("They have different remarks now. What you write replaces all of them.");
	return {
		root: el("div", {}, field(__("Remark"), input, note), same ? "" : clear),
		wish: () =>
			input.dataset.touched && input.value.trim() !== before ? { remark: input.value.trim() } : null,
	};
}

function field(label, input, note) {
	input.id = `oa-change-${frappe.utils.get_random(6)}`;
	return el(
		"div",
		{ class: "form-group" },
		el("label", { class: "control-label", for: input.id, text: label }),
		input,
		note ? el("p", { class: "text-muted small", text: note }) : ""
	);
}
