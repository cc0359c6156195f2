// A question that is answered with a button; Escape answers null. The focus returns to where it was.

import { button, el } from "./dom";

let numbers = 0;

/**
 * @param {string} title
 * @param {string[]} lines what is told; several become a list
 * @param {[string, string, string?][]} answers [value, text, kind of button], the first has the focus
 * @param {?HTMLElement} more what else stands there, such as a link
 * @returns {Promise<?string>} the value of the button, or null
 */
export function ask(title, lines, answers, more = null) {
	return new Promise((done) => {
		const id = `oa-dialog-${++numbers}`;
		const dialog = el("dialog", {
			class: "oa-dialog",
			"aria-labelledby": id,
			"aria-describedby": `${id}-lines`,
		});
		const buttons = answers.map(([value, text, kind]) => button(text, () => dialog.close(value), kind));
		dialog.append(
			el("p", { id, class: "oa-dialog-title" }, title),
			told(lines, `${id}-lines`),
			...(more ? [el("p", {}, more)] : []),
			el("p", { class: "oa-dialog-buttons" }, buttons)
		);
		dialog.addEventListener("close", () => {
			dialog.remove();
			done(dialog.returnValue || null);
		});
		document.querySelector(".oa-portal").append(dialog);
		dialog.showModal();
		buttons[0].focus();
	});
}

function told(lines, id) {
	if (lines.length < 2) return el("p", { id }, lines[0] || "");
	return el(
		"ul",
		{ id },
		lines.map((line) => el("li", {}, line))
	);
}
