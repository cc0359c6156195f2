"""Programs by courses: how many students could be offered what, have it, and asked for it.

A cell is (program, course, label): the program None for participants without one, and of course and label the
one that is there. Labels are the subjects that are no course, such as *Mentoraat*.

The database gives a row per student, which lists courses, and these rows are summed here: one row per student
and course takes five times as long.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Max
from pypika import Case
from pypika.functions import Concat

from ouderavond.evening.counts import ASKED
from ouderavond.evening.offering import packages
from ouderavond.evening.participants import student_names

# Before a label, where courses and labels stand in one list; no course begins with it.
MARK = "\t"


class Cell(NamedTuple):
    """One program (None: without one) and one course, or one label."""

    program: str | None
    course: str | None
    label: str | None = None


class Place(NamedTuple):
    """A course in the package of a student, who is in a program or in none."""

    student: str
    program: str | None
    course: str


def to_offer(evening) -> dict:
    """The matrix of an evening (a document) from which to offer.

    Returns:
        programs: [{name, title, students}], name None for participants without a program.
        rows: [{course, label, code, title}].
        cells: [[index of the program, index of the row, total, offered, requested]]: students with the
            course in their package, of these who are offered it, and who asked for it. A cell that is not
            there is in nobody's package.
    """
    total, offered, asked = Counter(), Counter(), Counter()
    have, want = _offered(evening), _asked(evening)
    for student, by_program in packages.by_program(evening).items():
        there, wanted = have.get(student, {}), want.get(student, {})
        for program, courses in by_program.items():
            for course in courses:
                key = program, course
                total[key] += 1
                if course in there:
                    offered[key] += 1
                if course in wanted:
                    asked[key] += 1
    return _matrix(evening, programs_of(evening), total, offered, asked)


def to_remove(evening) -> dict:
    """The matrix of an evening from which to remove: as `to_offer`, and a cell's total are its offers.

    It has rows for labels and for courses outside packages too.
    """
    total, asked = Counter(), Counter()
    have, want = _offered(evening), _asked(evening)
    of_students = programs_of(evening)
    for student, programs in of_students.items():
        for program in programs:
            for counter, found in ((total, have), (asked, want)):
                for row, number in found.get(student, {}).items():
                    counter[(program, row)] += number
    return _matrix(evening, of_students, total, total, asked)


def places(
    evening,
    programs: list[str] | None = None,
    courses: list[str] | None = None,
    cells: Iterable[Cell] | None = None,
) -> set[Place]:
    """What is in the participants' packages: everything, or what lies in some programs, courses or cells."""
    inside = covers(programs, courses, cells)
    return {
        Place(student, program, course)
        for student, by_program in packages.by_program(evening).items()
        for program, listed in by_program.items()
        for course in listed
        if inside(program, course)
    }


def covers(programs: list[str] | None, courses: list[str] | None, cells: Iterable[Cell] | None):
    """A function that says of a program and a course whether they are among what was chosen."""
    pairs = None if cells is None else {(cell.program, cell.course) for cell in cells}

    def inside(program: str | None, course: str) -> bool:
        return (
            (programs is None or program in programs)
            and (courses is None or course in courses)
            and (pairs is None or (program, course) in pairs)
        )

    return inside


def programs_of(evening) -> dict[str, list[str | None]]:
    """{student: programs} of the participants; [None] for who is in none."""
    enrollment, counts = packages.enrollment_of(evening)
    rows = frappe.qb.from_(enrollment).select(enrollment.student, enrollment.program).where(counts).run()
    enrolled: dict[str, set[str | None]] = defaultdict(set)
    for student, program in rows:
        enrolled[student].add(program or None)
    return {student: sorted(enrolled[student], key=str) or [None] for student in student_names(evening)}


def _offered(evening) -> dict[str, Counter]:
    """{student: {course or marked label: how many offers}} of what is offered."""
    offer = frappe.qb.DocType("Conversation Offer")
    rows = (
        frappe.qb.from_(offer)
        .select(offer.student, packages.listed(_row_of(offer)))
        .where((offer.evening == evening.name) & (offer.offered == 1))
        .groupby(offer.student)
    ).run()
    return {student: Counter(packages.names_in(text)) for student, text in rows}


def _asked(evening) -> dict[str, Counter]:
    """{student: {course or marked label: how many offers somebody asked for}}."""
    offer, request = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Request")
    rows = (
        frappe.qb.from_(request)
        .join(offer)
        .on(offer.name == request.offer)
        .select(offer.name, offer.student, _row_of(offer))
        .distinct()
        .where((request.evening == evening.name) & request.state.isin(ASKED) & (offer.offered == 1))
    ).run()
    found: dict[str, Counter] = defaultdict(Counter)
    for _name, student, row in rows:
        found[student][row] += 1
    return found


def _row_of(offer):
    no_course = Coalesce(offer.course, "") == ""
    return Case().when(no_course, Concat(MARK, offer.subject)).else_(offer.course)


def _matrix(evening, of_students: dict, total: Counter, offered: Counter, asked: Counter) -> dict:
    """The answer for figures by (program, course or marked label)."""
    programs = _programs(of_students)
    rows = _rows(evening, {row for _program, row in total})
    columns = {program["name"]: at for at, program in enumerate(programs)}
    lines = {row["course"] or MARK + row["label"]: at for at, row in enumerate(rows)}
    cells = [
        [columns[program], lines[row], number, offered[program, row], asked[program, row]]
        for (program, row), number in total.items()
    ]
    return {"programs": programs, "rows": rows, "cells": cells}


def _programs(of_students: dict[str, list[str | None]]) -> list[dict]:
    """The participants' programs with their number of students; those without a program come last."""
    students = Counter(program for programs in of_students.values() for program in programs)
    filters = {"name": ("in", [name for name in students if name] or [""])}
    titles = dict(frappe.get_all("Program", filters, ["name", "program_name"], as_list=True))
    found = [
        {"name": name, "title": titles.get(name) or name or _("No program"), "students": number}
        for name, number in students.items()
    ]
    return sorted(found, key=lambda row: (row["name"] is None, row["title"].lower()))


def _rows(evening, keys: set[str]) -> list[dict]:
    """The rows behind courses and marked labels: by code, labels last."""
    filters = {"name": ("in", list(keys) or [""])}
    courses = {
        row.name: row for row in frappe.get_all("Course", filters, ["name", "course_name", "ouderavond_code"])
    }
    codes = _abbreviations(evening) if any(key.startswith(MARK) for key in keys) else {}
    rows = []
    for key in keys:
        if key.startswith(MARK):
            label = key.removeprefix(MARK)
            rows.append({"course": None, "label": label, "code": codes.get(label) or "", "title": label})
        else:
            course = courses.get(key) or frappe._dict()
            title, code = course.course_name or key, course.ouderavond_code or ""
            rows.append({"course": key, "label": None, "code": code, "title": title})
    return sorted(rows, key=lambda row: (row["course"] is None, (row["code"] or row["title"]).lower()))


def _abbreviations(evening) -> dict[str, str]:
    """{label: abbreviation} of the evening's offers."""
    offer = frappe.qb.DocType("Conversation Offer")
    return dict(
        frappe.qb.from_(offer)
        .select(offer.subject, Max(offer.abbreviation))
        .where((offer.evening == evening.name) & (Coalesce(offer.course, "") == ""))
        .groupby(offer.subject)
        .run()
    )
