// A proposal: figures, before and after by household or by instructor, what has no place, and carrying it out.

import { el, number } from "../../offers/dom.js";
import { confirm } from "../../offers/dialogs.js";

export class Proposal {
	constructor(tab, state) {
		this.tab = tab;
		this.page = tab.page;
		this.state = state;
		this.proposal = state.proposal;
		this.by = "household";
		this.make();
	}

	make() {
		const { title, sentence, notes, proven, rows } = this.proposal;
		this.list = el("div", { class: "oa-disruption-groups" });
		const go = el("button", {
			type: "button",
			class: "btn btn-primary btn-sm",
			text: __("Carry Out…"),
			disabled: this.page.read_only,
			on: { click: () => this.carry_out() },
		});
		this.root = el(
			"section",
			{ class: "oa-disruption-proposal" },
			el("h3", { text: title, tabindex: "-1", "data-focus": true }),
			el("p", { class: "oa-disruption-sentence", text: sentence }),
			proven &&
				rows.length > 0 &&
				el("p", {
					class: "text-muted",
					text: __("It is proven that nothing better exists within what you chose."),
				}),
			notes.map((note) => el("p", { class: "oa-notice", text: note })),
			el("p", { class: "text-muted", text: this.who_is_told() }),
			this.lost(),
			el("div", { class: "oa-disruption-actions" }, go, this.tab.again(this.state.wish)),
			rows.length ? this.grouping() : null,
			this.list
		);
		this.draw();
	}

	who_is_told() {
		const { figures, told } = this.proposal;
		if (!told)
			return __("The schedule has not been published: nobody knows these times, and nobody is told.");
		if (!figures.told) return __("Nobody knows these times yet, and nobody is told.");
		if (this.state.obstacle) {
			return __("{0} You get a list of whom to phone.", [this.state.obstacle]);
		}
		return __(
			"{0} households and {1} instructors are concerned; each gets one letter, and nobody else does.",
			[number(figures.households), number(figures.instructors)]
		);
	}

	// What has no place

	lost() {
		const rows = this.proposal.rows.filter((row) => !row.after);
		if (!rows.length) return null;
		this.chosen = new Map();
		const helped = rows.filter((row) => row.alternatives.length);
		this.again = el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			hidden: true,
			on: { click: () => this.instead(this.chosen) },
		});
		const whoever = helped.map((row) => [row.booking, { choice: "substitute", substitute: null }]);
		const all = el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			text: __("Give Them to Whoever Is Free"),
			disabled: this.page.read_only,
			on: { click: () => this.instead(new Map(whoever)) },
		});
		return el(
			"section",
			{ class: "oa-disruption-lost" },
			el("h4", { text: __("Without a place ({0})", [number(rows.length)]) }),
			el(
				"ul",
				{},
				rows.map((row) =>
					el(
						"li",
						{},
						el("b", { text: `${row.name}, ${row.class}` }),
						` · ${row.subject} · ${when(row.before)}`,
						el("div", { class: "text-muted", text: row.reason }),
						el(
							"div",
							{ role: "group", "aria-label": __("Who takes over: {0}", [row.name]) },
							row.alternatives.map((one) => this.alternative(row, one))
						)
					)
				)
			),
			helped.length ? el("div", { class: "oa-disruption-actions" }, all, this.again) : null
		);
	}

	alternative(row, one) {
		const why = { teaches: __("teaches the child"), subject: __("teaches the subject") }[one.relation];
		const text = why
			? __("{0} takes it over ({1})", [one.title, why])
			: __("{0} takes it over", [one.title]);
		return el("button", {
			type: "button",
			class: "btn btn-default btn-xs",
			text,
			"aria-pressed": "false",
			disabled: this.page.read_only,
			on: { click: (event) => this.choose(row, one, event.currentTarget) },
		});
	}

	/** Several choices are made first, since each search takes some seconds. */
	choose(row, { choice, substitute }, button) {
		const pressed = button.getAttribute("aria-pressed") === "true";
		for (const other of button.parentElement.children) other.setAttribute("aria-pressed", "false");
		if (pressed) this.chosen.delete(row.booking);
		else {
			button.setAttribute("aria-pressed", "true");
			this.chosen.set(row.booking, { choice, substitute });
		}
		this.again.hidden = !this.chosen.size;
		this.again.textContent = __("Look Again with These Choices ({0})", [number(this.chosen.size)]);
	}

	/** Propose again, with other choices for single conversations. */
	instead(choices) {
		const { wish } = this.state;
		const each = { ...wish.each, ...Object.fromEntries(choices) };
		return this.tab.propose({ ...wish, each }).catch(() => {});
	}

	// Before and after

	grouping() {
		const button = (key, label) =>
			el("button", {
				type: "button",
				class: "btn btn-default btn-xs",
				"aria-pressed": String(this.by === key),
				"data-by": key,
				text: label,
				on: {
					click: () => {
						this.by = key;
						this.draw();
					},
				},
			});
		return el(
			"div",
			{ class: "oa-disruption-by", role: "group", "aria-label": __("Show by") },
			button("household", __("By Household")),
			button("instructor", __("By Instructor"))
		);
	}

	draw() {
		for (const one of this.root.querySelectorAll("[data-by]"))
			one.setAttribute("aria-pressed", String(one.dataset.by === this.by));
		const groups = this.by === "household" ? this.households() : this.instructors();
		this.list.replaceChildren(...groups.map(([title, rows]) => this.group(title, rows)));
	}

	households() {
		const found = new Map();
		for (const row of this.proposal.rows) {
			if (!found.has(row.household)) found.set(row.household, [row.guardians || row.name, []]);
			found.get(row.household)[1].push(row);
		}
		return sorted([...found.values()]);
	}

	instructors() {
		const found = new Map();
		for (const row of this.proposal.rows) {
			for (const side of [row.before, row.after]) {
				(side?.names || []).forEach((name, i) => {
					const key = side.instructors[i];
					if (!found.has(key)) found.set(key, [name, []]);
					const rows = found.get(key)[1];
					if (!rows.includes(row)) rows.push(row);
				});
			}
		}
		return sorted([...found.values()]);
	}

	group(title, rows) {
		return el(
			"section",
			{ class: "oa-disruption-group" },
			el("h4", { text: title }),
			el(
				"ul",
				{},
				rows.map((row) =>
					el(
						"li",
						{ class: row.after ? "" : "oa-disruption-gone" },
						el("div", { text: [row.name, row.class, row.subject].filter(Boolean).join(" · ") }),
						el(
							"div",
							{ class: "oa-disruption-change" },
							side(row.before, "before"),
							arrow(),
							after(row)
						),
						!row.affected &&
							el("small", { class: "text-muted", text: __("Moves to make room for another.") })
					)
				)
			)
		);
	}

	async carry_out() {
		const said = `${this.proposal.sentence} ${this.who_is_told()}`;
		const sure = await confirm(said, { title: this.proposal.title, primary_label: __("Carry Out") });
		if (sure) await this.tab.confirm(this.state.run);
	}
}

function sorted(groups) {
	return groups.sort(([one], [other]) => one.localeCompare(other));
}

function when({ date, time, names, place }) {
	return [`${date} ${time}`, names.join(", "), place].filter(Boolean).join(" · ");
}

function side(one, name) {
	const hidden = name === "before" ? __("before:") : __("after:");
	return el(
		name === "before" ? "del" : "ins",
		{},
		el("span", { class: "sr-only", text: `${hidden} ` }),
		when(one)
	);
}

function arrow() {
	return el("span", { "aria-hidden": "true", text: " → " });
}

function after(row) {
	return row.after ? side(row.after, "after") : el("strong", { text: __("no place") });
}
