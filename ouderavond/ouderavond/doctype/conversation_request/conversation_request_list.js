frappe.listview_settings["Conversation Request"] = {
	hide_name_column: true,
	add_fields: ["state", "priority", "student", "evening"],
	get_indicator(doc) {
		const colors = { Requested: "blue", Placed: "green", "Not Placed": "red", Withdrawn: "gray" };
		return [__(doc.state), colors[doc.state] || "gray", `state,=,${doc.state}`];
	},
};
