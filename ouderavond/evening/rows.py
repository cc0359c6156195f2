"""Changes of many of our rows at once, in SQL, past validation: for who calls them after checking."""

from collections import defaultdict
from collections.abc import Iterable

import frappe

# What the platform keeps about a record of ours: it tells names and remarks of earlier.
TRACES = {"Version": ("ref_doctype", "docname"), "Comment": ("reference_doctype", "reference_name")}


def names(doctype: str, **filters) -> list[str]:
    """The names of the records that match."""
    return frappe.get_all(doctype, filters, pluck="name")


def parents(child: str, field: str, name: str) -> list[str]:
    """The records that have a row of a child table about somebody."""
    return frappe.get_all(child, {field: name}, pluck="parent", distinct=True)


def of_parents(child: str, field: str, records: Iterable[str]) -> dict[str, list]:
    """A field of the rows of a child table, by the record they belong to, in their order."""
    found = defaultdict(list)
    filters = {"parent": ("in", list(records) or [""])}
    for row in frappe.get_all(child, filters, ["parent", field], order_by="idx"):
        found[row.parent].append(row[field])
    return found


def update(doctype: str, filters: dict, **values) -> None:
    """Set values in all records that match; a filter on an empty list matches none."""
    if all(value[1] for value in filters.values() if isinstance(value, tuple)):
        frappe.db.set_value(doctype, filters, values, update_modified=False)


def remove(doctype: str, doomed: list[str], *children: str) -> None:
    """Delete records with the rows of these child tables and what the platform keeps about them."""
    if not doomed:
        return
    for child in children:
        frappe.db.delete(child, {"parenttype": doctype, "parent": ("in", doomed)})
    forget(doctype, doomed)
    frappe.db.delete(doctype, {"name": ("in", doomed)})


def forget(doctype: str, records: Iterable[str]) -> None:
    """Remove what the platform keeps about records: versions and comments."""
    records = list(records)
    for trace, (type_field, name_field) in TRACES.items():
        if records:
            frappe.db.delete(trace, {type_field: doctype, name_field: ("in", records)})


def remove_offers(offers: list[str]) -> None:
    """Remove offers and what was asked of them; bookings go on without."""
    remove_requests(names("Conversation Request", offer=("in", offers or [""])))
    update("Evening Booking", {"offer": ("in", offers)}, offer=None)
    remove("Conversation Offer", offers, "Conversation Offer Instructor", "Conversation Offer Date")


def remove_requests(requests: list[str]) -> None:
    """Remove what was asked; bookings that answered it go on without."""
    update("Evening Booking", {"request": ("in", requests)}, request=None)
    remove("Conversation Request", requests)
