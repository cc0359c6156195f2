"""Many rows at once, with the values that the platform gives a new record by itself."""

from collections.abc import Iterable

import frappe
from frappe.model.naming import set_new_name
from frappe.utils import now

from ouderavond.demo.manifest import counters


def insert_rows(doctype: str, rows: Iterable[dict]) -> int:
    """Write rows of one DocType without its validation. Each row has a name, and a child row its parent.

    Returns:
        How many rows were written.
    """
    written_at, user = now(), frappe.session.user
    defaults = frappe.new_doc(doctype).get_valid_dict(
        convert_dates_to_str=True, ignore_nulls=True, ignore_virtual=True
    )
    defaults |= {"creation": written_at, "modified": written_at, "owner": user, "modified_by": user}
    columns = frappe.get_meta(doctype).get_valid_columns()
    values = [tuple((defaults | row).get(column) for column in columns) for row in rows]
    if values:
        frappe.db.bulk_insert(doctype, columns, values, chunk_size=2_000)
    return len(values)


def child_row(parenttype: str, parent: str, parentfield: str, idx: int, **values) -> dict:
    """A row of a child table, with a name."""
    place = {"parenttype": parenttype, "parent": parent, "parentfield": parentfield, "idx": idx}
    return {"name": frappe.generate_hash(length=10), "docstatus": 0, **place, **values}


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
