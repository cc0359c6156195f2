// On the form of an evening: who can't come, what would suit them, and the free times, each placed by one click.

(() => {
	const STAFF = "ouderavond.api.staff.";
	const escape = frappe.utils.escape_html;

	frappe.ui.form.on("Parent Evening", {
		refresh(frm) {
			const may = frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);
			if (frm.is_new() || !may) return;
			frm.add_custom_button(__("Can't Come"), () => open(frm), __("Schedule", null, "Parent Evening"));
		},
	});

	async function open(frm) {
		const rows = await frappe.xcall(`${STAFF}cant_come`, { evening: frm.doc.name });
		const dialog = new frappe.ui.Dialog({ title: __("Can't Come"), size: "large" });
		const body = $('<div class="oa-cant-come"></div>').appendTo(dialog.body);
		if (rows.length) rows.forEach((row) => body.append(entry(row, frm)));
		else
			body.append($("<p>").text(__("Everybody who has a time has said nothing, or has another time.")));
		dialog.show();
	}

	function entry(row, frm) {
		const facts = [row.instructors.join(", "), row.who.join(", ")].filter(Boolean).join(" · ");
		const wishes = row.wishes.map((wish) => `<li>${escape(wish)}</li>`).join("");
		const element = $(`
			<section style="border-top: 1px solid var(--border-color); padding: 12px 0">
				<h5 style="margin: 0">${escape(row.student_name || "")}, ${escape(row.subject || "")}</h5>
				<div class="text-muted">${escape(facts)}</div>
				<div><s>${escape(row.when)}</s> · ${escape(__("said {0}", [row.said]))}</div>
				<ul>${wishes}</ul>
				<button type="button" class="btn btn-sm btn-default">${escape(__("Show Free Times"))}</button>
				<div class="oa-free" role="status" style="display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px"></div>
			</section>`);
		element.find("button").on("click", () => show_times(row, element, frm));
		return element;
	}

	async function show_times(row, element, frm) {
		const place = element.find(".oa-free").empty();
		const times = await frappe.xcall(`${STAFF}alternatives`, { booking_name: row.name });
		if (!times.length) {
			place.text(__("There is no time at which everybody who is needed is free."));
			return;
		}
		let day = null;
		for (const time of times) {
			if (time.day !== day) $("<strong>").css("flex", "1 1 100%").text(time.day).appendTo(place);
			day = time.day;
			$('<button type="button" class="btn btn-sm"></button>')
				.addClass(time.fits ? "btn-primary" : "btn-default")
				.text(time.fits ? `${time.time} ✓` : time.time)
				.attr("aria-label", time.fits ? __("{0} (suits)", [time.label]) : time.label)
				.on("click", () => put(row, time, element, frm))
				.appendTo(place);
		}
	}

	async function put(row, time, element, frm) {
		element.find("button").prop("disabled", true);
		try {
			await frappe.xcall(`${STAFF}place_again`, { booking_name: row.name, start: time.start });
		} catch {
			// The platform has shown why; what is free may have changed meanwhile.
			element.find("button").prop("disabled", false);
			await show_times(row, element, frm);
			return;
		}
		element
			.find("button, .oa-free")
			.remove()
			.end()
			.append($('<p role="status">').text(__("Placed: {0}", [time.label])));
		frm.reload_doc();
	}
})();
