"""Who teaches whom, from the lessons of the reference week."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import frappe
from frappe import _

from ouderavond.evening.participants import participants_query


class Teaching(NamedTuple):
    """One conversation that a student's lessons make possible: a course, and who gives it, sorted."""

    student: str
    course: str
    instructors: tuple[str, ...]


@dataclass(frozen=True)
class Lessons:
    """A student group's instructors of one course: who stands on the group, and who taught in the week."""

    group: str
    course: str
    regular: frozenset[str]
    taught: frozenset[str]

    @property
    def substitutes(self) -> frozenset[str]:
        """Who has a lesson of the group in the week and does not stand on it."""
        return self.taught - self.regular if self.regular else frozenset()

    @property
    def candidates(self) -> tuple[str, ...]:
        """Everybody who could give the conversation, sorted."""
        return tuple(sorted(self.regular | self.taught))

    @property
    def usual(self) -> tuple[str, ...]:
        """Who gives it as long as nobody chose: regular instructors with a lesson; else whoever had one; else
        the group's own."""
        return tuple(sorted((self.taught & self.regular) or self.taught or self.regular))

    @property
    def is_case(self) -> bool:
        """Whether there is something to choose: several taught, a substitute did, or several stand on it."""
        return bool(self.substitutes) or len(self.usual) > 1


class Choice(NamedTuple):
    """Which instructors of a lesson group give its conversations, all in one or each their own."""

    instructors: tuple[str, ...]
    together: bool


def sets_of(lessons: Lessons, choice: Choice | None) -> list[tuple[str, ...]]:
    """The sets of instructors with whom a student of the group may talk.

    A choice that names somebody who does not teach the group any more counts no longer.
    """
    if choice and not set(choice.instructors) <= set(lessons.candidates):
        choice = None
    if choice and not choice.together:
        return [(name,) for name in choice.instructors]
    names = choice.instructors if choice else lessons.usual
    return [names] if names else []


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


def teaching(evening, courses: list[str] | None = None, students: list[str] | None = None) -> list[Teaching]:
    """For each participant what the lessons make possible, ordered by student and course.

    The week's Course Schedule decides who teaches a group, and the group's own instructors where it has no
    lesson; where there was something to choose, the evening's choice. With `students` only for these, whether
    they take part or not, and only what that needs is read.
    """
    chosen = choices(evening)
    members = memberships(evening, students)
    groups = None if students is None else {group for _student, group in members}
    sets = {
        group: {
            course: sets_of(lessons, chosen.get((group, course))) for course, lessons in by_course.items()
        }
        for group, by_course in lessons_of_groups(evening, groups).items()
    }
    found = {
        Teaching(student, course, instructors)
        for student, group in members
        for course, of_course in sets.get(group, {}).items()
        if courses is None or course in courses
        for instructors in of_course
    }
    return sorted(found)


def memberships(evening, students: list[str] | None = None) -> list[tuple[str, str]]:
    """The (student, student group) of the participants: groups of the year in which they are active."""
    who = participants_query(evening) if students is None else students or [""]
    member, group = frappe.qb.DocType("Student Group Student"), frappe.qb.DocType("Student Group")
    return (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student, member.parent)
        .where((member.active == 1) & (group.disabled == 0) & (group.academic_year == evening.academic_year))
        .where(member.student.isin(who))
    ).run()


def lessons_of_groups(evening, groups: set[str] | None = None) -> dict[str, dict[str, Lessons]]:
    """{student group: {course: who teaches it}}; who has left the school teaches nobody."""
    only = None if groups is None else ("in", sorted(groups) or [""])
    gone = set(frappe.get_all("Instructor", {"status": "Left"}, pluck="name"))
    own = _own_instructors(gone, only)
    taught = _taught_in(evening.reference_week, gone, only)
    course_of = dict(_course_groups(evening, only))
    found: dict[str, dict[str, Lessons]] = defaultdict(dict)
    for group, course in {*taught, *course_of.items()}:
        # Who stands on a class is its mentor, which says nothing about who teaches it.
        regular = own[group] if group in course_of else set()
        found[group][course] = Lessons(
            group, course, frozenset(regular), frozenset(taught.get((group, course), ()))
        )
    return found


def cases(evening) -> list[Lessons]:
    """The lesson groups with participants where there is something to choose, chosen already or not."""
    with_students = {group for _student, group in memberships(evening)}
    return [
        lessons
        for group, by_course in sorted(lessons_of_groups(evening).items())
        if group in with_students
        for _course, lessons in sorted(by_course.items())
        if lessons.is_case
    ]


def choices(evening) -> dict[tuple[str, str], Choice]:
    """{(group, course): what was chosen} for the evening's present reference week."""
    rows = frappe.get_all(
        "Reference Week Choice",
        {"evening": evening.name, "week": evening.reference_week},
        ["student_group", "course", "instructors", "together"],
    )
    return {
        (row.student_group, row.course): Choice(
            tuple(sorted(row.instructors.split("\n"))), bool(row.together)
        )
        for row in rows
    }


def _own_instructors(gone: set[str], only: tuple | None) -> dict[str, set[str]]:
    own = defaultdict(set)
    filters = {"parenttype": "Student Group"} | ({"parent": only} if only else {})
    for group, instructor in frappe.get_all(
        "Student Group Instructor", filters, ["parent", "instructor"], as_list=True
    ):
        if instructor not in gone:
            own[group].add(instructor)
    return own


def _taught_in(week: str, gone: set[str], only: tuple | None) -> dict[tuple[str, str], set[str]]:
    """{(group, course): who had a lesson}."""
    monday, sunday = week_span(week)
    taught = defaultdict(set)
    filters = {"schedule_date": ("between", (monday, sunday))} | ({"student_group": only} if only else {})
    for group, course, instructor in frappe.get_all(
        "Course Schedule",
        filters,
        ["student_group", "course", "instructor"],
        as_list=True,
        distinct=True,
        order_by="student_group",
    ):
        if instructor not in gone:
            taught[(group, course)].add(instructor)
    return taught


def _course_groups(evening, only: tuple | None) -> list[tuple[str, str]]:
    filters = {"group_based_on": "Course", "disabled": 0, "academic_year": evening.academic_year}
    filters |= {"name": only} if only else {}
    return frappe.get_all("Student Group", filters, ["name", "course"], as_list=True)
