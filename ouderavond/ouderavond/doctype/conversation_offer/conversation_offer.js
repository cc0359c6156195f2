// An offer of one student: choose from those who take part, and book it directly where that is needed.

// Those who may act; the server checks it again.
const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);

// Not in the form: a conversation that has a time would be left with instructors who do not come.
async function change_instructors(frm) {
	if (frm.is_dirty()) await frm.save();
	await frappe.require(["offers.bundle.js", "offers.bundle.css"]);
	frappe.ouderavond.change_instructors(frm.doc.evening, frm.doc.name, () => frm.reload_doc());
}

frappe.ui.form.on("Conversation Offer", {
	setup(frm) {
		frm.set_query("evening", () => ({ filters: { archived: 0 } }));
		frm.set_query("student", () => ({ filters: { enabled: 1 } }));
		frm.set_query("instructor", "instructors", () => ({ filters: { status: "Active" } }));
	},

	refresh(frm) {
		if (frm.is_new() || !is_staff()) return;
		frm.add_custom_button(__("Change Instructors"), () => change_instructors(frm));
		if (!cint(frm.doc.offered)) return;
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
