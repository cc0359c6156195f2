// Small helpers of the booking panel. Text becomes text nodes, so nothing needs escaping.

/** An element with attributes (null, undefined and false: left out; `on`: {event: handler}) and children. */
export function el(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (name === "on") listen(element, value);
		else put(element, name, value);
	}
	element.append(...children.flat().filter((child) => child != null && child !== false));
	return element;
}

function listen(element, handlers) {
	for (const [event, handler] of Object.entries(handlers)) element.addEventListener(event, handler);
}

/** Set or remove an attribute, only where that changes something. */
export function put(element, name, value) {
	if (value == null || value === false) {
		if (element.hasAttribute(name)) element.removeAttribute(name);
		return;
	}
	const text = value === true ? "" : String(value);
	if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Set a text, only where it changes: what has not changed is not read out again. */
export function write(element, text) {
	if (element.textContent !== text) element.textContent = text;
}

/** A button that does something. */
export function button(text, on_click, kind = "btn-default") {
	return el("button", { type: "button", class: `btn ${kind}`, on: { click: on_click } }, text);
}
