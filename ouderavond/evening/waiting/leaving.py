"""People and records that go, or get another name, and what becomes of the waiting list.

Nobody's deletion is blocked. A place in line is nothing that a school keeps of somebody: it goes with them,
with the place that was held for it.
"""

import frappe

from ouderavond.evening import claims, rows
from ouderavond.evening.waiting.entries import DOCTYPE, OPEN


def forget(fieldname: str, name: str) -> None:
    """Remove the entries of a student or guardian."""
    found = frappe.get_all(DOCTYPE, {fieldname: name}, ["name", "evening"])
    for evening in {row.evening for row in found}:
        claims.replace(evening, [row.name for row in found if row.evening == evening], [])
    rows.remove(DOCTYPE, [row.name for row in found])


def follow_offers() -> None:
    """After instructors got another name or left: who waits, waits for those that the offer has now."""
    entry, offer = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Conversation Offer")
    changed = (
        frappe.qb.from_(entry)
        .join(offer)
        .on(offer.name == entry.offer)
        .select(entry.name, offer.name, offer.instructors_key)
        .where(entry.state.isin(OPEN) & (entry.instructors_key != offer.instructors_key))
    ).run()
    for name, offer_name, key in changed:
        values = {"instructors_key": key, "instructor_names": _names_of(offer_name)}
        rows.update(DOCTYPE, {"name": name}, **values)


def _names_of(offer: str) -> str:
    filters = {"parent": offer, "parenttype": "Conversation Offer"}
    names = frappe.get_all("Conversation Offer Instructor", filters, pluck="instructor_name", order_by="idx")
    return ", ".join(filter(None, names))[:140]


def join(offer: str, twin: str) -> None:
    """Who waits for an offer that becomes one with another, waits for the other."""
    rows.update(DOCTYPE, {"offer": offer}, offer=twin)
