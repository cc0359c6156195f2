"""The tab Online Meetings: how many events are where, why some are not, trying again, and a look."""

import frappe
from frappe import _

from ouderavond.api import running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening.online import listing, overview, report, rows, waking

PAGE = 200
MOST = 1_000


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str) -> dict:
    """What the provider does, how many events are where, and what somebody has to put right."""
    return overview.of(evening_of(evening))


@frappe.whitelist(methods=["GET", "POST"])
def events(
    evening: str,
    filters: str | dict | None = None,
    start: int = 0,
    length: int = PAGE,
    order_by: str | None = None,
) -> dict:
    """A page of the events: {rows, total}.

    Args:
        filters: any of `listing.FILTERS`.
    """
    name = evening_of(evening).name
    found = running.filters(filters)
    return listing.page(name, found, max(0, start), min(max(1, length), MOST), order_by)


@frappe.whitelist(methods=["POST"])
def retry(evening: str, code: str | None = None, meetings: str | list | None = None) -> dict:
    """Let what failed be tried again at once: {number, message}.

    Args:
        code: only what failed for this reason. meetings: only these.
    """
    doc = evening_of(evening)
    _refuse_where_nothing_can_be_tried(doc)
    number = rows.retry(
        {"name": ("in", report.failed_names(doc.name, code, running.names(meetings)) or [""])}
    )
    frappe.db.commit()
    if number:
        waking.start()
    said = _("{0} are tried again now.") if number else _("Nothing here waits to be tried again any more.")
    return {"number": number, "message": said.format(number)}


@frappe.whitelist(methods=["POST"])
def hurry(evening: str) -> dict:
    """Let what waits for its next attempt be tried at once: {number, message}."""
    doc = evening_of(evening)
    _refuse_where_nothing_can_be_tried(doc)
    names = report.waiting_names(doc.name)
    rows.hurry(names)
    frappe.db.commit()
    if names:
        waking.start()
    said = (
        _("{0} are tried again now.") if names else _("The other system asked to wait: nothing goes sooner.")
    )
    return {"number": len(names), "message": said.format(len(names))}


@frappe.whitelist(methods=["POST"])
def look(evening: str) -> dict:
    """Look into the calendars now, in the background."""
    doc = evening_of(evening)
    _refuse_where_nothing_can_be_tried(doc)
    if not overview.is_outward(doc):
        frappe.throw(_("There are no calendars to look into: this evening has links only."))
    waking.ask_to_look()
    return {"looked": waking.looked()}


def _refuse_where_nothing_can_be_tried(doc) -> None:
    if said := overview.refusal(doc):
        frappe.throw(said)
