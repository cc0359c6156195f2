// The run that goes on: how far it is, how good, and how good it could be at most; stopping it keeps the best.

import { confirm } from "../../offers/dialogs.js";
import { el, number } from "../../offers/dom.js";
import { Chart } from "./runs_chart.js";
import { button, duration } from "./runs_form.js";

const POLL_MS = 2500;

const phases = () => ({
	placement: __("Deciding who gets a time"),
	prices: __("Proving how good it can be"),
	columns: __("Proving how good it can be"),
	evenings: __("Shortening the evenings of families"),
	selection: __("Choosing among the evenings found"),
	counts: __("Proving how good it can be"),
	instructors: __("Improving the evenings of instructors"),
	done: __("Checking the result"),
});

export class LiveRun {
	constructor(tab) {
		this.tab = tab;
		this.page = tab.page;
		this.chart = new Chart();
		this.title = el("h4", {});
		this.state = el("p", { class: "oa-runs-state", role: "status" });
		this.bar = el("progress", { max: 100, value: 0, "aria-label": __("Conversations placed") });
		this.waiting = el("p", { class: "text-muted" });
		this.stop = button(__("Stop and Keep the Best"), "btn-default", () => this.cancel());
		this.stop_all = button(__("Stop All"), "btn-default", () => this.cancel(true));
		this.root = el(
			"section",
			{ class: "oa-runs-live", "aria-label": __("The run that goes on"), hidden: true },
			el("div", { class: "oa-runs-live-head" }, this.title, this.stop, this.stop_all),
			this.state,
			this.bar,
			this.chart.root,
			this.waiting
		);
		frappe.realtime.on("ouderavond_run", (message) => {
			if (message.run === this.run && !this.looking) this.look_soon(200);
		});
	}

	/** Follow a run, until it ends. */
	async follow(run) {
		if (run !== this.run) {
			this.run = run;
			this.points = [];
			this.chart.show([], {});
		}
		await this.look();
	}

	look_soon(delay) {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.look(), delay);
	}

	async look() {
		if (!this.run || this.looking) return;
		const run = this.run;
		clearTimeout(this.timer);
		this.looking = true;
		const since = this.points.length;
		const found = await this.page.read("runs.read", { run, since }).catch(() => null);
		this.looking = false;
		if (run !== this.run) return;
		if (found) this.show(found);
		if (found && !found.going_on) await this.ended(found);
		else if (this.page.root.isConnected) this.look_soon(POLL_MS);
	}

	show(found) {
		this.points = [...this.points.slice(0, found.since), ...found.points];
		this.root.hidden = false;
		this.title.textContent = found.title;
		this.stop.hidden = !found.going_on;
		this.state.textContent = text_of(found);
		this.bar.max = Math.max(1, found.total);
		this.bar.value = found.placed || 0;
		this.chart.show(this.points, { limit: found.time_limit, done: !found.going_on });
		const others = this.tab.rows.filter((row) => row.going_on && row.name !== found.name).length;
		this.stop_all.hidden = !others;
		this.waiting.textContent = others
			? __("{0} more runs begin one after the other when this one ends.", [number(others)])
			: "";
	}

	async ended(found) {
		this.run = null;
		await this.tab.ended(found);
	}

	hide() {
		this.run = null;
		this.root.hidden = true;
	}

	async cancel(all = false) {
		const question = all
			? __("Stop this run, which keeps its best schedule, and all that wait for it?")
			: __("Stop now and keep the best schedule so far?");
		if (!(await confirm(question, { title: __("Stop"), primary_label: __("Stop") }))) return;
		const done = await this.page
			.call("runs.cancel", all ? {} : { run: this.run })
			.then(() => true)
			.catch(() => false);
		if (done) this.state.textContent = __("It stops in a moment.");
		await this.tab.refresh();
	}
}

function text_of(run) {
	if (run.state === "Waiting") return __("Waits for another run to end.");
	if (run.state === "Queued") return __("Waiting for a worker…");
	if (!run.going_on) return __(run.state);
	return [
		phases()[run.phase] || __("Working"),
		__("{0} of {1} placed", [number(run.placed), number(run.total)]),
		run.seconds_left != null ? __("at most {0} left", [duration(Math.ceil(run.seconds_left))]) : "",
	]
		.filter(Boolean)
		.join(" · ");
}
