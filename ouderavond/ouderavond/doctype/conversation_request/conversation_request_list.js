frappe.listview_settings["Conversation Request"] = {
	hide_name_column: true,
	add_fields: ["state", "priority"],
	get_indicator(doc) {
		const colors = { Requested: "blue", Placed: "green", "Not Placed": "red", Withdrawn: "gray" };
		return [__(doc.state), colors[doc.state] || "gray", `state,=,${doc.state}`];
	},
	// The platform shows two fields at 1280 pixels; a school's own choice of columns wins.
	onload(listview) {
		listview.list_view_settings.total_fields ||= 8;
		listview.setup_columns();
		listview.render_header(true);
	},
};
