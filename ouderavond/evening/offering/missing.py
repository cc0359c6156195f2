"""Why a student cannot be offered a course: what is lacking, and where that can be put right."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

import frappe
from frappe import _

from ouderavond.evening.lessons import Teaching, memberships, teaching
from ouderavond.evening.offering import packages
from ouderavond.evening.offering.matrix import Place, places
from ouderavond.evening.offering.report import Skipped

# More names than this in one line help nobody; the list of the school's own records has them all.
MOST_ITEMS = 100


class Chosen(NamedTuple):
    """What was to be offered: places in packages, and whether a program and course belong to it at all."""

    places: set[Place]
    covers: Callable[[str | None, str], bool]
    # The whole packages of the participants.
    packages: set[Place]


def of(evening) -> list[Skipped]:
    """Everything that yields nothing for the participants of an evening (a document).

    Raises:
        frappe.ValidationError: the reference week is no week.
    """
    packages = places(evening)
    chosen = Chosen(packages, lambda program, course: True, packages)
    return find(evening, chosen, teaching(evening), offered(evening))


def offered(evening) -> set[tuple[str, str]]:
    """The (student, course) that are offered already, in whatever way."""
    filters = {"evening": evening.name, "offered": 1, "course": ("is", "set")}
    return set(frappe.get_all("Conversation Offer", filters, ["student", "course"], as_list=True))


def find(evening, chosen: Chosen, taught: Iterable[Teaching], there: set[tuple[str, str]]) -> list[Skipped]:
    """What of the chosen yields nothing, in lines that stand for many students each.

    Args:
        evening: Parent Evening document.
        taught: what the lessons make possible.
        there: what is offered already, as `offered` says.
    """
    return _Search(evening, there).run(chosen, {(row.student, row.course) for row in taught})


class _Search:
    """Looks for the reasons; what it reads is read once."""

    def __init__(self, evening, offered: set[tuple[str, str]]):
        self.evening = evening
        self.offered = offered
        self.groups: dict[str, list[str]] = defaultdict(list)
        for student, group in memberships(evening):
            self.groups[student].append(group)
        filters = {"group_based_on": "Course", "disabled": 0, "academic_year": evening.academic_year}
        self.course_of = dict(frappe.get_all("Student Group", filters, ["name", "course"], as_list=True))
        self.titles = dict(frappe.get_all("Student", fields=["name", "student_name"], as_list=True))

    def run(self, chosen: Chosen, possible: set[tuple[str, str]]) -> list[Skipped]:
        there = possible | self.offered
        lacking = {place for place in chosen.places if (place.student, place.course) not in there}
        elsewhere = self._lessons_elsewhere(lacking)
        by_line: dict[tuple, list[str]] = defaultdict(list)
        for place in sorted(lacking, key=lambda place: (place.course, place.program or "", place.student)):
            by_line[self._reason(place, elsewhere)].append(place.student)
        lines = [self._line(*key, students) for key, students in by_line.items()]
        lines += self._outside_packages(chosen)
        return sorted(lines, key=lambda row: (row.code, row.sentence))

    def _lessons_elsewhere(self, lacking: set[Place]) -> set[tuple[str, str]]:
        """The (group, course) of students who lack something that have a lesson in another week."""
        groups = {group for place in lacking for group in self.groups[place.student]}
        filters = {
            "student_group": ("in", list(groups) or [""]),
            "course": ("in", list({place.course for place in lacking}) or [""]),
        }
        return set(
            frappe.get_all(
                "Course Schedule",
                filters,
                ["student_group", "course"],
                as_list=True,
                distinct=True,
                order_by="student_group",
            )
        )

    def _reason(self, place: Place, elsewhere: set[tuple[str, str]]) -> tuple:
        """(code, group or program, course) of the line in which a student belongs."""
        groups = sorted(self.groups[place.student])
        taught_before = [group for group in groups if (group, place.course) in elsewhere]
        if taught_before:
            return "no_lesson", taught_before[0], place.course
        own = [group for group in groups if self.course_of.get(group) == place.course]
        if own:
            return "no_instructor", own[0], place.course
        return "no_lesson_group", place.program, place.course

    def _line(self, code: str, where: str | None, course: str, students: list[str]) -> Skipped:
        make = {"no_lesson": _no_lesson, "no_instructor": _no_instructor, "no_lesson_group": _no_lesson_group}
        line = make[code](self.evening, where, course)
        line.number = len(students)
        line.items = self._items([("Student", name, name) for name in students])
        return line

    def _items(self, records: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        named = [(doctype, name, self.titles.get(student, student)) for doctype, name, student in records]
        return sorted(named, key=lambda row: row[2])[:MOST_ITEMS]

    def _outside_packages(self, chosen: Chosen) -> list[Skipped]:
        """Members of lesson groups whose package does not list the course."""
        known = self.offered | {(place.student, place.course) for place in chosen.packages}
        enrollments = self._enrollments()
        by_group: dict[tuple[str, str], list[tuple]] = defaultdict(list)
        for student, groups in self.groups.items():
            enrollment, program = enrollments.get(student, (None, None))
            for group in groups:
                course = self.course_of.get(group)
                if course and (student, course) not in known and chosen.covers(program, course):
                    record = ("Program Enrollment", enrollment) if enrollment else ("Student", student)
                    by_group[(group, course)].append((*record, student))
        return [self._outside(group, course, rows) for (group, course), rows in by_group.items()]

    def _enrollments(self) -> dict[str, tuple[str, str]]:
        enrollment, counts = packages.enrollment_of(self.evening)
        rows = (
            frappe.qb.from_(enrollment)
            .select(enrollment.student, enrollment.name, enrollment.program)
            .where(counts)
        )
        return {student: (name, program) for student, name, program in rows.run()}

    def _outside(self, group: str, course: str, rows: list[tuple]) -> Skipped:
        return Skipped(
            "not_in_package",
            _("{0}: the student is in this lesson group, but {1} is not in the package.").format(
                group, course
            ),
            len(rows),
            reason=_("in a lesson group of a course that is not in the package"),
            items=self._items(rows),
        )


def _no_lesson_group(evening, program: str | None, course: str) -> Skipped:
    sentence = _("{0}, {1}: the course is in the package, but the student is in no lesson group of it.")
    return Skipped(
        "no_lesson_group",
        sentence.format(program or _("No program"), course),
        reason=_("in no lesson group of a course of the package"),
        doctype="Student Group",
        filters={"course": course, "academic_year": evening.academic_year},
    )


def _no_instructor(evening, group: str, course: str) -> Skipped:
    sentence = _("{0}: this lesson group of {1} has no instructor, and no lesson in the reference week.")
    return Skipped(
        "no_instructor",
        sentence.format(group, course),
        reason=_("in a lesson group without an instructor"),
        doctype="Student Group",
        name=group,
    )


def _no_lesson(evening, group: str, course: str) -> Skipped:
    sentence = _("{0}: there are lessons of {1}, but not in the reference week {2}, and no instructor.")
    return Skipped(
        "no_lesson",
        sentence.format(group, course, evening.reference_week),
        reason=_("without a lesson in the reference week"),
        doctype="Course Schedule",
        filters={"student_group": group, "course": course},
    )
