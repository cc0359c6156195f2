// Removing offers that are chosen in a list.
//
// remove_offers(page, which) -> Promise of the report, or null. `which` is {offers: [names]} or {filters: {…}} as the
//     lists have them. What was requested or booked is named first, and goes only when that is confirmed.

import { confirm } from "./dialogs.js";

/** Remove offers after asking: once, whoever is concerned. */
export async function remove_offers(page, which) {
	const count = await page.change("change.remove", { ...which, dry_run: 1 });
	if (!count) return null;
	const title = __("Remove Offers");
	if (!count.concerned.length && !(await sure(count, title))) return null;
	return page.change("change.remove", which, { confirm_title: title, progress_title: title });
}

function sure(count, title) {
	return confirm(count.sentence, { title, primary_label: __("Remove") });
}
