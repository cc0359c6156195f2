"""Staff of evenings choose students, classes and instructors in our forms: their roles may *select* these.

*Select* shows names in a Link field and nothing more, so a planner needs no further role of Education. The
rights are added to what is there, standard or changed by the school; uninstalling takes them away again, with
the roles.
"""

import frappe

from ouderavond.setup.roles import STAFF_ROLES

CHOSEN_FROM = (
    "Academic Term",
    "Academic Year",
    "Course",
    "Guardian",
    "Instructor",
    "Program",
    "Room",
    "Student",
    "Student Group",
)


def ensure_choosing() -> None:
    """Add the rights that are missing; a row that the school has made for our roles is left as it is."""
    for doctype in CHOSEN_FROM:
        # Where the school has changed the rights of a DocType, the platform reads these rows only.
        changed = frappe.db.exists("Custom DocPerm", {"parent": doctype})
        table = "Custom DocPerm" if changed else "DocPerm"
        there = frappe.get_all(table, {"parent": doctype, "permlevel": 0}, pluck="role")
        missing = [role for role in STAFF_ROLES if role not in there]
        for role in missing:
            _add(table, doctype, role)
        if missing:
            frappe.clear_cache(doctype=doctype)


def _add(table: str, doctype: str, role: str) -> None:
    row = frappe.new_doc(table)
    # A new row would allow nearly everything by default.
    row.update({field.fieldname: 0 for field in row.meta.fields if field.fieldtype == "Check"})
    row.update({"parent": doctype, "role": role, "permlevel": 0, "select": 1})
    if table == "DocPerm":
        row.update({"parenttype": "DocType", "parentfield": "permissions", "idx": _last_row(doctype) + 1})
    row.set_new_name()
    row.db_insert()


def _last_row(doctype: str) -> int:
    rows = frappe.get_all("DocPerm", {"parent": doctype}, pluck="idx", order_by="idx desc", limit=1)
    return rows[0] if rows else 0
