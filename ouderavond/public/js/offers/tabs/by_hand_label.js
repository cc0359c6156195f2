// A subject of the school's own, such as "Afdelingsleider", with its abbreviation.

import { el } from "../dom.js";

/** The fields of a new label; `add` is called with {label, code}. */
export function new_label(add) {
	const label = el("input", {
		type: "text",
		class: "form-control input-sm",
		maxlength: "140",
		placeholder: __("Team leader"),
		"aria-label": __("A subject of your own"),
	});
	const code = el("input", {
		type: "text",
		class: "form-control input-sm oa-hand-code",
		maxlength: "20",
		placeholder: __("Abbr."),
		"aria-label": __("Abbreviation"),
	});
	const take = () => {
		const text = label.value.trim().replace(/\s+/g, " ");
		if (!text) return label.focus();
		add({ label: text, code: code.value.trim() });
		[label.value, code.value] = ["", ""];
		return label.focus();
	};
	return el(
		"form",
		{
			class: "oa-hand-label",
			on: {
				submit: (event) => {
					event.preventDefault();
					take();
				},
			},
		},
		el("span", { class: "text-muted", text: __("Or a subject of your own:") }),
		el("div", {}, label, code, el("button", { class: "btn btn-default btn-sm", text: __("Add") }))
	);
}
