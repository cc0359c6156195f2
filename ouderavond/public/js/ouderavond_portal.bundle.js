// The script of /ouderavond. The page is complete without it: it adds what changes.

import { BookingPanel } from "./portal/booking/panel";
import { RequestForm } from "./portal/request_form";

const forms = [...document.querySelectorAll(".oa-form")].map((form) => new RequestForm(form));
document.querySelector(".oa-portal").classList.add("oa-with-script");

for (const element of document.querySelectorAll(".oa-booking")) new BookingPanel(element);

window.addEventListener("beforeunload", (event) => {
	if (forms.some((form) => form.unsaved)) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-print]")) {
	button.addEventListener("click", () => window.print());
}
