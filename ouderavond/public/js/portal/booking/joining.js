// Where to join one of my online conversations, or that the link follows.

import { say, texts } from "../texts";
import { el } from "./dom";

/** @returns {?HTMLElement} nothing where the conversation is at school. */
export function joining(row) {
	if (row?.mode !== "Online") return null;
	if (!is_link(row.link)) return el("span", { class: "oa-sub" }, texts.booking_link_follows);
	const attributes = {
		class: "btn btn-default oa-join",
		href: row.link,
		target: "_blank",
		rel: "noopener noreferrer",
		"aria-label": say("booking_join_of", row.subject, row.time.split(" – ")[0]),
	};
	return el("a", attributes, texts.booking_join);
}

/** Show it in a place, which is left alone, with its focus, where nothing has changed. */
export function show_joining(place, row) {
	const shown = row ? `${row.booking} ${row.mode} ${row.link || ""}` : "";
	if (place.dataset.shown === shown) return;
	const had_focus = place.contains(document.activeElement);
	place.dataset.shown = shown;
	place.replaceChildren(...[joining(row)].filter(Boolean));
	if (had_focus) place.querySelector("a")?.focus();
}

function is_link(text) {
	return /^https?:\/\/[^\s]+$/i.test(text || "");
}
