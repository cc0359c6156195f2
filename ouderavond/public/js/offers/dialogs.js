// Dialogs that the tabs share. Each is a Promise; closing the dialog answers null.
//
// ask({title, fields, primary_label, size, values, body}) -> Promise of the values of the fields (frappe.ui.Dialog's
//     fields; mandatory ones are checked), or null. `body`: an element above the fields, `before(values)`: a sentence
//     that keeps the dialog open, or nothing
// confirm(text, {title, primary_label}) -> Promise of true or false; the text is not HTML
// pick(page, {title, doctype | search, label, value, multi, primary_label, note}) -> Promise of
//     [{value, label, description}], at least one, or null
// pick_students, pick_instructors, pick_courses (page, options) -> the same
// show({title, body, size}) -> the open dialog with an element in it
// Picker                     the field by itself: see picker.js

import { el } from "./dom.js";
import { Picker } from "./picker.js";

export { Picker };

/** Open a dialog with an element in it; once closed it is gone, and the focus is back where it was. */
export function show({ title, body, on_close, ...options }) {
	const before = document.activeElement;
	const dialog = new frappe.ui.Dialog({ title: frappe.utils.escape_html(title), ...options });
	dialog.onhide = () => on_close?.();
	dialog.$wrapper.on("hidden.bs.modal", () => {
		dialog.$wrapper.remove();
		if (before?.isConnected && document.activeElement === document.body)
			before.focus({ preventScroll: true });
	});
	dialog.$wrapper.on("shown.bs.modal", () => focus_within(dialog));
	if (body) dialog.body.prepend(body);
	dialog.show();
	name_fields(dialog);
	return dialog;
}

// The platform's labels belong to no field: a screen reader would read fields without a name.
function name_fields(dialog) {
	for (const control of dialog.body.querySelectorAll(".frappe-control")) {
		const label = control.querySelector(".control-label, .label-area")?.textContent.trim();
		const field = control.querySelector("input, select, textarea");
		if (label && field && !field.labels?.length && !field.hasAttribute("aria-label"))
			field.setAttribute("aria-label", label);
	}
}

// The platform looks for a field of its own; where there is none, the focus would stay on the dialog as a whole.
function focus_within(dialog) {
	const [wrapper, { activeElement }] = [dialog.$wrapper.get(0), document];
	if (activeElement !== wrapper && wrapper.contains(activeElement)) return;
	dialog.body.querySelector("input, select, textarea, button, [tabindex='0']")?.focus();
}

/** Ask for the values of some fields. */
export function ask({ title, fields = [], primary_label, size, values, body, before }) {
	return new Promise((resolve) => {
		let answer = null;
		const dialog = show({
			title,
			body,
			fields,
			size,
			primary_action_label: primary_label || __("Continue", null, "Offers"),
			primary_action(given) {
				const refusal = before?.(given);
				if (refusal) {
					frappe.show_alert({ message: frappe.utils.escape_html(refusal), indicator: "orange" });
					return;
				}
				answer = given || {};
				dialog.hide();
			},
			secondary_action_label: __("Cancel"),
			secondary_action: () => dialog.hide(),
			on_close: () => resolve(answer),
		});
		if (values) dialog.set_values(values);
	});
}

/** Ask for a yes. */
export async function confirm(text, { title, primary_label } = {}) {
	const body = el("p", { text });
	return Boolean(
		await ask({ title: title || __("Confirm"), body, primary_label: primary_label || __("Yes") })
	);
}

/** Choose records that are looked up on the server. */
export async function pick(page, { title, note, primary_label, ...options }) {
	const body = el("div", {}, note ? el("p", { class: "text-muted", text: note }) : "");
	const picker = new Picker({ page, parent: body, ...options });
	const answer = ask({
		title,
		body,
		primary_label,
		before: () => (picker.items.length ? null : __("Choose at least one.")),
	});
	return (await answer) && picker.items;
}

export const pick_students = (page, options = {}) =>
	pick(page, {
		title: __("Choose Students"),
		label: __("Students", null, "Offers"),
		doctype: "Student",
		...options,
	});

export const pick_instructors = (page, options = {}) =>
	pick(page, {
		title: __("Choose Instructors"),
		label: __("Instructors", null, "Offers"),
		doctype: "Instructor",
		...options,
	});

export const pick_courses = (page, options = {}) =>
	pick(page, {
		title: __("Choose Courses"),
		label: __("Courses", null, "Offers"),
		doctype: "Course",
		...options,
	});
