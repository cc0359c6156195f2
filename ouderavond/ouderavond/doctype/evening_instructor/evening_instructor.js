frappe.ui.form.on("Evening Instructor", {
	setup(frm) {
		frm.set_query("evening", () => ({ filters: { archived: 0 } }));
		frm.set_query("instructor", () => ({ filters: { status: "Active" } }));
	},
});
