// Dragging with the mouse or a pen: a conversation onto a slot, or a frame around conversations to select them.
// A finger scrolls instead; its tap opens the menu, in which everything is.
//
// new Drag({root, grid, subject_of(element), allowed(), on_lift(element), on_over(place, x, y), on_drop(place),
//     on_cancel(), on_date(date), on_frame(from, to, event), ghost_text(element)})

import { el } from "../../offers/dom.js";

// A hand that clicks trembles a little.
const THRESHOLD = 6;
const EDGE = 48;
const FASTEST = 18;
// So long the pointer rests on a date before the board shows it.
const DWELL_MS = 450;

export class Drag {
	constructor(options) {
		this.options = options;
		this.moves = (event) => this.on_move(event);
		this.ends = (event) => this.on_up(event);
		this.keys = (event) => this.on_key(event);
		options.root.addEventListener("pointerdown", (event) => this.on_down(event));
		// The click that ends a drag opens nothing.
		options.root.addEventListener("click", (event) => this.swallow(event), true);
	}

	on_down(event) {
		if (event.button || event.pointerType === "touch") return;
		this.dragged = false;
		const source = event.target.closest(".oa-block, .oa-unplaced");
		const frame = !source && event.target.closest(".oa-slot");
		if (event.target.closest("button, a, input") || (!source && !frame)) return;
		if (source && !this.options.allowed()) return;
		this.start = { x: event.clientX, y: event.clientY, source, frame: Boolean(frame) };
		this.listen(true);
	}

	listen(on) {
		const turn = on ? "addEventListener" : "removeEventListener";
		document[turn]("pointermove", this.moves);
		document[turn]("pointerup", this.ends);
		document[turn]("pointercancel", this.ends);
		document[turn]("keydown", this.keys, true);
	}

	on_move(event) {
		this.point = { x: event.clientX, y: event.clientY };
		if (!this.active && !this.begins(event)) return;
		event.preventDefault();
		if (this.start.source) this.carry();
		else this.stretch(event);
	}

	begins({ clientX, clientY }) {
		const { x, y, source } = this.start;
		if (Math.hypot(clientX - x, clientY - y) < THRESHOLD) return false;
		this.active = true;
		this.dragged = true;
		document.body.classList.add("oa-board-dragging");
		if (source) {
			this.ghost = el("div", {
				class: "oa-board-ghost",
				"aria-hidden": "true",
				text: this.options.ghost_text(source),
			});
			document.body.append(this.ghost);
			this.options.on_lift(source);
		} else this.from = this.options.grid.place_at(x, y);
		this.scroll();
		return true;
	}

	carry() {
		const { x, y } = this.point;
		this.ghost.style.transform = `translate(${x + 12}px, ${y + 14}px)`;
		this.options.on_over(this.options.grid.place_at(x, y), x, y);
		this.dwell(document.elementFromPoint(x, y)?.closest("[data-board-date]")?.dataset.boardDate);
	}

	dwell(date) {
		if (date === this.resting) return;
		clearTimeout(this.timer);
		this.resting = date;
		if (date) this.timer = setTimeout(() => this.options.on_date(date), DWELL_MS);
	}

	stretch(event) {
		const to = this.options.grid.place_at(this.point.x, this.point.y);
		if (this.from && to) this.options.on_frame(this.from, to, event);
	}

	/** Near an edge of the board, it scrolls, the faster the nearer. */
	scroll() {
		if (!this.active) return;
		const { root } = this.options.grid;
		const view = root.getBoundingClientRect();
		const { x, y } = this.point || this.start;
		if (y > view.top && y < view.bottom && x > view.left && x < view.right) {
			root.scrollTop += speed(y, view.top + EDGE / 2, view.bottom);
			root.scrollLeft += speed(x, view.left + EDGE, view.right);
		}
		requestAnimationFrame(() => this.scroll());
	}

	on_up(event) {
		const { active, start } = this;
		this.stop();
		if (!active || !start.source) return;
		const place = event.type === "pointerup" && this.options.grid.place_at(event.clientX, event.clientY);
		if (place) this.options.on_drop(place);
		else this.options.on_cancel();
	}

	on_key(event) {
		if (event.key !== "Escape") return;
		const { active, start } = this;
		this.stop();
		if (!active) return;
		event.stopPropagation();
		event.preventDefault();
		if (start.source) this.options.on_cancel();
	}

	stop() {
		this.listen(false);
		clearTimeout(this.timer);
		this.ghost?.remove();
		document.body.classList.remove("oa-board-dragging");
		Object.assign(this, { active: false, ghost: null, resting: null, from: null });
	}

	swallow(event) {
		if (!this.dragged) return;
		this.dragged = false;
		event.stopPropagation();
		event.preventDefault();
	}
}

function speed(at, low, high) {
	if (at < low + EDGE) return -Math.min(FASTEST, (low + EDGE - at) / 2);
	if (at > high - EDGE) return Math.min(FASTEST, (at - high + EDGE) / 2);
	return 0;
}
