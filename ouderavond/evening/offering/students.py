"""Per student: every possibility there is, offered or not, and switching each of them on or off.

possibilities(evening, student)      the rows of a student: offers, and what could be offered
switch(evening, rows, offered)       offer these, or do not offer them any more
"""

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import escape_html

from ouderavond.evening import lessons
from ouderavond.evening.offering import listing, listing_rows, packages
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.report import Report
from ouderavond.evening.offering.rows import Offer
from ouderavond.evening.participants import participants_query

OPERATION = "Offer per Student"


@dataclass(frozen=True)
class Possible:
    """One row of a list: an offer, or what an offer would be made of."""

    offer: str | None = None
    student: str = ""
    subject: str = ""
    course: str | None = None
    instructors: tuple[str, ...] = ()


# The list of a student


def possibilities(evening: str, student: str) -> list[dict]:
    """Every offer of a student, and each course of the package or lessons with whoever gives it.

    The rows are those of `listing_rows`; what was never offered has no name. A course that nobody teaches the
    student has no instructors either.
    """
    rows = listing_rows.of_offers(evening, listing.keys(evening, {"student": student}, "possibility asc"))
    rows += listing_rows.complete(
        evening, _never_offered(frappe.get_doc("Parent Evening", evening), student, rows)
    )
    return sorted(rows, key=lambda row: (row["possibility"].casefold(), row["instructors"]))


def _never_offered(evening, student: str, rows: list[dict]) -> list[dict]:
    package = packages.of_students(evening, [student]).get(student, set())
    there = {(row["course"] or row["subject"], frozenset(row["instructor_list"])) for row in rows}
    taught = _taught(evening, student)
    new = [
        (course, instructors)
        for course, instructors in taught
        if (course, frozenset(instructors)) not in there
    ]
    known = {course for course, _instructors in [*there, *taught]}
    new += [(course, ()) for course in sorted(package - known)]
    name = frappe.db.get_value("Student", student, "student_name") or student
    return [_row(student, name, course, instructors, course in package) for course, instructors in new]


def _taught(evening, student: str) -> list[tuple[str, tuple[str, ...]]]:
    """The courses that the student's lessons make possible; none as long as no week says who teaches them."""
    if not evening.reference_week:
        return []
    return [(row.course, row.instructors) for row in lessons.teaching(evening, students=[student])]


def _row(student: str, name: str, course: str, instructors: tuple[str, ...], in_package: bool) -> dict:
    return {
        "name": None,
        "student": student,
        "student_name": name,
        "subject": course,
        "course": course,
        "abbreviation": None,
        "offered": 0,
        "slots": 1,
        "remark": None,
        "source": "Individual",
        "in_package": int(in_package),
        "instructor_list": list(instructors),
    }


# Switching


def switch(
    evening: str,
    rows: list[Possible],
    offered: bool,
    *,
    dry_run: bool = False,
    confirmed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Offer these possibilities, or do not offer them any more. Commits.

    What is there already in the way that is wanted stays as it is. Where something requested or booked would
    be switched off, the report asks for a confirmation first.

    Args:
        evening: name of the Parent Evening.
        rows: offers by name, or what they would be made of.
        offered: on or off. What never was an offer is off.

    Raises:
        frappe.ValidationError: the evening is archived, or a row is no possibility.
    """

    def work(edit: Edit) -> None:
        there = edit.offers(names=[row.offer for row in rows if row.offer])
        if offered:
            _on(edit, rows, there)
        else:
            edit.remove([name for name, offer in there.items() if offer.offered], keep=True)

    return perform(evening, OPERATION, work, dry_run=dry_run, confirmed=confirmed, progress=progress)


def _on(edit: Edit, rows: list[Possible], there: dict[str, Offer]) -> None:
    students = {there[row.offer].student if row.offer in there else row.student for row in rows}
    known = _Known(edit.evening, students, rows)
    off = []
    drafts = []
    for row in rows:
        offer = there.get(row.offer)
        student = offer.student if offer else row.student
        if student not in known.participants:
            known.skip_student(edit, student)
        elif offer and offer.offered:
            edit.report.existing += 1
        elif offer:
            off.append(offer.name)
        else:
            drafts += known.drafts(edit, row)
    edit.update(off, offered=1)
    edit.add(drafts)


class _Known:
    """What has to be known about the students, courses and instructors of rows, read at once."""

    def __init__(self, evening, students: set[str], rows: list[Possible]):
        taking_part = participants_query(evening).where(
            frappe.qb.DocType("Student").name.isin(students or [""])
        )
        self.participants = set(taking_part.run(pluck=True))
        self.names = _named("Student", "student_name", students)
        courses = {row.course for row in rows if row.course}
        self.courses = set(_named("Course", "course_name", courses))
        instructors = {name for row in rows for name in row.instructors}
        self.present = set(_named("Instructor", "instructor_name", instructors, status=("!=", "Left")))
        new = {row.student for row in rows if row.student in self.participants}
        self.packages = packages.of_students(evening, sorted(new)) if courses else {}

    def skip_student(self, edit: Edit, student: str) -> None:
        """Report a student who does not take part."""
        sentence = _("{0} does not take part in this evening.").format(self.names.get(student, student))
        there = student in self.names
        edit.skip(
            "no_participant", sentence, doctype="Student" if there else None, name=student if there else None
        )

    def drafts(self, edit: Edit, row: Possible) -> list[Draft]:
        """The offer that a row would be, unless it cannot be one."""
        name = self.names[row.student]
        if row.course and row.course not in self.courses or not (row.course or row.subject.strip()):
            sentence = _("A possibility of {0} could not be read. Reload the page and try again.")
            frappe.throw(sentence.format(escape_html(name)))
        subject = row.course or row.subject.strip()[:140]
        if not row.instructors:
            sentence = _("Nobody is known who teaches {0} to {1}. Offer it by hand, with an instructor.")
            edit.skip("no_instructor", sentence.format(subject, name), doctype="Student", name=row.student)
            return []
        gone = next((one for one in row.instructors if one not in self.present), None)
        if gone:
            sentence = _("{0} for {1}: the instructor {2} has left or is not known.").format(
                subject, name, gone
            )
            edit.skip("instructor_left", sentence, doctype="Student", name=row.student)
            return []
        in_package = row.course in self.packages.get(row.student, ())
        return [
            Draft(
                row.student,
                subject,
                row.instructors,
                course=row.course,
                source="Individual",
                in_package=int(in_package),
            )
        ]


def _named(doctype: str, field: str, names: set[str], **filters) -> dict[str, str]:
    """{record: name as people know it} of those that there are."""
    found = frappe.get_all(doctype, {"name": ("in", list(names) or [""]), **filters}, ["name", field])
    return {row.name: row[field] or row.name for row in found}
