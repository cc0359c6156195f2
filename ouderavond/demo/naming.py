"""Names for many records at once, with one step of the counter that numbers them."""

import frappe
from frappe.model.naming import set_new_name

from ouderavond.demo.manifest import counters


def take_names(doctype: str, count: int) -> list[str]:
    """The next names of a DocType that is numbered, with one step of its counter.

    The counter is found by naming one record; where that does not show it, they are named one by one.
    """
    if not count:
        return []
    before = counters()
    first = _next_name(doctype)
    moved = [(series, number) for series, number in counters().items() if before.get(series) != number]
    if len(moved) != 1 or not first.endswith(str(moved[0][1])):
        return [first, *(_next_name(doctype) for _ in range(count - 1))]
    series, number = moved[0]
    digits = len(first) - len(first.rstrip("0123456789"))
    prefix = first[: len(first) - digits]
    frappe.db.sql("update `tabSeries` set current = current + %s where name = %s", (count - 1, series))
    return [f"{prefix}{number + i:0{digits}d}" for i in range(count)]


def _next_name(doctype: str) -> str:
    doc = frappe.new_doc(doctype)
    set_new_name(doc)
    return doc.name
