// The rows, as many as fit on the screen, turned page by page.

import { say, texts } from "./texts";

const TURN = 12_000;
// From this width on two tables stand side by side.
const WIDE = 1500;

export class Pages {
	constructor(element, foot) {
		this.element = element;
		this.template = document.querySelector(".ob-main template");
		this.where = foot.querySelector(".ob-page");
		this.button = foot.querySelector(".ob-pause");
		this.page = 0;
		this.all = [];
		this.button.addEventListener("click", () => this.pause(!this.paused));
		window.addEventListener("resize", () => this.show());
		setInterval(() => this.turn(), TURN);
	}

	set rows(rows) {
		this.all = rows;
		this.show();
	}

	turn() {
		if (this.paused || this.count < 2) return;
		this.page = (this.page + 1) % this.count;
		this.show();
	}

	pause(paused) {
		this.paused = paused;
		this.show();
	}

	get columns() {
		return window.innerWidth >= WIDE ? 2 : 1;
	}

	get count() {
		return Math.max(1, Math.ceil(this.all.length / this.size));
	}

	show() {
		this.size = this.fitting() * this.columns;
		this.page = Math.min(this.page, this.count - 1);
		const shown = this.all.slice(this.page * this.size, (this.page + 1) * this.size);
		// Of the same height, so that what is side by side is read as one list.
		const each = Math.ceil(shown.length / this.columns);
		const tables = [];
		for (let first = 0; first < shown.length; first += each) {
			tables.push(this.table(shown.slice(first, first + each)));
		}
		this.element.replaceChildren(...tables);
		this.tell();
	}

	tell() {
		const several = this.count > 1;
		this.where.textContent = several ? say("page", this.page + 1, this.count) : "";
		this.button.hidden = !several;
		this.button.textContent = this.paused ? texts.resume : texts.pause;
	}

	/** How many rows fit below each other: measured with one row that is as high as any, always the same. */
	fitting() {
		if (!this.all.length) return 1;
		const table = this.table([{ ...this.all[0], instructor: "M", room: "M" }]);
		this.element.replaceChildren(table);
		const head = table.tHead.getBoundingClientRect().height;
		const row = table.tBodies[0].rows[0].getBoundingClientRect().height;
		const room = this.element.getBoundingClientRect().height;
		return Math.max(1, Math.floor((room - head) / row));
	}

	table(rows) {
		const table = this.template.content.firstElementChild.cloneNode(true);
		for (const row of rows) {
			const line = table.tBodies[0].insertRow();
			const texts_of = [row.instructor, row.room, row.now, row.next, begins(row)];
			texts_of.forEach((text, index) => (cell(line, index).textContent = text || texts.none));
			line.lastElementChild.dataset.kind = kind(row);
		}
		return table;
	}
}

function cell(line, index) {
	const made = document.createElement(index ? "td" : "th");
	if (!index) made.scope = "row";
	line.append(made);
	return made;
}

function kind(row) {
	if (!row.is_known) return "unknown";
	return row.delay >= 2 ? "late" : "";
}

function begins(row) {
	if (!row.next) return "";
	if (!row.is_known) return texts.unknown;
	return row.delay < 2 ? texts.on_time : say("late", row.delay);
}
