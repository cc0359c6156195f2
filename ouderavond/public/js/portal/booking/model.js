// What the server said about an evening, arranged for looking up. Places in the table are a date and a number.

export class Model {
	constructor(data, role) {
		this.data = data;
		// Students need not be told whose conversations these are.
		this.is_own = role === "student";
		this.rules = data.rules;
		this.dates = data.dates;
		this.children = data.children.filter((child) => child.columns.length);
		this.columns = new Map();
		for (const child of this.children) this.add_columns(child);
		this.places = new Map();
		for (const day of this.dates) {
			day.starts.forEach((time, index) =>
				this.places.set(`${day.date}T${time}`, { date: day.date, index })
			);
		}
	}

	add_columns(child) {
		const counts = {};
		for (const { subject } of child.columns) counts[subject] = (counts[subject] || 0) + 1;
		for (const column of child.columns) {
			const people = column.instructors.join(", ");
			const title = `${column.subject}, ${people}`;
			const label = counts[column.subject] > 1 ? `${column.subject} (${people})` : column.subject;
			this.columns.set(column.offer, { ...column, child, people, title, label });
		}
	}

	get open() {
		return this.data.booking.state === "open";
	}

	/** Whether the same columns and times are shown as in another model, so that cells can be kept. */
	has_form_of(other) {
		return Boolean(other) && this.form === other.form;
	}

	get form() {
		const columns = this.children.map((child) => [child.student, child.columns.map((one) => one.offer)]);
		return JSON.stringify([columns, this.dates.map((day) => [day.date, day.starts]), this.rules]);
	}

	/** The place of a moment, or undefined where the evening has no such start. */
	place(start) {
		return this.places.get(start);
	}

	moment(date, index) {
		return `${date}T${this.day(date).starts[index]}`;
	}

	day(date) {
		return this.dates.find((day) => day.date === date);
	}

	/** "19:10"; "Tue 15 Dec 19:10" where the evening has several dates. */
	time_label(start) {
		const { date, index } = this.place(start) || {};
		if (!date) return start.replace("T", " ");
		const day = this.day(date);
		return this.dates.length > 1 ? `${short(date)} ${day.labels[index]}` : day.labels[index];
	}

	slots(column, longer) {
		return (column.slots || 1) * (longer ? 2 : 1);
	}

	/** The server's letter for a conversation that starts at a place. */
	letter(column, { date, index }, longer = false) {
		const cells = longer ? column.longer_cells : column.cells;
		return cells?.[date]?.[index] || "u";
	}

	/** Whether a conversation from a start takes a place. */
	covers(choice, { date, index }) {
		const place = this.place(choice.start);
		const column = this.columns.get(choice.offer);
		if (!place || !column || place.date !== date) return false;
		return index >= place.index && index < place.index + this.slots(column, choice.longer);
	}

	/** Whether `slots` from a place meet a choice. */
	meets(choice, { date, index }, slots) {
		for (let step = 0; step < slots; step++) {
			if (this.covers(choice, { date, index: index + step })) return true;
		}
		return false;
	}

	/** My conversations that `slots` from a place would meet. */
	mine_at({ date, index }, slots = 1) {
		const { starts } = this.day(date);
		const from = `${date}T${starts[index]}`;
		const last = `${date}T${starts[Math.min(index + slots, starts.length) - 1]}`;
		return this.data.mine.filter((row) => row.start <= last && row.end > from);
	}

	mine(booking) {
		return this.data.mine.find((row) => row.booking === booking);
	}
}

// "Tue 15 Dec" as the page's language writes it.
function short(date) {
	const [year, month, day] = date.split("-").map(Number);
	const options = { weekday: "short", day: "numeric", month: "short" };
	return new Date(year, month - 1, day).toLocaleDateString(document.documentElement.lang, options);
}
