frappe.listview_settings["Evening Booking"] = {
	hide_name_column: true,
	add_fields: ["state", "pinned", "student", "evening"],
	filters: [["state", "!=", "Cancelled"]],
	get_indicator(doc) {
		const colors = { Planned: "yellow", Published: "green", Cancelled: "gray" };
		const label = cint(doc.pinned) ? __("{0}, pinned", [__(doc.state)]) : __(doc.state);
		return [label, colors[doc.state] || "gray", `state,=,${doc.state}`];
	},
};
