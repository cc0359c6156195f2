"""Whom to phone: everybody concerned who was not written to, with what to say."""

from collections.abc import Iterable

import frappe
from frappe import _

from ouderavond.evening import people
from ouderavond.evening.planning.disruptions import solving, telling
from ouderavond.evening.planning.publishing_changes import Change, Side

NAMES = {"Guardian": "guardian_name", "Student": "student_name", "Instructor": "instructor_name"}


def concerned(evening: str, run: str) -> list[dict]:
    """Everybody whom a carried out proposal concerns, by name.

    Returns:
        {role, people: [{name, phone}], student, lines: [{text, gone}], told}: those who come together are
        one; `told` says that each of them got a letter, `student` are the children it is about.
    """
    changes = telling.of_plain(solving.read(run).get("changes") or [])
    found: dict[tuple, list[Change]] = {}
    for change in changes:
        for doctype, name in _people(change):
            found.setdefault((doctype, name), []).append(change)
    keys = people.person_keys(found)
    told = telling.was_told(evening, run)
    numbers = _numbers(found)
    rows: dict[tuple, dict] = {}
    for (doctype, name), mine in found.items():
        lines = [_line(one, doctype, name) for one in sorted(mine, key=lambda one: one.side.start)]
        together = name if doctype != "Guardian" else tuple(one.booking for one in mine)
        row = rows.setdefault((doctype, together), {"role": doctype.lower(), "people": [], "told": True})
        row["people"].append({"name": names_of(doctype, name), "phone": numbers.get((doctype, name), "")})
        row["student"] = ", ".join(dict.fromkeys(one.student_name for one in mine))
        row["lines"] = lines
        row["told"] = row["told"] and (doctype.lower(), keys[doctype, name]) in told
    order = {"guardian": 0, "student": 1, "instructor": 2}
    return sorted(
        rows.values(),
        key=lambda row: (row["told"], order[row["role"]], row["people"][0]["name"].casefold()),
    )


def _people(change: Change) -> Iterable[tuple[str, str]]:
    yield from (("Guardian", name) for name, _title in change.guardians)
    if change.student and change.student_attends and not change.guardians:
        yield "Student", change.student
    yield from (("Instructor", name) for name in change.instructors)


def names_of(doctype: str, name: str) -> str:
    """How people call somebody."""
    return frappe.db.get_value(doctype, name, NAMES[doctype]) or name


def _numbers(records: Iterable[tuple[str, str]]) -> dict[tuple, str]:
    by_kind: dict[str, list[str]] = {}
    for doctype, name in records:
        by_kind.setdefault(doctype, []).append(name)
    found = {}
    for doctype, field in (("Guardian", "mobile_number"), ("Student", "student_mobile_number")):
        names = {"name": ("in", by_kind.get(doctype) or [""])}
        for row in frappe.get_all(doctype, names, ["name", field]):
            found[doctype, row.name] = row[field] or ""
    return found | _numbers_of_employees(by_kind.get("Instructor") or [])


def _numbers_of_employees(instructors: list[str]) -> dict[tuple, str]:
    instructor, employee = frappe.qb.DocType("Instructor"), frappe.qb.DocType("Employee")
    rows = (
        frappe.qb.from_(instructor)
        .join(employee)
        .on(employee.name == instructor.employee)
        .select(instructor.name, employee.cell_number)
        .where(instructor.name.isin(instructors or [""]))
    ).run()
    return {("Instructor", name): number or "" for name, number in rows}


def _line(change: Change, doctype: str, name: str) -> dict:
    before, after = change.before, change.after
    if doctype == "Instructor":
        before = before if before and name in dict(before.instructors) else None
        after = after if after and name in dict(after.instructors) else None
    what = f"{change.student_name}, {change.subject}"
    if after is None:
        return {"text": _("{0}: {1} does not take place.").format(what, _when(before)), "gone": True}
    if before is None:
        return {"text": _("{0}: new, {1}.").format(what, _when(after)), "gone": False}
    text = _("{0}: {1} (before: {2}).").format(what, _when(after), telling.difference(before, after))
    return {"text": text, "gone": False}


def _when(side: Side) -> str:
    day = frappe.utils.format_date(side.start.date(), "EEE d MMM")
    return ", ".join(part for part in (f"{day} {side.time}", side.names, side.place) if part)
