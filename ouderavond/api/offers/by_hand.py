"""Offering and removing by hand: what there is to choose from, what it would come to, and doing it."""

import frappe
from frappe import _

from ouderavond.api import callers, running
from ouderavond.evening.offering import by_hand, by_hand_lists

KINDS_OF_STUDENTS = ("programs", "classes", "students")


@frappe.whitelist(methods=["GET", "POST"])
def choices(evening: str) -> dict:
    """Instructors, courses, labels and students to choose from."""
    callers.staff()
    return by_hand_lists.of(frappe.get_doc("Parent Evening", evening))


@frappe.whitelist(methods=["POST"])
def offer(
    evening: str,
    instructors: str | list,
    subjects: str | list,
    students: str | dict,
    together: int = 0,
    dry_run: int = 0,
) -> dict:
    """Offer each subject with each instructor, or with all of them `together`, to each student.

    `subjects` are {"course": name} or {"label": text, "abbreviation": text}; `students` is {"programs": […],
    "classes": […], "students": […]}.
    """
    callers.staff()
    who = running.names(instructors) or []
    about = _subjects(subjects) or []
    whom = _students(students)
    doc = frappe.get_doc("Parent Evening", evening)
    sets = 1 if together else len(who)
    return running.answer(
        by_hand.offer,
        evening,
        size=sets * len(about) * len(by_hand.students_of(doc, whom)),
        dry_run=dry_run,
        instructors=who,
        subjects=about,
        students=whom,
        together=bool(together),
    )


@frappe.whitelist(methods=["POST"])
def remove(
    evening: str,
    instructors: str | list | None = None,
    subjects: str | list | None = None,
    students: str | dict | None = None,
    with_others: int = 1,
    dry_run: int = 0,
    confirmed: int = 0,
) -> dict:
    """Remove what is offered with any of the instructors, about any subject, to any student; absent: all."""
    callers.staff()
    who = _some(running.names, instructors)
    whom = None if students is None else _students(students)
    return running.answer(
        by_hand.remove,
        evening,
        size=by_hand.size_of_removal(evening, who, whom),
        dry_run=dry_run,
        instructors=who,
        subjects=_some(_subjects, subjects),
        students=whom,
        with_others=bool(with_others),
        confirmed=bool(confirmed),
    )


def _some(parse, value):
    """A list that was given, which may be empty: that is not the same as none given, which means all."""
    return None if value is None else parse(value) or []


def _subjects(value: str | list) -> list[dict] | None:
    rows = running.parsed(value)
    if rows is not None and not all(_is_subject(row) for row in rows):
        frappe.throw(_("A list of subjects was expected."))
    return rows


def _is_subject(row) -> bool:
    return isinstance(row, dict) and all(isinstance(value, str | None) for value in row.values())


def _students(value: str | dict) -> dict:
    chosen = running.read(value) or {}
    lists = [chosen.get(kind) or [] for kind in KINDS_OF_STUDENTS] if isinstance(chosen, dict) else [None]
    if not all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in lists):
        frappe.throw(_("Students were expected as lists of programs, classes and students."))
    return dict(zip(KINDS_OF_STUDENTS, lists, strict=True))
