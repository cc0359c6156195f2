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
