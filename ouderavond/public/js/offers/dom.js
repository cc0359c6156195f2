// Small things that every part of the page uses. Text becomes text nodes, so nothing needs escaping.
//
// el(tag, attributes, ...children) -> HTMLElement
//     attributes: `class`, `text`, `on` ({event: handler}), `data` ({name: value}), `style` ({name: value}), else
//     attributes (null, undefined and false: left out; true: empty). Children: nodes, texts, lists of these, null.
// number(value) -> a whole number as the user's language writes it
// moment_text(value) -> a date and time as the user writes dates, without seconds
// link(doctype, name, text) -> a link to a record, which leaves the page as it is when opened in a new tab
// icon(name) -> an icon of the platform, hidden from screen readers

/** An element with attributes and children. */
export function el(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) set(element, name, value);
	element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
	return element;
}

function set(element, name, value) {
	if (value == null || value === false) return;
	if (name === "class") element.className = value;
	else if (name === "text") element.textContent = value;
	else if (name === "data") Object.assign(element.dataset, value);
	else if (name === "style") {
		for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
	} else if (name === "on") {
		for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
	} else element.setAttribute(name, value === true ? "" : value);
}

/** A whole number as the user's language writes it. */
export function number(value) {
	return Number(value || 0).toLocaleString(frappe.boot.lang || undefined);
}

/** A date and time, without seconds. */
export function moment_text(value) {
	return moment(value).format(`${frappe.datetime.get_user_date_fmt().toUpperCase()} HH:mm`);
}

/** A link to a record. */
export function link(doctype, name, text) {
	return el("a", { href: frappe.utils.get_form_link(doctype, name), text: text || name });
}

/** An icon of the platform, for the eye only. */
export function icon(name, size = "sm") {
	const holder = el("span", { class: "oa-icon", "aria-hidden": "true" });
	holder.innerHTML = frappe.utils.icon(name, size);
	return holder;
}
