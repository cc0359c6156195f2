frappe.query_reports["Requests without Answer"] = {
	filters: [
		{
			fieldname: "evening",
			label: __("Parent Evening"),
			fieldtype: "Link",
			options: "Parent Evening",
			reqd: 1,
		},
		{ fieldname: "instructor", label: __("Instructor"), fieldtype: "Link", options: "Instructor" },
		{ fieldname: "group", label: __("Class"), fieldtype: "Link", options: "Student Group" },
	],
};
