"""The dates of an evening on which the conversations of a class may not be; the offers' own come on top.

A class holds for whoever is an active member of it now.
"""

from collections import defaultdict
from datetime import date

import frappe


def closed(evening: str):
    """A query of the distinct (student, date) that classes forbid, to run or to use as a subquery."""
    row, member = frappe.qb.DocType("Forbidden Class Date"), frappe.qb.DocType("Student Group Student")
    return (
        frappe.qb.from_(row)
        .join(member)
        .on((member.parent == row.student_group) & (member.parenttype == "Student Group"))
        .select(member.student, row.date)
        .distinct()
        .where((row.evening == evening) & (member.active == 1))
    )


def of_students(evening: str) -> dict[str, set[date]]:
    """{student: the dates that their classes forbid}."""
    found = defaultdict(set)
    for student, day in closed(evening).run():
        found[student].add(day)
    return dict(found)


def forbidding(evening: str, student: str, day: date) -> list[str]:
    """The classes of a student that forbid a date."""
    row, member = frappe.qb.DocType("Forbidden Class Date"), frappe.qb.DocType("Student Group Student")
    return (
        frappe.qb.from_(row)
        .join(member)
        .on((member.parent == row.student_group) & (member.parenttype == "Student Group"))
        .select(row.student_group)
        .distinct()
        .where((row.evening == evening) & (row.date == day))
        .where((member.student == student) & (member.active == 1))
        .orderby(row.student_group)
    ).run(pluck=True)
