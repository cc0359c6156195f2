"""Removing the demo school: exactly what its list names, and what the platform hangs on such records."""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils.global_search import sync_global_search

from ouderavond.demo.manifest import TEMPORARY, Manifest, counters, default_rows
from ouderavond.demo.report import DemoReport, Progress, Steps

CHUNK = 1_000
# Records of ours that point at one of these in the demo have no meaning without it.
POINTED_AT = ("Guardian", "Instructor", "Student")

# What the platform keeps about a record elsewhere: table, field with its DocType, field with its name.
ABOUT_A_RECORD = (
    ("Version", "ref_doctype", "docname"),
    ("Comment", "reference_doctype", "reference_name"),
    ("Communication Link", "link_doctype", "link_name"),
    ("DocShare", "share_doctype", "share_name"),
    ("Document Follow", "ref_doctype", "ref_docname"),
    ("File", "attached_to_doctype", "attached_to_name"),
    ("Tag Link", "document_type", "document_name"),
    ("ToDo", "reference_type", "reference_name"),
    ("View Log", "reference_doctype", "reference_name"),
    ("Notification Log", "document_type", "document_name"),
    ("Activity Log", "reference_doctype", "reference_name"),
    ("Energy Point Log", "reference_doctype", "reference_name"),
)
# What it keeps about a user: table, field with the user.
ABOUT_A_USER = (
    ("Activity Log", "user"),
    ("Access Log", "user"),
    ("Route History", "user"),
    ("Notification Log", "for_user"),
    ("User Permission", "user"),
    ("DefaultValue", "parent"),
    ("Dashboard Settings", "name"),
    ("List Filter", "for_user"),
)
PLAIN_TABLES_ABOUT_A_USER = (("__UserSettings", "user"), ("tabSessions", "user"))


def remove(progress: Progress | None = None) -> DemoReport:
    """Remove the demo school and its evening, and put settings back. Can be repeated after an interruption.

    Raises:
        frappe.ValidationError: there is no demo school on this site.
    """
    if not Manifest.exists():
        frappe.throw(_("There is no demo school on this site."))
    records = Manifest.records()
    steps = Steps(sum(map(len, records.values())), progress)
    sync_global_search()
    with steps.phase(_("Evenings")):
        steps.tick(_remove_own(records), weight=0)
    for doctype, names in reversed(records.items()):
        with steps.phase(doctype):
            for part in _chunks(names):
                _remove_records(doctype, part)
                steps.tick(len(part))
                frappe.db.commit()
            _remove_search_entries(doctype)
    for table in {table for table, _type_field, _name_field in ABOUT_A_RECORD}:
        _remove_search_entries(table)
    with steps.phase(_("Settings and counters")):
        restore_settings(TEMPORARY)
        restore_settings()
        _restore_defaults()
        _restore_counters()
        Manifest.forget()
        frappe.db.commit()
    frappe.clear_cache()
    return steps.report


def restore_settings(key: str = "settings") -> None:
    """Put changed settings back, unless somebody has changed them since."""
    for change in Manifest.take_settings(key):
        doctype, before, after = change["doctype"], change["before"], change["after"]
        now = _single(doctype)
        untouched = now.get("modified") == after.get("modified")
        for field in after:
            about_the_change = field in ("modified", "modified_by")
            if untouched or (now.get(field) == after[field] and not about_the_change):
                _put_back(doctype, field, before)
        frappe.clear_document_cache(doctype, doctype)


def _single(doctype: str) -> dict[str, str]:
    return dict(frappe.db.sql("select field, value from `tabSingles` where doctype = %s", doctype))


def _put_back(doctype: str, field: str, before: dict) -> None:
    if field not in before:
        frappe.db.delete("Singles", {"doctype": doctype, "field": field})
        return
    singles = frappe.qb.Table("tabSingles")
    query = frappe.qb.update(singles).set(singles.value, before[field])
    query.where((singles.doctype == doctype) & (singles.field == field)).run()


def _restore_defaults() -> None:
    for change in Manifest.defaults():
        key = change["key"]
        if default_rows(key) != change["after"]:
            continue
        frappe.db.delete("DefaultValue", {"parent": "__default", "defkey": key})
        for value in change["before"]:
            frappe.defaults.add_default(key, value, "__default")


def _restore_counters() -> None:
    """Counters go back where nobody has taken a number since."""
    before, after = Manifest.counters()
    now = counters()
    for series, number in after.items():
        if now.get(series) != number or before.get(series) == number:
            continue
        _set_counter(series, before.get(series))


def _set_counter(series: str, number: int | None) -> None:
    """Put a naming series back to a number, or away where it was not there."""
    if number is None:
        frappe.db.sql("delete from `tabSeries` where name = %s", series)
    else:
        frappe.db.sql("update `tabSeries` set current = %s where name = %s", (number, series))


def _remove_own(records: dict[str, list[str]]) -> int:
    """Everything of ours that belongs to the demo's evenings or is about its people, whoever made it."""
    removed = 0
    for doctype in frappe.get_all(
        "DocType", {"module": "Ouderavond", "istable": 0, "issingle": 0}, pluck="name"
    ):
        names = sorted(_concerned(doctype, records))
        for part in _chunks(names):
            if doctype == "Schedule Run":
                frappe.db.delete("Schedule Run Data", {"run": ("in", part)})
            if doctype in ("Evening Booking", "Evening Block"):
                frappe.db.delete("Booking Claim", {"reference": ("in", part)})
            _remove_records(doctype, part)
            frappe.db.commit()
        _rewind(doctype, names)
        removed += len(names)
    for participant_type in ("Program", "Student Group", "Student"):
        for part in _chunks(records.get(participant_type, [])):
            place = {"participant_type": participant_type, "participant": ("in", part)}
            frappe.db.delete("Parent Evening Participant", place)
    return removed


def _rewind(doctype: str, names: list[str]) -> None:
    """What is numbered after the demo was made, as runs are, starts again where none of it is left."""
    before, _after = Manifest.counters()
    for series in {name.rstrip("0123456789") for name in names if name[-1:].isdigit()}:
        if series.endswith("-") and not frappe.db.exists(doctype, {"name": ("like", f"{series}%")}):
            _set_counter(series, before.get(series))


def _concerned(doctype: str, records: dict[str, list[str]]) -> set[str]:
    """Records of one of our DocTypes that point at records of the demo."""
    meta = frappe.get_meta(doctype)
    links = [(field.fieldname, field.options) for field in meta.get_link_fields()]
    links = [(fieldname, target) for fieldname, target in links if target in POINTED_AT]
    if meta.has_field("evening"):
        links.append(("evening", "Parent Evening"))
    found: set[str] = set()
    for fieldname, target in links:
        for part in _chunks(records.get(target, [])):
            found.update(frappe.get_all(doctype, {fieldname: ("in", part)}, pluck="name"))
    for field in meta.get_dynamic_link_fields():
        for target in POINTED_AT:
            for part in _chunks(records.get(target, [])):
                filters = {field.options: target, field.fieldname: ("in", part)}
                found.update(frappe.get_all(doctype, filters, pluck="name"))
    return found


def _remove_records(doctype: str, names: list[str]) -> None:
    """Rows of records, their children and what the platform keeps about them, without asking the records."""
    for table in frappe.get_meta(doctype).get_table_fields():
        frappe.db.delete(table.options, {"parenttype": doctype, "parent": ("in", names)})
    for table, type_field, name_field in ABOUT_A_RECORD:
        if frappe.db.table_exists(table):
            frappe.db.delete(table, {type_field: doctype, name_field: ("in", names)})
    frappe.db.delete("__Auth", {"doctype": doctype, "name": ("in", names)})
    if doctype == "User":
        _remove_traces_of_users(names)
    frappe.db.delete(doctype, {"name": ("in", names)})


def _remove_traces_of_users(users: list[str]) -> None:
    for table, field in ABOUT_A_USER:
        if frappe.db.table_exists(table):
            frappe.db.delete(table, {field: ("in", users)})
    for table, field in PLAIN_TABLES_ABOUT_A_USER:
        table = frappe.qb.Table(table)
        frappe.qb.from_(table).delete().where(table[field].isin(users)).run()


def _remove_search_entries(doctype: str) -> None:
    """The search's entries of records that are gone, also of those that an interruption took back."""
    if not frappe.db.table_exists(doctype):
        return
    frappe.db.sql(
        f"""delete entry from `__global_search` entry
        left join `tab{doctype}` record on record.name = entry.name
        where entry.doctype = %s and record.name is null""",
        doctype,
    )


def _chunks(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), CHUNK):
        yield names[start : start + CHUNK]
