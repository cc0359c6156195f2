// The script of /ouderavond. The page is complete without it: it adds what changes.

import { AbsenceForm } from "./portal/absence";
import { BookingPanel } from "./portal/booking/panel";
import { Conversations } from "./portal/conversations";
import { CalendarFeed } from "./portal/calendar_feed";
import { mount_finding } from "./portal/finding";
import { Sitting } from "./portal/instructor/sitting";
import { Students } from "./portal/instructor/students";
import { LinkWatch } from "./portal/link_watch";
import { Live } from "./portal/live";
import { leave } from "./portal/leaving";
import { print_part } from "./portal/printing";
import { RequestForm } from "./portal/request_form";
import { mount_offered, mount_waiting } from "./portal/waiting";

const forms = [
	...[...document.querySelectorAll(".oa-form")].map((form) => new RequestForm(form)),
	...[...document.querySelectorAll(".oa-absence-form")].map((form) => new AbsenceForm(form)),
];
document.querySelector(".oa-portal").classList.add("oa-with-script");

const panels = [...document.querySelectorAll(".oa-booking")].map((element) => new BookingPanel(element));
const lists = [...document.querySelectorAll(".oa-mine")].map((element) => new Conversations(element));
for (const list of lists) list.follow(panels);
for (const list of lists) new Live(list.element);
for (const list of lists) new LinkWatch(list);
for (const panel of panels) mount_finding(panel, panel.element.querySelector(".oa-booking-find"));
for (const panel of panels) mount_waiting(panel, panel.element.querySelector(".oa-booking-waiting"));
mount_offered(document.querySelectorAll(".oa-offered"), panels);
for (const element of document.querySelectorAll(".oa-feed")) new CalendarFeed(element);

for (const section of document.querySelectorAll(".oa-sitting")) new Sitting(section);
for (const part of document.querySelectorAll(".oa-i-students")) new Students(part);

window.addEventListener("beforeunload", (event) => {
	if (forms.some((form) => form.unsaved)) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-leave]")) {
	button.addEventListener("click", leave);
}

for (const button of document.querySelectorAll("[data-print]")) {
	button.addEventListener("click", () => print_part(button));
}
