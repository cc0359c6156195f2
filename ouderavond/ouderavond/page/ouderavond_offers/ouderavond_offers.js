// The page "Offers" of an evening. What it does is in public/js/offers, loaded when it is opened first.

frappe.pages["ouderavond-offers"].on_page_load = (wrapper) => {
	frappe.ui.make_app_page({ parent: wrapper, title: __("Offers"), single_column: true });
};

frappe.pages["ouderavond-offers"].refresh = (wrapper) => {
	wrapper.loaded ??= frappe.require(["offers.bundle.css", "offers.bundle.js"]).then(() => {
		wrapper.offers = new frappe.ouderavond.OffersPage(wrapper);
	});
	wrapper.loaded.then(() => wrapper.offers.open());
};
