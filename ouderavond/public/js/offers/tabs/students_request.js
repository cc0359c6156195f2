// Asking for a conversation, or withdrawing it, for a household that phoned.

import { el } from "../dom.js";
import { request } from "../work.js";

const API = "ouderavond.api.offers.students.";

/** Open the dialog of a possibility of a list. */
export async function ask_for(list, row) {
	const { page } = list;
	const facts = await page.read("students.asking", { row: JSON.stringify(row) }).catch(() => null);
	if (!facts) return;
	if (facts.refused) {
		frappe.msgprint({
			title: __("Request for a Household"),
			message: frappe.utils.escape_html(facts.refused),
			indicator: "orange",
		});
	} else new Asking(list, row, facts).open();
}

class Asking {
	constructor(list, row, facts) {
		this.list = list;
		this.page = list.page;
		this.row = row;
		this.facts = facts;
	}

	open() {
		const asked = this.facts.parties.find((party) => party.request);
		this.dialog = new frappe.ui.Dialog({
			// The platform takes a title for HTML.
			title: frappe.utils.escape_html(__("{0}: {1}", [this.facts.student_name, this.facts.subject])),
			fields: this.fields(),
			primary_action_label: __("Request"),
			primary_action: (values) => this.request(values),
			secondary_action_label: __("Withdraw"),
			secondary_action: () => this.withdraw(),
		});
		this.dialog.$wrapper.addClass("oa-students-dialog");
		// Only then does the focus stay where it is put.
		this.dialog.$wrapper.on("hidden.bs.modal", () => {
			this.dialog.$wrapper.remove();
			this.list.focus();
		});
		this.dialog.$wrapper.on("shown.bs.modal", () =>
			this.dialog.$wrapper.find(":radio:checked").trigger("focus")
		);
		this.dialog.get_field("about").$wrapper.append(this.about());
		this.exceptions = el("div", { class: "oa-students-exceptions", role: "status" });
		this.dialog.get_field("exceptions").$wrapper.append(this.exceptions);
		this.choose_party(asked || this.facts.parties[0]);
		this.dialog.show();
	}

	fields() {
		const { longer, modes } = this.facts;
		return [
			{ fieldname: "about", fieldtype: "HTML" },
			{ fieldname: "exceptions", fieldtype: "HTML" },
			{
				fieldname: "override_reason",
				fieldtype: "Small Text",
				label: __("Reason for the exception"),
				description: __("It is kept with the request."),
			},
			{ fieldname: "longer", fieldtype: "Check", label: __("A longer conversation"), hidden: !longer },
			{
				fieldname: "preference",
				fieldtype: "Select",
				label: __("Preference"),
				options: [
					{ value: "", label: __("None") },
					{ value: "Early", label: __("Early in the evening") },
					{ value: "Late", label: __("Late in the evening") },
				],
			},
			{
				fieldname: "mode",
				fieldtype: "Select",
				label: __("How"),
				options: modes.map((mode) => ({ value: mode, label: __(mode) })),
				hidden: !modes.length,
			},
			{ fieldname: "remark", fieldtype: "Small Text", label: __("Remark for the instructors") },
		];
	}

	about() {
		const { deadline, offered, parties } = this.facts;
		return el(
			"div",
			{ class: "oa-students-about-request" },
			deadline && el("p", { class: "text-muted", text: deadline }),
			!offered &&
				el("p", {
					class: "oa-notice",
					text: __("This possibility is not offered yet. It will be offered when you request it."),
				}),
			el(
				"fieldset",
				{},
				el("legend", { text: __("Who phoned?") }),
				...parties.map((party, i) => this.choice(party, i))
			)
		);
	}

	choice(party, i) {
		const id = `oa-party-${i}`;
		return el(
			"div",
			{ class: "oa-students-party" },
			el("input", {
				type: "radio",
				name: "oa-party",
				id,
				data: { party: i },
				on: { change: () => this.choose_party(party) },
			}),
			el(
				"label",
				{ for: id },
				el("span", { text: party.names }),
				el("span", { class: "text-muted", text: standing(party) })
			)
		);
	}

	choose_party(party) {
		this.party = party;
		const index = this.facts.parties.indexOf(party);
		this.dialog.$wrapper.find(`[data-party="${index}"]`).prop("checked", true);
		const wishes = party.wishes || {};
		this.dialog.set_values({
			longer: wishes.longer || 0,
			preference: wishes.preference || "",
			mode: wishes.mode || this.facts.modes[0] || "",
			remark: wishes.remark || "",
		});
		this.show_exceptions();
		this.show_buttons();
	}

	show_exceptions() {
		const sentences = [...this.facts.exceptions, ...this.party.exceptions];
		this.exceptions.replaceChildren(...sentences.map((text) => el("p", { class: "oa-notice", text })));
		this.dialog.set_df_property("override_reason", "hidden", !sentences.length);
	}

	show_buttons() {
		const { request: asked, booking } = this.party;
		const label = asked
			? __("Save Wishes")
			: this.facts.offered
				? __("Request")
				: __("Offer and Request");
		this.dialog.set_primary_action(label, (values) => this.request(values));
		this.dialog.get_secondary_btn().toggleClass("hide", !asked || Boolean(booking));
		this.booked?.remove();
		if (!booking) return;
		this.booked = el(
			"p",
			{ class: "oa-notice" },
			__("This conversation has a time already. Cancel it there before you withdraw the request."),
			" ",
			el("a", {
				href: frappe.utils.get_form_link("Evening Booking", booking),
				text: __("Open the conversation"),
			})
		);
		this.exceptions.before(this.booked);
	}

	request(values) {
		if (this.lacks_reason([...this.facts.exceptions, ...this.party.exceptions])) return null;
		const wishes = ["longer", "preference", "mode", "remark", "override_reason"];
		const given = wishes.map((key) => [key, values[key] || (key === "longer" ? 0 : "")]);
		const args = Object.fromEntries(given.filter(([key, value]) => key !== "mode" || value));
		return this.send("request", {
			row: this.row,
			guardian: this.party.guardian || "",
			offer_first: this.facts.offered ? 0 : 1,
			...args,
		});
	}

	withdraw() {
		if (this.lacks_reason(this.facts.exceptions)) return null;
		const override_reason = this.dialog.get_value("override_reason") || "";
		return this.send("withdraw", { request: this.party.request, override_reason });
	}

	// Said here rather than by the platform, whose message takes this dialog along when it is closed.
	lacks_reason(exceptions) {
		if (!exceptions.length || this.dialog.get_value("override_reason")?.trim()) return false;
		this.dialog.get_field("override_reason").set_focus();
		frappe.show_alert({ message: __("Give a reason to make an exception."), indicator: "orange" });
		return true;
	}

	async send(method, args) {
		this.dialog.disable_primary_action();
		try {
			const answer = await request(API + method, { evening: this.page.evening, ...args });
			this.dialog.hide();
			say(answer);
			await this.list.during(() => this.page.changed());
		} catch {
			// The server said why; what was filled in stays.
			this.dialog.enable_primary_action();
		}
	}
}

function standing(party) {
	const of_student = party.maximum
		? __("{0} of {1} requested for this child", [party.number, party.maximum])
		: __("{0} requested for this child", [party.number]);
	const of_all = party.maximum_of_household
		? __("{0} of {1} for all children", [party.number_of_household, party.maximum_of_household])
		: "";
	return [party.request && __("has asked for this"), of_student, of_all].filter(Boolean).join(" · ");
}

function say({ sentence, told, not_told }) {
	const escape = frappe.utils.escape_html;
	const lines = not_told.map(([who, why]) => __("Not told by e-mail: {0}. {1}", [who, why]));
	if (told) lines.unshift(__("The confirmation is on its way to {0} e-mail addresses.", [told]));
	frappe.show_alert(
		{
			message: escape(sentence),
			subtitle: lines.map(escape).join("<br>"),
			indicator: not_told.length ? "orange" : "green",
		},
		not_told.length ? 20 : 9
	);
}
