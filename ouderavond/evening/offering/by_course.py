"""Offering by course: for each student and course of the package a conversation with who teaches it."""

from collections.abc import Callable, Iterable

import frappe
from frappe import _

from ouderavond.evening.lessons import check_week, teaching
from ouderavond.evening.offering import matrix, missing
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.matrix import Cell
from ouderavond.evening.offering.report import Report
from ouderavond.evening.participants import student_names

Cells = Iterable[Cell | tuple | list]
# For fewer than these it is quicker to read their own lessons only.
FEW_STUDENTS = 400


def offer(
    evening: str,
    programs: list[str] | None = None,
    courses: list[str] | None = None,
    cells: Cells | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Offer a conversation per participant and course with the instructors of the reference week.

    Offers that exist are left as they are, but offered again where they had been switched off. What yields
    nothing is reported, with the reason. Commits.

    Args:
        evening: name of the Parent Evening.
        programs: only students of these programs; None for all participants.
        courses: only these courses; None for every course of a student's package.
        cells: only these (program, course) of the matrix; None for all.
        dry_run: count, write nothing.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: no participants, or no lessons in the reference week.
    """
    cells = cells_of(cells)

    def work(edit: Edit) -> None:
        check_week(edit.evening.reference_week)
        if not student_names(edit.evening):
            frappe.throw(_("No students take part. Add programs, classes or students to the evening first."))
        inside = matrix.covers(programs, courses, cells)
        packages = matrix.places(edit.evening)
        chosen = {place for place in packages if inside(place.program, place.course)}
        students = {place.student for place in chosen}
        taught = teaching(edit.evening, students=sorted(students) if len(students) < FEW_STUDENTS else None)
        edit.report.skipped += missing.find(
            edit.evening, missing.Chosen(chosen, inside, packages), taught, missing.offered(edit.evening)
        )
        wanted = {(place.student, place.course) for place in chosen}
        edit.add(
            Draft(row.student, row.course, row.instructors, course=row.course)
            for row in taught
            if (row.student, row.course) in wanted
        )

    return perform(evening, "Offer by Course", work, dry_run=dry_run, progress=progress)


def remove(
    evening: str,
    cells: Cells | None = None,
    *,
    dry_run: bool = False,
    confirmed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Remove what is offered in some cells of the matrix, however it came about. Commits.

    Args:
        evening: name of the Parent Evening.
        cells: (program, course) or (program, None, label); None for all of the participants' offers.
        dry_run: count, write nothing.
        confirmed: also where somebody asked for it or has a time.
        progress: called with (done, total) while writing.
    """
    cells = cells_of(cells)

    def work(edit: Edit) -> None:
        programs = matrix.programs_of(edit.evening)
        doomed = [
            offer
            for offer in edit.offers().values()
            if offer.offered and _lies_in(offer, programs.get(offer.student, ()), cells)
        ]
        edit.report.students = len({offer.student for offer in doomed})
        edit.remove(offer.name for offer in doomed)

    return perform(evening, "Remove by Course", work, dry_run=dry_run, confirmed=confirmed, progress=progress)


def cells_of(cells: Cells | None) -> set[Cell] | None:
    """Cells that may have come as lists; an empty text is None.

    Raises:
        frappe.ValidationError: a cell is not a program with a course or a label.
    """
    if cells is None:
        return None
    found = set()
    for cell in cells:
        values = [value or None for value in cell] if isinstance(cell, list | tuple) else []
        if len(values) not in (2, 3) or not all(isinstance(value, str | None) for value in values):
            frappe.throw(_("A cell is a program and a course, or a program, nothing and a label."))
        found.add(Cell(*values))
    return found


def _lies_in(offer, programs: Iterable[str | None], cells: set[Cell] | None) -> bool:
    course, label = (offer.course, None) if offer.course else (None, offer.subject)
    return any(cells is None or Cell(program, course, label) in cells for program in programs)
