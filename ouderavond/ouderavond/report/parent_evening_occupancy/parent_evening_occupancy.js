frappe.query_reports["Parent Evening Occupancy"] = {
	filters: [
		{
			fieldname: "evening",
			label: __("Parent Evening"),
			fieldtype: "Link",
			options: "Parent Evening",
			reqd: 1,
		},
		{ fieldname: "instructor", label: __("Instructor"), fieldtype: "Link", options: "Instructor" },
		{ fieldname: "room", label: __("Room"), fieldtype: "Link", options: "Room" },
	],
};
