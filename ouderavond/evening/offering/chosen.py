"""Which offers are meant: some, by name, or all that the filters of the list find."""

import frappe
from frappe import _

from ouderavond.evening.offering import listing


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
