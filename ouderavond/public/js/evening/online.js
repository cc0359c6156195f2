// On the form of an evening: what makes its meetings, and the connection test before people are told.

(() => {
	frappe.ui.form.on("Parent Evening", {});
})();
