// The columns in which every list of possibilities shows them: per student and in the views.
//
// offer_columns({on_offered, on_requested}) -> columns for a Table whose rows are those of
//     ouderavond.evening.offering.listing (see there for the fields); the keys are also what it sorts by
//     on_offered, on_requested    (row, column, table): what a click, Enter or the space bar does there; none: text
// offer_key(row)                  what tells rows apart: an offer's name, or what it would be made of

/** The columns, in the order in which schools know them. */
export function offer_columns({ on_offered, on_requested } = {}) {
	return [
		{
			key: "possibility",
			label: __("Possibility"),
			fixed: true,
			width: 100,
			title: (row) => row.subject,
		},
		{
			key: "offered",
			label: __("Offered"),
			format: "yesno",
			width: 90,
			render: offered,
			action: on_offered,
			action_label: (row) => __("{0}: {1}", [__("Offered"), yes_no(row.offered)]),
			pressed: (row) => Boolean(row.offered),
		},
		{
			key: "requested",
			label: __("Requested", null, "Offers"),
			format: "yesno",
			width: 100,
			render: requested,
			title: (row) => row.requested_by || "",
			action: on_requested,
			action_label: (row) => __("{0}: {1}", [__("Requested", null, "Offers"), yes_no(row.requested)]),
		},
		{ key: "first_name", label: __("First Name"), width: 100 },
		{ key: "last_name", label: __("Last Name"), width: 120 },
		{ key: "classes", label: __("Class"), width: 65 },
		{
			key: "instructors",
			label: __("Instructors", null, "Offers"),
			width: 100,
			title: (row) => row.instructor_names || "",
		},
		{ key: "guardians", label: __("Guardians", null, "Offers"), width: 180 },
		{ key: "forbidden", label: __("Forbidden Dates"), width: 130, render: forbidden },
		{ key: "remark", label: __("Remark"), width: 140, title: (row) => row.remark || "" },
		{ key: "slots", label: __("Duration", null, "Offers"), format: "number", width: 85 },
		{ key: "in_package", label: __("Package"), format: "yesno", width: 85 },
		...more(),
	];
}

// Shown only when they are chosen.
function more() {
	return [
		{ key: "subject", label: __("Full Name"), width: 180, hidden: true },
		{ key: "student_code", label: __("Student Number"), width: 130, hidden: true },
		{ key: "program", label: __("Program", null, "Offers"), width: 100, hidden: true },
		{ key: "source", label: __("Source"), width: 100, hidden: true, render: source },
		{ key: "booked", label: __("Time"), width: 150, hidden: true, format: "datetime" },
	];
}

/** What tells rows apart: an offer's name, or what an offer would be made of. */
export function offer_key(row) {
	return row.name || ["", row.student, row.subject, ...row.instructor_list].join("\n");
}

function yes_no(value) {
	return value ? __("Yes") : __("No");
}

function offered(row) {
	return { text: yes_no(row.offered), tone: row.offered ? "green" : "gray" };
}

function requested(row) {
	const text = row.requested > 1 ? __("Yes, {0}×", [row.requested]) : yes_no(row.requested);
	return { text, tone: row.requested ? "blue" : "gray" };
}

function forbidden(row) {
	return (row.forbidden || []).map((day) => frappe.datetime.str_to_user(day)).join(", ");
}

function source(row) {
	return row.source ? __(row.source, null, "Conversation Offer") : "";
}
