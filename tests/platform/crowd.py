"""A crowd of households for the small test school: written as rows, since only their bookings matter."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import frappe

from benchmarks.crowd import Browser, end_sessions, make_sessions
from ouderavond.evening.bulk import child_row, insert_rows
from tests.platform.school import make_evening

GROUP = "CROWD"
STARTS = 10


@dataclass
class Household:
    """A guardian with one child, and the child's offers in the order of the crowd's instructors."""

    guardian: str
    student: str
    offers: list[str]
    browser: Browser


@contextmanager
def crowd(school, port: int, site: str, size: int, instructors: list[str]):
    """An evening of ten slots at which `size` households may book the same instructors; gone afterwards."""
    _remove()
    users = [f"crowd{number:03}@crowd.example" for number in range(size)]
    _households(users, school.academic_year)
    day = date.today() + timedelta(days=14)
    evening = make_evening(
        school,
        procedure="Book Directly",
        maximum_per_student=0,
        dates=[{"date": day, "first_time": "18:00:00", "end_time": f"{18 + STARTS // 6}:{STARTS % 6}0:00"}],
        participants=[{"participant_type": "Student Group", "participant": GROUP}],
    )
    offers = _offers(evening.name, day, size, [school.instructor[code] for code in instructors])
    sids = make_sessions(users)
    try:
        yield (
            evening,
            [
                Household(_guardian(number), _student(number), offers[number], Browser(site, port, user, sid))
                for number, (user, sid) in enumerate(sids.items())
            ],
        )
    finally:
        frappe.db.rollback()
        end_sessions(sids.values())
        _remove()


def _guardian(number: int) -> str:
    return f"CROWD-G{number:03}"


def _student(number: int) -> str:
    return f"CROWD-S{number:03}"


def _households(users: list[str], year: str) -> None:
    numbers = range(len(users))
    insert_rows(
        "User",
        [
            {"name": user, "email": user, "first_name": user, "enabled": 1, "user_type": "Website User"}
            for user in users
        ],
    )
    insert_rows(
        "Guardian",
        [
            {"name": _guardian(number), "guardian_name": f"Ouder {number}", "user": users[number]}
            for number in numbers
        ],
    )
    insert_rows(
        "Student",
        [
            {
                "name": _student(number),
                "student_name": f"Kind {number}",
                "first_name": f"Kind {number}",
                "student_email_id": f"kind{number}@crowd.example",
                "enabled": 1,
            }
            for number in numbers
        ],
    )
    insert_rows(
        "Student Guardian",
        [
            child_row("Student", _student(number), "guardians", 1, guardian=_guardian(number))
            for number in numbers
        ],
    )
    group = {"name": GROUP, "student_group_name": GROUP, "group_based_on": "Batch", "academic_year": year}
    insert_rows("Student Group", [group])
    insert_rows(
        "Student Group Student",
        [
            child_row("Student Group", GROUP, "students", number + 1, student=_student(number), active=1)
            for number in numbers
        ],
    )


def _offers(evening: str, day: date, size: int, instructors: list[str]) -> list[list[str]]:
    names = [[f"CROWD-O{number:03}-{place}" for place in range(len(instructors))] for number in range(size)]
    titles = dict(frappe.get_all("Instructor", ["name", "instructor_name"], as_list=True))
    present = [
        {
            "name": f"CROWD-{place}",
            "evening": evening,
            "instructor": instructor,
            "instructor_name": titles[instructor],
            "date": day,
        }
        for place, instructor in enumerate(instructors)
        if not frappe.db.exists("Evening Instructor", {"evening": evening, "instructor": instructor})
    ]
    insert_rows("Evening Instructor", present)
    offers, sitting = [], []
    for number, own in enumerate(names):
        for place, (name, instructor) in enumerate(zip(own, instructors, strict=True)):
            offers.append(
                {
                    "name": name,
                    "evening": evening,
                    "student": _student(number),
                    "student_name": f"Kind {number}",
                    "subject": f"Vak {place}",
                    "offered": 1,
                    "slots": 1,
                    "instructors_key": instructor,
                }
            )
            who = {"instructor": instructor, "instructor_name": titles[instructor]}
            sitting.append(child_row("Conversation Offer", name, "instructors", 1, **who))
    insert_rows("Conversation Offer", offers)
    insert_rows("Conversation Offer Instructor", sitting)
    frappe.db.commit()
    return names


def _remove() -> None:
    for doctype in ("User", "Guardian", "Student", "Student Group"):
        pattern = "crowd%@crowd.example" if doctype == "User" else "CROWD%"
        frappe.db.delete(doctype, {"name": ("like", pattern)})
    for child in ("Student Guardian", "Student Group Student"):
        frappe.db.delete(child, {"parent": ("like", "CROWD%")})
    frappe.db.commit()
