// A file of offers: choosing or pasting it, what its lines will do, and doing it.

import { el, number } from "../dom.js";
import { Table } from "../table.js";

const MOST_BYTES = 10_000_000;
const EXAMPLE = "21002\tjac11\twi\n21002\tkwl\tne";
const TONES = { new: "green", again: "green", exists: "gray", repeated: "gray", refused: "red" };
const FIGURES = [
	["new", () => __("new")],
	["again", () => __("offered again")],
	["exists", () => __("there already")],
	["repeated", () => __("repeated in the file")],
	["refused", () => __("refused")],
];
const SHOWN = [
	["all", () => __("All lines")],
	["made", () => __("Lines that will be offered")],
	["there", () => __("Lines that are there already")],
	["refused", () => __("Refused lines")],
	["marked", () => __("Lines outside timetable or package")],
];

export class FileImport {
	constructor(page, parent) {
		this.page = page;
		this.body = el("div");
		this.said = el("p", { class: "oa-notice", role: "status", hidden: true });
		parent.append(el("h4", { text: __("From a File") }), this.said, this.body);
		this.choose();
	}

	/** Offers changed elsewhere: what the lines would do may have changed with them. */
	async refresh() {
		if (this.applying) return;
		if (this.seen) await this.look(this.place, this.name);
		// What was told of an earlier file may have been undone.
		else this.tell(null);
	}

	get place() {
		return { file: this.seen.file, checksum: this.seen.checksum };
	}

	tell(text) {
		this.said.hidden = !text;
		this.said.textContent = text || "";
	}

	// Choosing

	choose() {
		this.seen = null;
		this.input = el("input", {
			type: "file",
			class: "oa-file-input",
			accept: ".txt,.tsv,.tab,.csv,text/plain,text/tab-separated-values",
			"aria-label": __("Choose a file"),
			on: { change: () => this.bring(this.input.files[0]) },
		});
		this.text = el("textarea", {
			class: "form-control oa-file-text",
			rows: "5",
			wrap: "off",
			spellcheck: "false",
			placeholder: EXAMPLE,
			"aria-label": __("Lines pasted from a spreadsheet"),
			on: { input: () => this.can_look() },
		});
		this.button = el("button", {
			type: "button",
			class: "btn btn-primary btn-sm",
			text: __("Look at What Will Happen"),
			disabled: true,
			on: { click: () => this.paste() },
		});
		this.body.replaceChildren(
			el("p", {
				text: __(
					"One line per conversation, with tabs: student number, instructor's code, course's code. No header line. Offers are added, never removed; combinations outside the timetable or the package are accepted."
				),
			}),
			el("div", { class: "oa-file-ways" }, this.drop_zone(), this.paste_zone())
		);
	}

	drop_zone() {
		const zone = el(
			"label",
			{
				class: "oa-file-drop",
				on: {
					dragover: (event) => {
						event.preventDefault();
						zone.dataset.over = "1";
					},
					dragleave: () => delete zone.dataset.over,
					drop: (event) => {
						event.preventDefault();
						delete zone.dataset.over;
						this.bring(event.dataTransfer.files[0]);
					},
				},
			},
			this.input,
			el("b", { text: __("Choose a file") }),
			el("span", { class: "text-muted", text: __("or drop it here. UTF-8 or Windows-1252.") })
		);
		return zone;
	}

	paste_zone() {
		return el(
			"div",
			{ class: "oa-file-paste" },
			el("p", {
				class: "text-muted",
				text: __("Or copy three columns from a spreadsheet and paste them here:"),
			}),
			this.text,
			this.button
		);
	}

	can_look() {
		this.button.disabled = !this.text.value.trim();
	}

	async bring(file) {
		if (!file) return;
		if (file.size > MOST_BYTES) {
			this.tell(__("The file is larger than 10 MB. Split it into smaller ones."));
			this.input.value = "";
			return;
		}
		const kept = await this.busy(() => upload(file));
		if (kept) await this.look(kept, file.name);
		else this.input.value = "";
	}

	async paste() {
		await this.look({ text: this.text.value }, __("Pasted lines"));
	}

	async look(what, name) {
		const seen = await this.busy(() => this.page.call("files.preview", what));
		if (seen) this.show(seen, name);
		// A refresh that finds the file gone begins anew.
		else if (this.seen) this.choose();
	}

	/** Do something that takes a moment; null where it failed, which was told. */
	async busy(work) {
		this.body.setAttribute("aria-busy", "true");
		this.tell(__("Reading the lines…"));
		try {
			const done = await work();
			this.tell(null);
			return done;
		} catch (error) {
			this.tell(error.told || null);
			return null;
		} finally {
			this.body.removeAttribute("aria-busy");
		}
	}

	// What will happen

	show(seen, name) {
		this.seen = seen;
		this.name = name;
		this.to_offer = seen.outcomes.new + seen.outcomes.again;
		this.body.replaceChildren(
			el(
				"p",
				{},
				el("b", { text: name }),
				" · ",
				__("{0} lines, {1}", [number(seen.lines), seen.encoding])
			),
			el(
				"ul",
				{ class: "oa-file-figures" },
				FIGURES.map(([key, label]) => this.figure(key, label()))
			),
			this.remarks(),
			this.actions()
		);
		this.list();
		this.apply_button.focus({ preventScroll: true });
	}

	figure(key, label) {
		const count = this.seen.outcomes[key];
		return el(
			"li",
			{ class: `oa-figure-${TONES[key]}`, data: { none: count ? "" : "1" } },
			el("b", { text: number(count) }),
			label
		);
	}

	remarks() {
		const { seen } = this;
		const said = [
			seen.has_header &&
				__("The first line looks like a header line. The file needs none; the line is left out."),
			seen.not_in_package &&
				__("Lines outside the student's package, accepted and marked so: {0}.", [
					number(seen.not_in_package),
				]),
			seen.not_in_timetable &&
				__("Lines outside the timetable of the reference week, accepted: {0}.", [
					number(seen.not_in_timetable),
				]),
			seen.outcomes.refused &&
				__("Lines refused, which change nothing: {0}. The list says why.", [
					number(seen.outcomes.refused),
				]),
		].filter(Boolean);
		return said.length
			? el(
					"ul",
					{ class: "oa-file-remarks" },
					said.map((text) => el("li", { text }))
				)
			: "";
	}

	actions() {
		this.apply_button = el("button", {
			type: "button",
			class: "btn btn-primary btn-sm",
			text: this.to_offer
				? __("Offer {0} Conversations", [number(this.to_offer)])
				: __("Nothing to Offer"),
			disabled: !this.to_offer || this.page.read_only,
			on: { click: () => this.apply() },
		});
		const query = new URLSearchParams({ evening: this.page.evening, ...this.place });
		return el(
			"div",
			{ class: "oa-file-actions" },
			this.apply_button,
			el("a", {
				class: "btn btn-default btn-sm",
				href: `/api/method/ouderavond.api.offers.files.result?${query}`,
				text: __("Download the Full Result"),
			}),
			el("button", {
				type: "button",
				class: "btn btn-default btn-sm",
				text: __("Another File"),
				on: { click: () => this.again() },
			})
		);
	}

	list() {
		const first = this.seen.outcomes.refused ? "refused" : "all";
		const choice = el(
			"select",
			{
				class: "form-control input-sm oa-file-shown",
				"aria-label": __("Which lines"),
				on: { change: () => this.table.set_filters({ show: choice.value }) },
			},
			SHOWN.map(([key, label]) => el("option", { value: key, text: label(), selected: key === first }))
		);
		this.table = new Table({
			parent: this.body,
			label: __("Lines of the file"),
			row_key: (row) => String(row.line),
			columns: COLUMNS(),
			storage_key: "offers_file",
			search: true,
			tools: [choice],
			filters: { show: first },
			height: "50vh",
			empty: __("There are no such lines."),
			fetch: ({ start, length, order_by, filters }) =>
				this.page.read("files.lines", { ...this.place, start, length, order_by, ...filters }),
		});
	}

	async again() {
		this.page.call("files.forget", { file: this.seen.file }).catch(() => {});
		this.tell(null);
		this.choose();
		this.input.focus();
	}

	async apply() {
		this.applying = true;
		const report = await this.page.change("files.apply", this.place, {
			progress_title: __("Offering what the file says"),
		});
		this.applying = false;
		if (!report) return;
		this.tell(report.sentence);
		this.choose();
		this.input.focus({ preventScroll: true });
	}
}

const COLUMNS = () => [
	{ key: "line", label: __("Line", null, "Offers"), format: "number", width: 64, fixed: true },
	{
		key: "outcome",
		label: __("What Happens"),
		width: 132,
		render: (row) => ({
			text: row.outcome_label,
			tone: row.marked && row.outcome !== "refused" ? "yellow" : TONES[row.outcome],
		}),
	},
	{ key: "remark", label: __("Remark"), width: 520, title: (row) => row.remark },
	{ key: "student", label: __("Student Number"), width: 130 },
	{ key: "student_name", label: __("Student", null, "Offers"), width: 160, sortable: false },
	{ key: "instructor", label: __("Instructor", null, "Offers"), width: 90 },
	{ key: "course", label: __("Course"), width: 80 },
];

/** Bring a file with the platform's own upload; rejects with what to tell. */
async function upload(file) {
	const form = new FormData();
	form.append("file", file, file.name);
	form.append("is_private", "1");
	form.append("method", "ouderavond.api.offers.files.receive");
	let answer;
	try {
		answer = await fetch("/api/method/upload_file", {
			method: "POST",
			headers: { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
			body: form,
		});
	} catch {
		throw told(__("The server cannot be reached. Try again in a moment."));
	}
	const said = await answer.json().catch(() => ({}));
	if (!answer.ok || !said.message) throw told(refusal_of(said) || __("The file could not be brought."));
	return said.message;
}

function told(text) {
	return Object.assign(new Error(text), { told: text });
}

function refusal_of(said) {
	try {
		const messages = JSON.parse(said._server_messages || "[]").map((text) => JSON.parse(text).message);
		return messages.map(plain_text).join(" ");
	} catch {
		return null;
	}
}

// The platform's messages are HTML; here they are told as text.
function plain_text(html) {
	return new DOMParser().parseFromString(html, "text/html").body.textContent;
}
