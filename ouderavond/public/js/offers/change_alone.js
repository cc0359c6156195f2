// The dialog "Change Offers" from elsewhere in the desk: of one offer, without the page around it.

import { change_offers } from "./change_dialog.js";
import { change, request } from "./work.js";

const API = "ouderavond.api.offers.";

/** Change the instructors of an offer; `done` is called after a change, also when it is undone. */
export function change_instructors(evening, offer, done) {
	return change_offers(new Alone(evening, done), { offers: [offer] }, "instructors");
}

// What the dialog needs of the page.
class Alone {
	constructor(evening, done) {
		Object.assign(this, { evening, done, read_only: false });
	}

	call(method, args = {}) {
		return request(API + method, { evening: this.evening, ...args });
	}

	read(method, args = {}) {
		return request(API + method, { evening: this.evening, ...args }, { reads: true });
	}

	change(method, args = {}, options = {}) {
		return change(this, method, args, options);
	}

	async read_info() {
		this.info = await this.read("page.start");
	}

	async changed() {
		await this.done();
	}
}
