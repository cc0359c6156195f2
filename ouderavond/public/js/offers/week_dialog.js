// Who gives the conversations of a lesson group that had several instructors in the reference week.
//
// choose_instructors(page, cases, {continues}) -> Promise of whether choices were saved
//     cases: answer of ouderavond.api.offers.week.cases; continues: offering goes on afterwards

import { show } from "./dialogs.js";
import { el, number } from "./dom.js";

const FOR_ALL = {
	regular: () => __("Regular only"),
	substitutes: () => __("Substitutes only"),
	together: () => __("All in one conversation"),
	each: () => __("One possibility for each"),
};

/** Open the dialog. */
export function choose_instructors(page, cases, { continues = false } = {}) {
	return new Promise((resolve) => {
		let saved = false;
		const list = new CaseList(cases);
		const dialog = show({
			title: __("Instructors of the Reference Week"),
			body: list.root,
			size: "extra-large",
			primary_action_label: continues ? __("Save and Go On") : __("Save", null, "Offers"),
			async primary_action() {
				if (!list.complete()) return;
				saved = await save(page, list.choices());
				if (saved) dialog.hide();
			},
			secondary_action_label: __("Cancel"),
			secondary_action: () => dialog.hide(),
			on_close: () => resolve(saved),
		});
	});
}

async function save(page, choices) {
	const would = await page.change("week.choose", { choices, dry_run: 1 });
	if (!would) return false;
	const { replaceable, asked } = would.more;
	const replace = replaceable ? await ask_to_replace(replaceable, asked) : 0;
	if (replace === null) return false;
	const report = await page.change("week.choose", { choices, replace }, { quiet: !replace });
	return Boolean(report);
}

/** 1 to replace, 0 to keep, null to go back. */
function ask_to_replace(replaceable, asked) {
	const stays = __(
		"{0} students of these groups have an offer with other instructors. It stays as it is unless it is replaced.",
		[number(replaceable)]
	);
	const more = __("{0} more were requested or booked already, and are not replaced.", [number(asked)]);
	return new Promise((resolve) => {
		let answer = null;
		const close = (value) => {
			answer = value;
			dialog.hide();
		};
		const dialog = show({
			title: __("Offers That Are There Already"),
			body: el("div", {}, el("p", { text: stays }), asked ? el("p", { text: more }) : ""),
			primary_action_label: __("Replace Them"),
			primary_action: () => close(1),
			secondary_action_label: __("Keep Them"),
			secondary_action: () => close(0),
			on_close: () => resolve(answer),
		});
	});
}

class CaseList {
	constructor(cases) {
		this.rows = cases.map((row) => new CaseRow(row));
		this.problem = el("p", { class: "oa-notice", role: "alert", hidden: true });
		this.root = el(
			"div",
			{ class: "oa-cases" },
			el("p", {
				text: __(
					"These groups had several instructors in the reference week. Choose with whom guardians may talk."
				),
			}),
			el(
				"div",
				{ class: "oa-cases-all", role: "group", "aria-label": __("For all groups") },
				el("span", { class: "text-muted", text: __("For all groups:") }),
				Object.entries(FOR_ALL).map(([key, label]) =>
					el("button", {
						type: "button",
						class: "btn btn-default btn-xs",
						data: { all: key },
						text: label(),
						on: { click: () => this.rows.forEach((row) => row.choose(key)) },
					})
				)
			),
			this.problem,
			el("div", { class: "oa-cases-list" }, ...this.rows.map((row) => row.root))
		);
	}

	complete() {
		const empty = this.rows.find((row) => !row.names.length);
		this.problem.hidden = !empty;
		if (empty) {
			this.problem.textContent = __("Choose at least one instructor for {0}.", [empty.row.group]);
			empty.boxes[0].focus();
		}
		return !empty;
	}

	choices() {
		return this.rows.map((row) => row.choice());
	}
}

let last_id = 0;

class CaseRow {
	constructor(row) {
		this.row = row;
		const id = `oa-case-${++last_id}`;
		const chosen = row.chosen || row.usual;
		this.boxes = row.instructors.map((one) =>
			el("input", {
				type: "checkbox",
				value: one.name,
				checked: chosen.includes(one.name),
				on: { change: () => this.show() },
			})
		);
		this.how = el(
			"select",
			{ class: "form-control input-sm", "aria-label": __("How, for {0}", [row.group]) },
			el("option", { value: "1", text: __("All in one conversation") }),
			el("option", {
				value: "0",
				text: __("One possibility for each"),
				selected: row.together === false,
			})
		);
		this.root = el(
			"fieldset",
			{ class: "oa-case", "aria-labelledby": id },
			el(
				"div",
				{ class: "oa-case-group", id },
				el("b", { text: row.group }),
				" ",
				el("span", { text: row.course }),
				el("span", { class: "text-muted", text: __("{0} students", [number(row.students)]) })
			),
			el(
				"div",
				{ class: "oa-case-people" },
				row.instructors.map((one, at) =>
					el("label", {}, this.boxes[at], el("span", {}, ...person(one)))
				)
			),
			el("div", { class: "oa-case-how" }, this.how)
		);
		this.show();
	}

	get names() {
		return this.boxes.filter((box) => box.checked).map((box) => box.value);
	}

	show() {
		this.how.disabled = this.names.length < 2;
	}

	/** One of FOR_ALL; a group without a substitute stays as it is where only substitutes are wanted. */
	choose(key) {
		const roles = { regular: ["Regular"], substitutes: ["Substitute"] }[key] || ["Regular", "Substitute"];
		const wanted = this.row.instructors.map((one) => roles.includes(one.role));
		if (!wanted.some(Boolean)) return;
		this.boxes.forEach((box, at) => (box.checked = wanted[at]));
		this.how.value = key === "each" ? "0" : "1";
		this.show();
	}

	choice() {
		const { group, course } = this.row;
		return { group, course, instructors: this.names, together: Number(this.how.value) };
	}
}

function person({ code, title, role, lessons, hours }) {
	const taught = lessons
		? __("lessons: {0}, hours: {1}", [
				number(lessons),
				Number(hours).toLocaleString(frappe.boot.lang || undefined),
			])
		: __("no lesson in this week");
	return [
		code ? el("b", { text: code }) : "",
		" ",
		title,
		" ",
		role === "Substitute" ? el("span", { class: "oa-tone oa-tone-yellow", text: __("Substitute") }) : "",
		" ",
		el("span", { class: "text-muted", text: taught }),
	];
}
