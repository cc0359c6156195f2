// The page "Offers" of one evening.

import { EveningPage } from "./evening_page.js";
import { TABS } from "./tabs.js";
import { undo } from "./work.js";

export class OffersPage extends EveningPage {
	static route = "ouderavond-offers";
	static api = "ouderavond.api.offers.";
	static tabs = TABS;

	static title() {
		return __("Offers");
	}

	static question() {
		return __("Of which evening do you want to see the offers?");
	}

	static tabs_label() {
		return __("Ways to make offers");
	}

	static archived() {
		return __("This evening is archived: its offers can be read, not changed.");
	}

	static counts(counts) {
		return [
			[counts.offered, __("offered")],
			[counts.requested, __("requested")],
			[counts.booked, __("booked")],
			[counts.students, __("students")],
		].filter(([count], i) => count || i !== 2);
	}

	static undo(page, last) {
		return undo(page, last);
	}
}
