// The sentences of the screen. They are only ever set as text, never as HTML.

export const texts = JSON.parse(document.getElementById("ob-texts").textContent);

export function say(pattern, ...values) {
	return texts[pattern].replace(/\{(\d)\}/g, (_match, index) => values[index]);
}
