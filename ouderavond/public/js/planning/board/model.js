// What the board shows, looked up quickly: nothing in here touches the page.
//
// const model = new Model(info.evening, answer of planning.board.read)
// model.dates, model.times; model.instructors (in order), model.instructor(name)
// model.bookings (Map by name), model.booking(name); model.unplaced; model.lost
// model.cells(instructor, date) -> [{kind: "free" | "absent" | "block" | "booking", index, span, bookings, block}]
// model.of_household(number) -> its conversations in order of time
// model.rows_changed(before) -> Set of the instructors whose rows differ from those of another reading

import { Times } from "./times.js";

export class Model {
	constructor(evening, answer) {
		Object.assign(this, answer);
		Object.assign(this, { evening, answer });
		this.times = new Times(evening);
		this.dates = this.times.dates;
		this.by_instructor = new Map(this.instructors.map((row) => [row.name, row]));
		this.lost = answer.lost || [];
		this.unplaced = answer.unplaced || [];
		this.classes = answer.classes || [];
		this.blocks = answer.blocks || [];
		this.bookings = new Map(answer.bookings.map((row) => [row.booking, row]));
		this.rows = group(answer.bookings, (row) => row.instructors.map((name) => place(name, row.start)));
		this.households = group(answer.bookings, (row) => [row.household]);
		for (const rows of [...this.rows.values(), ...this.households.values()]) rows.sort(by_start);
		this.of_who = group(this.blocks, (block) => [`${block.who_type}/${block.who || ""}`]);
	}

	/** The same as it will be: {bookings: {name: conversation, or null when it goes}, placed: a request}. */
	foreseen({ bookings, placed }) {
		const left = this.answer.bookings.filter(({ booking }) => !(booking in bookings));
		const now = Object.values(bookings).filter(Boolean);
		return new Model(this.evening, {
			...this.answer,
			bookings: [...left, ...now.map((row) => ({ ...row, saving: 1 }))],
			unplaced: this.unplaced.filter(({ request }) => request !== placed),
		});
	}

	/** A conversation at the time of another one. */
	at_time_of(booking, { start, end }) {
		return { ...booking, ...touched(booking), start, end };
	}

	/** A conversation as it would be elsewhere. */
	moved(booking, place, slots = booking.slots) {
		const start = this.times.start(place.date, place.index);
		const end = `${place.date}T${this.times.end(place.date, place.index, slots)}`;
		return { ...booking, ...touched(booking), slots, start, end };
	}

	instructor(name) {
		return this.by_instructor.get(name);
	}

	booking(name) {
		return this.bookings.get(name);
	}

	title(name) {
		return this.instructor(name)?.title || name;
	}

	titles(names) {
		return names.map((name) => this.title(name)).join(", ");
	}

	of_household(household) {
		return household == null ? [] : this.households.get(household) || [];
	}

	/** The conversations of an instructor on a date. */
	held(instructor, date) {
		return this.rows.get(place(instructor, date)) || [];
	}

	/** The conversation that an instructor has in a slot. */
	held_at(instructor, date, index) {
		return this.held(instructor, date).find((row) => {
			const at = this.times.index(date, row.start);
			return at <= index && index < at + row.slots;
		});
	}

	/** The blocks that keep an instructor away: own, everyone's, and those of the room. */
	blocks_of(instructor, date) {
		const room = this.instructor(instructor)?.present?.[date]?.room;
		return [`Instructor/${instructor}`, "Everyone/", room && `Room/${room}`]
			.flatMap((who) => this.of_who.get(who) || [])
			.filter((block) => block.from.slice(0, 10) <= date && date <= block.to.slice(0, 10));
	}

	/** The row of an instructor on a date, from left to right without gaps. */
	cells(instructor, date) {
		const line = this.marks(instructor, date);
		const cells = [];
		for (let index = 0; index < line.length; index++) {
			const mark = line[index];
			const last = cells.at(-1);
			if (mark.kind !== "free" && last?.key === mark.key) last.span++;
			else cells.push({ ...mark, index, span: 1 });
		}
		return cells;
	}

	/** What each slot of a row is; what belongs together has the same key. */
	marks(instructor, date) {
		const { starts } = this.times.of(date);
		const line = starts.map(() => ({ kind: "free" }));
		const fill = ([from, span], mark) => {
			for (let i = Math.max(from, 0); i < Math.min(from + span, line.length); i++) line[i] = mark;
		};
		this.absence(instructor, date).forEach((span, i) =>
			fill(span, { kind: "absent", key: `absent ${i}` })
		);
		for (const block of this.blocks_of(instructor, date))
			fill(this.times.span(date, block.from, block.to), { kind: "block", key: block.block, block });
		for (const booking of this.held(instructor, date)) {
			const at = this.times.index(date, booking.start);
			// Two in one slot cannot be booked, but a changed grid of times may bring them together.
			const there = line[at].bookings;
			if (there) there.push(booking);
			else fill([at, booking.slots], { kind: "booking", key: booking.booking, bookings: [booking] });
		}
		return line;
	}

	/** The parts of a date at which an instructor is not there: [index, slots]. */
	absence(instructor, date) {
		const { starts, ends } = this.times.of(date);
		const present = this.instructor(instructor)?.present?.[date];
		if (!present) return [[0, starts.length]];
		const first = present.from ? starts.findIndex((start) => start >= present.from) : 0;
		const until = present.until ? ends.filter((end) => end <= present.until).length : starts.length;
		if (first < 0) return [[0, starts.length]];
		return [
			[0, first],
			[until, starts.length - until],
		];
	}

	/** Where an instructor sits on a date. */
	where(instructor, date) {
		const present = this.instructor(instructor)?.present?.[date];
		if (!present) return "";
		const room = present.room_title || this.rooms?.[present.room] || present.room || "";
		return [room, present.table].filter(Boolean).join(" · ");
	}

	rows_changed(before) {
		const changed = new Set();
		const note = (booking) => booking?.instructors.forEach((name) => changed.add(name));
		for (const name of new Set([...this.bookings.keys(), ...before.bookings.keys()])) {
			const [now, then] = [this.booking(name), before.booking(name)];
			if (JSON.stringify(now) !== JSON.stringify(then)) [now, then].forEach(note);
		}
		const blocks_differ = JSON.stringify(this.blocks) !== JSON.stringify(before.blocks);
		for (const row of this.instructors) {
			const then = before.instructor(row.name);
			if (blocks_differ || JSON.stringify(row) !== JSON.stringify(then)) changed.add(row.name);
		}
		return changed;
	}

	/** Whether the same instructors stand in the same order, on the same dates. */
	same_shape(before) {
		const shape = (model) => JSON.stringify([model.instructors.map((row) => row.name), model.dates]);
		return shape(this) === shape(before);
	}
}

/** What was told is not true any more once it has been changed. */
const touched = ({ state }) => (state === "Published" ? { untold: 1 } : {});

const place = (instructor, moment) => `${instructor} ${moment.slice(0, 10)}`;

function by_start(a, b) {
	return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}

function group(rows, keys_of) {
	const found = new Map();
	for (const row of rows) {
		for (const key of keys_of(row)) {
			if (key == null) continue;
			if (!found.has(key)) found.set(key, []);
			found.get(key).push(row);
		}
	}
	return found;
}
