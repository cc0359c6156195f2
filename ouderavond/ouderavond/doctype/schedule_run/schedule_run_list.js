frappe.listview_settings["Schedule Run"] = {
	add_fields: ["state", "applied_on"],
	get_indicator(doc) {
		if (doc.applied_on) return [__("Applied"), "green", "applied_on,is,set"];
		const colors = {
			Waiting: "gray",
			Queued: "gray",
			Running: "blue",
			Finished: "cyan",
			Cancelled: "orange",
			Interrupted: "red",
			Failed: "red",
		};
		return [__(doc.state), colors[doc.state] || "gray", `state,=,${doc.state}`];
	},
	// The platform shows two fields at 1280 pixels; a school's own choice of columns wins.
	onload(listview) {
		listview.list_view_settings.total_fields ||= 10;
		// Runs are compared column by column, so these get the width of the side bar.
		listview.page.wrapper.find(".layout-side-section").hide();
		listview.setup_columns();
		listview.render_header(true);
	},
};
