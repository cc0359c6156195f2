"""What runs keep of what happened, with the people in it: when they leave or get another name."""

import json

import frappe

DATA = "Schedule Run Data"


def forget(name: str) -> None:
    """Drop what names a Student, Guardian or Instructor who leaves."""
    for row in _naming(name):
        frappe.db.set_value(DATA, row.name, "disruption", None, update_modified=False)


def follow_rename(old: str, new: str) -> None:
    """Know a Student, Guardian or Instructor by the new name."""
    for row in _naming(old):
        text = row.disruption.replace(json.dumps(old), json.dumps(new))
        frappe.db.set_value(DATA, row.name, "disruption", text, update_modified=False)


def _naming(name: str) -> list[frappe._dict]:
    data = frappe.qb.DocType(DATA)
    query = frappe.qb.from_(data).select(data.name, data.disruption).where(data.disruption.isnotnull())
    return [row for row in query.run(as_dict=True) if json.dumps(name) in row.disruption]
