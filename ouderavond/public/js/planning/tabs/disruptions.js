// The day it goes wrong, step by step: what happened, a proposal with before and after, carried out, whom to phone.
//
// /disruptions/<kind>/<instructor or room>  begins with what is known already: ill, later, room_closed, date_moved
// /disruptions/run/<run>                    shows what is looked for, proposed, or was done

import { el } from "../../offers/dom.js";
import { Form } from "./disruptions_form.js";
import { Proposal } from "./disruptions_proposal.js";
import { Result } from "./disruptions_result.js";

const LOOK_MS = 1000;

export class DisruptionsTab {
	static key = "disruptions";
	static label = () => __("Something Happened", null, "Planning");

	constructor(page, parent) {
		this.page = page;
		this.root = el("div", { class: "oa-disruptions" });
		this.status = el("div", { class: "sr-only", role: "status" });
		parent.append(this.status, this.root);
	}

	async show([what, who] = []) {
		if (what === "run" && who) return this.show_run(who);
		if (this.form && !what) return this.put(this.form.root);
		await this.begin({ kind: what, who });
	}

	/** Others changed something: a form that was begun stays, and what it knows of the evening is read again. */
	async refresh() {
		if (this.shown === this.form?.root) this.form.know(await this.page.read("disruptions.begin"));
	}

	async begin(known = {}, wish = null) {
		const evening = await this.page.read("disruptions.begin");
		this.form = new Form(this, evening, known, wish);
		this.put(this.form.root);
	}

	put(element, { focus = false } = {}) {
		this.shown = element;
		this.root.replaceChildren(element);
		if (focus) element.querySelector("[data-focus]")?.focus();
	}

	say(text) {
		this.status.textContent = text;
	}

	// Looking

	async propose(wish) {
		const { run } = await this.page.call("disruptions.propose", { wish });
		this.page.go("disruptions", "run", run);
	}

	async show_run(run) {
		this.run = run;
		this.put(el("p", { class: "text-muted", text: __("Loading…") }));
		for (;;) {
			const state = await this.page.read("disruptions.state", { run });
			if (this.run !== run || this.page.active !== "disruptions") return;
			if (state.done) return this.show_result(run);
			if (state.state === "Ready") return this.show_proposal(state);
			if (!["Queued", "Running", "Finished"].includes(state.state)) return this.show_failure(state);
			this.show_progress(state);
			await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
		}
	}

	show_progress(state) {
		const seconds = Math.round(state.seconds || 0);
		const said =
			state.state === "Queued"
				? __("Waiting for a worker…")
				: __("Looking for the smallest change: {0} seconds…", [seconds]);
		if (this.progress?.root.isConnected && this.progress.run === state.run) {
			this.progress.text.textContent = said;
			return;
		}
		const text = el("p", { text: said });
		const bar = el("progress", { "aria-label": __("Looking for the smallest change") });
		const stop = el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			text: __("Stop Looking"),
			on: { click: () => this.page.call("disruptions.cancel", { run: state.run }) },
		});
		const root = el("section", { class: "oa-disruption-looking" }, text, bar, stop);
		this.progress = { root, text, run: state.run };
		this.put(root);
		this.say(__("Looking for the smallest change."));
	}

	show_failure(state) {
		const said = state.message || __("The search stopped before there was a proposal.");
		this.put(
			el(
				"section",
				{ class: "oa-disruption-failed" },
				el("p", { class: "oa-notice", role: "alert", text: strip(said) }),
				this.again(state.wish)
			)
		);
	}

	again(wish) {
		return el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			text: __("Change and Look Again"),
			on: { click: () => this.back(wish) },
		});
	}

	async back(wish) {
		this.run = null;
		await this.begin({}, wish);
		this.page.go("disruptions");
	}

	// The proposal, and what became of it

	show_proposal(state) {
		const proposal = new Proposal(this, state);
		this.put(proposal.root, { focus: true });
		this.say(state.proposal.sentence);
	}

	async confirm(run) {
		const report = await this.page.change(
			"disruptions.confirm",
			{ run },
			{ progress_title: __("Carrying Out"), quiet: true }
		);
		if (report) await this.show_run(run);
	}

	async show_result(run) {
		const found = await this.page.read("disruptions.result", { run });
		this.put(new Result(this, found).root, { focus: true });
		this.say(found.title);
	}
}

function strip(html) {
	const element = document.createElement("div");
	element.innerHTML = frappe.utils.xss_sanitise(html);
	return element.textContent;
}
