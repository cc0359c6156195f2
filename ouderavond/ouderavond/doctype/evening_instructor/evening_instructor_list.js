frappe.listview_settings["Evening Instructor"] = {
	hide_name_column: true,
	add_fields: ["room", "evening"],
	get_indicator(doc) {
		return doc.room
			? [__("Has a Room"), "green", "room,is,set"]
			: [__("No Room"), "gray", "room,is,not set"];
	},
};
