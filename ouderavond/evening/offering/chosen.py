"""Which offers are meant: some, by name, or all that the filters of the list find."""

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count
from frappe.utils import format_date, getdate
from pypika import Order

from ouderavond.evening.offering import listing, views


def names(evening: str, offers: list[str] | None, filters: dict | None) -> list[str]:
    """The names of the offers that are meant, as they are now.

    Args:
        evening: name of the Parent Evening.
        offers: names; those that are gone are left out later.
        filters: instead of `offers`; {} is all of the evening.

    Raises:
        frappe.ValidationError: neither is given.
    """
    if offers is not None:
        return list(offers)
    if filters is None:
        frappe.throw(_("Choose the offers first."))
    offer, query = listing.matching(evening, filters)
    return query.select(offer.name).run(pluck=True)


def size(evening: str, offers: list[str] | None, filters: dict | None) -> int:
    """How many there are, to know whether it takes long."""
    if offers is not None:
        return len(offers)
    return listing.totals(evening, filters)["count"] if filters is not None else 0


def summary(evening, offers: list[str] | None, filters: dict | None) -> dict:
    """What the offers that are meant are like, each value with the number of offers that have it.

    Args:
        evening: a Parent Evening document.

    Returns:
        {chosen, offered, requested, booked, instructors, slots, forbidden, remarks}; the last four are rows
        {value, label, offers}, of instructors also `left`, of forbidden dates all dates of the evening.
    """
    if offers is not None:
        filters = {"name": offers}
    elif filters is None:
        frappe.throw(_("Choose the offers first."))
    totals = views.totals(evening.name, filters)
    return {
        "chosen": totals.pop("possible"),
        **totals,
        "instructors": _instructors(evening.name, filters),
        "slots": _values(evening.name, filters, "slots"),
        "forbidden": _dates(evening, filters),
        "remarks": _values(evening.name, filters, "remark"),
    }


def _values(evening: str, filters: dict, field: str) -> list[dict]:
    offer, query = listing.matching(evening, filters)
    value = Coalesce(offer[field], "")
    rows = (
        query.select(value, Count("*")).groupby(value).orderby(Count("*"), order=Order.desc).limit(20).run()
    )
    return [{"value": value, "label": str(value), "offers": number} for value, number in rows]


def _instructors(evening: str, filters: dict) -> list[dict]:
    given, instructor = frappe.qb.DocType("Conversation Offer Instructor"), frappe.qb.DocType("Instructor")
    offer, query = listing.matching(evening, filters)
    rows = (
        query.join(given)
        .on((given.parent == offer.name) & (given.parenttype == "Conversation Offer"))
        .join(instructor)
        .on(instructor.name == given.instructor)
        .groupby(instructor.name)
        .orderby(instructor.instructor_name)
        .select(
            instructor.name.as_("value"),
            instructor.instructor_name.as_("label"),
            instructor.ouderavond_code.as_("code"),
            instructor.status,
            Count("*").as_("offers"),
        )
    ).run(as_dict=True)
    for row in rows:
        row["left"] = row.pop("status") == "Left"
    return rows


def _dates(evening, filters: dict) -> list[dict]:
    day = frappe.qb.DocType("Conversation Offer Date")
    offer, query = listing.matching(evening.name, filters)
    query = query.join(day).on((day.parent == offer.name) & (day.parenttype == "Conversation Offer"))
    counts = dict(query.select(day.date, Count("*")).groupby(day.date).run())
    days = sorted(getdate(row.date) for row in evening.dates)
    return [
        {"value": str(one), "label": format_date(one, "EEE d MMM"), "offers": counts.get(one, 0)}
        for one in days
    ]
