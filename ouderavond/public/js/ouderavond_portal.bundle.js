// The script of /ouderavond. The page is complete without it: it adds what changes.

import { BookingPanel } from "./portal/booking/panel";
import { Conversations } from "./portal/conversations";
import { CalendarFeed } from "./portal/calendar_feed";
import { print_part } from "./portal/printing";
import { RequestForm } from "./portal/request_form";

const forms = [...document.querySelectorAll(".oa-form")].map((form) => new RequestForm(form));
document.querySelector(".oa-portal").classList.add("oa-with-script");

const panels = [...document.querySelectorAll(".oa-booking")].map((element) => new BookingPanel(element));
const lists = [...document.querySelectorAll(".oa-mine")].map((element) => new Conversations(element));
for (const list of lists) list.follow(panels);
for (const element of document.querySelectorAll(".oa-feed")) new CalendarFeed(element);

window.addEventListener("beforeunload", (event) => {
	if (forms.some((form) => form.unsaved)) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-print]")) {
	button.addEventListener("click", () => print_part(button));
}
