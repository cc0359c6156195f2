// On the form of an evening: archiving it, and, once it is archived, the figures that are kept and when remarks go.

(() => {
	const API = "ouderavond.api.planning.archive.";
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));
	const number = (value) => Number(value || 0).toLocaleString(frappe.boot.lang || undefined);

	frappe.provide("frappe.ouderavond");
	frappe.ouderavond.archive = ask;

	frappe.ui.form.on("Parent Evening", {
		refresh(frm) {
			frm.oa_archive?.remove();
			frm.oa_archive = null;
			const may = frappe.user.has_role(["Ouderavond Manager", "Ouderavond Planner"]);
			if (frm.is_new() || !may || !(frm.doc.archived || frm.doc.anonymised_on)) return;
			show(frm);
		},
	});

	async function ask(frm) {
		const evening = frm.doc.name;
		const found = await frappe.xcall(`${API}before`, { evening });
		const lines = [
			found.ahead &&
				__("The evening is not over: {0} published conversations are still to come.", [
					number(found.ahead),
				]),
			__(
				"Nobody sees or changes anything of it any more, nothing is sent, and the lobby screen is closed. Its figures are kept."
			),
			found.waiting && __("{0} places in the waiting list end.", [number(found.waiting)]),
			found.runs && __("{0} runs of the scheduler are cancelled.", [number(found.runs)]),
			found.removal,
			__("Archive it?"),
		];
		const text = lines
			.filter(Boolean)
			.map((line) => `<p>${escape(line)}</p>`)
			.join("");
		frappe.confirm(text, () =>
			frappe.xcall(`${API}archive`, { evening }).then(() => {
				frappe.show_alert({ message: __("The evening is archived."), indicator: "green" });
				frm.reload_doc();
			})
		);
	}

	async function show(frm) {
		const evening = frm.doc.name;
		const { message } = await frappe.call({
			method: `${API}state`,
			type: "GET",
			args: { evening },
		});
		if (frm.doc.name !== evening || frm.oa_archive || !message) return;
		const rows = message.lines
			.map(
				([label, value]) => `<div style="display: flex; gap: 8px; justify-content: space-between">
					<dt style="font-weight: normal">${escape(label)}</dt>
					<dd style="margin: 0; text-align: right; font-variant-numeric: tabular-nums">${escape(
						typeof value === "number" ? number(value) : value
					)}</dd></div>`
			)
			.join("");
		const table = `<dl aria-label="${escape(__("Figures of this evening"))}" style="display: grid; margin: 8px 0 0;
			grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); gap: 4px 32px">${rows}</dl>`;
		frm.oa_archive = $(`
			<section class="oa-archive" style="border: 1px solid var(--border-color); padding: 12px 15px;
				border-radius: var(--border-radius-lg, 10px); margin: 0 0 var(--margin-md, 15px)">
				<h5 style="margin: 0 0 4px">${escape(__("Archive", null, "Parent Evening"))}</h5>
				<div>${escape(message.removal)}</div>
				${frm.doc.archived && rows ? table : ""}
			</section>`);
		frm.oa_archive.insertBefore(frm.layout.wrapper.find(".form-page").first());
	}
})();
