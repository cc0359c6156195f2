// The page "Planning" of an evening. What it does is in public/js/planning, loaded when it is opened first.

frappe.pages["ouderavond-planning"].on_page_load = (wrapper) => {
	frappe.ui.make_app_page({ parent: wrapper, title: __("Planning"), single_column: true });
};

frappe.pages["ouderavond-planning"].refresh = (wrapper) => {
	wrapper.loaded ??= frappe.require(["planning.bundle.css", "planning.bundle.js"]).then(() => {
		wrapper.planning = new frappe.ouderavond.PlanningPage(wrapper);
	});
	wrapper.loaded.then(() => wrapper.planning.open());
};
