"""What is known of the events of conversations, for pages, letters and staff."""

from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Count

from ouderavond.evening.online import rows


def links(bookings: Iterable[str]) -> dict[str, str]:
    """Where to join, by conversation, of those that have a meeting now."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    query = (
        frappe.qb.from_(row)
        .select(row.booking, row.link)
        .where((row.state == "Made") & (row.online == 1) & (row.link != ""))
        .where(row.live_key.isin(list(bookings) or [""]))
    )
    return dict(query.run())


def counts(evening: str) -> dict[str, int]:
    """How many events of an evening are in which state, without those that are over."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    query = (
        frappe.qb.from_(row)
        .select(row.state, Count("*"))
        .where((row.evening == evening) & row.state.isin(rows.LIVE))
        .groupby(row.state)
    )
    return {state: 0 for state in rows.LIVE} | dict(query.run())
