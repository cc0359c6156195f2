// Which columns a user sees, in which order, and by which one the rows are sorted: kept per user.

import { show } from "./dialogs.js";
import { el, icon } from "./dom.js";

// The platform keeps settings per user and DocType; those of this page stand under one key of this one.
const DOCTYPE = "Conversation Offer";
const KEY = "offers_page";

let loading = null;

// Saving without having read would throw away what other tables keep.
function load() {
	loading ??= frappe.model.user_settings
		.get(DOCTYPE)
		.then((settings) => (frappe.model.user_settings[DOCTYPE] ??= settings))
		.catch(() => (loading = null));
	return loading;
}

export class Choice {
	constructor(storage_key) {
		this.storage_key = storage_key;
		this.kept = {};
	}

	async load() {
		if (!this.storage_key) return;
		await load();
		this.kept = { ...frappe.get_user_settings(DOCTYPE, KEY)[this.storage_key] };
	}

	get order_by() {
		return this.kept.order_by;
	}

	/** The columns that are shown, in the user's order. */
	apply(columns) {
		const shown = this.kept.columns;
		if (!shown) return columns.filter((column) => !column.hidden);
		return this.in_order(columns).filter((column) => column.fixed || shown.includes(column.key));
	}

	/** All columns: the chosen ones in the user's order, then the others. */
	in_order(columns) {
		const order = this.kept.columns || [];
		const place = (column) => {
			const at = order.indexOf(column.key);
			return at < 0 ? (column.fixed ? -1 : order.length) : at;
		};
		return [...columns].sort((a, b) => place(a) - place(b));
	}

	save(values) {
		Object.assign(this.kept, values);
		if (!this.storage_key) return;
		frappe.model.user_settings.save(DOCTYPE, KEY, { [this.storage_key]: { ...this.kept } });
	}
}

/** The dialog in which columns are shown, hidden and moved. */
export function choose_columns(columns, choice, changed) {
	const shown = new Set(choice.apply(columns).map((column) => column.key));
	const list = el("ul", { class: "oa-columns" });
	for (const column of choice.in_order(columns)) list.append(item(column, shown.has(column.key)));
	const finish = (keys) => {
		choice.save({ columns: keys });
		dialog.hide();
		changed();
	};
	const body = el(
		"div",
		{},
		el("p", {
			class: "text-muted",
			text: __("Choose the columns you want to see, and drag them or use the arrows to order them."),
		}),
		list
	);
	const dialog = show({
		title: __("Columns", null, "Offers"),
		body,
		primary_action_label: __("Show"),
		primary_action: () => finish([...list.querySelectorAll("input:checked")].map((input) => input.value)),
		secondary_action_label: __("As at First"),
		secondary_action: () => finish(null),
	});
	window.Sortable?.create(list, { animation: 150, filter: "input, button", preventOnFilter: false });
}

function item(column, shown) {
	const id = `oa-column-${column.key}`;
	const row = el(
		"li",
		{},
		el("input", { type: "checkbox", id, value: column.key, checked: shown, disabled: column.fixed }),
		el("label", { for: id, text: column.label }),
		mover(__("Move {0} up", [column.label]), "up-line", () => row.previousElementSibling?.before(row)),
		mover(__("Move {0} down", [column.label]), "down", () => row.nextElementSibling?.after(row))
	);
	return row;
}

function mover(label, picture, action) {
	const button = el(
		"button",
		{
			type: "button",
			class: "btn btn-default btn-xs",
			"aria-label": label,
			on: {
				click: () => {
					action();
					// Moving an element takes the focus from what is in it.
					button.focus();
				},
			},
		},
		icon(picture, "xs")
	);
	return button;
}
