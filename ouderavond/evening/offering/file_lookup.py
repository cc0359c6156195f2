"""What the lines of a file are held against: codes, participants, packages, lessons, and what is offered."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import frappe

from ouderavond.evening import lessons
from ouderavond.evening.offering import packages
from ouderavond.evening.participants import participants_query

# In the order of the columns.
KINDS = ("student", "instructor", "course")


class Directory:
    """The records of a kind by what a file may call them: the code or the record's own name."""

    def __init__(self, rows: Iterable[tuple[str, str | None, str, bool]]):
        self.labels: dict[str, str] = {}
        self.gone: set[str] = set()
        self._by_text: dict[str, set[str]] = {}
        for name, code, label, gone in rows:
            self.labels[name] = label or name
            if gone:
                self.gone.add(name)
            for text in (code, name):
                if text:
                    self._by_text.setdefault(_folded(text), set()).add(name)

    def find(self, text: str) -> set[str]:
        """The records meant; one who has left gives way to another who has not."""
        found = self._by_text.get(_folded(text), set())
        return (found - self.gone) or found if len(found) > 1 else found


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


@dataclass
class Known:
    """What the lines are held against, each kind read at once."""

    directories: dict[str, Directory]
    participants: set[str]
    packages: dict[str, set[str]]
    # (student, course, instructor) of the timetable; None where the evening has no reference week.
    taught: set[tuple[str, str, str]] | None
    # (student, subject, instructors_key) -> offered
    there: dict[tuple[str, str, str], int]

    @classmethod
    def of(cls, evening) -> "Known":
        """Read it for a Parent Evening document."""
        return cls(
            {
                "student": _directory("Student", "student_name", lambda row: not row.enabled, "enabled"),
                "instructor": _directory(
                    "Instructor", "instructor_name", lambda row: row.status == "Left", "status"
                ),
                "course": _directory("Course", "course_name", lambda row: False),
            },
            set(participants_query(evening).run(pluck=True)),
            packages.of_students(evening),
            _taught(evening),
            {
                tuple(key): offered
                for *key, offered in frappe.get_all(
                    "Conversation Offer",
                    {"evening": evening.name},
                    ["student", "subject", "instructors_key", "offered"],
                    as_list=True,
                )
            },
        )


def _directory(doctype: str, label: str, is_gone: Callable, *fields: str) -> Directory:
    rows = frappe.get_all(doctype, fields=["name", "ouderavond_code", label, *fields])
    return Directory((row.name, row.ouderavond_code, row[label], is_gone(row)) for row in rows)


def _taught(evening) -> set[tuple[str, str, str]] | None:
    if not evening.reference_week:
        return None
    groups = lessons.lessons_of_groups(evening)
    return {
        (student, course, instructor)
        for student, group in lessons.memberships(evening)
        for course, of_course in groups.get(group, {}).items()
        for instructor in of_course.candidates
    }
