frappe.listview_settings["Evening Block"] = {
	hide_name_column: true,
	add_fields: ["source", "evening"],
	get_indicator(doc) {
		return doc.who_type === "Everyone"
			? [__("Everyone"), "orange", "who_type,=,Everyone"]
			: [__(doc.who_type), "blue", `who_type,=,${doc.who_type}`];
	},
};
