"""Offers: by whom nobody can be reached, twice the same, nowhere possible, or not there at all."""

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Concat, Count
from pypika.terms import Criterion

from ouderavond.evening import class_dates
from ouderavond.evening.offering import classes
from ouderavond.evening.offering.changes import Edit
from ouderavond.evening.offering.checks.kinds import (
    ERROR,
    WARNING,
    InSql,
    Kind,
    Link,
    Repair,
    Row,
    Scope,
)
from ouderavond.evening.offering.checks.replacing import replace
from ouderavond.evening.offering.rows import Offer, read
from ouderavond.evening.participants import participants_query


def _offers(scope: Scope):
    """(query, table) of the offers that are on offer."""
    offer = frappe.qb.DocType("Conversation Offer")
    query = frappe.qb.from_(offer).where((offer.evening == scope.evening.name) & (offer.offered == 1))
    return scope.within(query, offer.student), offer


def _label(offer: Offer) -> str:
    return f"{offer.student_name}, {offer.subject}"


def _present_offers(scope: Scope, detail):
    """Makes the rows of offers; `detail` gets the Offer and says what is wrong with it."""

    def present(found: list) -> list[Row]:
        offers = read(scope.evening.name, names=[one.id for one in found])
        return [
            Row(
                one.id,
                Link("Conversation Offer", one.id, _label(offers[one.id])),
                detail(offers[one.id]),
                scope.class_of.get(offers[one.id].student, ""),
                [
                    scope.student(offers[one.id].student),
                    *(scope.instructor(name) for name in offers[one.id].instructors),
                ],
            )
            for one in found
        ]

    return present


# Instructors who left, and offers without one


def _instructor_left(scope: Scope) -> InSql:
    left = frappe.get_all("Instructor", {"status": "Left"}, pluck="name")
    query, offer = _offers(scope)
    given = frappe.qb.DocType("Conversation Offer Instructor")
    query = (
        query.join(given)
        .on((given.parent == offer.name) & (given.parenttype == "Conversation Offer"))
        .select(offer.name.as_("id"), offer.student, offer.subject)
        .distinct()
        .where(given.instructor.isin(left or [""]))
    )

    def detail(one: Offer) -> str:
        names = [scope.instructor_names.get(name, name) for name in one.instructors if name in left]
        return _("{0} has left the school.").format(", ".join(names))

    return InSql(query, _present_offers(scope, detail), ["subject", "student"])


def _no_instructor(scope: Scope) -> InSql:
    query, offer = _offers(scope)
    given = frappe.qb.DocType("Conversation Offer Instructor")
    query = (
        query.left_join(given)
        .on(
            (given.parent == offer.name)
            & (given.parenttype == "Conversation Offer")
            & (given.instructor != "")
        )
        .select(offer.name.as_("id"), offer.student, offer.subject)
        .where(given.name.isnull())
    )

    def detail(one: Offer) -> str:
        return _("No instructor is given.")

    return InSql(query, _present_offers(scope, detail), ["subject", "student"])


def _remove(edit: Edit, scope: Scope, rows: list) -> None:
    edit.remove([row.id for row in rows])


# Twice the same


def _duplicates(scope: Scope) -> InSql:
    """(student, course or label) with several offers that share an instructor."""
    query, offer = _offers(scope)
    given = frappe.qb.DocType("Conversation Offer Instructor")
    what = Coalesce(offer.course, offer.subject)
    query = (
        query.join(given)
        .on((given.parent == offer.name) & (given.parenttype == "Conversation Offer"))
        .select(offer.student, what.as_("what"))
        .where(given.instructor.isnotnull())
        .groupby(offer.student, what, given.instructor)
        .having(Count(offer.name).distinct() > 1)
    ).as_("shared")
    query = (
        frappe.qb.from_(query)
        .select(Concat(query.student, "|", query.what).as_("id"), query.student, query.what)
        .distinct()
    )

    def present(found: list) -> list[Row]:
        doubles = _double_offers(scope.evening.name, found)
        return [
            Row(
                one.id,
                scope.student(one.student),
                _("{0} is offered {1} times: {2}.").format(
                    one.what, len(doubles[one.id]), _sets(scope, doubles[one.id])
                ),
                scope.class_of.get(one.student, ""),
                [Link("Conversation Offer", offer.name, offer.subject) for offer in doubles[one.id]],
            )
            for one in found
        ]

    return InSql(query, present, ["student", "what"])


def _sets(scope: Scope, offers: list[Offer]) -> str:
    names = [[scope.instructor_names.get(name, name) for name in offer.instructors] for offer in offers]
    return "; ".join(" + ".join(group) for group in names)


def _double_offers(evening: str, found: list) -> dict[str, list[Offer]]:
    """{row: its offers, that with most instructors first}; only those that share an instructor."""
    offers = read(evening, students={one.student for one in found})
    by_row: dict[str, list[Offer]] = {one.id: [] for one in found}
    for offer in offers.values():
        key = f"{offer.student}|{offer.course or offer.subject}"
        if offer.offered and key in by_row:
            by_row[key].append(offer)
    return {
        key: sorted(_sharing(several), key=lambda one: (-len(one.instructors), one.subject, one.name))
        for key, several in by_row.items()
    }


def _sharing(offers: list[Offer]) -> list[Offer]:
    return [
        one
        for one in offers
        if any(other is not one and set(one.instructors) & set(other.instructors) for other in offers)
    ]


def _keep(largest: bool):
    """Keep the offer with most instructors, or those with fewest; what overlaps with these goes."""

    def carry_out(edit: Edit, scope: Scope, rows: list) -> None:
        gone = []
        for offers in _double_offers(edit.evening.name, rows).values():
            kept: list[Offer] = []
            for one in offers if largest else reversed(offers):
                if any(set(one.instructors) & set(other.instructors) for other in kept):
                    gone.append(one.name)
                else:
                    kept.append(one)
        edit.remove(gone)

    return carry_out


# Nowhere, or not there


def _nowhere(scope: Scope) -> InSql:
    """Students with offers that may be on no date, own and classes' dates together."""
    day, own = frappe.qb.DocType("Parent Evening Date"), frappe.qb.DocType("Conversation Offer Date")
    closed = class_dates.closed(scope.evening.name).as_("closed")
    query, offer = _offers(scope)
    free = (
        frappe.qb.from_(offer)
        .join(day)
        .on((day.parent == scope.evening.name) & (day.parenttype == "Parent Evening"))
        .left_join(closed)
        .on((closed.student == offer.student) & (closed.date == day.date))
        .left_join(own)
        .on((own.parent == offer.name) & (own.date == day.date))
        .select(offer.name)
        .where((offer.evening == scope.evening.name) & closed.student.isnull() & own.name.isnull())
    )
    # Only students about whom something is forbidden at all can have such offers.
    concerned = Criterion.any(
        [
            offer.student.isin(frappe.qb.from_(closed).select(closed.student)),
            offer.name.isin(frappe.qb.from_(own).select(own.parent)),
        ]
    )
    query = (
        query.select(offer.student.as_("id"), Count("*").as_("number"))
        .where(concerned & offer.name.notin(free))
        .groupby(offer.student)
    )

    def present(found: list) -> list[Row]:
        text = _("{0} offered conversations may be on no date of the evening.")
        return [
            Row(one.id, scope.student(one.id), text.format(one.number), scope.class_of.get(one.id, ""))
            for one in found
        ]

    return InSql(query, present)


def _allow_all(edit: Edit, scope: Scope, rows: list) -> None:
    """Take away the offers' own forbidden dates; and those of classes that forbid every date together."""
    students = {row.id for row in rows}
    offers = edit.offers(students=students)
    edit.update([name for name, one in offers.items() if one.forbidden], forbidden=())
    number = len(classes.days(edit.evening))
    closed = class_dates.of_students(edit.evening.name)
    stuck = [name for name in students if len(closed.get(name, ())) >= number]
    filters = {"student": ("in", stuck or [""]), "active": 1}
    groups = frappe.get_all("Student Group Student", filters, pluck="parent", distinct=True)
    filters = {"evening": edit.evening.name, "student_group": ("in", groups or [""])}
    for row in frappe.get_all("Forbidden Class Date", filters, ["name", "evening", "student_group", "date"]):
        edit.records.take("Forbidden Class Date", {**row, "date": str(row.date)})


def _nothing_offered(scope: Scope) -> InSql:
    student, offer = frappe.qb.DocType("Student"), frappe.qb.DocType("Conversation Offer")
    offered = (
        frappe.qb.from_(offer)
        .select(offer.student)
        .where((offer.evening == scope.evening.name) & (offer.offered == 1) & offer.student.isnotnull())
    )
    query = (
        frappe.qb.from_(student)
        .select(student.name.as_("id"), student.student_name)
        .where(student.name.isin(participants_query(scope.evening)) & student.name.notin(offered))
    )

    def present(found: list) -> list[Row]:
        text = _("Takes part, but no conversation is offered.")
        return [
            Row(one.id, Link("Student", one.id, one.student_name), text, scope.class_of.get(one.id, ""))
            for one in found
        ]

    return InSql(scope.within(query, student.name), present, ["student_name"])


_REPLACE = Repair("replace", lambda: _("Replace by Who Teaches Now"), replace)
_REMOVE = Repair("remove", lambda: _("Remove"), _remove)

KINDS = (
    Kind(
        "instructor_left",
        ERROR,
        lambda: _("Offers whose instructor has left"),
        lambda: _(
            "Replace puts whoever teaches the student this course now, or is the mentor now, in place of who "
            "left. A conversation with several instructors goes on with the others."
        ),
        _instructor_left,
        (_REPLACE, _REMOVE),
    ),
    Kind(
        "no_instructor",
        ERROR,
        lambda: _("Offers without an instructor"),
        lambda: _("They cannot be given a time."),
        _no_instructor,
        (_REPLACE, _REMOVE),
    ),
    Kind(
        "nowhere",
        ERROR,
        lambda: _("Students whose conversations may be on no date"),
        lambda: _(
            "All dates of the evening are forbidden to the conversation, its class, or both together. "
            "Allowing all dates does so for the whole class."
        ),
        _nowhere,
        (Repair("allow", lambda: _("Allow All Dates"), _allow_all),),
    ),
    Kind(
        "duplicates",
        WARNING,
        lambda: _("Conversations that are offered twice"),
        lambda: _(
            "The same student and course with the same instructor, for example alone and with another."
        ),
        _duplicates,
        (
            Repair("keep_joint", lambda: _("Keep the Joint One"), _keep(largest=True)),
            Repair("keep_single", lambda: _("Keep the Single Ones"), _keep(largest=False)),
        ),
    ),
    Kind(
        "nothing_offered",
        WARNING,
        lambda: _("Students for whom nothing is offered"),
        lambda: _("They take part in the evening. Offer something, or leave them out of the participants."),
        _nothing_offered,
    ),
)
