"""By what the list of possibilities can be sorted.

An order is a function (evening, table of offers, query) -> (query with what it needs, term). Texts that many
rows share are ranked once in a small table, and the offers sorted by number: several times as fast.
"""

from collections.abc import Callable

import frappe
from frappe.query_builder.functions import Coalesce, Count, Min
from pypika import Case, CustomFunction
from pypika.analytics import Rank, RowNumber
from pypika.functions import NullIf, Substring
from pypika.terms import AggregateFunction, Term

from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering import listing_rows

Least = CustomFunction("LEAST", ["one", "other"])
# After every date.
NEVER = "9999-12-31"


class _Joined(AggregateFunction):
    """GROUP_CONCAT in an order."""

    def __init__(self, term: Term, by: Term):
        super().__init__("GROUP_CONCAT", term)
        self.by = by

    def get_special_params_sql(self, **kwargs) -> str:
        return f"ORDER BY {self.by.get_sql(**kwargs)} SEPARATOR ', '"


def _own(term: Callable) -> Callable:
    return lambda evening, offer, query: (query, term(offer))


def by_last_name(evening: str, offer, query):
    return _by_name(offer, query, "last_name", "first_name")


def _by_first_name(evening: str, offer, query):
    return _by_name(offer, query, "first_name", "last_name")


def _by_name(offer, query, *fields: str):
    student = frappe.qb.DocType("Student")
    return _by_place_of_student(frappe.qb.from_(student), [student[field] for field in fields], offer, query)


def _by_text_of_student(texts, offer, query):
    """By a text per student, given as a query of (student, text); within one text by name."""
    student = frappe.qb.DocType("Student")
    students = frappe.qb.from_(student).left_join(texts).on(texts.student == student.name)
    terms = [texts.text, student.last_name, student.first_name]
    return _by_place_of_student(students, terms, offer, query)


def _by_place_of_student(students, terms: list[Term], offer, query):
    """By the place of the student in an order of all students."""
    student = frappe.qb.DocType("Student")
    number = RowNumber()
    for term in (*terms, student.name):
        number = number.orderby(term)
    ranked = students.select(student.name, number.as_("place")).as_("student_order")
    return query.left_join(ranked).on(ranked.name == offer.student), ranked.place


def _by_guardians(evening: str, offer, query):
    link, texts = listing_rows.guardians_query()
    texts = texts.select(link.parent.as_("student"), _Joined(link.guardian_name, link.idx).as_("text"))
    return _by_text_of_student(texts.groupby(link.parent).as_("texts"), offer, query)


def _by_classes(evening: str, offer, query):
    member, texts = listing_rows.classes_query(evening)
    texts = texts.select(member.student, _Joined(member.parent, member.parent).as_("text"))
    return _by_text_of_student(texts.groupby(member.student).as_("texts"), offer, query)


def _by_program(evening: str, offer, query):
    enrollment, texts = listing_rows.programs_query(evening)
    texts = texts.select(
        enrollment.student, _Joined(enrollment.program, enrollment.program).as_("text")
    ).groupby(enrollment.student)
    return _by_text_of_student(texts.as_("texts"), offer, query)


def _by_student_code(evening: str, offer, query):
    student = frappe.qb.DocType("Student")
    texts = frappe.qb.from_(student).select(
        student.name.as_("student"), Coalesce(student.ouderavond_code, student.name).as_("text")
    )
    return _by_text_of_student(texts.as_("texts"), offer, query)


def _by_instructors(evening: str, offer, query):
    """By the codes of each set of instructors; there are far fewer sets than offers."""
    other = frappe.qb.DocType("Conversation Offer").as_("other")
    sets = frappe.qb.from_(other).select(other.instructors_key, Min(other.name).as_("one"))
    sets = sets.where(other.evening == evening).groupby(other.instructors_key).as_("sets")
    given, instructor = frappe.qb.DocType("Conversation Offer Instructor"), frappe.qb.DocType("Instructor")
    code = Coalesce(NullIf(instructor.ouderavond_code, ""), instructor.instructor_name)
    texts = (
        frappe.qb.from_(sets)
        .join(given)
        .on(given.parent == sets.one)
        .join(instructor)
        .on(instructor.name == given.instructor)
        .select(sets.instructors_key, _Joined(code, given.idx).as_("text"))
        .groupby(sets.instructors_key)
        .as_("texts")
    )
    ranked = frappe.qb.from_(texts).select(texts.instructors_key, Rank().orderby(texts.text).as_("place"))
    ranked = ranked.as_("ranked")
    return query.left_join(ranked).on(ranked.instructors_key == offer.instructors_key), ranked.place


def _by_possibility(evening: str, offer, query):
    course = frappe.qb.DocType("Course")
    query = query.left_join(course).on(course.name == offer.course)
    text = Coalesce(NullIf(offer.abbreviation, ""), NullIf(course.ouderavond_code, ""), offer.subject)
    return query, Substring(text, 1, 24)


def asked(evening: str):
    """(offer, number) of what somebody asked for."""
    request = frappe.qb.DocType("Conversation Request")
    return (
        frappe.qb.from_(request)
        .select(request.offer, Count("*").as_("number"))
        .where((request.evening == evening) & request.state.isin(ASKED))
        .groupby(request.offer)
        .as_("asked")
    )


def _by_requested(evening: str, offer, query):
    numbers = asked(evening)
    return query.left_join(numbers).on(numbers.offer == offer.name), Coalesce(numbers.number, 0)


def _by_booked(evening: str, offer, query):
    booking = frappe.qb.DocType("Evening Booking")
    booked = (
        frappe.qb.from_(booking)
        .select(booking.offer, Min(booking.start).as_("start"))
        .where((booking.evening == evening) & booking.state.isin(LIVE))
        .groupby(booking.offer)
        .as_("booked")
    )
    # Without a time: after all that have one.
    nothing = Case().when(booked.start.isnull(), NEVER).else_(booked.start)
    return query.left_join(booked).on(booked.offer == offer.name), nothing


def _by_forbidden(evening: str, offer, query):
    """By the first forbidden date of the offer or of a class of the student; without any: last."""
    day = frappe.qb.DocType("Conversation Offer Date")
    own = (
        frappe.qb.from_(day)
        .select(day.parent, Min(day.date).as_("first"))
        .where(day.parenttype == "Conversation Offer")
        .groupby(day.parent)
        .as_("own")
    )
    of_class, days = listing_rows.class_dates_query(evening)
    member = frappe.qb.DocType("Student Group Student")
    classes = (
        days.select(member.student, Min(of_class.date).as_("first")).groupby(member.student).as_("classes")
    )
    query = query.left_join(own).on(own.parent == offer.name)
    query = query.left_join(classes).on(classes.student == offer.student)
    return query, Least(Coalesce(own.first, NEVER), Coalesce(classes.first, NEVER))


# Those that put the students in order; within a student only the subject is left to sort by.
OF_STUDENTS = frozenset(("first_name", "last_name", "student_code", "classes", "program", "guardians"))

ORDERS: dict[str, Callable] = {
    "possibility": _by_possibility,
    "subject": _own(lambda offer: offer.subject),
    "offered": _own(lambda offer: offer.offered),
    "requested": _by_requested,
    "first_name": _by_first_name,
    "last_name": by_last_name,
    "student_code": _by_student_code,
    "classes": _by_classes,
    "program": _by_program,
    "instructors": _by_instructors,
    "guardians": _by_guardians,
    "forbidden": _by_forbidden,
    # Whole remarks would be sorted on the disk.
    "remark": _own(lambda offer: Substring(Coalesce(offer.remark, ""), 1, 60)),
    "slots": _own(lambda offer: offer.slots),
    "in_package": _own(lambda offer: offer.in_package),
    "source": _own(lambda offer: offer.source),
    "booked": _by_booked,
}
