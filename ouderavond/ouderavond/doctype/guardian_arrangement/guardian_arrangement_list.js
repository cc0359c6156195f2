frappe.listview_settings["Guardian Arrangement"] = {
	hide_name_column: true,
	add_fields: ["contact_forbidden", "attends_separately"],
	get_indicator(doc) {
		if (cint(doc.contact_forbidden)) return [__("Contact Forbidden"), "red", "contact_forbidden,=,1"];
		if (cint(doc.attends_separately))
			return [__("Attends Separately"), "orange", "attends_separately,=,1"];
		return [__("No Effect"), "gray", "contact_forbidden,=,0|attends_separately,=,0"];
	},
};
