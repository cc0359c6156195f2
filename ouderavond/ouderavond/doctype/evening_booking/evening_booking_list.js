// Room -> what people call it.
const room_names = {};

frappe.listview_settings["Evening Booking"] = {
	hide_name_column: true,
	add_fields: ["state", "pinned", "untold"],
	filters: [["state", "!=", "Cancelled"]],
	get_indicator(doc) {
		const colors = { Planned: "yellow", Published: "green", Cancelled: "gray" };
		if (cint(doc.untold)) {
			const label =
				doc.state === "Cancelled" ? __("Cancelled, not told yet") : __("Changed, not told yet");
			return [label, "orange", "untold,=,1"];
		}
		const label = cint(doc.pinned) ? __("{0}, pinned", [__(doc.state)]) : __(doc.state);
		return [label, colors[doc.state] || "gray", `state,=,${doc.state}`];
	},
	formatters: {
		start: (value) => frappe.utils.escape_html(value ? moment(value).format("ddd D MMM HH:mm") : ""),
		room: (value) => frappe.utils.escape_html(room_names[value] || value || ""),
	},
	// The platform shows two fields at 1280 pixels; a school's own choice of columns wins.
	onload(listview) {
		listview.list_view_settings.total_fields ||= 8;
		listview.setup_columns();
		listview.render_header(true);
		frappe.xcall("ouderavond.api.desk.room_names").then((names) => {
			Object.assign(room_names, names);
			if (listview.data?.length) listview.render_list();
		});
	},
};
