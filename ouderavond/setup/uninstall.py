"""Leaving nothing of ours behind, and nothing of the school's out.

The platform removes the module with its DocTypes, workspaces, reports, pages, print formats, cards and custom
fields; the columns that custom fields added to the school's tables stay with their values, and return on
reinstalling. It leaves what it has written *about* them: versions, comments, files, user settings and so on.
That is found by the platform's own description of its records: every field that holds a DocType's name.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import frappe

from ouderavond.setup.indexes import remove_indexes
from ouderavond.setup.roles import remove_roles, roles_of_ours

MODULE = "Ouderavond"
APP = "ouderavond"
# Where documents are numbered OA-2026-001 and RUN-2026-0001.
SERIES = r"^(OA|RUN)-[0-9]{4}-$"
# Tables of the platform that have no DocType, and single columns of text that hold a DocType's name.
BY_DOCTYPE = (
    ("__Auth", "doctype"),
    ("__UserSettings", "doctype"),
    ("__global_search", "doctype"),
    ("tabSingles", "doctype"),
    ("tabAccess Log", "export_from"),
    ("tabCustom DocPerm", "parent"),
    ("tabDeleted Document", "deleted_doctype"),
    ("tabList View Settings", "name"),
)


def before_uninstall() -> None:
    """Take away what needs our DocTypes to be known: attached files, and the roles; and the indexes."""
    for name in frappe.get_all("File", {"attached_to_doctype": ("in", our_doctypes())}, pluck="name"):
        frappe.delete_doc("File", name, force=True, ignore_permissions=True, delete_permanently=True)
    _forget_deleted("Role", roles_of_ours())
    remove_roles()
    remove_indexes()


def after_uninstall() -> None:
    """Take away what is left once the DocTypes are gone. The platform does not commit after this."""
    doctypes = our_doctypes()
    for doctype, fieldname in _fields_with_doctypes():
        _remove_where(doctype, fieldname, doctypes)
    for table, column in BY_DOCTYPE:
        frappe.db.sql(f"delete from `{table}` where `{column}` in %(names)s", {"names": doctypes})
    _remove_links_to(doctypes)
    _remove_jobs()
    _remove_pages()
    _forget_deleted("Module Def", {MODULE})
    frappe.db.sql("delete from `tabDeleted Document` where data like %s", (f'%"module": "{MODULE}"%',))
    frappe.db.sql("delete from `tabSeries` where name regexp %s", (SERIES,))
    frappe.db.sql("delete from `tabPatch Log` where patch like %s", (f"{APP}.%",))
    frappe.db.sql("delete from tabDefaultValue where defkey like %s", (rf"{APP}\_%",))
    frappe.db.commit()
    frappe.clear_cache()


def our_doctypes() -> list[str]:
    """The names of the app's DocTypes, also when they are no longer installed."""
    files = (Path(__file__).parent.parent / APP / "doctype").glob("*/*.json")
    return sorted(json.loads(path.read_text(encoding="utf-8"))["name"] for path in files)


def _fields_with_doctypes() -> list[tuple[str, str]]:
    """(DocType, field) of all fields of remaining DocTypes that link to a DocType."""
    found = set()
    for table, owner in (("DocField", "parent"), ("Custom Field", "dt")):
        filters = {"fieldtype": "Link", "options": "DocType"}
        found.update(frappe.get_all(table, filters, [owner, "fieldname"], as_list=True))
    real = set(frappe.get_all("DocType", {"issingle": 0, "is_virtual": 0}, pluck="name"))
    return sorted(pair for pair in found if pair[0] in real and frappe.db.has_column(*pair))


def _remove_where(doctype: str, fieldname: str, values: Iterable[str]) -> None:
    """Delete the records in which a field has one of the values, with their child rows."""
    table = frappe.qb.DocType(doctype)
    names = (
        frappe.qb.from_(table).select(table.name).where(table[fieldname].isin(list(values))).run(pluck=True)
    )
    if not names:
        return
    meta = frappe.get_meta(doctype)
    for child in {field.options for field in meta.get_table_fields()}:
        frappe.db.delete(child, {"parenttype": doctype, "parent": ("in", names)})
    frappe.db.delete(doctype, {"name": ("in", names)})
    if not meta.istable:
        frappe.clear_document_cache(doctype)


def _remove_links_to(doctypes: list[str]) -> None:
    """Links that people made to our DocTypes, in fields, menus and workspaces of their own."""
    frappe.db.delete("Custom Field", {"fieldtype": ("in", ("Link", "Table")), "options": ("in", doctypes)})
    frappe.db.delete("Workspace Link", {"link_type": "DocType", "link_to": ("in", doctypes)})
    frappe.db.delete("Workspace Shortcut", {"type": "DocType", "link_to": ("in", doctypes)})
    frappe.db.delete("Block Module", {"module": MODULE})


def _remove_jobs() -> None:
    jobs = frappe.get_all("Scheduled Job Type", {"method": ("like", f"{APP}.%")}, pluck="name")
    if jobs:
        frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": ("in", jobs)})
        frappe.db.delete("Scheduled Job Type", {"name": ("in", jobs)})


def _remove_pages() -> None:
    """Entries for our portal pages in the menu, and what the platform counted of them."""
    for table, column in (("Portal Menu Item", "route"), ("Web Page View", "path")):
        row = frappe.qb.DocType(table)
        path = row[column]
        ours = path.isin([APP, f"/{APP}"]) | path.like(f"{APP}/%") | path.like(f"/{APP}/%")
        frappe.qb.from_(row).delete().where(ours).run()


def _forget_deleted(doctype: str, names: Iterable[str]) -> None:
    frappe.db.delete("Deleted Document", {"deleted_doctype": doctype, "deleted_name": ("in", list(names))})
