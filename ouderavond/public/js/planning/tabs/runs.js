// Runs: calculate schedules, watch them, compare them, apply one, and go back to the state before.

import { ask } from "../../offers/dialogs.js";
import { el, moment_text, number } from "../../offers/dom.js";
import { Comparison } from "./runs_compare.js";
import { button, RunForm } from "./runs_form.js";
import { RunList, sentences } from "./runs_list.js";
import { LiveRun } from "./runs_live.js";

export class RunsTab {
	static key = "runs";
	static label = () => __("Runs", null, "Planning");
	// As many runs are compared at once.
	static most = 6;

	/** The names of runs, the first one first. */
	static in_order(rows) {
		return [...rows].sort((one, other) => one.on.localeCompare(other.on)).map((row) => row.name);
	}

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
		this.rows = [];
		this.make();
	}

	make() {
		this.back = el("div", { class: "oa-runs-applied", hidden: true });
		this.form_holder = el("details", { class: "oa-runs-start" });
		this.form_holder.append(el("summary", { text: __("Start a run") }));
		this.live = new LiveRun(this);
		this.comparison = new Comparison(this);
		this.list_holder = el("div", { class: "oa-runs-list" });
		this.parent.append(
			this.back,
			this.form_holder,
			this.live.root,
			el("h4", { text: __("Runs", null, "Planning") }),
			this.list_holder,
			this.comparison.root
		);
		this.list = new RunList(this, this.list_holder);
	}

	async show([run] = []) {
		if (!this.info) await this.read_form();
		await this.list.table.ready;
		const going = this.rows.find((row) => row.going_on && row.state !== "Waiting");
		const asked = run && this.rows.find((row) => row.name === run);
		if (asked && !asked.going_on && asked.placed) await this.comparison.open([run]);
		if (going) await this.live.follow(going.name);
		this.form_holder.open = !this.rows.length;
	}

	async read_form() {
		this.info = await this.page.read("runs.begin");
		this.form?.root.remove();
		if (this.page.read_only) {
			this.form_holder.hidden = true;
			return;
		}
		this.form = new RunForm(this, this.info);
		this.form_holder.append(this.form.root);
	}

	async read_rows() {
		this.rows = await this.page.read("runs.listing");
		const applied = await this.page.read("runs.applied").catch(() => null);
		this.show_applied(applied);
		for (const row of this.rows) row.applied = row.name === applied?.run;
		return this.rows;
	}

	show_applied(applied) {
		const run = applied && this.rows.find((row) => row.name === applied.run);
		this.back.hidden = !run || this.page.read_only;
		if (this.back.hidden) return;
		this.back.replaceChildren(
			el("span", {
				text: __("“{0}” was applied by {1}, {2}.", [run.title, applied.by, moment_text(applied.on)]),
			}),
			button(__("Go Back to the State Before"), "btn-default btn-xs", () =>
				this.page.constructor.undo(this.page, applied)
			)
		);
	}

	/** Whether what is planned now comes from a run. */
	is_applied(run) {
		return this.rows.some((row) => row.name === run && row.applied);
	}

	/** The schedule or the runs changed. */
	async refresh() {
		await this.list.refresh();
		if (!this.live.run) {
			const going = this.rows.find((row) => row.going_on && row.state !== "Waiting");
			if (going) await this.live.follow(going.name);
		}
	}

	/** A run was started here. */
	async begun(run) {
		this.form_holder.open = false;
		this.comparison.close();
		await this.list.refresh();
		const going = this.rows.find((row) => row.going_on && row.state !== "Waiting");
		await this.live.follow(going?.name || run);
		this.live.root.scrollIntoView({ block: "nearest" });
	}

	/** The run that was followed has ended: the next one, if any, goes on. */
	async ended(found) {
		await this.list.refresh();
		const next = this.rows.find((row) => row.going_on);
		if (next) {
			await this.live.follow(next.name);
			return;
		}
		frappe.show_alert({
			message: frappe.utils.escape_html(
				found.placed
					? __("“{0}” has ended: {1} of {2} conversations have a time.", [
							found.title,
							number(found.placed),
							number(found.total),
						])
					: __("“{0}” has ended without a schedule.", [found.title])
			),
			indicator: found.placed ? "green" : "red",
		});
		const batch = this.rows.filter((row) => row.placed && !row.going_on && row.batch === found.batch);
		if (found.batch && batch.length > 1)
			await this.comparison.open(RunsTab.in_order(batch).slice(0, RunsTab.most));
		else if (found.placed) await this.comparison.open([found.name]);
	}

	/** Apply a run, after showing what that changes. */
	async apply(run) {
		const found = await this.page.read("runs.summary", { run }).catch(() => null);
		if (!found) return;
		const body = el("div", {}, sentences(found.lines), told_of(found.told));
		if (found.refusal) {
			body.prepend(el("p", { class: "oa-notice", role: "alert", text: found.refusal }));
			await ask({ title: __("This Run Is Out of Date"), body, primary_label: __("Close") });
			return;
		}
		const title = __("Apply “{0}”", [found.title]);
		if (!(await ask({ title, body, primary_label: __("Apply") }))) return;
		const report = await this.page.change(
			"runs.apply",
			{ run },
			{ progress_title: __("Booking conversations") }
		);
		if (report) await this.list.refresh();
	}
}

function told_of(rows) {
	if (!rows.length) return "";
	return el(
		"details",
		{},
		el("summary", { text: __("Of whom people were told another time") }),
		el(
			"ul",
			{},
			...rows.map((row) =>
				el("li", {
					text: row.to
						? __("{0}, {1}: {2} becomes {3}", [row.student, row.subject, row.from, row.to])
						: __("{0}, {1}: {2} is cancelled", [row.student, row.subject, row.from]),
				})
			)
		)
	);
}
