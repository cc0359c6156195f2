// The part of the dialog "Change Offers" that says who shall be there.
//
// Of one offer its instructors are shown, to add and take away; of several it is said what shall happen to them.

import { el, number } from "./dom.js";
import { Picker } from "./picker.js";

const MODES = {
	add: () => __("Add"),
	replace: () => __("Replace", null, "Offers"),
	take_out: () => __("Take Out"),
	exactly: () => __("Set"),
};

/** {root, wish()} for the dialog. */
export function instructors_part(dialog) {
	return dialog.single ? of_one(dialog) : of_many(dialog);
}

function picker(dialog, parent, label, options = {}) {
	return new Picker({
		page: dialog.page,
		parent,
		label,
		doctype: "Instructor",
		on_change: () => dialog.changed(),
		...options,
	});
}

function of_one(dialog) {
	const root = el("div", {});
	const before = dialog.now.instructors.map(({ value, label }) => ({ value, label }));
	const names = before.map((item) => item.value);
	const chosen = picker(dialog, root, __("Instructors", null, "Offers"), { value: before });
	return {
		root,
		wish() {
			const add = chosen.values.filter((name) => !names.includes(name));
			const take_out = names.filter((name) => !chosen.values.includes(name));
			if (!chosen.values.length || !(add.length || take_out.length)) return null;
			return { add, take_out };
		},
	};
}

function of_many(dialog) {
	const place = el("div", {});
	const made = {};
	let mode = "add";
	const choose = (key) => {
		mode = key;
		made[key] ||= MAKERS[key](dialog);
		place.replaceChildren(made[key].root);
		dialog.part && dialog.changed();
	};
	const choices = Object.entries(MODES).map(([key, label]) =>
		el(
			"label",
			{ class: "oa-segment" },
			el("input", {
				type: "radio",
				name: "oa-change-how",
				value: key,
				checked: key === mode,
				on: { change: () => choose(key) },
			}),
			el("span", { text: label() })
		)
	);
	choose(mode);
	return {
		root: el(
			"div",
			{},
			el(
				"div",
				{ class: "oa-segments", role: "radiogroup", "aria-label": __("Instructors", null, "Offers") },
				choices
			),
			place
		),
		wish: () => made[mode].wish(),
	};
}

const MAKERS = {
	add(dialog) {
		const root = el("div", {});
		const chosen = picker(dialog, root, __("Instructors who come as well"));
		return { root, wish: () => (chosen.values.length ? { add: chosen.values } : null) };
	},
	replace(dialog) {
		const root = el("div", {});
		const select = el(
			"select",
			{ class: "form-control", id: "oa-change-replace", on: { change: () => dialog.changed() } },
			el("option", { value: "", text: __("Choose…") }),
			dialog.now.instructors.map((row) => el("option", { value: row.value, text: said(row) }))
		);
		root.append(
			el("label", { class: "control-label", for: "oa-change-replace", text: __("Who gives way") }),
			select
		);
		const chosen = picker(dialog, root, __("Who comes instead"), { multi: false });
		return {
			root,
			wish: () =>
				select.value && chosen.values.length ? { replace: select.value, by: chosen.values[0] } : null,
		};
	},
	take_out(dialog) {
		const boxes = dialog.now.instructors.map((row) => {
			const box = el("input", { type: "checkbox", on: { change: () => dialog.changed() } });
			box.value = row.value;
			return el("label", {}, box, el("span", { text: said(row) }));
		});
		const root = el(
			"fieldset",
			{ class: "oa-change-dates" },
			el("legend", { class: "control-label", text: __("Who no longer comes") }),
			boxes
		);
		return {
			root,
			wish() {
				const take_out = [...root.querySelectorAll("input:checked")].map((box) => box.value);
				return take_out.length ? { take_out } : null;
			},
		};
	},
	exactly(dialog) {
		const root = el("div", {});
		const chosen = picker(dialog, root, __("These instructors instead of all others"));
		return { root, wish: () => (chosen.values.length ? { exactly: chosen.values } : null) };
	},
};

function said({ label, code, offers, left }) {
	const name = code ? `${label} (${code})` : label;
	const text = __("{0}, {1} offers", [name, number(offers)]);
	return left ? __("{0}, has left", [text]) : text;
}
