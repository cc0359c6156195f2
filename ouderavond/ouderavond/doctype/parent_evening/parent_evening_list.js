// The list of evenings: everything that tells one from another, and a button that opens the step that is due.

(() => {
	const COLORS = {
		Draft: "gray",
		Announced: "blue",
		Requesting: "cyan",
		"To Schedule": "orange",
		Scheduled: "yellow",
		Booking: "cyan",
		Published: "green",
		Today: "purple",
		Held: "darkgrey",
		Archived: "gray",
	};

	// Fieldname -> short heading, in the order of the columns.
	const columns = () => ({
		explanation: __("Explanation"),
		guardian_remarks: __("Rem. Guardian"),
		instructor_remarks: __("Rem. Instructor"),
		longer_conversation: __("Longer"),
		maximum_per_student: __("Max."),
		request_until: __("Deadline"),
		reference_week: __("Week"),
		published: __("Published"),
		archived: __("Archived"),
	});
	const CHECKS = ["guardian_remarks", "instructor_remarks", "longer_conversation", "published", "archived"];

	const STYLE = `
	.oa-evenings .list-row-col { margin-right: 8px; }
	.oa-evenings .list-row .level-left, .oa-evenings .list-row-head .level-left { min-width: 0; flex: 1 1 auto; }
	.oa-evenings .list-row .level-right, .oa-evenings .list-row-head .level-right { flex: 0 0 auto; min-width: 74px; }
	.oa-evenings .list-row-activity .hidden-md { display: block !important; }
	.oa-evenings .list-row-activity .modified, .oa-evenings .list-row-activity .comment-count,
	.oa-evenings .list-row-activity .mx-2, .oa-evenings .list-row-activity .list-row-like,
	.oa-evenings .list-row-head .list-liked-by-me { display: none !important; }
	@media (max-width: 767px) { .oa-evenings .list-row .level-right { min-width: 0; } }
	${CHECKS.map((name) => narrow(name, "0 0 70px")).join("")}
	${narrow("guardian_remarks", "0 0 100px")}
	${narrow("instructor_remarks", "0 0 104px")}
	${narrow("longer_conversation", "0 0 54px")}
	${narrow("maximum_per_student", "0 0 40px")}
	${narrow("reference_week", "0 0 78px")}
	${narrow("request_until", "0 0 84px")}
	`;

	function narrow(fieldname, flex) {
		return `.oa-evenings .list-row-col:has([data-sort-by="${fieldname}"]),
			.oa-evenings .list-row-col:has([data-oa="${fieldname}"]) { flex: ${flex}; text-align: left !important; }`;
	}

	function cell(fieldname, html, title) {
		return `<span data-oa="${fieldname}" title="${frappe.utils.escape_html(title)}">${html}</span>`;
	}

	function check(value, df) {
		const text = `${__(df.label)}: ${cint(value) ? __("Yes") : __("No")}`;
		return cell(df.fieldname, cint(value) ? "✓" : '<span class="text-muted">–</span>', text);
	}

	function text(value, df) {
		return cell(
			df.fieldname,
			frappe.utils.escape_html(String(value || "")),
			`${__(df.label)}: ${value || "–"}`
		);
	}

	frappe.listview_settings["Parent Evening"] = {
		hide_name_column: true,
		add_fields: ["status", "archived", "procedure", ...Object.keys(columns())],
		filters: [["archived", "=", 0]],

		get_indicator(doc) {
			return [__(doc.status), COLORS[doc.status] || "gray", `status,=,${doc.status}`];
		},

		button: {
			show: () => true,
			get_label: () => __("Start"),
			get_description: (doc) =>
				__("Open the step of {0} that is due", [frappe.utils.escape_html(doc.title)]),
			action(doc) {
				frappe.route_options = { due_step: 1 };
				frappe.set_route("Form", "Parent Evening", doc.name);
			},
		},

		formatters: {
			...Object.fromEntries(CHECKS.map((name) => [name, check])),
			explanation: text,
			reference_week: text,
			maximum_per_student: (value, df) => text(cint(value) || "∞", df),
			request_until(value, df) {
				const date = value ? frappe.datetime.str_to_user(value.split(" ")[0]) : "";
				const full = value ? frappe.datetime.str_to_user(value) : "–";
				return cell(df.fieldname, frappe.utils.escape_html(date), `${__(df.label)}: ${full}`);
			},
		},

		onload(listview) {
			frappe.dom.set_style(STYLE, "ouderavond-evenings");
			listview.page.wrapper.addClass("oa-evenings");
			// The columns need the width; the button beside the title brings the side bar back.
			listview.page.wrapper.find(".layout-side-section").hide();
			show_all_columns(listview);
			filter_by_current_year(listview);
		},
	};

	// The platform shows four columns at this width; these are narrow. A school's own choice of columns wins.
	function show_all_columns(listview) {
		if (listview.list_view_settings?.fields) return;
		const wanted = columns();
		listview.setup_columns = function () {
			frappe.views.ListView.prototype.setup_columns.call(this);
			const fixed = this.columns.filter((column) => column.type !== "Field");
			const fields = Object.entries(wanted).map(([fieldname, label]) => ({
				type: "Field",
				df: { ...frappe.meta.get_docfield(this.doctype, fieldname), label },
			}));
			this.columns = [...fixed, ...fields];
		};
		listview.setup_columns();
		listview.render_header(true);
	}

	function filter_by_current_year(listview) {
		const chosen = Array.isArray(listview.view_user_settings?.filters);
		if (chosen || frappe.has_route_options()) return;
		frappe.xcall("ouderavond.api.desk.current_year").then((year) => {
			if (year) listview.filter_area.add([["Parent Evening", "academic_year", "=", year]]);
		});
	}
})();
