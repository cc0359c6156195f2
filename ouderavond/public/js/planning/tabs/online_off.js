// Where an evening has no online meetings: why, and how to begin.

import { el, link } from "../../offers/dom.js";

/** The elements that say so. */
export function how_to_begin(page, { provider, mode, online, notices }) {
	const { evening } = page.info;
	const form = link("Parent Evening", evening.name, __("the evening's form"));
	const settings = link("Ouderavond Settings", "Ouderavond Settings", __("Ouderavond Settings"));
	const steps = [
		!provider &&
			step(__("Fill in what Microsoft Teams, Google Meet or a link template needs:"), settings),
		!provider && step(__("Choose in person or online, and what makes the meetings:"), form),
		step(
			__("Publish the schedule, or let families book: each meeting is made seconds later."),
			el("a", {
				href: `/app/ouderavond-planning/${encodeURIComponent(evening.name)}/publish`,
				text: __("Publish", null, "Planning"),
			})
		),
	];
	const said = notices.some(({ key }) => key === "no_provider");
	return [said ? "" : el("p", { text: why(provider, mode, online) }), el("ol", {}, steps)];
}

function step(text, where) {
	return el("li", {}, text, " ", where);
}

function why(provider, mode, online) {
	if (provider && mode === "In Person")
		return __("Everybody meets in person at this evening, and nobody's time is put into a calendar yet.");
	if (provider)
		return __("Nobody was told of an online conversation yet. {0} makes their meetings.", [__(provider)]);
	if (online.told || online.planned || mode !== "In Person")
		return __(
			"Conversations of this evening can be online, but nothing was chosen that makes the meetings."
		);
	return __("Everybody meets in person at this evening.");
}
