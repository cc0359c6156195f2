"""What there is to choose from by hand: instructors, courses, labels, programs, classes and students."""

from collections import defaultdict
from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Count

from ouderavond.evening.lessons import lessons_of_groups
from ouderavond.evening.offering import packages
from ouderavond.evening.participants import student_names


def of(evening) -> dict:
    """All lists for a Parent Evening document; each row has a name and a label.

    Instructors who have left and students who take part no longer are there when they have offers, marked by
    `can_be_offered` 0: what they have can be removed.
    """
    return {
        "instructors": _instructors(evening),
        "courses": _courses(evening),
        "labels": labels(evening.name),
        "students": _students(evening),
    }


def labels(evening: str) -> list[dict]:
    """Labels to use again: those of this evening (`here`), then those of others."""
    offer = frappe.qb.DocType("Conversation Offer")
    rows = (
        frappe.qb.from_(offer)
        .select(offer.subject, offer.abbreviation, offer.evening)
        .where(offer.course.isnull() | (offer.course == ""))
        .distinct()
    ).run()
    found: dict[str, dict] = {}
    for subject, abbreviation, of_evening in sorted(
        rows, key=lambda row: (row[2] != evening, row[0].casefold(), not row[1])
    ):
        here = int(of_evening == evening)
        entry = {"name": subject, "label": subject, "code": abbreviation or "", "here": here}
        found.setdefault(subject.casefold(), entry)
    return list(found.values())


def _instructors(evening) -> list[dict]:
    child, offer = frappe.qb.DocType("Conversation Offer Instructor"), frappe.qb.DocType("Conversation Offer")
    offers = dict(
        (
            frappe.qb.from_(child)
            .join(offer)
            .on(offer.name == child.parent)
            .select(child.instructor, Count("*"))
            .where((offer.evening == evening.name) & (offer.offered == 1))
            .groupby(child.instructor)
        ).run()
    )
    courses = _taught(evening)
    fields = ["name", "instructor_name", "ouderavond_code", "status"]
    return [
        {
            "name": row.name,
            "label": row.instructor_name or row.name,
            "code": row.ouderavond_code or "",
            "about": ", ".join(sorted(courses.get(row.name, ()))),
            "offers": offers.get(row.name, 0),
            "can_be_offered": int(row.status != "Left"),
        }
        for row in frappe.get_all("Instructor", fields=fields, order_by="instructor_name")
        if row.status != "Left" or row.name in offers
    ]


def _taught(evening) -> dict[str, set[str]]:
    """{instructor: courses}, by their code where they have one; of nobody without a reference week."""
    if not evening.reference_week:
        return {}
    codes = dict(frappe.get_all("Course", fields=["name", "ouderavond_code"], as_list=True))
    return _grouped(
        (name, codes.get(course) or course)
        for by_course in lessons_of_groups(evening).values()
        for course, lessons in by_course.items()
        for name in lessons.candidates
    )


def _courses(evening) -> list[dict]:
    offer = frappe.qb.DocType("Conversation Offer")
    query = frappe.qb.from_(offer).select(offer.course, Count("*")).groupby(offer.course)
    offers = dict(query.where((offer.evening == evening.name) & (offer.offered == 1)).run())
    rows = frappe.get_all("Course", fields=["name", "course_name", "ouderavond_code"], order_by="course_name")
    return [
        {
            "name": row.name,
            "label": row.course_name or row.name,
            "code": row.ouderavond_code or "",
            "offers": offers.get(row.name, 0),
        }
        for row in rows
    ]


def _students(evening) -> list[dict]:
    offer = frappe.qb.DocType("Conversation Offer")
    query = frappe.qb.from_(offer).select(offer.student, Count("*")).groupby(offer.student)
    offers = dict(query.where((offer.evening == evening.name) & (offer.offered == 1)).run())
    participants = set(student_names(evening))
    programs, classes = _programs(evening), _classes(evening)
    fields = ["name", "student_name", "last_name", "ouderavond_code"]
    return [
        {
            "name": row.name,
            "label": row.student_name or row.name,
            "code": row.ouderavond_code or "",
            "programs": sorted(programs.get(row.name, ())),
            "classes": sorted(classes.get(row.name, ())),
            "offers": offers.get(row.name, 0),
            "can_be_offered": int(row.name in participants),
        }
        for row in frappe.get_all("Student", fields=fields, order_by="last_name, first_name, name")
        if row.name in participants or row.name in offers
    ]


def _programs(evening) -> dict[str, set[str]]:
    enrollment, counts = packages.enrollment_of(evening)
    query = frappe.qb.from_(enrollment).select(enrollment.student, enrollment.program).where(counts)
    return _grouped(query.run())


def _classes(evening) -> dict[str, set[str]]:
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    query = (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student, group.name)
        .where((group.group_based_on == "Batch") & (group.academic_year == evening.academic_year))
        .where((group.disabled == 0) & (member.active == 1))
    )
    return _grouped(query.run())


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return found
