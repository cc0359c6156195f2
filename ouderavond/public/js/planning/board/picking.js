// A conversation in hand: from picking it up to putting it down, with the mouse, the keyboard or a finger.
//
// const picking = new Picking(board); picking.hand: what is held, or null
// picking.lift(subject, {swapping, from}); picking.aim(place, {x, y, speaks}); picking.drop(place); picking.put_back()
// picking.renew(model): others changed something while it was held

import { el } from "../../offers/dom.js";
import { drop } from "./acts.js";
import { Hand, of_booking } from "./hand.js";
import { slot_said } from "./sayings.js";

const CLOSED = new Set(["never", "waiting"]);

export class Picking {
	constructor(board) {
		this.board = board;
		this.hand = null;
		this.text = el("span", { class: "oa-bar-text" });
		this.bar = el(
			"div",
			{ class: "oa-board-bar is-holding", hidden: true },
			this.text,
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				text: __("Put Back"),
				on: { click: () => this.put_back() },
			})
		);
		this.tip = el("div", { class: "oa-board-tip", hidden: true, "aria-hidden": "true" });
	}

	async lift(subject, options = {}) {
		const { page, model, view } = this.board;
		const hand = new Hand(page, model, subject, options);
		this.hand = hand;
		this.bar.hidden = false;
		this.text.textContent = options.swapping
			? __("{0}: choose the conversation to swap with.", [subject.name])
			: __("{0} is in hand: choose a slot.", [subject.name]);
		view.mark_held(subject.booking?.booking || null);
		view.paint(hand.verdicts(this.board.date));
		await hand.ready.catch(() => this.hand === hand && this.put_back());
		if (this.hand === hand) this.fits_known();
	}

	fits_known() {
		const { board, hand } = this;
		board.view.paint(hand.verdicts(board.date));
		if (this.place) this.aim(this.place, this.point || {});
		board.announce(
			__(
				"{0} is in hand. {1} slots fit. Arrows move, F goes to the next slot that fits, Enter puts it down, Escape leaves it where it was.",
				[hand.subject.name, hand.count]
			)
		);
	}

	/** Say how it would do at a place. */
	aim(place, point = {}) {
		Object.assign(this, { place, point });
		const { board, hand, tip } = this;
		const judged = place && hand.judge(place);
		board.view.aim(place, hand.subject.slots, judged?.verdict);
		tip.hidden = !judged;
		if (!judged) return board.say("");
		tip.textContent = judged.sentence;
		tip.dataset.verdict = judged.verdict;
		this.put_tip(point);
		const said = __("{0}: {1}", [slot_said(board.model, place), judged.sentence]);
		board.say(said, judged.verdict);
		if (point.speaks) board.announce(said);
		return judged;
	}

	put_tip({ x, y, cell }) {
		const { tip } = this;
		if (!tip.isConnected) document.body.append(tip);
		const box = cell?.getBoundingClientRect();
		const [left, top] = box ? [box.left, box.bottom + 6] : [(x ?? 0) + 14, (y ?? 0) + 44];
		const { width, height } = tip.getBoundingClientRect();
		tip.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
		tip.style.top = `${top + height > innerHeight - 8 ? top - height - 60 : top}px`;
	}

	async drop(place) {
		const { board, hand } = this;
		await hand.ready.catch(() => {});
		if (this.hand !== hand) return;
		const judged = hand.judge(place);
		if (judged.verdict === "here" || this.refuses(judged)) {
			this.put_back();
			if (judged.verdict !== "here") board.refuse(judged.sentence);
			return;
		}
		this.end();
		const report = await drop(board, hand, place, judged);
		const { booking } = hand.subject;
		if (report && place.date === board.date) board.view.go(place);
		else if (booking && !report) board.go_to(booking, { focus: true });
	}

	refuses({ verdict }) {
		return CLOSED.has(verdict) || (this.hand.swapping && verdict !== "swap");
	}

	put_back() {
		const { hand, board } = this;
		if (!hand) return;
		const { key, booking } = hand.subject;
		this.end();
		board.announce(__("{0} stays where it was.", [hand.subject.name]));
		if (booking) board.go_to(booking, { focus: true });
		else board.side.focus_on(key);
	}

	/** Nothing is held any more. */
	end() {
		const { view } = this.board;
		Object.assign(this, { hand: null, place: null });
		this.bar.hidden = true;
		this.tip.hidden = true;
		this.tip.remove();
		view.aim(null);
		view.mark_held(null);
		view.paint(null);
		this.board.say("");
	}

	/** The schedule is another one now: what is held may have changed, and what fits has. */
	renew(model) {
		const { hand } = this;
		if (!hand) return;
		const { subject, swapping, from } = hand;
		const gone = why_gone(subject, model);
		if (gone) {
			this.end();
			this.board.refuse(gone);
			return;
		}
		const now = subject.booking && model.booking(subject.booking.booking);
		if (now && was_moved(subject.booking, now))
			this.board.refuse(
				__("{0} was moved by somebody else, and is at {1} now. It is still in hand.", [
					subject.name,
					model.times.say(now.start),
				])
			);
		const { place } = this;
		this.lift(now ? of_booking(now) : subject, { swapping, from });
		this.place = place;
	}
}

const was_moved = (then, now) => then.start !== now.start || then.slots !== now.slots;

/** Why what is held cannot be placed any more, in a sentence, or null. */
function why_gone({ kind, key, name }, model) {
	if (kind === "booking" && !model.booking(key))
		return __("{0} was cancelled by somebody else, and is no longer in hand.", [name]);
	if (kind === "request" && !model.unplaced.some(({ request }) => request === key))
		return __("{0} was given a time by somebody else, and is no longer in hand.", [name]);
	return null;
}
