// The settings, and the doctor's findings about this site.

const METHODS = "ouderavond.ouderavond.doctype.ouderavond_settings.ouderavond_settings.";

frappe.ui.form.on("Ouderavond Settings", {
	refresh(frm) {
		frm.add_custom_button(__("Confirm This Site"), () => confirm_site(frm));
		frm.add_custom_button(__("Check This Site"), () => check_site(frm));
		show_findings(frm);
		show_retention(frm);
	},
});

// What will be removed and when, as the stored settings say.
function show_retention(frm) {
	const section = frm.fields_dict.sec_retention?.wrapper;
	if (!section) return;
	frappe.xcall("ouderavond.api.planning.archive.retention_sentences").then((sentences) => {
		$(section).find(".oa-retention").remove();
		const list = $('<ul class="oa-retention text-muted" role="status"></ul>');
		for (const sentence of sentences) list.append($("<li>").text(sentence));
		$(section).append(list);
	});
}

function confirm_site(frm) {
	return frappe.confirm(
		__(
			"From now on mail, meetings and webhooks may leave this site. Do this on the school's real site only, never on a copy. Confirm?"
		),
		() =>
			frappe.xcall(METHODS + "confirm_site").then((address) => {
				frappe.show_alert({
					message: __("Confirmed: {0}", [frappe.utils.escape_html(address)]),
					indicator: "green",
				});
				frm.reload_doc();
			})
	);
}

function check_site(frm) {
	return frappe.xcall(METHODS + "check_site").then((findings) => {
		frm.oa_findings = findings;
		show_findings(frm);
		frm.scroll_to_field("findings");
	});
}

function show_findings(frm) {
	if (!frm.oa_findings) {
		frm.fields_dict.findings?.html(
			`<p class="text-muted">${__("Check This Site looks at the scheduler, workers, mail, rights and more.")}</p>`
		);
		return;
	}
	const look = {
		ok: ["green", __("Good")],
		warning: ["orange", __("Look at this")],
		error: ["red", __("Does not work")],
	};
	const order = { error: 0, warning: 1, ok: 2 };
	const escape = frappe.utils.escape_html;
	const rows = [...frm.oa_findings]
		.sort((a, b) => order[a.level] - order[b.level])
		.map(
			({ name, level, what, do: advice }) => `
			<tr>
				<td><span class="indicator-pill ${look[level][0]}">${look[level][1]}</span></td>
				<td><b>${escape(name)}</b></td>
				<td>${escape(what)}${advice ? `<br><span class="text-muted">${escape(advice)}</span>` : ""}</td>
			</tr>`
		)
		.join("");
	frm.fields_dict.findings?.html(
		`<div class="table-responsive"><table class="table table-sm">${rows}</table></div>`
	);
}

// Online meetings

const MEETINGS = "ouderavond.api.meetings.";
const SECRETS = ["microsoft_client_secret", "microsoft_certificate", "google_service_account"];
// Where each provider's button stands.
const PROVIDERS = {
	sec_microsoft: "Microsoft Teams",
	sec_google: "Google Meet",
	sec_link: "Link Template",
};

frappe.ui.form.on("Ouderavond Settings", {
	refresh(frm) {
		keep_secrets_here(frm);
		add_test_buttons(frm);
		add_preview(frm);
		show_standing(frm);
		say_what_can_be_set(frm);
	},
	microsoft_level: say_what_can_be_set,
	meeting_lobby: say_what_can_be_set,
	meeting_recording: say_what_can_be_set,
	default_meeting_provider: say_what_can_be_set,
});

// The platform sends what is typed into such a field to the server to see how strong it is, once for each pause.
function keep_secrets_here(frm) {
	for (const field of SECRETS) frm.fields_dict[field]?.disable_password_checks?.();
}

function add_test_buttons(frm) {
	for (const [section, provider] of Object.entries(PROVIDERS)) {
		const body = frm.fields_dict[section]?.wrapper;
		// What a test found stays when the form is drawn anew, as it is after saving.
		if (!body || $(body).find(".oa-connection").length) continue;
		const place = $('<div class="oa-connection" style="flex: 1 0 100%; padding: 0 15px 15px"></div>');
		$('<button type="button" class="btn btn-default btn-sm"></button>')
			.text(__("Test Connection"))
			.attr("aria-label", __("Test Connection: {0}", [__(provider)]))
			.on("click", (event) => test_connection(frm, provider, place, event.currentTarget))
			.appendTo(place);
		$('<div role="status"></div>').appendTo(place);
		$(body).find(".section-body").first().append(place);
	}
}

async function test_connection(frm, provider, place, button) {
	if (frm.is_dirty()) {
		frappe.show_alert({ message: __("What you changed is saved first."), indicator: "blue" });
		await frm.save();
	}
	button.disabled = true;
	const said = place.find("[role=status]").text(__("The other system is being asked…"));
	try {
		await frappe.require("meetings.bundle.js");
		const findings = await frappe.xcall(`${MEETINGS}test_connection`, { provider });
		said.empty().append(frappe.ouderavond.meetings.findings_list(findings));
	} catch {
		said.text(__("The test broke off. Please test again."));
	} finally {
		button.disabled = false;
	}
}

function add_preview(frm) {
	const section = frm.fields_dict.sec_meeting_text?.wrapper;
	if (!section || $(section).find(".oa-preview").length) return;
	const place = $('<div class="oa-preview" style="flex: 1 0 100%; padding: 0 15px 15px"></div>');
	$('<button type="button" class="btn btn-default btn-sm"></button>')
		.text(__("Preview"))
		.on("click", () => preview(frm, place.find("[role=status]")))
		.appendTo(place);
	$('<div role="status"></div>').appendTo(place);
	$(section).find(".section-body").first().append(place);
}

async function preview(frm, place) {
	const { meeting_subject: subject, meeting_body: body } = frm.doc;
	const found = await frappe.xcall(`${MEETINGS}preview_texts`, { subject, body });
	const card = $('<figure style="margin: 12px 0 0"></figure>').css({
		border: "1px solid var(--border-color)",
		borderLeft: "4px solid var(--primary)",
		borderRadius: "var(--border-radius, 8px)",
		padding: "10px 14px",
		maxWidth: "560px",
	});
	$('<div style="font-weight: 600; overflow-wrap: anywhere"></div>').text(found.subject).appendTo(card);
	$('<div style="white-space: pre-wrap; overflow-wrap: anywhere"></div>').text(found.body).appendTo(card);
	$('<figcaption class="text-muted" style="margin-top: 8px"></figcaption>')
		.text(found.about)
		.appendTo(card);
	place.empty().append(card);
	if (found.warning)
		place.append($('<p class="text-warning" style="margin-top: 8px">').text(found.warning));
}

// What is wrong or will be, above the form.
async function show_standing(frm) {
	const { message } = await frappe.call({ method: `${MEETINGS}standing`, type: "GET" });
	frm.oa_standing?.remove();
	frm.oa_standing = null;
	if (!message?.warnings.length) return;
	await frappe.require("meetings.bundle.js");
	frm.oa_standing?.remove();
	frm.oa_standing = $('<section class="form-message" style="margin: 0 15px 15px"></section>')
		.attr("aria-label", __("Online Meetings"))
		.append(frappe.ouderavond.meetings.findings_list(message.warnings))
		.insertBefore(frm.layout.wrapper.find(".form-tabs-list, .form-page").first());
}

// Beside lobby and recording: which of the systems follow what is chosen.
function say_what_can_be_set(frm) {
	const teams =
		frm.doc.microsoft_level === "With Lobby and Recording"
			? __("Microsoft Teams: set by the app.")
			: __(
					"Microsoft Teams: not set with the permission Calendar Only; what Teams has for the instructor holds."
				);
	const lobby = [
		frm.doc.meeting_lobby === "Everyone Enters"
			? __("Whoever has the link enters, also while another conversation goes on.")
			: __("Who enters without being let in. The instructor always does."),
		teams,
		__("Google Meet: cannot be set; colleagues enter and everybody else asks to."),
		__("Link Template: set in the other system."),
	];
	const recording = [
		frm.doc.meeting_recording
			? __("Tell families beforehand that a conversation may be recorded.")
			: __("Off: nobody can record a conversation, wherever the app can set it."),
		teams,
		__("Google Meet: cannot be set; the instructor may record."),
		__("Link Template: set in the other system."),
	];
	frm.set_df_property("meeting_lobby", "description", lobby.map(escaped).join("<br>"));
	frm.set_df_property("meeting_recording", "description", recording.map(escaped).join("<br>"));
}

function escaped(text) {
	return frappe.utils.escape_html(text);
}
