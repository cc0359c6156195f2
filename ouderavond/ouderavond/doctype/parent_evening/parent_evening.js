// The form of an evening: where it stands, the step that is due, and the steps themselves.

const STAFF = "ouderavond.api.staff.";
const DESK = "ouderavond.api.desk.";

const STYLE = `
.oa-where { border: 1px solid var(--border-color); border-radius: var(--border-radius-lg, 10px);
	margin: 0 0 var(--margin-md, 15px); padding: 12px 15px; background: var(--card-bg, var(--fg-color)); }
.oa-due { display: flex; flex-wrap: wrap; gap: 8px 15px; align-items: center; justify-content: space-between; }
.oa-due-text { flex: 1 1 260px; }
.oa-strip { display: flex; list-style: none; margin: 14px 0 0; padding: 0; overflow-x: auto; }
.oa-strip li { flex: 1 1 0; min-width: 74px; text-align: center; position: relative; color: var(--text-muted); }
.oa-strip li + li::before { content: ""; position: absolute; top: 8px; left: -50%; width: 100%; height: 2px;
	background: var(--border-color); }
.oa-strip li.done::before, .oa-strip li.current::before { background: var(--primary); }
.oa-strip button { all: unset; cursor: pointer; position: relative; display: block; width: 100%; }
.oa-strip button:focus-visible { outline: 2px solid var(--primary); border-radius: 6px; }
.oa-dot { display: block; margin: 0 auto 3px; width: 18px; height: 18px; line-height: 18px; border-radius: 50%; font-size: 11px;
	background: var(--border-color); color: var(--neutral, white); }
.oa-strip .done .oa-dot { background: var(--primary); }
.oa-strip .current .oa-dot { background: var(--primary); box-shadow: 0 0 0 3px var(--control-bg); }
.oa-strip .current { color: var(--text-color); font-weight: 600; }
.oa-figure { display: block; font-variant-numeric: tabular-nums; font-size: var(--text-sm); }
.oa-waiting { margin: 12px 0 0; padding: 10px 0 0; border-top: 1px solid var(--border-color);
	display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: var(--text-sm); color: var(--text-muted); }
.oa-facts { margin-top: 10px; font-size: var(--text-sm); color: var(--text-muted); }
.oa-slots { display: flex; flex-wrap: wrap; gap: 4px; margin: 4px 0 14px; }
.oa-slots span { padding: 1px 7px; border: 1px solid var(--border-color); border-radius: 10px;
	font-size: var(--text-sm); font-variant-numeric: tabular-nums; }
@media (max-width: 575px) {
	.oa-where { padding: 10px 6px; }
	.oa-strip { font-size: 10px; }
	.oa-strip li { min-width: 50px; }
}
`;

// Those who may act; the server checks it again.
const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);

frappe.ui.form.on("Parent Evening", {
	setup(frm) {
		frappe.dom.set_style(STYLE, "ouderavond-evening");
		frm.set_query("participant", "participants", (doc, cdt, cdn) => {
			const filters = {
				Program: {},
				"Student Group": {
					group_based_on: "Batch",
					academic_year: doc.academic_year,
					disabled: 0,
				},
				Student: { enabled: 1 },
			};
			return { filters: filters[locals[cdt][cdn].participant_type] || {} };
		});
		frm.set_query("academic_term", () => ({
			filters: { academic_year: frm.doc.academic_year },
		}));
	},

	onload(frm) {
		if (frm.is_new()) {
			frappe.xcall(DESK + "new_evening").then((defaults) => {
				for (const [fieldname, value] of Object.entries(defaults)) {
					if (value && [undefined, null, ""].includes(frm.doc[fieldname])) {
						frm.set_value(fieldname, value);
					}
				}
			});
		}
	},

	refresh(frm) {
		preview_slots(frm);
		frm.oa_where?.remove();
		if (frm.is_new()) return;
		frm.oa_where = $('<div class="oa-where" hidden></div>').insertBefore(
			frm.layout.wrapper.find(".form-page").first()
		);
		lock_when_archived(frm);
		add_buttons(frm);
		show_where(frm).then(() => {
			if (frappe.route_options?.due_step) {
				frappe.route_options = null;
				take_due_step(frm);
			}
		});
	},

	after_save(frm) {
		show_where(frm);
	},

	minutes_per_conversation: preview_slots,
	minutes_between: preview_slots,

	academic_year(frm) {
		if (frm.doc.academic_term) frm.set_value("academic_term", null);
	},
});

frappe.ui.form.on("Parent Evening Date", {
	date: preview_slots,
	first_time: preview_slots,
	end_time: preview_slots,
	dates_remove: preview_slots,
	dates_add(frm, cdt, cdn) {
		// The next date usually has the times of the one before it.
		const rows = frm.doc.dates;
		const before = rows[rows.findIndex((row) => row.name === cdn) - 1];
		if (before) {
			for (const fieldname of ["first_time", "end_time", "place"]) {
				frappe.model.set_value(cdt, cdn, fieldname, before[fieldname]);
			}
		}
	},
});

frappe.ui.form.on("Parent Evening Participant", {
	participant_type(frm, cdt, cdn) {
		frappe.model.set_value(cdt, cdn, "participant", null);
	},
});

// Where the evening stands

function show_where(frm) {
	if (frm.is_new()) return Promise.resolve();
	const evening = frm.doc.name;
	return frappe.xcall(STAFF + "summary", { evening }).then((summary) => {
		if (frm.doc.name !== evening) return;
		frm.oa_summary = summary;
		if (frm.doc.status !== summary.status) {
			// Stored every five minutes; here it is shown as it is now.
			frm.doc.status = summary.status;
			frm.refresh_field("status");
			frm.toolbar.set_indicator();
		}
		frm.oa_where
			.removeAttr("hidden")
			.html(where_html(summary))
			.find("[data-due]")
			.on("click", () => take_due_step(frm));
		frm.oa_where.find("[data-station]").on("click", function () {
			open_station(frm, $(this).attr("data-station"));
		});
		frm.oa_where.find("[data-waiting]").on("click", function (event) {
			event.preventDefault();
			const row = summary.waiting[cint($(this).attr("data-waiting"))];
			if (row.route) frappe.set_route(row.route);
			else frappe.set_route("List", row.doctype, row.filters);
		});
	});
}

function where_html(summary) {
	const { step } = summary;
	const marks = { done: "✓", current: "●", todo: "" };
	const stations = summary.strip
		.map(
			(station) => `
			<li class="${station.state}">
				<button type="button" data-station="${station.key}"
					${station.state === "current" ? 'aria-current="step"' : ""}>
					<span class="oa-dot" aria-hidden="true">${marks[station.state]}</span>
					<span class="oa-figure">${number(station.figure)}</span>
					${escape(station.label)}
				</button>
			</li>`
		)
		.join("");
	const waiting = summary.waiting
		.map((row, i) => {
			const text = `${number(row.number)} ${escape(row.sentence)}`;
			return row.doctype || row.route
				? `<a href="#" data-waiting="${i}">${text}</a>`
				: `<span>${text}</span>`;
		})
		.join("");
	const facts = [
		[summary.participants, __("students")],
		[summary.classes, __("classes")],
		[summary.instructors, __("instructors")],
		[summary.households, __("households asked")],
		[summary.blocks, __("blocks")],
	]
		.filter(([figure]) => figure)
		.map(([figure, label]) => `${number(figure)} ${escape(label)}`)
		.join(" · ");
	return `
		<div class="oa-due">
			<div class="oa-due-text">${escape(step.sentence)}</div>
			<button type="button" class="btn btn-sm ${
				step.waits_for === "staff" ? "btn-primary" : "btn-default"
			}" data-due="${step.key}">${escape(step.label)}</button>
		</div>
		<ol class="oa-strip">${stations}</ol>
		${facts ? `<div class="oa-facts">${facts}</div>` : ""}
		${waiting ? `<div class="oa-waiting">${waiting}</div>` : ""}`;
}

function take_due_step(frm) {
	const { step } = frm.oa_summary;
	const actions = {
		participants: () => show_tab(frm, "participants"),
		reference_week: () => show_tab(frm, "reference_week"),
		deadline: () => show_tab(frm, "request_until"),
		booking_window: () => show_tab(frm, "booking_from"),
		offers: () => open_offers(frm),
		publish_evening: () => publish_evening(frm),
		wait: () => open_list(frm, "Conversation Request"),
		schedule: () => make_schedule(frm),
		run: () => frappe.set_route("Form", step.doctype, step.docname),
		apply: () => frappe.set_route("Form", step.doctype, step.docname),
		publish: () => open_planning(frm, "publish"),
		meetings: () => open_planning(frm, "online"),
		wait_booking: () => open_list(frm, "Evening Booking"),
		held: () => open_list(frm, "Evening Booking"),
		archive: () => archive(frm),
		done: () => open_list(frm, "Evening Booking"),
	};
	return when_saved(frm, actions[step.key]);
}

function open_station(frm, key) {
	const lists = {
		requests: "Conversation Request",
		schedule: "Schedule Run",
		publication: "Evening Booking",
		booking: "Evening Booking",
	};
	if (key === "offers") open_offers(frm);
	else if (lists[key]) open_list(frm, lists[key]);
	else show_tab(frm, "dates");
}

function show_tab(frm, fieldname) {
	frm.scroll_to_field(fieldname);
}

function open_list(frm, doctype, filters = {}) {
	frappe.set_route("List", doctype, { evening: frm.doc.name, ...filters });
}

// Buttons: each of them, or each group, is one step of the evening

function lock_when_archived(frm) {
	if (!frm.doc.archived) return;
	frm.disable_form();
	frm.set_intro(__("This evening is archived and can only be read."), "yellow");
}

function add_buttons(frm) {
	const may = is_staff() && !frm.doc.archived;
	const button = (label, action, group) =>
		frm.add_custom_button(label, () => when_saved(frm, action), group);
	const requests = frm.doc.procedure !== "Book Directly";

	button(__("Offers"), () => open_offers(frm));

	if (requests) {
		button(__("See Requests"), () => open_list(frm, "Conversation Request"), __("Requests"));
		if (may) {
			button(
				__("New Request"),
				() => frappe.new_doc("Conversation Request", { evening: frm.doc.name }),
				__("Requests")
			);
		}
	}

	const schedule = __("Schedule", null, "Parent Evening");
	if (may && requests) button(__("Make Schedule"), () => make_schedule(frm), schedule);
	if (is_staff()) {
		for (const [tab, label] of planning_tabs(requests))
			button(label, () => open_planning(frm, tab), schedule);
	}
	button(__("See Conversations"), () => open_list(frm, "Evening Booking"), schedule);
	if (!is_staff()) {
		button(__("Instructors and Rooms"), () => open_list(frm, "Evening Instructor"), schedule);
		button(__("See Blocks"), () => open_list(frm, "Evening Block"), schedule);
	}
	if (may) button(__("Lobby Screen"), () => lobby_screen(frm), schedule);

	const publish = __("Publish");
	if (may) {
		if (frm.doc.published) {
			button(__("Publish Schedule"), () => open_planning(frm, "publish"), publish);
			if (frm.doc.schedule_visible) {
				button(__("Hide Schedule"), () => hide_schedule(frm), publish);
			}
			button(__("Close Evening for Guardians"), () => close_evening(frm), publish);
		} else {
			button(__("Publish Evening"), () => publish_evening(frm), publish);
		}
		button(__("Archive", null, "Parent Evening"), () => archive(frm), publish);
	} else if (frm.doc.archived && frappe.user.has_role(["Ouderavond Manager", "System Manager"])) {
		frm.add_custom_button(__("Take Out of Archive"), () => take_out_of_archive(frm));
	}
}

// Steps act on what is stored: what was typed is saved first.
function when_saved(frm, action) {
	return frm.is_dirty() && !frm.doc.archived ? frm.save().then(action) : Promise.resolve(action());
}

// Those who run the evening make offers on a page of their own; others see the list.
function open_offers(frm) {
	if (is_staff()) return frappe.set_route("ouderavond-offers", frm.doc.name);
	return open_list(frm, "Conversation Offer");
}

// The parts of the page Planning, as the form names them.
function planning_tabs(requests) {
	return [
		["board", __("Planning Board")],
		["places", __("Who Sits Where", null, "Planning")],
		["blocks", __("Block Times")],
		["runs", __("Compare Runs")],
		["disruptions", __("Something Happened", null, "Planning")],
		["online", __("Online Meetings")],
		["overviews", __("Overviews", null, "Planning")],
	].filter(([tab]) => requests || tab !== "runs");
}

function open_planning(frm, tab) {
	return frappe.set_route("ouderavond-planning", frm.doc.name, tab);
}

// Publishing the evening

async function publish_evening(frm) {
	const { go, sentence } = await frappe.ouderavond.before_publishing(frm);
	if (!go) return;
	const counts = frm.oa_summary;
	const until = frm.doc.request_until || frm.doc.booking_until;
	return frappe.confirm(
		[
			__("Guardians will see <b>{0}</b> and may act within its windows.", [escape(frm.doc.title)]),
			__("{0} students, {1} offers.", [number(counts.participants), number(counts.offers)]),
			until ? __("Open until {0}.", [frappe.datetime.str_to_user(until)]) : "",
			escape(sentence),
		]
			.filter(Boolean)
			.join("<br>"),
		() => set_and_save(frm, { published: 1 })
	);
}

function close_evening(frm) {
	return frappe.confirm(
		__(
			"Guardians, students and instructors will no longer see this evening. Nothing is deleted. Close it?"
		),
		() => set_and_save(frm, { published: 0 })
	);
}

function archive(frm) {
	return frappe.ouderavond.archive(frm);
}

function take_out_of_archive(frm) {
	const text = frm.doc.anonymised_on
		? __("Make this evening editable again? The personal remarks that were removed stay removed.")
		: __("Make this evening editable again?");
	return frappe.confirm(text, () => set_and_save(frm, { archived: 0 }));
}

function set_and_save(frm, values) {
	return frm.set_value(values).then(() => frm.save());
}

// The schedule

function make_schedule(frm) {
	const counts = frm.oa_summary;
	const open = frm.doc.request_until && frappe.datetime.now_datetime() < frm.doc.request_until;
	const dialog = new frappe.ui.Dialog({
		title: __("Make Schedule"),
		fields: [
			{
				fieldtype: "HTML",
				options: `<p>${__("{0} requests of {1} households get a time, all at once.", [
					number(counts.asked),
					number(counts.households),
				])} ${
					counts.pinned
						? __("{0} pinned conversations stay where they are.", [number(counts.pinned)])
						: ""
				}</p>${
					open
						? `<p class="text-warning">${__(
								"The deadline has not passed: more requests may come."
							)}</p>`
						: ""
				}`,
			},
			{
				fieldtype: "Int",
				fieldname: "time_limit",
				label: __("Time Limit (Seconds)"),
				description: __("Empty: as the settings say. It stops earlier when nothing better exists."),
			},
			{
				fieldtype: "Data",
				fieldname: "scenario",
				label: __("Scenario"),
				description: __("A name to tell this run from others, for example: longer walking time"),
			},
		],
		primary_action_label: __("Start"),
		primary_action(values) {
			dialog.disable_primary_action();
			frappe
				.xcall(STAFF + "schedule", { evening: frm.doc.name, ...values })
				.then(({ run }) => {
					dialog.hide();
					frappe.set_route("Form", "Schedule Run", run);
				})
				.catch(() => dialog.enable_primary_action());
		},
	});
	dialog.show();
	return dialog;
}

function hide_schedule(frm) {
	return frappe.confirm(
		__("Nobody but staff will see the conversations until you publish them again. Hide them?"),
		() => frappe.xcall(STAFF + "hide", { evening: frm.doc.name }).then(() => frm.reload_doc())
	);
}

// The screen in the hall

function lobby_screen(frm) {
	const evening = frm.doc.name;
	return frappe.xcall("ouderavond.api.planning.lobby.make", { evening }).then(({ address }) => {
		const act = (method) => () =>
			frappe.xcall(`ouderavond.api.planning.lobby.${method}`, { evening }).then((answer) => {
				dialog.hide();
				frappe.show_alert({ message: escape(answer.message), indicator: "green" });
			});
		const dialog = new frappe.ui.Dialog({
			title: __("Lobby Screen"),
			fields: [
				{
					fieldtype: "HTML",
					options: `<p>${__(
						"Open this address on the screens in the hall. It shows where, with whom and how late, and names no children."
					)}</p><p><a href="${escape(address)}" target="_blank" rel="noopener">${escape(
						address
					)}</a></p>`,
				},
			],
			primary_action_label: __("Copy"),
			primary_action: () => frappe.utils.copy_to_clipboard(address),
			secondary_action_label: __("Make a New Address"),
			secondary_action: act("renew"),
		});
		dialog.add_custom_action(__("Close the Screen"), act("close"));
		dialog.show();
	});
}

// The slots of each date, as they follow from what is typed

function preview_slots(frm) {
	const field = frm.fields_dict.slots_preview;
	if (!field) return;
	const minutes = cint(frm.doc.minutes_per_conversation);
	const step = minutes + cint(frm.doc.minutes_between);
	const html = (frm.doc.dates || [])
		.filter((row) => row.date && row.first_time && row.end_time && minutes > 0)
		.map((row) => {
			const starts = [];
			const end = minutes_of(row.end_time);
			for (let start = minutes_of(row.first_time); start + minutes <= end; start += step) {
				starts.push(start);
			}
			const day = escape(frappe.datetime.str_to_user(row.date));
			const title = starts.length
				? __("{0}: {1} slots", [day, starts.length])
				: __("{0}: no room for a conversation", [day]);
			return `<div><b>${title}</b></div><div class="oa-slots">${starts
				.map((start) => `<span>${clock(start)}</span>`)
				.join("")}</div>`;
		})
		.join("");
	field.html(html || `<p class="text-muted">${__("Fill in dates and minutes to see the slots.")}</p>`);
}

function minutes_of(time) {
	const [hours, minutes] = time.split(":");
	return cint(hours) * 60 + cint(minutes);
}

function clock(minutes) {
	return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

function number(value) {
	return escape(Number(value || 0).toLocaleString(frappe.boot.lang || undefined));
}

function escape(text) {
	return frappe.utils.escape_html(String(text ?? ""));
}
