// The list of all meetings of an evening: filtered, each with its link, and what failed tried again.

import { el, link, moment_text, number } from "../../offers/dom.js";
import { Table } from "../../offers/table.js";
import { standing_label, STANDINGS } from "./online_words.js";

export class OnlineList {
	constructor(tab, parent) {
		this.tab = tab;
		const { page, info } = tab;
		this.standing = this.select(__("Only those that are"), (value) => this.filter({ standing: value }));
		this.instructor = this.select(__("Only of"), (value) => this.filter({ instructor: value }));
		this.again = el("button", {
			type: "button",
			class: "btn btn-default btn-sm",
			on: { click: () => tab.retry({ meetings: this.table.selected }) },
		});
		this.fill(
			this.standing,
			__("All", null, "Online Meetings"),
			Object.keys(STANDINGS).map((key) => [key, standing_label(key)])
		);
		parent.append(el("h3", { text: __("All Meetings") }));
		this.table = new Table({
			parent,
			label: __("All meetings"),
			columns: columns(info.calendar),
			storage_key: info.calendar ? "online" : "online-links",
			fetch: ({ start, length, order_by, filters }) =>
				page.read("online.events", { start, length, order_by, filters }),
			multi: !page.read_only,
			on_select: () => this.show_again(),
			on_activate: activate,
			search: true,
			tools: [this.standing, this.instructor, page.read_only ? "" : this.again],
			empty: __("No meetings here."),
		});
		this.show_again();
	}

	select(label, choose) {
		return el("select", {
			class: "form-control input-sm oa-online-choice",
			"aria-label": label,
			on: { change: (event) => choose(event.target.value) },
		});
	}

	fill(select, all, options) {
		const { value } = select;
		select.replaceChildren(
			el("option", { value: "", text: all }),
			...options.map(([key, text]) => el("option", { value: key, text }))
		);
		select.value = options.some(([key]) => key === value) ? value : "";
	}

	filter(values) {
		return this.table.set_filters(
			Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value || undefined]))
		);
	}

	/** Show only those that stand somewhere. */
	async choose(standing) {
		this.standing.value = standing;
		await this.table.ready;
		await this.filter({ standing });
	}

	/** Something changed: read again what is shown. */
	async know({ instructors }) {
		this.fill(
			this.instructor,
			__("All instructors"),
			instructors.map(({ name, title }) => [name, title || name])
		);
		await this.table.ready;
		await this.table.refresh();
		this.show_again();
	}

	show_again() {
		const chosen = this.table?.selected.length || 0;
		this.again.textContent = chosen
			? __("Try {0} Ticked Again", [number(chosen)])
			: __("Try What Is Ticked Again");
		this.again.disabled = !chosen || !this.tab.may_retry;
	}
}

function columns(calendar) {
	return [
		{
			key: "student",
			label: __("Student", null, "Planning"),
			width: 170,
			fixed: true,
			render: student_of,
		},
		{ key: "standing", label: __("State", null, "Planning"), width: 190, render: standing_of },
		{ key: "start", label: __("Time", null, "Planning"), format: "datetime", width: 140 },
		{ key: "instructor_name", label: __("Instructor", null, "Planning"), width: 170 },
		{
			key: "link",
			label: __("Link", null, "Online Meetings"),
			width: 90,
			sortable: false,
			render: link_of,
		},
		{ key: "why", label: __("Why"), width: 300, sortable: false, title: (row) => row.why },
		{ key: "subject", label: __("Subject", null, "Planning"), width: 140 },
		calendar && { key: "account", label: __("Calendar Account"), width: 200 },
		calendar && {
			key: "checked_on",
			label: __("Seen in the Calendar"),
			format: "datetime",
			width: 160,
		},
	].filter(Boolean);
}

function student_of(row) {
	return link("Evening Booking", row.booking, row.student || row.booking);
}

function standing_of(row) {
	const text = row.taking_away
		? __("Could not be taken away")
		: row.standing === "retry" && row.next_attempt
			? __("Tried again at {0}", [moment(row.next_attempt).format("HH:mm")])
			: standing_label(row.standing);
	return {
		text,
		tone: STANDINGS[row.standing][1],
		title: row.next_attempt && moment_text(row.next_attempt),
	};
}

// Only what is safe to follow is a link.
function link_of(row) {
	if (!row.online) return __("In person");
	if (!/^https?:\/\//.test(row.link || "")) return __("follows", null, "Online Meetings");
	const name = __("Open the meeting of {0}", [row.student]);
	return el("a", {
		href: row.link,
		target: "_blank",
		rel: "noopener noreferrer",
		"aria-label": name,
		text: __("Open", null, "Online Meetings"),
	});
}

function activate(row, column) {
	const cell = { link: link_of, student: student_of }[column.key]?.(row);
	if (cell instanceof HTMLAnchorElement) cell.click();
}
