frappe.listview_settings["Evening Instructor"] = {
	hide_name_column: true,
	add_fields: ["room"],
	get_indicator(doc) {
		return doc.room
			? [__("Has a Room"), "green", "room,is,set"]
			: [__("No Room"), "gray", "room,is,not set"];
	},
	// The platform shows two fields at 1280 pixels; a school's own choice of columns wins.
	onload(listview) {
		listview.list_view_settings.total_fields ||= 8;
		listview.setup_columns();
		listview.render_header(true);
	},
};
