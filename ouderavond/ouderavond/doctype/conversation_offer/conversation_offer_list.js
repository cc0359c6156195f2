frappe.listview_settings["Conversation Offer"] = {
	hide_name_column: true,
	add_fields: ["offered", "student", "evening"],
	get_indicator(doc) {
		return cint(doc.offered)
			? [__("Offered"), "green", "offered,=,1"]
			: [__("Not Offered"), "gray", "offered,=,0"];
	},
};
