frappe.query_reports["Parent Evening Roster"] = {
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
		{ fieldname: "room", label: __("Room"), fieldtype: "Link", options: "Room" },
		{ fieldname: "names", label: __("With the names of students"), fieldtype: "Check" },
	],
};
