"""Offering and removing by hand: instructors × subjects × students, whatever the packages say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import escape_html

from ouderavond.evening.lessons import lessons_of_groups
from ouderavond.evening.offer_key import subject_key
from ouderavond.evening.offering import packages
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.report import Report
from ouderavond.evening.offering.rows import Offer
from ouderavond.evening.participants import student_names

OFFER, REMOVE = "Offer by Hand", "Remove by Hand"
LONGEST_LABEL, LONGEST_ABBREVIATION = 140, 20
# More than this is never meant: five people with everybody in a school of 5,000 are far below it.
MOST = 100_000
# More students who do not take part are counted, not named.
MOST_NAMED = 50


@dataclass(frozen=True)
class Subject:
    """What a conversation is about: a course, or a label of the school's own."""

    subject: str
    course: str | None = None
    abbreviation: str | None = None


# What is chosen


def students_of(evening, chosen: dict) -> set[str]:
    """The students who are in any of the chosen programs or classes, or chosen themselves.

    Args:
        evening: Parent Evening document.
        chosen: {"programs": [...], "classes": [...], "students": [...]}, each of which may be absent.
    """
    enrollment, counts = packages.enrollment_of(evening)
    programs = list(chosen.get("programs") or [""])
    query = frappe.qb.from_(enrollment).select(enrollment.student).where(counts)
    filters = {
        "parent": ("in", list(chosen.get("classes") or [""])),
        "parenttype": "Student Group",
        "active": 1,
    }
    return {
        *(chosen.get("students") or ()),
        *query.where(enrollment.program.isin(programs)).run(pluck=True),
        *frappe.get_all("Student Group Student", filters, pluck="student"),
    }


def subjects_of(evening: str, wanted: Iterable[dict]) -> list[Subject]:
    """The subjects that are meant, each once; a label that is the name of a course means the course.

    Args:
        evening: name of the Parent Evening.
        wanted: {"course": name} or {"label": text, "abbreviation": text} each.

    Raises:
        frappe.ValidationError: there is no such course, or a label is empty or too long.
    """
    courses = set(frappe.get_all("Course", pluck="name"))
    by_name = {name.casefold(): name for name in courses}
    found: dict[str, Subject] = {}
    for row in wanted:
        course = row.get("course") or by_name.get(_one_line(row, "label").casefold())
        if course and course not in courses:
            frappe.throw(_("There is no course {0}.").format(escape_html(course)))
        subject = Subject(course, course) if course else _labelled(evening, row)
        found.setdefault(subject_key(subject.subject), subject)
    return list(found.values())


def _one_line(row: dict, key: str) -> str:
    return " ".join(str(row.get(key) or "").split())


def _labelled(evening: str, row: dict) -> Subject:
    label, abbreviation = _one_line(row, "label"), _one_line(row, "abbreviation")
    if not label:
        frappe.throw(_("A subject needs a name."))
    if len(label) > LONGEST_LABEL or len(abbreviation) > LONGEST_ABBREVIATION:
        frappe.throw(
            _("A subject's name has at most {0} characters, its abbreviation at most {1}.").format(
                LONGEST_LABEL, LONGEST_ABBREVIATION
            )
        )
    # To the database capitals and accents make no difference: the spelling that is there already stays.
    same = {"evening": evening, "subject": label}
    return Subject(
        frappe.db.get_value("Conversation Offer", same, "subject") or label, None, abbreviation or None
    )


def _check_instructors(names: list[str]) -> None:
    rows = {
        row.name: row
        for row in frappe.get_all(
            "Instructor", {"name": ("in", names or [""])}, ["name", "instructor_name", "status"]
        )
    }
    for name in names:
        if name not in rows:
            frappe.throw(_("There is no instructor {0}.").format(escape_html(name)))
        if rows[name].status == "Left":
            frappe.throw(_("{0} has left the school.").format(escape_html(rows[name].instructor_name)))


# Offering


def offer(
    evening: str,
    *,
    instructors: list[str],
    subjects: list[dict],
    students: dict,
    together: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Offer a conversation about each subject with each instructor to each student. Commits.

    The report's `more` says how many `students` take part, what the `product` is, and has a `warning`
    where it looks as if another way of offering is meant.

    Args:
        evening: name of the Parent Evening.
        instructors: names.
        subjects: as `subjects_of` takes them.
        students: as `students_of` takes them; who does not take part is reported.
        together: all instructors in one conversation, instead of a possibility with each.
        dry_run: count, write nothing.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: nothing is chosen of one kind, somebody or something does not exist, nobody
            takes part, or there would be too many.
    """
    instructors = list(dict.fromkeys(instructors))
    sets = [tuple(instructors)] if together else [(name,) for name in instructors]

    def work(edit: Edit) -> None:
        _check_instructors(instructors)
        about = subjects_of(evening, subjects)
        chosen = students_of(edit.evening, students)
        if not (instructors and about and chosen):
            frappe.throw(_("Choose at least one instructor, one subject and one student."))
        taking_part = _taking_part(edit, chosen)
        product = len(sets) * len(about) * len(taking_part)
        if product > MOST:
            message = _("These would be {0} possibilities. Choose fewer: at most {1} at once.")
            frappe.throw(message.format(product, MOST))
        edit.report.more = {
            "students": len(taking_part),
            "product": product,
            "warning": None if together else _warning(edit.evening, instructors, about),
        }
        package = packages.of_students(edit.evening)
        edit.add(
            Draft(
                student,
                subject.subject,
                names,
                course=subject.course,
                abbreviation=subject.abbreviation,
                source="Manual",
                in_package=int(subject.course in package.get(student, ())),
            )
            for student in taking_part
            for subject in about
            for names in sets
        )

    return perform(evening, OFFER, work, dry_run=dry_run, progress=progress)


def _taking_part(edit: Edit, chosen: set[str]) -> list[str]:
    """Those of the chosen students who take part; the others are reported."""
    participants = set(student_names(edit.evening))
    others = sorted(chosen - participants)
    for student in others[:MOST_NAMED]:
        name = edit.student_names.get(student)
        edit.skip(
            "not_participating",
            _("{0} does not take part in this evening.").format(name or student),
            doctype="Student" if name else None,
            name=student if name else None,
        )
    if len(others) > MOST_NAMED:
        edit.skip(
            "not_participating",
            _("Other chosen students do not take part in this evening either."),
            len(others) - MOST_NAMED,
        )
    if not chosen & participants:
        frappe.throw(_("None of the chosen students takes part in this evening."))
    return sorted(chosen & participants)


def _warning(evening, instructors: list[str], subjects: list[Subject]) -> str | None:
    """Whether everybody with everything is offered where each teaches one of these subjects at most."""
    courses = {subject.course for subject in subjects if subject.course}
    if len(instructors) < 2 or len(courses) < 2:
        return None
    taught: dict[str, set[str]] = {name: set() for name in instructors}
    for by_course in lessons_of_groups(evening).values():
        for course in courses & by_course.keys():
            for name in taught.keys() & set(by_course[course].candidates):
                taught[name].add(course)
    numbers = [len(found) for found in taught.values()]
    if max(numbers) != 1:
        return None
    return _(
        "Every student would be offered each of these {0} subjects with each of these {1} instructors, but "
        "each of them teaches at most one of the subjects. To offer each subject with who teaches it, use "
        "By Course instead."
    ).format(len(courses), len(instructors))


# Removing


def remove(
    evening: str,
    *,
    instructors: list[str] | None = None,
    subjects: list[dict] | None = None,
    students: dict | None = None,
    with_others: bool = True,
    dry_run: bool = False,
    confirmed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Remove what is offered with any of the instructors, about any of the subjects, to any of the students.

    None for one of them means all. The report's `more` says how many are `with_others`. Commits.

    Args:
        evening: name of the Parent Evening.
        instructors: names, also of who has left.
        subjects: as `subjects_of` takes them.
        students: as `students_of` takes them, also who does not take part.
        with_others: also conversations in which somebody sits who was not chosen.
        dry_run: count, write nothing.
        confirmed: also what has been requested or booked.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: all of all is meant, or nothing of one kind is chosen.
    """

    def work(edit: Edit) -> None:
        wanted = _Wanted.of(edit.evening, instructors, subjects, students)
        found = {
            name: offer
            for name, offer in edit.offers(students=wanted.students).items()
            if offer.offered and wanted.covers(offer)
        }
        shared = {name for name, offer in found.items() if wanted.has_others(offer)}
        edit.report.more = {"with_others": len(shared)}
        edit.remove(name for name in found if with_others or name not in shared)

    return perform(evening, REMOVE, work, dry_run=dry_run, confirmed=confirmed, progress=progress)


def size_of_removal(evening: str, instructors: list[str] | None = None, students: dict | None = None) -> int:
    """About how many offers `remove` would look at, to know whether it takes long."""
    offer = frappe.qb.DocType("Conversation Offer")
    query = frappe.qb.from_(offer).select(Count("*")).where((offer.evening == evening) & (offer.offered == 1))
    if instructors is not None:
        child = frappe.qb.DocType("Conversation Offer Instructor")
        given = frappe.qb.from_(child).select(child.parent).where(child.instructor.isin(instructors or [""]))
        query = query.where(offer.name.isin(given))
    if students is not None:
        names = students_of(frappe.get_doc("Parent Evening", evening), students)
        query = query.where(offer.student.isin(list(names) or [""]))
    return query.run()[0][0]


@dataclass
class _Wanted:
    """What is to be removed; None for all."""

    instructors: set[str] | None
    subjects: set[str] | None
    students: set[str] | None

    @classmethod
    def of(cls, evening, instructors, subjects, students) -> "_Wanted":
        if instructors is None and subjects is None and students is None:
            frappe.throw(
                _("Choose instructors, subjects or students: everything at once is not removed here.")
            )
        wanted = cls(
            None if instructors is None else set(instructors),
            None if subjects is None else {row.subject for row in subjects_of(evening.name, subjects)},
            None if students is None else students_of(evening, students),
        )
        if set() in (wanted.instructors, wanted.subjects, wanted.students):
            frappe.throw(_("Choose at least one of each, or all of them."))
        return wanted

    def covers(self, offer: Offer) -> bool:
        """Whether an offer, of one of the students, is meant."""
        about = self.subjects is None or offer.subject in self.subjects or offer.course in self.subjects
        return about and (self.instructors is None or bool(self.instructors & set(offer.instructors)))

    def has_others(self, offer: Offer) -> bool:
        """Whether somebody sits in it who was not chosen."""
        return self.instructors is not None and not set(offer.instructors) <= self.instructors
