"""The conversations of an evening that have a time, with who meets in them, read at once."""

import frappe

from ouderavond.evening import people, rows

FIELDS = [
    *("name", "evening", "request", "offer", "student", "student_name", "subject", "student_attends"),
    *("start", "end", "room", "table_label", "mode", "state", "pinned", "untold", "override_reason"),
    *("started", "finished", "sequence", "published_start", "published_end"),
]


def live(evening: str) -> dict[str, frappe._dict]:
    """{name: row} of all that is not cancelled, in order of time.

    A row has `instructors` and `guardians` (names of records, in order) and `names` (the names of its
    instructors by record).
    """
    filters = {"evening": evening, "state": ("!=", "Cancelled")}
    found = frappe.get_all("Evening Booking", filters, FIELDS, order_by="start, name")
    names = [row.name for row in found]
    instructors = rows.of_parents("Evening Booking Instructor", "instructor", names)
    titles = rows.of_parents("Evening Booking Instructor", "instructor_name", names)
    guardians = rows.of_parents("Evening Booking Guardian", "guardian", names)
    guardian_names = rows.of_parents("Evening Booking Guardian", "guardian_name", names)
    for row in found:
        row.names = dict(zip(instructors[row.name], titles[row.name], strict=True))
        row.instructors = [one for one in instructors[row.name] if one]
        row.guardians = [one for one in guardians[row.name] if one]
        row.guardian_names = [one for one in guardian_names[row.name] if one]
    return {row.name: row for row in found}


def classes(evening, students: set[str]) -> dict[str, str]:
    """{student: class} in the academic year of a Parent Evening document."""
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    found = (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student, group.student_group_name)
        .where((group.group_based_on == "Batch") & (group.academic_year == evening.academic_year))
        .where((group.disabled == 0) & (member.active == 1))
        .where(member.student.isin(sorted(students) or [""]))
        .orderby(group.name)
    ).run()
    return dict(found)


def households(evening, rows_found: list[frappe._dict]) -> dict[str, str]:
    """{booking: household}: who comes together, for planning and for grouping; rights never come from it."""
    index = people.household_index(evening)
    return {row.name: household_of(row, index) for row in rows_found}


def household_of(row, index: dict[str, str]) -> str:
    """The household of a conversation: its guardians', or the student alone."""
    first = next(iter(row.guardians), None)
    return index.get(first, first) if first else f"student:{row.student}"
