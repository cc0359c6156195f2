frappe.listview_settings["Waiting List Entry"] = {
	hide_name_column: true,
	add_fields: ["state"],
	get_indicator(doc) {
		const colors = { Waiting: "orange", Offered: "blue", Booked: "green" };
		return [__(doc.state), colors[doc.state] || "gray", `state,=,${doc.state}`];
	},
	// The platform shows two fields at 1280 pixels; a school's own choice of columns wins.
	onload(listview) {
		listview.list_view_settings.total_fields ||= 8;
		// Names and moments get the width of the side bar.
		listview.page.wrapper.find(".layout-side-section").hide();
		listview.setup_columns();
		listview.render_header(true);
	},
};
