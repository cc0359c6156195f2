"""Who teaches whom, from the lessons of the reference week."""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

import frappe
from frappe import _

from ouderavond.evening.participants import participants_query


class Teaching(NamedTuple):
    """The instructors who teach a student a course, sorted."""

    student: str
    course: str
    instructors: tuple[str, ...]


def week_span(week: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week such as "2026-W45".

    Raises:
        frappe.ValidationError: there is no such week.
    """
    try:
        year, _sep, number = (week or "").partition("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        message = _("{0} is not a week. Write the year and the ISO week, for example 2026-W45.")
        frappe.throw(message.format(week or _("Nothing")), title=_("Reference Week"))
    return monday, monday + timedelta(days=6)


def check_week(week: str) -> None:
    """Refuse a week without lessons.

    Raises:
        frappe.ValidationError: there is no such week, or it has no lessons.
    """
    monday, sunday = week_span(week)
    if not frappe.db.exists("Course Schedule", {"schedule_date": ("between", (monday, sunday))}):
        message = _(
            "There are no lessons in the reference week {0} ({1} to {2}). Choose a week with lessons."
        )
        frappe.throw(
            message.format(week, frappe.utils.formatdate(monday), frappe.utils.formatdate(sunday)),
            title=_("Reference Week"),
        )


def teaching(evening, courses: list[str] | None = None) -> list[Teaching]:
    """For each participant and course the instructors who teach it, ordered by student and course.

    The week's Course Schedule decides: the group's own instructors who have a lesson, or, where none of
    them has, whoever gave the lessons. A course's group without a lesson in that week keeps its own.
    """
    taught_by = _group_instructors(evening)
    member, group = frappe.qb.DocType("Student Group Student"), frappe.qb.DocType("Student Group")
    rows = (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student, member.parent)
        .where((member.active == 1) & (group.disabled == 0) & (group.academic_year == evening.academic_year))
        .where(member.student.isin(participants_query(evening)))
    ).run()
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for student, group_name in rows:
        for course, instructors in taught_by.get(group_name, {}).items():
            if courses is None or course in courses:
                found[(student, course)] |= instructors
    return [Teaching(*key, tuple(sorted(names))) for key, names in sorted(found.items())]


def _group_instructors(evening) -> dict[str, dict[str, set[str]]]:
    """{student group: {course: instructors}}."""
    regular, course_of = defaultdict(set), {}
    for name, course in _course_groups(evening):
        course_of[name] = course
    for row in frappe.get_all(
        "Student Group Instructor", {"parenttype": "Student Group"}, ["parent", "instructor"], as_list=True
    ):
        regular[row[0]].add(row[1])
    lessons: dict[tuple[str, str], set[str]] = defaultdict(set)
    monday, sunday = week_span(evening.reference_week)
    for group, course, instructor in frappe.get_all(
        "Course Schedule",
        {"schedule_date": ("between", (monday, sunday))},
        ["student_group", "course", "instructor"],
        as_list=True,
        distinct=True,
        order_by="student_group",
    ):
        lessons[(group, course)].add(instructor)
    found: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for (group, course), instructors in lessons.items():
        found[group][course] = (instructors & regular[group]) or instructors
    for group, course in course_of.items():
        if course not in found[group] and regular[group]:
            found[group][course] = regular[group]
    return found


def _course_groups(evening) -> list[tuple[str, str]]:
    filters = {"group_based_on": "Course", "disabled": 0, "academic_year": evening.academic_year}
    return frappe.get_all("Student Group", filters, ["name", "course"], as_list=True)
