// The grid of times of an evening: dates with starts, and where a moment lies in it.
//
// const times = new Times(info.evening)
// times.dates [{date, label, starts, ends}]; times.start(date, index) -> "2026-12-15T18:30"
// times.index(date, moment) -> the slot in which a moment lies (the first one when it is earlier)
// times.span(date, from, to) -> [index, slots] of the slots that lie partly between two moments; slots may be 0

/** Minutes since midnight of "18:30" or "2026-12-15T18:30". */
export function minutes_of(text) {
	const [hours, minutes] = text.slice(-5).split(":");
	return Number(hours) * 60 + Number(minutes);
}

/** "18:30" of minutes since midnight. */
export function clock(minutes) {
	return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** "18:30" of "2026-12-15T18:30". */
export const time_of = (moment) => moment.slice(11, 16);

export class Times {
	constructor({ dates, minutes }) {
		this.dates = dates.map((day) => ({ ...day, ends: day.starts.map(ends_after(minutes)) }));
		this.by_date = new Map(this.dates.map((day) => [day.date, day]));
	}

	of(date) {
		return this.by_date.get(date);
	}

	label(date) {
		return this.of(date)?.label || date;
	}

	start(date, index) {
		return `${date}T${this.of(date).starts[index]}`;
	}

	/** The end of a conversation of so many slots; of the last slot that there is, where it would go beyond. */
	end(date, index, slots = 1) {
		const { ends } = this.of(date);
		return ends[Math.min(index + slots, ends.length) - 1];
	}

	index(date, moment) {
		const { starts } = this.of(date);
		const at = minutes_of(moment);
		let found = 0;
		while (found + 1 < starts.length && minutes_of(starts[found + 1]) <= at) found++;
		return found;
	}

	span(date, from, to) {
		const { starts, ends } = this.of(date);
		const begin = from.slice(0, 10) < date ? 0 : minutes_of(from);
		const end = to.slice(0, 10) > date ? 24 * 60 : minutes_of(to);
		const inside = starts.map((start, i) => minutes_of(start) < end && minutes_of(ends[i]) > begin);
		return [inside.indexOf(true), inside.filter(Boolean).length];
	}

	/** A date and time as people say it; the date only where the evening has several. */
	say(moment) {
		const time = time_of(moment);
		if (this.dates.length < 2) return time;
		return __("{0}, {1}", [this.label(moment.slice(0, 10)), time]);
	}
}

function ends_after(minutes) {
	return (start) => clock(minutes_of(start) + minutes);
}
