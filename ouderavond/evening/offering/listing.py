"""The list of possibilities as staff see it: every offer of an evening, filtered, sorted and counted in SQL.

    page(evening, filters, order_by, start, length)   {rows, total}; the rows are those of `listing_rows`
    keys(evening, filters, order_by)                  the names of all offers that match, in order
    count(evening, filters)                           how many match
    totals(evening, filters)                          {count, offered, requested}
    matching(evening, filters)                        (table, query) of what matches, to group and count

Filters, a value or a list of values each; None and "" mean no filter:
    name, student, program, group (a class or lesson group), instructor, guardian, household (as
    `people.household_index` names it), course, subject, source; offered, requested, in_package (1 or 0);
    search (words, each of which stands somewhere in a row); those of `places`.

It tells what only staff may know: callers check that first.
"""

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, cstr, escape_html
from pypika import Order
from pypika.functions import Substring

from ouderavond.evening.offering import listing_rows
from ouderavond.evening.offering.listing_filters import FILTERS
from ouderavond.evening.offering.listing_orders import OF_STUDENTS, ORDERS, asked, by_last_name

PAGE = 200
DEFAULT_ORDER = "last_name asc"


def page(
    evening: str,
    filters: dict | None = None,
    order_by: str | None = None,
    start: int = 0,
    length: int | None = PAGE,
) -> dict:
    """Some of the rows that match, and how many there are: {rows, total}.

    Args:
        order_by: "key asc" or "key desc" with a key of ORDERS.
        length: how many rows; None for all from `start`.
    """
    names = keys(evening, filters, order_by, start, length)
    return {"rows": listing_rows.of_offers(evening, names), "total": count(evening, filters)}


def count(evening: str, filters: dict | None = None) -> int:
    """How many possibilities match."""
    _offer, query = matching(evening, filters)
    return query.select(Count("*")).run()[0][0]


def keys(
    evening: str,
    filters: dict | None = None,
    order_by: str | None = None,
    start: int = 0,
    length: int | None = None,
) -> list[str]:
    """The names of the offers that match, in order."""
    offer, query = matching(evening, filters)
    key, _space, direction = (order_by or DEFAULT_ORDER).partition(" ")
    if key not in ORDERS or direction not in ("", "asc", "desc"):
        frappe.throw(_("The list cannot be sorted by {0}.").format(escape_html(cstr(order_by))))
    query = query.select(offer.name)
    query, term = ORDERS[key](evening, offer, query)
    query = query.orderby(term, order=Order.desc if direction == "desc" else Order.asc)
    # Within one value always by student and subject, so that pages fit together.
    if key not in OF_STUDENTS:
        query, term = by_last_name(evening, offer, query)
        query = query.orderby(term)
    # The whole subject would make each row that is sorted several times as wide.
    query = query.orderby(Substring(offer.subject, 1, 24)).orderby(offer.name)
    if length is not None:
        query = query.limit(length)
    if start:
        query = query.limit(2**40 if length is None else length).offset(start)
    return query.run(pluck=True)


def totals(evening: str, filters: dict | None = None) -> dict[str, int]:
    """How many possibilities match, how many of these are offered, and how many somebody asked for."""
    offer, query = matching(evening, filters)
    numbers = asked(evening)
    row = (
        query.left_join(numbers)
        .on(numbers.offer == offer.name)
        .select(Count(offer.name), Sum(offer.offered), Count(numbers.offer))
    ).run()[0]
    return dict(zip(("count", "offered", "requested"), map(cint, row), strict=True))


def matching(evening: str, filters: dict | None = None):
    """The table of offers, and a query of those that match, without columns yet: to select, join, group."""
    offer = frappe.qb.DocType("Conversation Offer")
    query = frappe.qb.from_(offer).where(offer.evening == evening)
    for key, value in (filters or {}).items():
        if key not in FILTERS:
            frappe.throw(_("The list cannot be filtered by {0}.").format(escape_html(cstr(key))))
        if value is not None and value != "":
            query = query.where(FILTERS[key](evening, offer, value))
    return offer, query
