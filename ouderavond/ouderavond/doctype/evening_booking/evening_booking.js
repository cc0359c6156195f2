// A booked conversation is moved, pinned and cancelled by the server, which holds the places.

const STAFF = "ouderavond.api.staff.";

// Those who may act; the server checks it again.
const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);

frappe.ui.form.on("Evening Booking", {
	refresh(frm) {
		frm.disable_save();
		if (frm.is_new() || !is_staff()) return;
		if (frm.doc.untold) say_untold(frm);
		if (frm.doc.state === "Cancelled") return;
		frm.add_custom_button(__("Move", null, "Parent Evening"), () => move(frm));
		frm.add_custom_button(frm.doc.pinned ? __("Unpin", null, "Parent Evening") : __("Pin"), () =>
			pin(frm)
		);
		frm.add_custom_button(__("Cancel Conversation"), () => cancel(frm));
	},
});

function say_untold(frm) {
	const when = frappe.datetime.str_to_user(frm.doc.published_start);
	frm.set_intro(
		frm.doc.state === "Cancelled"
			? __("People still know this conversation on {0}: that it is cancelled has not been published.", [
					when,
				])
			: __("People still know this conversation on {0}: the change has not been published.", [when]),
		"orange"
	);
}

function move(frm) {
	return frappe.xcall("ouderavond.api.desk.slots", { evening: frm.doc.evening }).then((slots) => {
		const dialog = new frappe.ui.Dialog({
			title: __("Move Conversation"),
			fields: [
				{
					fieldtype: "Select",
					fieldname: "start",
					label: __("New Time"),
					reqd: 1,
					options: slots,
					default: frm.doc.start,
				},
				{
					fieldtype: "Small Text",
					fieldname: "reason",
					label: __("Reason for an Exception"),
					description: __(
						"Only to override a block or another rule. Nobody can be in two conversations at once."
					),
				},
			],
			primary_action_label: __("Move", null, "Parent Evening"),
			primary_action(values) {
				run(frm, "move", values, __("Moved.")).then(() => dialog.hide());
			},
		});
		dialog.show();
	});
}

function pin(frm) {
	return run(
		frm,
		"pin",
		{ pinned: frm.doc.pinned ? 0 : 1 },
		frm.doc.pinned ? __("The scheduler may move it.") : __("The scheduler leaves it where it is.")
	);
}

function cancel(frm) {
	const told =
		frm.doc.state === "Published"
			? __("The household knows this time. They learn that it is cancelled when you publish it.")
			: "";
	const dialog = new frappe.ui.Dialog({
		title: __("Cancel Conversation"),
		fields: [
			{ fieldtype: "HTML", options: `<p>${told}</p>` },
			{ fieldtype: "Small Text", fieldname: "reason", label: __("Reason"), reqd: 1 },
		],
		primary_action_label: __("Cancel Conversation"),
		primary_action(values) {
			run(frm, "cancel_booking", values, __("Cancelled.")).then(() => dialog.hide());
		},
	});
	dialog.show();
}

function run(frm, method, values, message) {
	return frappe.xcall(STAFF + method, { booking_name: frm.doc.name, ...values }).then(() => {
		frappe.show_alert({ message, indicator: "green" });
		return frm.reload_doc();
	});
}
