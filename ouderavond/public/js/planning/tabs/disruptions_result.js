// What was done: who was told, whom to phone, on paper too, and taking it back.

import { el, number } from "../../offers/dom.js";
import { confirm } from "../../offers/dialogs.js";

export class Result {
	constructor(tab, found) {
		this.tab = tab;
		this.page = tab.page;
		this.found = found;
		this.make();
	}

	make() {
		const { title, sentence, undone, people, obstacle, waiting, letters } = this.found;
		const call = people.filter((row) => !row.told);
		const told = people.filter((row) => row.told);
		this.root = el(
			"section",
			{ class: "oa-disruption-result" },
			el("h3", { text: title, tabindex: "-1", "data-focus": true }),
			el("p", {
				class: "oa-disruption-sentence",
				text: undone ? __("This was carried out, and has been undone.") : sentence,
			}),
			obstacle && people.length ? el("p", { class: "oa-notice", text: obstacle }) : null,
			letters ? el("p", { text: __("{0} letters were sent.", [number(letters)]) }) : null,
			waiting ? this.sending(waiting) : null,
			people.length
				? null
				: el("p", { text: __("Nobody had been told of these times: nobody needs to be told.") }),
			el(
				"div",
				{ class: "oa-disruption-actions" },
				call.length ? this.button(__("Print the List"), () => this.print(call)) : null,
				undone || !this.found.change ? null : this.button(__("Undo…"), () => this.undo()),
				this.button(__("Something Else Happened"), () => this.again())
			),
			call.length ? this.list(__("To phone ({0})", [number(call.length)]), call) : null,
			told.length
				? el(
						"details",
						{},
						el("summary", { text: __("Told by letter ({0})", [number(told.length)]) }),
						this.list("", told)
					)
				: null
		);
	}

	button(text, click) {
		return el("button", { type: "button", class: "btn btn-default btn-sm", text, on: { click } });
	}

	sending(waiting) {
		return el(
			"p",
			{ class: "oa-disruption-sending" },
			__("{0} letters are on their way.", [number(waiting)]),
			" ",
			this.button(__("Look Again"), () => this.tab.show_result(this.found.run)),
			this.button(__("Send Them Now"), () => this.send())
		);
	}

	async send() {
		await this.page.call("disruptions.tell", { run: this.found.run });
		await this.tab.show_result(this.found.run);
	}

	list(title, rows) {
		return el(
			"section",
			{ class: "oa-disruption-phones" },
			title && el("h4", { text: title }),
			el("ul", {}, rows.map(person))
		);
	}

	print(rows) {
		const frame = el("iframe", { class: "sr-only", "aria-hidden": "true", tabindex: "-1" });
		document.body.append(frame);
		const page = frame.contentDocument;
		page.title = this.found.title;
		const style = page.createElement("style");
		style.textContent =
			"body{font:11pt sans-serif}h1{font-size:14pt}ul{list-style:none;padding:0}" +
			"li{break-inside:avoid;border-top:1px solid #999;padding:6pt 0}ul ul li{border:0;padding:0}";
		page.head.append(style);
		const heading = page.createElement("h1");
		heading.textContent = this.found.title;
		page.body.append(heading, page.importNode(el("ul", {}, rows.map(person)), true));
		frame.contentWindow.addEventListener("afterprint", () => frame.remove());
		frame.contentWindow.focus();
		frame.contentWindow.print();
	}

	async undo() {
		const told = this.found.letters
			? __("{0} letters were sent: those people keep what they were told until you publish again.", [
					number(this.found.letters),
				])
			: __("Whoever you phoned knows the new times: tell them again.");
		const sure = await confirm(`${__("All becomes as it was planned before.")} ${told}`, {
			title: this.found.title,
			primary_label: __("Undo"),
		});
		if (!sure) return;
		const report = await this.page.change(
			"disruptions.undo",
			{ run: this.found.run },
			{ progress_title: __("Undoing") }
		);
		if (report) await this.tab.show_result(this.found.run);
	}

	again() {
		this.tab.run = null;
		this.tab.form = null;
		this.page.go("disruptions");
	}
}

function person(row) {
	const about = row.role === "guardian" ? __("about {0}", [row.student]) : "";
	return el(
		"li",
		{},
		el(
			"div",
			{ class: "oa-disruption-person" },
			row.people.map((one) => [el("b", { text: one.name }), " ", phone(one), " "]),
			about ? el("span", { class: "text-muted", text: about }) : null
		),
		el(
			"ul",
			{},
			row.lines.map((line) => el("li", { text: line.text }))
		)
	);
}

function phone(one) {
	if (!one.phone) return el("span", { class: "text-muted", text: __("no number") });
	return el("a", { href: `tel:${one.phone.replace(/[^+\d]/g, "")}`, text: one.phone });
}
