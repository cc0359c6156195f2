// Moving and cancelling one of my conversations.

import { call } from "../calls";
import { say, texts } from "../texts";
import { Attempt } from "./attempt";
import { ask } from "./dialog";
import { joining } from "./joining";

const BACK = ["", texts.booking_back, "btn-default"];

export class Moving {
	constructor(panel) {
		this.panel = panel;
		this.attempt = new Attempt("ouderavond.api.table.move");
	}

	/** Whether the conversation of a column is being moved. */
	is(column) {
		return Boolean(this.booking) && column.booking === this.booking;
	}

	/** What can be done with a conversation: asked in a dialog. */
	async offer(row) {
		const { rules } = this.panel.model;
		const answers = row.can_change
			? [
					["move", texts.booking_move, "btn-primary"],
					["cancel", texts.booking_cancel, "btn-default"],
					BACK,
				]
			: [BACK];
		const lines = [row.why_not || rules.change_sentence];
		const answer = await ask(this.title(row), lines, answers, joining(row));
		if (answer === "move") this.start(row);
		if (answer === "cancel") await this.cancel(row);
	}

	/** Have another time chosen in the column of a conversation. */
	start(row) {
		if (!row.can_change) {
			this.panel.say_status(row.why_not, "problem");
			return;
		}
		this.booking = row.booking;
		this.panel.show_child_of(row.offer);
		this.panel.say_status("");
		this.panel.update();
		this.panel.focus(row.offer, row.start);
	}

	/** Say what is being moved, as the table now has it; it may have been moved or cancelled elsewhere. */
	update() {
		const row = this.booking && this.panel.model.mine(this.booking);
		if (!row) this.booking = null;
		this.panel.bar.say_moving(row ? say("booking_move_choose", this.title(row)) : "");
	}

	stop() {
		this.booking = null;
		this.panel.update();
		this.panel.bar.focus();
	}

	/** A start was chosen: of the conversation being moved, or of a column in which something is booked. */
	async pick(row, offer, start) {
		const { model } = this.panel;
		if (offer !== row.offer) {
			this.panel.say_status(say("booking_move_other", this.title(row)), "problem");
			return;
		}
		if (!row.can_change) {
			this.panel.say_status(row.why_not, "problem");
			return;
		}
		const question = say("booking_move_ask", this.title(row), model.time_label(start));
		const answers = [["move", texts.booking_move_do, "btn-primary"], BACK];
		if (await ask(question, [], answers)) await this.move(row, start);
	}

	async move(row, start, accepted = 0) {
		this.panel.say_status(texts.booking_moving);
		const { booking } = row;
		const values = { booking, role: this.panel.role, start, accepted };
		const { answer, problem, unknown } = await this.attempt.send(values);
		if (answer?.status === "warning") {
			this.panel.say_status("");
			const answers = [["accept", texts.booking_move_accept, "btn-primary"], BACK];
			if (await ask(answer.message, answer.warnings, answers)) await this.move(row, start, 1);
			return;
		}
		if (answer?.status === "moved") this.stop();
		this.tell(answer, unknown ? texts.booking_unknown_change : problem);
	}

	async cancel(row) {
		const answers = [BACK, ["cancel", texts.booking_cancel_do, "btn-danger"]];
		if (!(await ask(say("booking_cancel_ask", this.title(row)), [], answers))) return;
		const { booking } = row;
		const { answer, problem, status } = await call("ouderavond.api.table.cancel", {
			booking,
			role: this.panel.role,
		});
		this.tell(answer, status === 0 ? texts.booking_unknown_change : problem);
	}

	tell(answer, problem) {
		const done = ["moved", "cancelled"].includes(answer?.status);
		const said = done ? answer.message : problem;
		const lines = (answer?.refused || []).map(({ sentence }) => sentence).filter((one) => one !== said);
		this.panel.say_status(said, done ? "done" : "problem", lines);
		this.panel.bar.focus();
		return this.panel.refresh();
	}

	title(row) {
		return say("booking_choice", this.panel.model.time_label(row.start), row.subject, row.name);
	}
}
