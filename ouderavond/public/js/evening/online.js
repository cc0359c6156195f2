// On the form of an evening: what makes its meetings, and the connection test before people are told.

(() => {
	const API = "ouderavond.api.meetings.";
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	frappe.provide("frappe.ouderavond");
	// Resolves to {go, sentence}; see connection_test.js.
	frappe.ouderavond.before_publishing = async (frm) => {
		if (!makes_events(frm.doc)) return { go: true, sentence: "" };
		await frappe.require("meetings.bundle.js");
		return frappe.ouderavond.meetings.before_publishing(frm.doc.name);
	};

	const is_staff = () => frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);
	const makes_events = (doc) =>
		Boolean(doc.meeting_provider) && (doc.mode !== "In Person" || Boolean(doc.in_person_in_calendar));

	frappe.ui.form.on("Parent Evening", {
		refresh(frm) {
			describe(frm);
			if (!is_staff() || frm.is_new() || frm.doc.archived || !makes_events(frm.doc)) return;
			frm.add_custom_button(__("Test Online Meetings"), () => test(frm));
		},
		mode: describe,
		meeting_provider: describe,
		in_person_in_calendar: describe,
	});

	async function test(frm) {
		if (frm.is_dirty()) await frm.save();
		await frappe.require("meetings.bundle.js");
		return frappe.ouderavond.meetings.test_evening(frm.doc.name);
	}

	// What the chosen provider does and cannot do, below the choice.
	async function describe(frm) {
		const provider = frm.doc.meeting_provider;
		const field = frm.fields_dict.meeting_provider;
		if (!field || !is_staff()) return;
		frm.oa_said ??= {};
		if (provider && !frm.oa_said[provider])
			frm.oa_said[provider] = await frappe.xcall(`${API}about`, { provider });
		if (frm.doc.meeting_provider !== provider) return;
		const said = provider ? frm.oa_said[provider] : null;
		frm.oa_usual ??= frappe.meta.get_docfield("Parent Evening", "meeting_provider").description;
		const lines = said ? [...said.about, said.lacking] : [__(frm.oa_usual)];
		if (provider === "Link Template" && frm.doc.in_person_in_calendar)
			lines.push(__("It knows no calendars: in-person conversations cannot be put into any."));
		frm.set_df_property(
			"meeting_provider",
			"description",
			lines.filter(Boolean).map(escape).join("<br>")
		);
	}
})();
