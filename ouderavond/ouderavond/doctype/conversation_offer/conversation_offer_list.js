frappe.listview_settings["Conversation Offer"] = {
	hide_name_column: true,
	add_fields: ["offered"],
	get_indicator(doc) {
		return cint(doc.offered)
			? [__("Offered"), "green", "offered,=,1"]
			: [__("Not Offered"), "gray", "offered,=,0"];
	},
	// The platform shows two fields at 1280 pixels; a school's own choice of columns wins.
	onload(listview) {
		listview.list_view_settings.total_fields ||= 8;
		listview.setup_columns();
		listview.render_header(true);
	},
};
