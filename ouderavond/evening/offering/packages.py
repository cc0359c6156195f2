"""Which courses are in whose package: the enrolments, or, for who has none, the own lesson groups."""

import frappe
from frappe.query_builder.functions import GroupConcat
from pypika.functions import Concat

from ouderavond.evening.participants import participants_query

# Ends a name in a list that the database made; names may have commas, but no line breaks.
END = "\n"


def of_students(evening, students: list[str] | None = None) -> dict[str, set[str]]:
    """{student: courses of the package} of the participants, or of some of them."""
    found = by_program(evening, students)
    return {student: set().union(*programs.values()) for student, programs in found.items()}


def by_program(evening, students: list[str] | None = None) -> dict[str, dict[str | None, set[str]]]:
    """{student: {program: courses}} of the participants, or of some; the program None for who is in none.

    A package is what a submitted Program Enrollment of the year lists and what its Course Enrollments add.
    Students whose enrolments name no course at all have the courses of their lesson groups, so that a school
    that does not keep packages can work as well.

    Read as a row per enrolment: with a row per course it takes five times as long.
    """
    enrollment, _counts = enrollment_of(evening)
    who = set(_takes_part(evening, students).run(pluck=True))
    found: dict[str, dict[str | None, set[str]]] = {}
    for query, course in (_of_enrollments(evening), _of_course_enrollments(evening)):
        query = query.select(enrollment.student, enrollment.program, listed(course.course))
        if students is not None:
            query = query.where(enrollment.student.isin(students or [""]))
        for student, program, text in query.groupby(enrollment.name).run():
            if student in who:
                found.setdefault(student, {}).setdefault(program, set()).update(names_in(text))
    bare = [name for name in who if name not in found]
    if bare:
        for student, program, course in _of_groups(evening, bare).run():
            found.setdefault(student, {}).setdefault(program, set()).add(course)
    return found


def listed(column):
    """The values of a column as one text, to be read with `names_in`."""
    return GroupConcat(Concat(column, END))


def names_in(text: str) -> list[str]:
    """The values in a text of `listed`."""
    return text.removesuffix(END).split(f"{END},") if text else []


def enrollment_of(evening):
    """The table Program Enrollment, and the condition for those of the evening's year that count."""
    enrollment = frappe.qb.DocType("Program Enrollment")
    return enrollment, (enrollment.docstatus == 1) & (enrollment.academic_year == evening.academic_year)


def _takes_part(evening, students: list[str] | None):
    query = participants_query(evening)
    return (
        query if students is None else query.where(frappe.qb.DocType("Student").name.isin(students or [""]))
    )


def _of_enrollments(evening) -> tuple:
    """A query without columns of what the enrolments of everybody list, and the table with the course."""
    enrollment, counts = enrollment_of(evening)
    course = frappe.qb.DocType("Program Enrollment Course")
    query = (
        frappe.qb.from_(enrollment)
        .join(course)
        .on((course.parent == enrollment.name) & (course.parenttype == "Program Enrollment"))
        .where(counts)
    )
    return query, course


def _of_course_enrollments(evening) -> tuple:
    enrollment, counts = enrollment_of(evening)
    course = frappe.qb.DocType("Course Enrollment")
    query = (
        frappe.qb.from_(course)
        .join(enrollment)
        .on(enrollment.name == course.program_enrollment)
        .where(counts)
    )
    return query, course


def _of_groups(evening, students: list[str]):
    member, group = frappe.qb.DocType("Student Group Student"), frappe.qb.DocType("Student Group")
    enrollment, counts = enrollment_of(evening)
    return (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .left_join(enrollment)
        .on((enrollment.student == member.student) & counts)
        .select(member.student, enrollment.program, group.course)
        .where((group.group_based_on == "Course") & (group.disabled == 0) & (member.active == 1))
        .where((group.academic_year == evening.academic_year) & member.student.isin(students))
    )
