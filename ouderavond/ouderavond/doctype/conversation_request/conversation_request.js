// A request as staff see it: withdraw it, give it a time, or read why it has none.

// Those who may act; the server checks it again.
const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);

frappe.ui.form.on("Conversation Request", {
	setup(frm) {
		frm.set_query("offer", () => ({
			filters: { ...(frm.doc.evening ? { evening: frm.doc.evening } : {}), offered: 1 },
		}));
		frm.set_query("evening", () => ({ filters: { archived: 0 } }));
	},

	refresh(frm) {
		if (frm.is_new()) return;
		if (frm.doc.state === "Not Placed") {
			frm.set_intro(why(frm.doc.reason), "orange");
		}
		if (!is_staff()) return;
		if (["Requested", "Not Placed"].includes(frm.doc.state)) {
			frm.add_custom_button(__("Give It a Time"), () => book(frm));
			frm.add_custom_button(__("Withdraw"), () => withdraw(frm));
		} else if (frm.doc.state === "Placed") {
			frm.add_custom_button(__("See Conversation"), () => see_booking(frm));
		}
	},
});

function why(code) {
	return (
		{
			no_common_time: __("There is no time at which everybody can."),
			household_full: __("The household has no free time left."),
			instructor_full: __("The instructor has no free time left."),
			room_full: __("The room has no free time left."),
			displaces: __("It fits only in the place of other conversations."),
			time_limit: __("No time was found within the time limit."),
		}[code] || __("No time was found.")
	);
}

function book(frm) {
	return frappe.xcall("ouderavond.api.desk.slots", { evening: frm.doc.evening }).then((slots) => {
		const dialog = new frappe.ui.Dialog({
			title: __("Give It a Time"),
			fields: [
				{ fieldtype: "Select", fieldname: "start", label: __("Time"), reqd: 1, options: slots },
				{
					fieldtype: "Small Text",
					fieldname: "reason",
					label: __("Reason for an Exception"),
					description: __(
						"Only to override a block or another rule. Nobody can be in two conversations at once."
					),
				},
			],
			primary_action_label: __("Book", null, "Parent Evening"),
			primary_action(values) {
				frappe
					.xcall("ouderavond.api.desk.book_request", { request: frm.doc.name, ...values })
					.then((booking) => {
						dialog.hide();
						frappe.set_route("Form", "Evening Booking", booking);
					});
			},
		});
		dialog.show();
	});
}

function withdraw(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Withdraw Request"),
		fields: [
			{
				fieldtype: "Small Text",
				fieldname: "reason",
				label: __("Reason"),
				description: __("Needed after the deadline."),
			},
		],
		primary_action_label: __("Withdraw"),
		primary_action({ reason }) {
			frappe
				.xcall("ouderavond.api.desk.withdraw_request", { request: frm.doc.name, reason })
				.then(() => {
					dialog.hide();
					frappe.show_alert({ message: __("Withdrawn."), indicator: "green" });
					frm.reload_doc();
				});
		},
	});
	dialog.show();
}

function see_booking(frm) {
	frappe.set_route("List", "Evening Booking", { request: frm.doc.name });
}
