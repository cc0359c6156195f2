"""Indexes on the school's own tables, for what every page of a guardian or student looks up.

Education looks these up seldom and has no index there; each would be read as a whole, in every call. An index
holds no data of its own, and goes when the app does.
"""

import frappe

LOOKED_UP = {
    "Guardian": "user",
    "Student": "user",
    "Student Guardian": "guardian",
    "Student Group Student": "student",
    "Program Enrollment": "student",
}


def ensure_indexes() -> None:
    """Make the indexes that are not there."""
    for doctype, field in LOOKED_UP.items():
        frappe.db.add_index(doctype, [field], _name(field))


def remove_indexes() -> None:
    """Take the indexes away again."""
    for doctype, field in LOOKED_UP.items():
        if frappe.db.has_index(f"tab{doctype}", _name(field)):
            frappe.db.commit()
            frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` DROP INDEX `{_name(field)}`")


def _name(field: str) -> str:
    return f"ouderavond_{field}"
