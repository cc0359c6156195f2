// A block is made and taken away by the server, which looks at the conversations at that time.

// Those who may act; the server checks it again.
const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);

frappe.ui.form.on("Evening Block", {
	refresh(frm) {
		if (frm.is_new()) {
			frm.disable_save();
			frm.page.set_primary_action(__("Block Time"), () => block(frm));
			frm.set_intro(__("The time is blocked only if there is no conversation yet."), "blue");
			return;
		}
		frm.disable_save();
		if (is_staff()) {
			frm.add_custom_button(__("Take Away"), () => unblock(frm));
		}
	},

	setup(frm) {
		frm.set_query("who", () => ({ filters: filters_of(frm) }));
	},

	who_type(frm) {
		frm.set_value("who", null);
	},

	evening: suggest_times,
	from_time(frm) {
		if (frm.doc.from_time && !frm.doc.to_time) frm.set_value("to_time", frm.doc.from_time);
	},

	onload: suggest_times,
});

function filters_of(frm) {
	return (
		{
			"Student Group": { disabled: 0 },
			Student: { enabled: 1 },
			Instructor: { status: "Active" },
		}[frm.doc.who_type] || {}
	);
}

// Usually somebody is absent for a whole date: start from the first one.
function suggest_times(frm) {
	if (!frm.is_new() || !frm.doc.evening || frm.doc.from_time) return;
	frappe.xcall("ouderavond.api.desk.slots", { evening: frm.doc.evening }).then((slots) => {
		if (!slots.length || frm.doc.from_time) return;
		const date = slots[0].value.split(" ")[0];
		const last = slots.filter((slot) => slot.value.startsWith(date)).pop();
		frm.set_value({ from_time: slots[0].value, to_time: last.end });
	});
}

function block(frm) {
	const { evening, who_type, who, from_time, to_time, reason } = frm.doc;
	if (!evening || !from_time || !to_time || (who_type !== "Everyone" && !who)) {
		frappe.msgprint(__("Fill in the evening, who it is, and both times."));
		return;
	}
	return frappe
		.xcall("ouderavond.api.staff.block", {
			evening,
			who_type,
			who: who_type === "Everyone" ? undefined : who,
			from_time,
			to_time,
			reason,
		})
		.then((name) => {
			frappe.model.clear_doc(frm.doctype, frm.docname);
			frappe.show_alert({ message: __("Blocked."), indicator: "green" });
			frappe.set_route("Form", "Evening Block", name);
		});
}

function unblock(frm) {
	return frappe.confirm(__("Make this time available again?"), () =>
		frappe.xcall("ouderavond.api.staff.unblock", { block: frm.doc.name }).then(() => {
			frappe.show_alert({ message: __("The time is available again."), indicator: "green" });
			frappe.model.clear_doc(frm.doctype, frm.docname);
			frappe.set_route("List", "Evening Block", { evening: frm.doc.evening });
		})
	);
}
