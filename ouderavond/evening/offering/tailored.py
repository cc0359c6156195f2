"""Tailored programs: students who follow a lesson group without enrolment for its course.

By course passes them by, since their packages do not list the course. They are listed from the groups
themselves, and what is offered to them is only ever added.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import frappe
from frappe import _

from ouderavond.evening import lessons
from ouderavond.evening.offer_key import subject_key
from ouderavond.evening.offering import packages
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.report import Report
from ouderavond.evening.offering.rows import instructor_names

OPERATION = "Offer Tailored Programs"


@dataclass(frozen=True)
class Membership:
    """A student in a lesson group whose course is not in the package.

    `sets` are the instructors of each conversation that it makes possible; none where nobody teaches it.
    """

    student: str
    group: str
    course: str
    sets: tuple[tuple[str, ...], ...]

    def drafts(self) -> list[Draft]:
        """The offers that it makes possible."""
        return [
            Draft(self.student, self.course, names, course=self.course, source="Course", in_package=0)
            for names in self.sets
        ]


def memberships(evening) -> list[Membership]:
    """Of the participants of a Parent Evening document, by student and group.

    Raises:
        frappe.ValidationError: no lessons in the reference week.
    """
    lessons.check_week(evening.reference_week)
    filters = {"group_based_on": "Course", "disabled": 0, "academic_year": evening.academic_year}
    course_of = dict(frappe.get_all("Student Group", filters, ["name", "course"], as_list=True))
    in_package = packages.of_students(evening)
    outside = {
        (student, group, course_of[group])
        for student, group in lessons.memberships(evening)
        if course_of.get(group) and course_of[group] not in in_package.get(student, ())
    }
    if not outside:
        return []
    by_group = lessons.lessons_of_groups(evening)
    chosen = lessons.choices(evening)
    return [
        Membership(
            student,
            group,
            course,
            tuple(lessons.sets_of(by_group[group][course], chosen.get((group, course)))),
        )
        for student, group, course in sorted(outside)
    ]


def listed(evening) -> list[dict]:
    """The memberships with names, and whether they are offered: yes, some, no, or nobody teaches it."""
    found = memberships(evening)
    if not found:
        return []
    students = {row.student for row in found}
    titles = _titles(students)
    classes = _classes(evening, students)
    names = instructor_names()
    offered = _offered(evening.name, students)
    return [
        {
            "key": f"{row.student}\t{row.group}",
            "student": row.student,
            "student_name": titles.get(row.student, row.student),
            "class": classes.get(row.student, ""),
            "group": row.group,
            "course": row.course,
            "instructors": [", ".join(names.get(name, name) for name in one) for one in row.sets],
            "offered": _state(row, offered),
        }
        for row in found
    ]


def _state(row: Membership, offered: set[tuple[str, str, str]]) -> str:
    drafts = row.drafts()
    if not drafts:
        return "nobody"
    there = sum(draft.key in offered for draft in drafts)
    return "yes" if there == len(drafts) else "some" if there else "no"


def _offered(evening: str, students: set[str]) -> set[tuple[str, str, str]]:
    filters = {"evening": evening, "offered": 1, "student": ("in", list(students))}
    fields = ["student", "subject", "instructors_key"]
    rows = frappe.get_all("Conversation Offer", filters, fields, as_list=True)
    return {(student, subject_key(subject), key) for student, subject, key in rows}


def _titles(students: set[str]) -> dict[str, str]:
    filters = {"name": ("in", list(students))}
    return dict(frappe.get_all("Student", filters, ["name", "student_name"], as_list=True))


def _classes(evening, students: set[str]) -> dict[str, str]:
    filters = {"group_based_on": "Batch", "disabled": 0, "academic_year": evening.academic_year}
    classes = set(frappe.get_all("Student Group", filters, pluck="name"))
    return {
        student: group
        for student, group in lessons.memberships(evening)
        if student in students and group in classes
    }


def offer(
    evening: str,
    chosen: Iterable[Iterable[str]] | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Offer a conversation for tailored memberships: all, or some. Commits.

    Args:
        evening: name of the Parent Evening.
        chosen: (student, student group) of those to offer; None for all.
        dry_run: count, write nothing.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: no lessons in the reference week.
    """
    wanted = None if chosen is None else {tuple(pair) for pair in chosen}

    def work(edit: Edit) -> None:
        rows = [
            row for row in memberships(edit.evening) if wanted is None or (row.student, row.group) in wanted
        ]
        edit.add(draft for row in rows for draft in row.drafts())
        without = [row.group for row in rows if not row.sets]
        for group in sorted(set(without)):
            edit.skip(
                "no_instructor",
                _("Nobody teaches the lesson group {0}: it has no instructor and no lesson.").format(group),
                without.count(group),
                doctype="Student Group",
                name=group,
            )
        gone = (wanted or set()) - {(row.student, row.group) for row in rows}
        if gone:
            edit.skip(
                "not_tailored_any_more",
                _("Some students are not in the group any more, or have its course in their package now."),
                len(gone),
            )

    return perform(evening, OPERATION, work, dry_run=dry_run, progress=progress)
