// A run of the scheduler: how far it is, how good it is, and what it could not place.

const STAFF = "ouderavond.api.staff.";
const BUSY = ["Waiting", "Queued", "Running"];
const POLL_MS = 2500;
const LIVE_FIELDS = ["state", "phase", "seconds", "objective", "bound", "placed", "message"];

// Those who may act; the server checks it again.
const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);

frappe.ui.form.on("Schedule Run", {
	onload(frm) {
		frappe.realtime.off("ouderavond_run");
		frappe.realtime.on("ouderavond_run", (message) => {
			if (message.run === frm.doc.name) show_figures(frm, message);
		});
	},

	refresh(frm) {
		frm.disable_save();
		if (frm.is_new()) return;
		const busy = BUSY.includes(frm.doc.state);
		const may = is_staff();
		if (busy) {
			if (may) frm.add_custom_button(__("Stop", null, "Parent Evening"), () => stop(frm));
			show_progress(frm);
			poll(frm, frm.doc.name);
		} else if (may && frm.doc.placed && !frm.doc.applied_on) {
			frm.page.set_primary_action(__("Apply Schedule"), () => apply(frm));
		}
		frm.add_custom_button(__("Compare Runs"), () =>
			frappe.set_route("ouderavond-planning", frm.doc.evening, "runs", frm.doc.name)
		);
		if (frm.doc.placed && !busy) {
			frm.add_custom_button(__("Look on the Board"), () =>
				frappe.set_route("ouderavond-planning", frm.doc.evening, "board", frm.doc.name)
			);
		}
		if (frm.doc.applied_on) {
			frm.add_custom_button(__("See Conversations"), () =>
				frappe.set_route("List", "Evening Booking", { run: frm.doc.name })
			);
		}
		frm.add_custom_button(__("Evening"), () =>
			frappe.set_route("Form", "Parent Evening", frm.doc.evening)
		);
		if (!busy) {
			headline(frm);
			show_unplaced(frm);
		}
	},
});

// While it runs

function show_progress(frm) {
	const { doc } = frm;
	const share = doc.time_limit ? Math.min(98, (100 * (doc.seconds || 0)) / doc.time_limit) : 5;
	frm.dashboard.show_progress(
		__("Schedule", null, "Parent Evening"),
		Math.max(3, share),
		progress_text(doc)
	);
}

function progress_text(doc) {
	if (doc.state === "Waiting") return __("Waits for another run to end.");
	if (doc.state === "Queued") return __("Waiting for a worker…");
	return [
		phase_text(doc.phase),
		doc.placed ? __("{0} of {1} placed", [number(doc.placed), number(doc.total)]) : "",
		doc.objective ? __("best {0}, not below {1}", [number(doc.objective), number(doc.bound)]) : "",
		__("{0} s of at most {1} s", [number(doc.seconds, 0), number(doc.time_limit)]),
	]
		.filter(Boolean)
		.join(" · ");
}

function phase_text(phase) {
	return (
		{
			placement: __("Deciding who gets a time"),
			prices: __("Proving how good it can be"),
			columns: __("Proving how good it can be"),
			evenings: __("Shortening the evenings of households"),
			selection: __("Choosing among the evenings found"),
			counts: __("Proving how good it can be"),
			instructors: __("Improving the evenings of instructors"),
			done: __("Checking the result"),
		}[phase] || __("Working")
	);
}

function poll(frm, name) {
	clearTimeout(frm.oa_timer);
	frm.oa_timer = setTimeout(() => {
		const route = frappe.get_route();
		if (frm.doc.name !== name || route[1] !== "Schedule Run" || route[2] !== name) return;
		frappe.db.get_value("Schedule Run", name, LIVE_FIELDS).then(({ message }) => {
			show_figures(frm, message);
			if (BUSY.includes(frm.doc.state)) poll(frm, name);
		});
	}, POLL_MS);
}

function show_figures(frm, figures) {
	if (figures.state && !BUSY.includes(figures.state)) {
		clearTimeout(frm.oa_timer);
		frm.reload_doc();
		return;
	}
	for (const fieldname of LIVE_FIELDS) {
		if (figures[fieldname] !== undefined) frm.doc[fieldname] = figures[fieldname];
	}
	LIVE_FIELDS.forEach((fieldname) => frm.refresh_field(fieldname));
	frm.toolbar.set_indicator?.();
	show_progress(frm);
}

function stop(frm) {
	return frappe.confirm(__("Stop now and keep the best schedule so far?"), () =>
		frappe.xcall(STAFF + "cancel_run", { run: frm.doc.name }).then(() => {
			frappe.show_alert({ message: __("It stops in a moment."), indicator: "orange" });
		})
	);
}

// When it is done

function headline(frm) {
	const { doc } = frm;
	if (doc.state === "Failed" || doc.state === "Interrupted") {
		frm.set_intro(escape(doc.message || __("This run ended without a result.")), "red");
		return;
	}
	if (!doc.placed) return;
	const left = doc.total - doc.placed;
	const lines = [
		left
			? __("{0} of {1} conversations have a time, {2} do not.", [
					number(doc.placed),
					number(doc.total),
					number(left),
				])
			: __("All {0} conversations have a time.", [number(doc.total)]),
		proof(doc),
	];
	frm.set_intro(lines.filter(Boolean).map(escape).join("<br>"), left ? "blue" : "green");
}

function proof(doc) {
	if (doc.status === "optimal") return __("Proven: no better schedule exists for these weights.");
	const minimum = doc.must_unplaced_bound + doc.wanted_unplaced_bound;
	const missed = doc.must_unplaced + doc.wanted_unplaced;
	if (doc.must_unplaced_bound >= 0 && doc.wanted_unplaced_bound >= 0) {
		return missed === minimum
			? __("Proven: no schedule places more conversations.")
			: __("Proven: no schedule places more than {0} conversations more.", [number(missed - minimum)]);
	}
	return __("Objective {0}; none better than {1} can exist.", [number(doc.objective), number(doc.bound)]);
}

function apply(frm) {
	const { doc } = frm;
	return frappe.confirm(
		[
			__("{0} conversations get a time. Nobody sees them until you publish.", [number(doc.placed)]),
			doc.total - doc.placed
				? __("{0} requests are marked as not placed.", [number(doc.total - doc.placed)])
				: "",
			__("Planned conversations of an earlier run are replaced; published and pinned ones stay."),
		]
			.filter(Boolean)
			.join("<br>"),
		() =>
			frappe
				.call({
					method: STAFF + "apply_run",
					args: { run: doc.name },
					freeze: true,
					freeze_message: __("Booking conversations"),
				})
				.then(({ message }) => {
					frappe.show_alert({
						message: __("{0} conversations booked.", [number(message.booked)]),
						indicator: "green",
					});
					frm.reload_doc();
				})
	);
}

function show_unplaced(frm) {
	const field = frm.fields_dict.reasons;
	const name = frm.doc.name;
	field.html("");
	if (!frm.doc.placed && !frm.doc.total) return;
	frappe.xcall(STAFF + "unplaced", { run: name }).then((rows) => {
		if (frm.doc.name !== name) return;
		field.html(
			rows.length ? unplaced_html(rows) : `<p class="text-muted">${__("Everything was placed.")}</p>`
		);
	});
}

function unplaced_html(rows) {
	const body = rows
		.map(
			(row) => `
			<tr>
				<td>${escape(row.student)}</td>
				<td>${escape(row.subject)}</td>
				<td>${escape([].concat(row.instructors || []).join(", "))}</td>
				<td>${escape(row.guardian)}</td>
				<td>${escape(row.sentence)}</td>
			</tr>`
		)
		.join("");
	const head = [
		__("Student", null, "Parent Evening"),
		__("Subject", null, "Parent Evening"),
		__("Instructors", null, "Parent Evening"),
		__("Guardian", null, "Parent Evening"),
		__("Why"),
	]
		.map((label) => `<th>${escape(label)}</th>`)
		.join("");
	return `<div class="table-responsive" style="max-height: 480px; overflow: auto">
		<table class="table table-sm table-bordered"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>
	</div>`;
}

function number(value, digits = 3) {
	return Number(value || 0).toLocaleString(frappe.boot.lang || undefined, {
		maximumFractionDigits: digits,
	});
}

function escape(text) {
	return frappe.utils.escape_html(String(text ?? ""));
}
