// The page "Planning" of one evening: staff finish, publish and run its schedule.
//
// Beside what EveningPage offers: page.version is the number of the schedule that the page has been told of last, and
// tabs with a method `told(version)` hear of changes by others (see listening.js).

import { EveningPage } from "../offers/evening_page.js";
import { undo } from "../offers/work.js";
import { Listening } from "./listening.js";
import { TABS } from "./tabs.js";

export class PlanningPage extends EveningPage {
	static route = "ouderavond-planning";
	static api = "ouderavond.api.planning.";
	static css_class = "oa-planning";
	static tabs = TABS;

	constructor(wrapper) {
		super(wrapper);
		this.listening = new Listening(this);
		this.desk.add_menu_item(__("Offers"), () => frappe.set_route("ouderavond-offers", this.evening));
	}

	static title() {
		return __("Planning");
	}

	static question() {
		return __("Which evening do you want to plan?");
	}

	static tabs_label() {
		return __("Parts of planning");
	}

	static archived() {
		return __("This evening is archived: its schedule can be read, not changed.");
	}

	static counts(counts) {
		return [
			[counts.booked, __("with a time")],
			[counts.unplaced, __("not placed")],
			[counts.planned, __("not published")],
			[counts.untold, __("changed since published")],
			[counts.instructors, __("instructors")],
		].filter(([count], i) => count || i < 2);
	}

	static undo(page, last) {
		return undo(page, last);
	}

	show_info(info) {
		super.show_info(info);
		this.version = info.version;
		this.listening.start();
	}

	/** Others changed the schedule: the head is read again, and so is what is shown. */
	async told(version) {
		this.version = version;
		const { module } = this.tabs.get(this.active) || {};
		this.stale = new Set([...this.tabs.keys()].filter((key) => key !== this.active || !module?.told));
		await this.read_info();
		if (module?.told) await module.told(version);
		else await this.refresh_active();
	}
}
