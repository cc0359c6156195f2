"""Changing and removing offers from a list: some by name, or all that its filters find."""

import frappe

from ouderavond.api import callers, running
from ouderavond.evening.offering import change as changing
from ouderavond.evening.offering import chosen


@frappe.whitelist(methods=["GET", "POST"])
def options(evening: str, offers: str | list | None = None, filters: str | dict | None = None) -> dict:
    """What the offers are like now, and how long a conversation can be: for the dialog."""
    callers.staff()
    doc = frappe.get_doc("Parent Evening", evening)
    found = chosen.summary(doc, running.names(offers), running.filters(filters))
    return {**found, "most_slots": changing.longest(doc)}


@frappe.whitelist(methods=["POST"])
def change(
    evening: str,
    offers: str | list | None = None,
    filters: str | dict | None = None,
    replace: str | None = None,
    by: str | None = None,
    add: str | list | None = None,
    take_out: str | list | None = None,
    exactly: str | list | None = None,
    slots: int | None = None,
    forbid: str | list | None = None,
    allow: str | list | None = None,
    only_forbidden: str | list | None = None,
    remark: str | None = None,
    dry_run: int = 0,
    confirmed: int = 0,
) -> dict:
    """Change instructors, duration, forbidden dates or remark; what is left out stays as it is.

    `offers` are names; without them `filters` of the list say which. `exactly` and `only_forbidden` given as
    "[]" are empty lists; an empty `remark` takes it away.
    """
    callers.staff()
    names, where = running.names(offers), running.filters(filters)
    return running.answer(
        changing.change,
        evening,
        size=chosen.size(evening, names, where),
        dry_run=dry_run,
        offers=names,
        filters=where,
        replace=replace,
        by=by,
        add=running.names(add) or [],
        take_out=running.names(take_out) or [],
        exactly=running.names(exactly),
        slots=slots,
        forbid=running.names(forbid) or [],
        allow=running.names(allow) or [],
        only_forbidden=running.names(only_forbidden),
        remark=remark,
        confirmed=bool(confirmed),
    )


@frappe.whitelist(methods=["POST"])
def remove(
    evening: str,
    offers: str | list | None = None,
    filters: str | dict | None = None,
    dry_run: int = 0,
    confirmed: int = 0,
) -> dict:
    """Remove offers; what was requested or booked is named first, and ends only when `confirmed`."""
    callers.staff()
    names, where = running.names(offers), running.filters(filters)
    return running.answer(
        changing.remove,
        evening,
        size=chosen.size(evening, names, where),
        dry_run=dry_run,
        offers=names,
        filters=where,
        confirmed=bool(confirmed),
    )
