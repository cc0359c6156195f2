"""The whole evening at a glance: what is offered, requested and booked by date, program and subject."""

import frappe
from frappe.query_builder.functions import Count, Date
from frappe.utils import cstr, format_date, getdate

from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering import listing, views
from ouderavond.evening.offering.listing_rows import class_dates_query, programs_query

# Each table: its fields in order, with their formats.
TABLES = {
    "dates": {"date": "text", "offered": "number", "booked": "number"},
    "programs": {
        "program": "text",
        "students": "number",
        "without": "number",
        "offered": "number",
        "requested": "number",
        "booked": "number",
        "households": "number",
    },
    "subjects": {
        "subject": "text",
        "students": "number",
        "offered": "number",
        "requested": "number",
        "booked": "number",
    },
}


def overall(evening: str, filters: dict | None = None) -> dict:
    """{dates, programs, subjects: rows with the fields of TABLES and a key, totals}.

    `households` are the groups of guardians who attend together and asked for something; `without` are
    students of whom nothing is offered.
    """
    filters = views.clean(filters)
    doc = frappe.get_cached_doc("Parent Evening", evening)
    programs = views.groups(evening, "program", filters, length=None)["rows"]
    households = _households(evening, filters)
    for row in programs:
        row["households"] = households.get(row["key"], 0)
    subjects = views.by_subject(evening, filters)
    # Each offer has one subject.
    totals = {name: sum(row[name] for row in subjects) for name in ("possible", *views.TOTALS)}
    return {
        "dates": _dates(doc, filters, totals["offered"]),
        "programs": programs,
        "subjects": subjects,
        "totals": {**totals, "households": _all_households(evening, filters), **_students(doc, filters)},
    }


def _dates(evening, filters: dict, offered: int) -> list[dict]:
    forbidden, booked = _forbidden(evening.name, filters), _booked(evening.name, filters)
    days = sorted(getdate(row.date) for row in evening.dates)
    return [
        {
            "key": cstr(day),
            "date": format_date(day, "EEEE d MMMM"),
            "offered": offered - forbidden.get(day, 0),
            "booked": booked.get(day, 0),
        }
        for day in days
    ]


def _forbidden(evening: str, filters: dict) -> dict:
    """{date: offers that may not be on it}, by their own dates or those of a class."""
    day = frappe.qb.DocType("Conversation Offer Date")
    offer, query = listing.matching(evening, {**filters, "offered": 1})
    own = query.join(day).on((day.parent == offer.name) & (day.parenttype == "Conversation Offer"))
    own = own.select(offer.name, day.date)
    of_class, days = class_dates_query(evening)
    member = frappe.qb.DocType("Student Group Student")
    days = days.select(member.student, of_class.date).as_("days")
    offer, query = listing.matching(evening, {**filters, "offered": 1})
    classes = query.join(days).on(days.student == offer.student).select(offer.name, days.date)
    both = (own.union(classes)).as_("both")
    return dict(frappe.qb.from_(both).select(both.date, Count(both.name).distinct()).groupby(both.date).run())


def _booked(evening: str, filters: dict) -> dict:
    booking = frappe.qb.DocType("Evening Booking")
    offer, query = listing.matching(evening, filters)
    day = Date(booking.start)
    query = query.join(booking).on(booking.offer == offer.name).where(booking.state.isin(LIVE))
    return dict(query.select(day, Count("*")).groupby(day).run())


def _asked(evening: str, filters: dict):
    request = frappe.qb.DocType("Conversation Request")
    offer, query = listing.matching(evening, filters)
    return request, query.join(request).on(request.offer == offer.name).where(request.state.isin(ASKED))


def _households(evening: str, filters: dict) -> dict:
    request, query = _asked(evening, filters)
    enrollment, pairs = programs_query(evening)
    pairs = pairs.select(enrollment.student, enrollment.program).distinct().as_("pairs")
    query = query.join(pairs).on(pairs.student == request.student).groupby(pairs.program)
    return dict(query.select(pairs.program, Count(request.party).distinct()).run())


def _all_households(evening: str, filters: dict) -> int:
    request, query = _asked(evening, filters)
    return query.select(Count(request.party).distinct()).run()[0][0]


def _students(evening, filters: dict) -> dict:
    """All students concerned, and how many of them have nothing offered."""
    students, without = views.students(evening, filters)
    return {"students": students, "without": without}
