"""Offering by course: for each student and course of the package a conversation with who teaches it."""

from collections.abc import Callable

import frappe
from frappe import _

from ouderavond.evening.lessons import check_week, teaching
from ouderavond.evening.offering import packages
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.report import Report
from ouderavond.evening.participants import student_names


def offer(
    evening: str,
    programs: list[str] | None = None,
    courses: list[str] | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Offer a conversation per participant and course with the instructors of the reference week.

    Offers that exist are left as they are, but offered again where they had been switched off. Commits.

    Args:
        evening: name of the Parent Evening.
        programs: only students of these programs; None for all participants.
        courses: only these courses; None for every course of a student's package.
        dry_run: count, write nothing.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: no participants, or no lessons in the reference week.
    """

    def work(edit: Edit) -> None:
        check_week(edit.evening.reference_week)
        if not student_names(edit.evening):
            frappe.throw(_("No students take part. Add programs, classes or students to the evening first."))
        wanted = _wanted(edit.evening, programs, courses)
        edit.add(
            Draft(row.student, row.course, row.instructors, course=row.course)
            for row in teaching(edit.evening)
            if (row.student, row.course) in wanted
        )

    return perform(evening, "Offer by Course", work, dry_run=dry_run, progress=progress)


def _wanted(evening, programs: list[str] | None, courses: list[str] | None) -> set[tuple[str, str]]:
    """The (student, course) of the packages, of some programs and courses only."""
    package = packages.pairs(evening).as_("package")
    query = frappe.qb.from_(package).select(package.student, package.course)
    if programs is not None:
        query = query.where(package.program.isin(programs or [""]))
    if courses is not None:
        query = query.where(package.course.isin(courses or [""]))
    return set(query.run())
