// What was chosen and not saved, kept in this tab: it survives a reload and logging in again.

import { user } from "./booking/source";

const PREFIX = "oa-draft:";
// Of whom this page is. Read now: an expired session loses its cookie.
const USER = user();

export class Draft {
	constructor(name) {
		this.key = `${PREFIX}${USER}:${name}`;
		this.store(forget_others);
	}

	/** @returns {{state: object, base: string} | null} */
	read() {
		try {
			return JSON.parse(sessionStorage.getItem(this.key));
		} catch {
			return null;
		}
	}

	/** @param {string} base what was saved when it was chosen */
	write(state, base) {
		this.store((storage) => storage.setItem(this.key, JSON.stringify({ state, base })));
	}

	clear() {
		this.store((storage) => storage.removeItem(this.key));
	}

	// Some browsers refuse to keep anything: the page works without.
	store(change) {
		try {
			change(sessionStorage);
		} catch {
			return;
		}
	}
}

// Somebody else has logged in in the same tab: what was chosen before is not for their eyes.
function forget_others(storage) {
	for (const key of Object.keys(storage)) {
		if (key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}${USER}:`)) storage.removeItem(key);
	}
}
