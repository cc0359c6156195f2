// What is chosen and not reserved yet: one start per column. Kept for the tab, so that a reload or logging in again
// loses nothing; what another user left behind in the tab is removed.

const PREFIX = "oa-booking:";

export class Basket extends EventTarget {
	constructor(user, evening, role) {
		super();
		this.name = [PREFIX + user, evening, role].join(":");
		forget_others(user);
		const kept = read(this.name);
		this.choices = new Map((kept.choices || []).map((choice) => [choice.offer, choice]));
		this.pending = kept.pending || null;
	}

	get all() {
		return [...this.choices.values()];
	}

	get size() {
		return this.choices.size;
	}

	of(offer) {
		return this.choices.get(offer);
	}

	/** Choose a start, or change something about a choice: what is not given stays as it was. */
	set(choice) {
		this.choices.set(choice.offer, { ...this.of(choice.offer), ...choice });
		this.changed();
	}

	remove(...offers) {
		for (const offer of offers) this.choices.delete(offer);
		this.changed();
	}

	clear() {
		this.choices.clear();
		this.changed();
	}

	changed() {
		this.keep();
		this.dispatchEvent(new Event("change"));
	}

	/** A submission whose outcome is not known yet: {key, text}, or null. */
	remember(pending) {
		this.pending = pending;
		this.keep();
	}

	keep() {
		try {
			if (!this.size && !this.pending) sessionStorage.removeItem(this.name);
			else
				sessionStorage.setItem(
					this.name,
					JSON.stringify({ choices: this.all, pending: this.pending })
				);
		} catch {
			// Without storage the choices last as long as the page.
		}
	}
}

function read(name) {
	try {
		return JSON.parse(sessionStorage.getItem(name)) || {};
	} catch {
		return {};
	}
}

function forget_others(user) {
	try {
		const own = `${PREFIX}${user}:`;
		for (const name of Object.keys(sessionStorage)) {
			if (name.startsWith(PREFIX) && !name.startsWith(own)) sessionStorage.removeItem(name);
		}
	} catch {
		// Nothing is kept there then.
	}
}
