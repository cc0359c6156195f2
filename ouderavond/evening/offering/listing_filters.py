"""By what the list of possibilities can be filtered: each a condition in SQL.

A filter is a function (evening, table of offers, value) -> condition. What is typed is passed as a parameter.
"""

from collections.abc import Callable

import frappe
from frappe.utils import cint, cstr
from pypika.terms import Criterion

from ouderavond.evening.counts import ASKED
from ouderavond.evening.offering import listing_rows, places
from ouderavond.evening.people import household_index

# Words of a search beyond these are left out.
MOST_WORDS = 8


def _field(name: str) -> Callable:
    return lambda evening, offer, value: offer[name].isin(_list(value))


def _yes_or_no(name: str) -> Callable:
    return lambda evening, offer, value: offer[name] == int(bool(cint(value)))


def _list(value) -> list[str]:
    values = list(value) if isinstance(value, list | tuple | set) else [value]
    return [cstr(one) for one in values] or [""]


def _of_program(evening: str, offer, value) -> Criterion:
    enrollment = frappe.qb.DocType("Program Enrollment")
    students = (
        frappe.qb.from_(enrollment)
        .select(enrollment.student)
        .where((enrollment.docstatus == 1) & enrollment.program.isin(_list(value)))
        .where(enrollment.academic_year == listing_rows.academic_year(evening))
    )
    return offer.student.isin(students)


def _of_group(evening: str, offer, value) -> Criterion:
    member = frappe.qb.DocType("Student Group Student")
    students = frappe.qb.from_(member).select(member.student)
    return offer.student.isin(students.where((member.active == 1) & member.parent.isin(_list(value))))


def _of_instructor(evening: str, offer, value) -> Criterion:
    given = frappe.qb.DocType("Conversation Offer Instructor")
    offers = frappe.qb.from_(given).select(given.parent)
    return offer.name.isin(
        offers.where((given.parenttype == "Conversation Offer") & given.instructor.isin(_list(value)))
    )


def _of_guardian(evening: str, offer, value) -> Criterion:
    link = frappe.qb.DocType("Student Guardian")
    students = frappe.qb.from_(link).select(link.parent)
    return offer.student.isin(
        students.where((link.parenttype == "Student") & link.guardian.isin(_list(value)))
    )


def _of_household(evening: str, offer, value) -> Criterion:
    wanted = set(_list(value))
    members = household_index(frappe.get_doc("Parent Evening", evening))
    return _of_guardian(evening, offer, [name for name, household in members.items() if household in wanted])


def _requested(evening: str, offer, value) -> Criterion:
    request = frappe.qb.DocType("Conversation Request")
    offers = (
        frappe.qb.from_(request)
        .select(request.offer)
        .where((request.evening == evening) & request.state.isin(ASKED) & request.offer.isnotnull())
    )
    return offer.name.isin(offers) if cint(value) else offer.name.notin(offers)


def _searched(evening: str, offer, value) -> Criterion:
    words = cstr(value).split()[:MOST_WORDS]
    return Criterion.all([_has_word(offer, f"%{listing_rows.literally(word)}%") for word in words])


def _has_word(offer, pattern: str) -> Criterion:
    own = offer.subject.like(pattern) | offer.abbreviation.like(pattern) | offer.remark.like(pattern)
    course, student = frappe.qb.DocType("Course"), frappe.qb.DocType("Student")
    courses = frappe.qb.from_(course).select(course.name).where(course.ouderavond_code.like(pattern))
    students = frappe.qb.from_(student).select(student.name)
    students = students.where(student.student_name.like(pattern) | student.ouderavond_code.like(pattern))
    return (
        own
        | offer.course.isin(courses)
        | offer.student.isin(students)
        | offer.student.isin(of_guardians_like(pattern))
        | offer.student.isin(_of_classes_like(pattern))
        | offer.name.isin(_of_instructors_like(pattern))
    )


def of_guardians_like(pattern: str):
    """A query of the students who have a guardian with such a name."""
    link, guardian = frappe.qb.DocType("Student Guardian"), frappe.qb.DocType("Guardian")
    return (
        frappe.qb.from_(link)
        .join(guardian)
        .on(guardian.name == link.guardian)
        .select(link.parent)
        .where((link.parenttype == "Student") & guardian.guardian_name.like(pattern))
    )


def _of_classes_like(pattern: str):
    member, group = frappe.qb.DocType("Student Group Student"), frappe.qb.DocType("Student Group")
    return (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student)
        .where((group.group_based_on == "Batch") & (member.active == 1) & group.name.like(pattern))
    )


def _of_instructors_like(pattern: str):
    given, instructor = frappe.qb.DocType("Conversation Offer Instructor"), frappe.qb.DocType("Instructor")
    return (
        frappe.qb.from_(given)
        .join(instructor)
        .on(instructor.name == given.instructor)
        .select(given.parent)
        .where(instructor.instructor_name.like(pattern) | instructor.ouderavond_code.like(pattern))
    )


FILTERS: dict[str, Callable[[str, object, object], Criterion]] = {
    "name": _field("name"),
    "student": _field("student"),
    "course": _field("course"),
    "subject": _field("subject"),
    "source": _field("source"),
    "offered": _yes_or_no("offered"),
    "in_package": _yes_or_no("in_package"),
    "requested": _requested,
    "program": _of_program,
    "group": _of_group,
    "instructor": _of_instructor,
    "guardian": _of_guardian,
    "household": _of_household,
    "search": _searched,
    **places.FILTERS,
}
