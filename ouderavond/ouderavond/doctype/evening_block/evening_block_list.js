frappe.listview_settings["Evening Block"] = {
	hide_name_column: true,
	add_fields: ["source"],
	get_indicator(doc) {
		return doc.who_type === "Everyone"
			? [__("Everyone"), "orange", "who_type,=,Everyone"]
			: [__(doc.who_type), "blue", `who_type,=,${doc.who_type}`];
	},
	// The platform shows two fields at 1280 pixels; a school's own choice of columns wins.
	onload(listview) {
		listview.list_view_settings.total_fields ||= 8;
		listview.setup_columns();
		listview.render_header(true);
	},
};
