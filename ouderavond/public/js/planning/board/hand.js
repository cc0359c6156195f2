// What somebody has picked up to give it a time, and how it would do in each slot: known before it is dropped.
//
// A subject is {kind: "booking" | "request" | "offer", key, name, slots, instructors, booking?, guardian?}.
// const hand = new Hand(page, model, subject, {swapping, from}); await hand.ready
// hand.judge(place) -> {verdict, sentence, other?}; the verdicts:
//     "waiting"  the server has not answered yet        "fits"     nothing is in the way
//     "here"     where it is already                    "warning"  allowed, but worth a thought
//     "rule"     only with a reason                     "never"    a double booking, or no such slot
//     "swap"     another conversation of the same length is there
// hand.verdicts(date) -> the function that Grid.paint takes

import { time_of } from "./times.js";

export class Hand {
	constructor(page, model, subject, { swapping = false, from = null } = {}) {
		Object.assign(this, { page, model, subject, swapping, from, fits: null });
		this.ready = this.ask();
	}

	/** Ask the server how each slot would do. */
	async ask() {
		const { kind, key, guardian, slots, booking } = this.subject;
		const instead_of = this.from && this.subject.instructors.length > 1 ? this.from : undefined;
		this.fits = await this.page.call("board.fits", {
			[kind]: key,
			guardian,
			instead_of,
			slots: booking && slots !== booking.slots ? slots : undefined,
		});
		this.never = new Set(this.fits.never || []);
	}

	get own() {
		return this.fits?.own || this.subject.instructors;
	}

	judge(place) {
		const there = this.model.held_at(place.instructor, place.date, place.index);
		if (this.is_here(place)) return { verdict: "here", sentence: __("It is here now.") };
		if (there && there.booking !== this.subject.booking?.booking) return this.judge_taken(there);
		if (!this.fits) return { verdict: "waiting", sentence: __("Looking which slots fit…") };
		return this.judge_free(place);
	}

	is_here({ instructor, date, index }) {
		const { booking } = this.subject;
		return (
			booking?.instructors.includes(instructor) && booking.start === this.model.times.start(date, index)
		);
	}

	judge_taken(other) {
		const taken = __("Taken by {0}, {1}.", [other.name, time_of(other.start)]);
		if (this.subject.kind !== "booking") return { verdict: "never", sentence: taken };
		if (other.slots !== this.subject.slots) {
			const sentence = __("{0} The two cannot be swapped: one is longer.", [taken]);
			return { verdict: "never", sentence };
		}
		return { verdict: "swap", sentence: __("{0} Drop here to swap the two.", [taken]), other };
	}

	judge_free({ instructor, date, index }) {
		const line = this.fits.rows[instructor]?.[date];
		const at = line?.[index];
		if (at == null) return { verdict: "never", sentence: this.why_no_row(instructor) };
		const sentence = this.fits.reasons[at];
		if (at === 0) return { verdict: "fits", sentence: this.fitting(instructor) };
		if (sentence.startsWith("!")) return { verdict: "warning", sentence: sentence.slice(1).trim() };
		return { verdict: this.never.has(at) ? "never" : "rule", sentence };
	}

	why_no_row(instructor) {
		return __("{0} cannot have this conversation.", [this.model.title(instructor)]);
	}

	fitting(instructor) {
		if (this.own.includes(instructor)) return __("Fits.");
		return __("Fits, with {0} instead.", [this.model.title(instructor)]);
	}

	verdicts(date) {
		return (instructor) => {
			const line = this.fits?.rows[instructor]?.[date] || [];
			const own = this.own.includes(instructor);
			const found = [];
			line.forEach((at, index) => {
				if (this.is_here({ instructor, date, index })) return;
				if (at === 0) found.push({ index, verdict: "fits", own });
				else if (this.fits.reasons[at]?.startsWith("!"))
					found.push({ index, verdict: "warning", own });
			});
			return found;
		};
	}

	/** The instructors with whom it could be at the same time; who speaks about the same subject comes first. */
	instead() {
		const { start, subject } = this.subject.booking;
		const date = start.slice(0, 10);
		const index = this.model.times.index(date, start);
		const free = this.model.instructors.filter(
			({ name }) => !this.own.includes(name) && this.fits.rows[name]?.[date]?.[index] === 0
		);
		const likely = new Set(
			[...this.model.bookings.values()]
				.filter((row) => row.subject === subject)
				.flatMap((row) => row.instructors)
		);
		return [
			...free.filter(({ name }) => likely.has(name)),
			...free.filter(({ name }) => !likely.has(name)),
		];
	}

	/** The next slot in which it fits, with its own instructors or else with others; null when it fits nowhere. */
	next(place, shown) {
		const own = shown.filter((name) => this.own.includes(name));
		return this.next_among(place, own) || this.next_among(place, shown);
	}

	next_among(place, names) {
		const others = this.model.dates
			.flatMap(({ date }) => names.flatMap((instructor) => this.fitting_in(instructor, date)))
			.filter((other) => !this.is_here(other));
		const order = (other) => [
			this.model.dates.findIndex(({ date }) => date === other.date),
			names.indexOf(other.instructor),
			other.index,
		];
		const here = order(place);
		return others.find((other) => compare(order(other), here) > 0) || others[0] || null;
	}

	fitting_in(instructor, date) {
		return this.verdicts(date)(instructor)
			.filter(({ verdict }) => verdict === "fits")
			.map(({ index }) => ({ instructor, date, index }));
	}

	/** In how many slots it fits with its own instructors. */
	get count() {
		return this.model.dates
			.flatMap(({ date }) => this.own.map((name) => this.fitting_in(name, date).length))
			.reduce((sum, count) => sum + count, 0);
	}
}

function compare(a, b) {
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
	return 0;
}

/** The subject of a conversation with a time. */
export function of_booking(booking) {
	const { slots, instructors, name } = booking;
	return { kind: "booking", key: booking.booking, name, slots, instructors, booking };
}

/** The subject of a conversation that was asked for and has no time. */
export function of_request(row) {
	const { request, name, instructors, slots } = row;
	return { kind: "request", key: request, name, slots: slots || 1, instructors, row };
}

/** The subject of a conversation that is on offer, for one of the guardians. */
export function of_offer(row, guardian) {
	const { offer, name, slots, instructors } = row;
	return { kind: "offer", key: offer, name, slots: slots || 1, instructors, guardian, row };
}
