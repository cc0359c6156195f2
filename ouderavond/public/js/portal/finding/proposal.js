// What is held for the reader: the conversations in order with the waiting in between, and the time that is left.

import { button, el, put, write } from "../booking/dom";
import { say, texts } from "../texts";
import { Clock, clock } from "./clock";

const MINUTE = 60;
const WARNING = 30;

export class Proposal {
	/** @param {object} actions functions: accept, extend, leave, again; announce; over, when the time has run out */
	constructor(level, actions) {
		this.actions = actions;
		this.title = el(`h${level}`, { tabindex: "-1" }, texts.find_held);
		this.message = el("p");
		this.list = el("div");
		this.left = el("p", { class: "oa-find-left", role: "timer" });
		this.status = el("p", { class: "oa-status" });
		this.accept = button(texts.find_accept, actions.accept, "btn-primary");
		this.extend = button(texts.find_extend, actions.extend);
		this.leave = button(texts.find_leave, actions.leave);
		this.again = button(texts.find_again, actions.again, "btn-primary");
		this.element = el(
			"section",
			{ class: "oa-find-proposal", "aria-label": texts.find_held, hidden: true },
			this.title,
			this.message,
			el(
				"div",
				{ class: "oa-find-actions" },
				this.left,
				this.status,
				el("p", { class: "oa-find-buttons" }, this.accept, this.extend, this.leave, this.again)
			),
			this.list
		);
		this.clock = new Clock((seconds) => this.tick(seconds));
	}

	/** Show a hold of the table; `message` is what the server said when it found it. */
	show(hold, data, message = "") {
		const is_new = this.hold?.hold !== hold.hold;
		const is_longer = !is_new && hold.expires !== this.hold.expires;
		this.hold = hold;
		this.fill(data);
		this.offer(true);
		if (is_new) write(this.message, message);
		if (is_new || is_longer) {
			this.warned = false;
			this.say(say("find_held_until", duration(hold.seconds)));
		}
		put(this.extend, "hidden", !hold.may_extend);
		this.clock.start(hold.seconds);
	}

	/** Nothing is held any more. */
	hide() {
		this.clock.stop();
		this.hold = null;
		put(this.element, "hidden", true);
	}

	/** Whether a hold of the table is one whose time is over here: the server's clock may be a second behind. */
	is_over(hold) {
		return hold.hold === this.over && !hold.seconds;
	}

	/** What was held is not held any more: say so and offer to look again. */
	end(sentence) {
		const had_focus = this.element.contains(document.activeElement);
		this.clock.stop();
		this.hold = null;
		this.offer(false);
		write(this.left, "");
		this.say(sentence, "problem");
		if (had_focus) this.again.focus();
	}

	/** What was held is not there any more: its time is over, or it was given up somewhere else. */
	gone() {
		this.end(this.clock.is_over ? texts.find_over : texts.find_gone);
	}

	offer(is_held) {
		put(this.element, "hidden", false);
		put(this.element, "data-ended", !is_held);
		for (const part of [this.accept, this.extend, this.leave, this.left]) put(part, "hidden", !is_held);
		put(this.again, "hidden", is_held);
	}

	tick(seconds) {
		write(this.left, say("find_time_left", clock(seconds)));
		put(this.element, "data-warning", seconds <= WARNING);
		if (!seconds) {
			this.over = this.hold.hold;
			this.end(texts.find_over);
			this.actions.over();
		} else if (seconds <= WARNING && !this.warned) {
			this.warned = true;
			this.say(this.hold.may_extend ? texts.find_warning : texts.find_last, "problem");
		}
	}

	// Announced where there is always a live region: what appears together with its text is easily missed.
	say(text, kind = "") {
		this.status.dataset.kind = kind;
		write(this.status, text);
		if (text) this.actions.announce(text);
	}

	busy(on) {
		for (const each of [this.accept, this.extend, this.leave]) {
			put(each, "aria-disabled", on ? "true" : null);
		}
	}

	fill(data) {
		const talks = talks_of(this.hold, data);
		const text = JSON.stringify(talks);
		if (text === this.shown) return;
		this.shown = text;
		const days = data.dates.filter((day) => talks.some((talk) => talk.date === day.date));
		this.list.replaceChildren(
			...days.flatMap((day) => [
				el("p", { class: "oa-find-day" }, day.label),
				el("ol", { class: "oa-find-talks" }, rows(talks.filter((talk) => talk.date === day.date))),
			])
		);
	}
}

function rows(talks) {
	return talks.flatMap((talk, index) => {
		const before = talks[index - 1];
		const gap = before ? minutes_of(talk.start) - minutes_of(before.end) : 0;
		const between = gap > talk.pause && el("li", { class: "oa-find-between" }, say("find_between", gap));
		const place = talk.booked ? texts.find_booked : talk.place;
		const row = el(
			"li",
			{ class: talk.booked ? "oa-find-talk oa-find-booked" : "oa-find-talk" },
			el("span", { class: "oa-find-time" }, talk.time),
			el(
				"span",
				{},
				el("strong", {}, say("find_what", talk.name, talk.subject)),
				el("span", { class: "oa-sub" }, talk.people),
				place && el("span", { class: "oa-sub" }, place)
			)
		);
		return [between, row];
	});
}

// The conversations that are held, and those that the family has on the same dates, in order.
function talks_of(hold, data) {
	const held = hold.basket.map((row) => held_talk(row, data)).filter(Boolean);
	const dates = new Set(held.map(({ date }) => date));
	const booked = data.mine.filter((row) => dates.has(row.date)).map((row) => booked_talk(row, data));
	return [...held, ...booked].sort((one, other) => one.start.localeCompare(other.start));
}

function held_talk({ offer, start, slots }, data) {
	const [date] = start.split("T");
	const child = data.children.find(({ columns }) => columns.some((column) => column.offer === offer));
	const column = child?.columns.find((each) => each.offer === offer);
	if (!column) return null;
	const { minutes, pause } = data.rules;
	const end = later(start, slots * minutes + (slots - 1) * pause);
	const { name } = child;
	const people = column.instructors.join(", ");
	const place = data.rules.mode === "Online" ? "" : column.room?.[date];
	const time = say("find_span", label(start, data), label(end, data));
	return { date, start, end, time, name, subject: column.subject, people, place, pause };
}

function booked_talk(row, data) {
	const { date, start, end, time, name, subject } = row;
	return {
		date,
		start,
		end,
		time,
		name,
		subject,
		people: row.instructors.join(", "),
		pause: data.rules.pause,
		booked: true,
	};
}

// A time as the table writes it, where it is the start of a slot.
function label(moment, data) {
	const [date, time] = moment.split("T");
	const day = data.dates.find((each) => each.date === date);
	return day?.labels[day.starts.indexOf(time)] || time;
}

function later(moment, minutes) {
	const [date] = moment.split("T");
	const total = minutes_of(moment) + minutes;
	const [hours, rest] = [Math.floor(total / MINUTE), total % MINUTE].map((part) =>
		String(part).padStart(2, "0")
	);
	return `${date}T${hours}:${rest}`;
}

function minutes_of(moment) {
	const [hours, minutes] = moment.split("T")[1].split(":").map(Number);
	return hours * MINUTE + minutes;
}

// "2 minutes", "1 minute", or in seconds below that.
function duration(seconds) {
	const minutes = Math.round(seconds / MINUTE);
	if (seconds < MINUTE) return say("find_seconds", seconds);
	return minutes === 1 ? texts.find_minute : say("find_minutes", minutes);
}
