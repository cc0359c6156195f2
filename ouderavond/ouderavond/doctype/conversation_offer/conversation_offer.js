// An offer of one student: choose from those who take part, and book it directly where that is needed.

// Those who may act; the server checks it again.
const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);

frappe.ui.form.on("Conversation Offer", {
	setup(frm) {
		frm.set_query("evening", () => ({ filters: { archived: 0 } }));
		frm.set_query("student", () => ({ filters: { enabled: 1 } }));
		frm.set_query("instructor", "instructors", () => ({ filters: { status: "Active" } }));
	},

	refresh(frm) {
		if (frm.is_new() || !is_staff() || !cint(frm.doc.offered)) return;
		frm.add_custom_button(__("New Request"), () =>
			frappe.new_doc("Conversation Request", {
				evening: frm.doc.evening,
				offer: frm.doc.name,
			})
		);
	},

	course(frm) {
		if (frm.doc.course) frm.set_value("subject", frm.doc.course);
	},
});
