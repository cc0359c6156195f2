// Check: what is wrong with the offers, errors first; each kind opens to its rows, with the repair in place.

import { el, number } from "../dom.js";
import { Finding } from "./check_finding.js";
import { Forecast } from "./check_forecast.js";

const API = "/api/method/ouderavond.api.offers.check.export";

export class CheckTab {
	static key = "check";
	static label = () => __("Check");

	constructor(page, parent) {
		this.page = page;
		this.parent = parent;
		this.scope = {};
		this.opened = new Map();
		this.turn = 0;
		this.make();
	}

	make() {
		this.program = this.choice(__("Program", null, "Offers"), () =>
			this.narrow({ program: this.program.value, group: "" })
		);
		this.group = this.choice(__("Class"), () => this.narrow({ group: this.group.value }));
		const button = (text, click) =>
			el("button", { type: "button", class: "btn btn-default btn-sm", text, on: { click } });
		this.state = el("p", { class: "oa-check-state", role: "status" });
		this.list = el("div", { class: "oa-check-list" });
		this.fine = el("details", { class: "oa-check-fine text-muted" });
		this.forecast = new Forecast(this.page);
		this.parent.append(
			el(
				"div",
				{ class: "oa-check-bar" },
				labelled(__("Program", null, "Offers"), this.program),
				labelled(__("Class"), this.group),
				el("span", { class: "oa-gap" }),
				button(__("Check Again"), () => this.refresh()),
				button(__("Export to Excel"), () => this.export("xlsx")),
				button(__("Export to CSV"), () => this.export("csv"))
			),
			this.state,
			this.list,
			this.fine,
			this.forecast.root
		);
	}

	choice(label, change) {
		return el("select", { class: "form-control input-sm", "aria-label": label, on: { change } });
	}

	async show([code] = []) {
		this.wanted = code;
		if (!this.findings) await this.refresh();
		else this.open_wanted();
	}

	narrow(values) {
		Object.assign(this.scope, values);
		return this.refresh();
	}

	/** What is counted quickly first, what takes a while after it. */
	async refresh() {
		const turn = ++this.turn;
		this.state.textContent = __("Checking…");
		this.list.setAttribute("aria-busy", "true");
		const read = (slow) => this.page.read("check.read", { ...this.scope, slow });
		try {
			const answer = await read(0);
			if (turn !== this.turn) return;
			this.offer_choices(answer.programs);
			this.findings = answer.findings;
			this.draw(true);
			const rest = await read(1);
			if (turn !== this.turn) return;
			this.findings = [...this.findings, ...rest.findings];
			this.draw(false);
		} catch {
			if (turn === this.turn) this.state.textContent = __("This could not be checked. Try again.");
		} finally {
			if (turn === this.turn) this.list.removeAttribute("aria-busy");
		}
	}

	offer_choices(programs) {
		const { program = "", group = "" } = this.scope;
		const names = programs.map((one) => one.name).filter(Boolean);
		const classes = programs
			.filter((one) => !program || one.name === program)
			.flatMap((one) => one.classes);
		fill(this.program, __("All programs"), names, program);
		fill(this.group, __("All classes"), classes, group);
	}

	draw(more) {
		const found = this.findings.filter((one) => one.number);
		this.state.textContent = state_of(found, more);
		this.state.classList.toggle("oa-check-well", !found.length && !more);
		const opened = new Set(
			[...this.opened.values()].filter((one) => one.is_open).map((one) => one.data.code)
		);
		const focused = document.activeElement?.dataset?.finding;
		const kept = new Map();
		for (const data of found) {
			const finding = this.opened.get(data.code) || new Finding(this, data);
			finding.update(data);
			kept.set(data.code, finding);
		}
		this.opened = kept;
		this.list.replaceChildren(...[...kept.values()].map((one) => one.root));
		for (const code of opened) kept.get(code)?.open();
		if (focused) kept.get(focused)?.head.focus();
		this.draw_fine();
		if (!more) this.open_wanted();
	}

	draw_fine() {
		const fine = this.findings.filter((one) => !one.number);
		this.fine.hidden = !fine.length;
		this.fine.replaceChildren(
			el("summary", { text: __("Also looked at, and in order: {0}", [number(fine.length)]) }),
			el("ul", {}, ...fine.map((one) => el("li", { text: one.title })))
		);
	}

	open_wanted() {
		if (!this.wanted) return;
		this.opened.get(this.wanted)?.open();
		this.wanted = null;
	}

	export(type, code) {
		const query = new URLSearchParams({ evening: this.page.evening, file_type: type, ...this.scope });
		if (code) query.set("code", code);
		window.open(`${API}?${query}`);
	}
}

function labelled(text, control) {
	return el("label", { class: "oa-check-choice" }, el("span", { class: "text-muted", text }), control);
}

function fill(select, all, values, chosen) {
	const option = (value, text) => el("option", { value, text });
	select.replaceChildren(option("", all), ...values.map((value) => option(value, value)));
	select.value = values.includes(chosen) ? chosen : "";
}

function state_of(found, more) {
	if (more && !found.length) return __("Nothing found so far. Still looking at the lessons…");
	if (!found.length) return __("All in order.");
	const count = (severity) => found.filter((one) => one.severity === severity).length;
	const text = __("{0} kinds of errors, {1} of warnings and {2} of notes.", [
		number(count("error")),
		number(count("warning")),
		number(count("note")),
	]);
	return more ? `${text} ${__("Still looking at the lessons…")}` : text;
}
