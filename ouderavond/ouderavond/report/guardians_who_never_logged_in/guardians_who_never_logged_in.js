frappe.query_reports["Guardians Who Never Logged In"] = {
	filters: [
		{
			fieldname: "evening",
			label: __("Parent Evening"),
			fieldtype: "Link",
			options: "Parent Evening",
			reqd: 1,
		},
		{ fieldname: "group", label: __("Class"), fieldtype: "Link", options: "Student Group" },
	],
};
