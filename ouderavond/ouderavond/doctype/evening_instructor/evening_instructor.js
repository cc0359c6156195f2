frappe.ui.form.on("Evening Instructor", {
	onload(frm) {
		// The platform fills an empty time of day with the present one; here empty means as the evening says.
		if (frm.is_new()) {
			frm.doc.present_from = frm.doc.present_until = null;
		}
	},
	setup(frm) {
		frm.set_query("evening", () => ({ filters: { archived: 0 } }));
		frm.set_query("instructor", () => ({ filters: { status: "Active" } }));
	},
});
