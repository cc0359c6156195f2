"""What ends with an offer: requests are withdrawn, conversations cancelled. Found, named, and carried out."""

from collections.abc import Iterable

import frappe
from frappe.utils import cstr

from ouderavond.evening import claims, told
from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering.report import Concerned
from ouderavond.evening.offering.rows import Offer, instructor_names


def ever_asked(offers: Iterable[str]) -> set[str]:
    """Those of the offers that somebody ever requested, or that ever had a time."""
    offers = list(offers)
    found: set[str] = set()
    for doctype in ("Conversation Request", "Evening Booking"):
        filters = {"offer": ("in", offers or [""])}
        found |= set(frappe.get_all(doctype, filters, pluck="offer", distinct=True))
    return found


def concerned(ended: set[str], moved: Iterable[str], offers: dict[str, Offer]) -> list[Concerned]:
    """Who is hit: active requests and conversations of ended offers, conversations of `moved` ones.

    A request that has a time is one row with it.
    """
    both = [*ended, *moved]
    if not both:
        return []
    fields = ["name", "offer", "request", "start", "state", "published_start", "student", "household"]
    filters = {"offer": ("in", both), "state": ("in", LIVE)}
    bookings = frappe.get_all("Evening Booking", filters, fields, order_by="start")
    of_request = {row.request: row for row in bookings if row.request}
    filters = {"offer": ("in", list(ended) or [""]), "state": ("in", ASKED)}
    requests = frappe.get_all(
        "Conversation Request", filters, ["name", "offer", "guardian_name", "student_name", "state"]
    )
    names = instructor_names()
    guardians = _guardians([row.name for row in bookings])
    found = [
        _row(offers[row.offer], names, row.guardian_name or row.student_name, row, of_request.get(row.name))
        for row in requests
    ]
    asked = {row.name for row in requests}
    for row in bookings:
        if row.request not in asked:
            # The request of an offer that stays waits for another time.
            waiting = frappe._dict(name=row.request) if row.request and row.offer not in ended else None
            found.append(_row(offers[row.offer], names, guardians.get(row.name, ""), waiting, row))
    return sorted(found, key=lambda row: (row.student_name, row.subject))


def _guardians(bookings: list[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    filters = {"parent": ("in", bookings or [""])}
    fields = ["parent", "guardian_name"]
    for row in frappe.get_all("Evening Booking Guardian", filters, fields, order_by="idx"):
        found.setdefault(row.parent, []).append(row.guardian_name or "")
    return {name: ", ".join(people) for name, people in found.items()}


def _row(offer: Offer, names: dict[str, str], household: str | None, request, booking) -> Concerned:
    return Concerned(
        offer=offer.name,
        student=offer.student,
        student_name=offer.student_name,
        subject=offer.subject,
        instructors=", ".join(names.get(name) or name for name in offer.instructors),
        household=household or "",
        state=booking.state if booking else request.state,
        request=request.name if request else None,
        booking=booking.name if booking else None,
        start=cstr(booking.start) if booking else None,
        published_start=cstr(booking.published_start or booking.start)
        if booking and booking.state == "Published"
        else None,
    )


def end(evening: str, rows: list[Concerned], ended: set[str]) -> list[tuple]:
    """Withdraw the requests of ended offers and cancel the conversations; within `claims.transaction` only.

    A request whose conversation is cancelled while its offer stays waits for a place again.

    Returns:
        The journal's entries.
    """
    bookings = [row for row in rows if row.booking]
    cancelled = [row.booking for row in bookings]
    filters = {"name": ("in", cancelled or [""])}
    pinned = dict(frappe.get_all("Evening Booking", filters, ["name", "pinned"], as_list=True))
    if cancelled:
        claims.replace(evening, cancelled, [])
        frappe.db.set_value(
            "Evening Booking", {"name": ("in", cancelled)}, {"state": "Cancelled", "pinned": 0, "untold": 0}
        )
        told.note_many(cancelled)
    entries = [
        (
            "Evening Booking",
            row.booking,
            {"state": row.state, "pinned": pinned.get(row.booking, 0)},
            {"state": "Cancelled", "pinned": 0},
        )
        for row in bookings
    ]
    for state in ("Withdrawn", "Requested"):
        requests = [r.request for r in rows if r.request and (r.offer in ended) == (state == "Withdrawn")]
        if requests:
            before = dict(
                frappe.get_all(
                    "Conversation Request", {"name": ("in", requests)}, ["name", "state"], as_list=True
                )
            )
            entries += [
                ("Conversation Request", name, {"state": before[name]}, {"state": state}) for name in requests
            ]
            frappe.db.set_value("Conversation Request", {"name": ("in", requests)}, "state", state)
    return entries
