"""Finding students, instructors and courses by any part of what people call them, to choose from."""

import frappe
from frappe import _
from pypika import Case
from pypika.terms import Criterion

from ouderavond.evening.participants import participants_query

CODE = "ouderavond_code"
LABEL = {"Student": "student_name", "Instructor": "instructor_name", "Course": "course_name"}


def search(evening, doctype: str, text: str = "", limit: int = 20) -> list[dict]:
    """Records in which each word of the text stands in the name, the number or the timetable's code.

    Args:
        evening: a Parent Evening document; students are looked for among its participants.
        doctype: Student, Instructor (who works here still) or Course.
        limit: at most so many.

    Returns:
        {value, label, description} each, by label; where a code is exactly the text, that one first.

    Raises:
        frappe.ValidationError: another DocType.
    """
    if doctype not in LABEL:
        frappe.throw(_("Choose students, instructors or courses."))
    table = frappe.qb.DocType(doctype)
    label = table[LABEL[doctype]]
    exact = Case().when(table[CODE] == text, 0).else_(1)
    found = (
        frappe.qb.from_(table)
        .select(table.name.as_("value"), label.as_("label"), table[CODE].as_("description"))
        .where(_matches(table, label, text) & _may_be_chosen(evening, doctype, table))
        .orderby(exact)
        .orderby(label)
        .limit(limit)
    ).run(as_dict=True)
    if doctype == "Student":
        _add_classes(evening, found)
    return found


def _matches(table, label, text: str) -> Criterion:
    return Criterion.all(
        label.like(f"%{word}%") | table[CODE].like(f"{word}%") | (table.name == word)
        for word in text.replace("%", "").replace("_", "\\_").split()[:6]
    )


def _may_be_chosen(evening, doctype: str, table) -> Criterion:
    if doctype == "Student":
        return table.name.isin(participants_query(evening))
    if doctype == "Instructor":
        return table.status == "Active"
    return table.name.notnull()


def _add_classes(evening, students: list[dict]) -> None:
    """Two students of one name are told apart by their classes."""
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    classes = dict(
        (
            frappe.qb.from_(member)
            .join(group)
            .on(group.name == member.parent)
            .select(member.student, group.student_group_name)
            .where((group.group_based_on == "Batch") & (group.academic_year == evening.academic_year))
            .where((group.disabled == 0) & (member.active == 1))
            .where(member.student.isin([row.value for row in students] or [""]))
        ).run()
    )
    for row in students:
        row.description = " · ".join(filter(None, (classes.get(row.value), row.description)))
