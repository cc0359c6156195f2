"""The same offers and requests seen from several sides: groups with totals, in SQL.

A view is one side: by program, class, student, instructor or household. `groups` answers its rows. The
filters are those of `listing`; the list that belongs to a group is that of `listing` with the filter
`group_filter` in addition. It tells what only staff may know: callers check that first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import cint, cstr, escape_html, flt
from pypika import Case, Order
from pypika.analytics import Count as CountAll
from pypika.functions import Concat
from pypika.terms import ValueWrapper as Value

from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering import listing
from ouderavond.evening.offering.listing_rows import classes_query, programs_query
from ouderavond.evening.offering.places import NOBODY, Joined, instructors_at, parties, program_column
from ouderavond.evening.participants import participants_query

PAGE = 200
# What every group counts.
TOTALS = ("offered", "requested", "booked")
COUNTED = ("students", "possible", *TOTALS)


@dataclass(frozen=True)
class View:
    """One side to see the offers from.

    Attributes:
        filter: the filter of the list that a group's key is a value of.
        query: (evening, filters) -> a query of rows with `key`, `columns` and the totals.
        columns: the fields before the totals: {field: format}.
    """

    filter: str
    query: Callable
    columns: dict[str, str]

    @property
    def fields(self) -> dict[str, str]:
        """All fields of a row, with their formats."""
        return {**self.columns, **dict.fromkeys(TOTALS, "number")}


def groups(
    evening: str,
    view: str,
    filters: dict | None = None,
    order_by: str | None = None,
    start: int = 0,
    length: int | None = PAGE,
) -> dict:
    """Groups with their totals: {rows, total}.

    Without filters those of whom nothing is offered are there too.

    Args:
        view: a key of VIEWS.
        order_by: "field asc" or "field desc"; by default the first field.

    Raises:
        frappe.ValidationError: there is no such view, filter or field.
    """
    found = get(view)
    field, _space, direction = (order_by or next(iter(found.fields))).partition(" ")
    if field not in found.fields or direction not in ("", "asc", "desc"):
        frappe.throw(_("The list cannot be sorted by {0}.").format(escape_html(cstr(order_by))))
    inner = found.query(frappe.get_cached_doc("Parent Evening", evening), clean(filters)).as_("found")
    query = (
        frappe.qb.from_(inner)
        .select(inner.star, CountAll("*").over().as_("of"))
        .orderby(inner[field], order=Order.desc if direction == "desc" else Order.asc)
        .orderby(inner.key)
    )
    if length is not None:
        query = query.limit(length).offset(start)
    rows = query.run(as_dict=True)
    total = rows[0]["of"] if rows else 0
    for row in rows:
        del row["of"]
        row.update({name: cint(flt(row[name])) for name, kind in found.fields.items() if kind == "number"})
    return {"rows": rows, "total": total}


def totals(evening: str, filters: dict | None = None) -> dict[str, int]:
    """What all that matches adds up to: {students, possible, offered, requested, booked}."""
    row = _added_up(evening, clean(filters)).run(as_dict=True)[0]
    return {name: cint(flt(value)) for name, value in row.items()}


def by_subject(evening: str, filters: dict | None = None) -> list[dict]:
    """The totals of each subject, by name: {key, subject, students, offered, requested, booked}."""
    found = _added_up(evening, clean(filters), lambda offer, query: (query, offer.subject)).as_("found")
    rows = frappe.qb.from_(found).select(found.star).orderby(found.key).run(as_dict=True)
    numbers = [{name: cint(flt(row[name])) for name in COUNTED} for row in rows]
    return [
        {"key": row["key"], "subject": row["key"], **figures}
        for row, figures in zip(rows, numbers, strict=True)
    ]


def students(evening, filters: dict | None = None) -> tuple[int, int]:
    """How many students a Parent Evening (a document) is about, and how many have nothing offered."""
    filters = clean(filters)
    base, mine = _students(evening, filters), _by_student(evening.name, filters)
    query = frappe.qb.from_(base).left_join(mine).on(mine.key == base.student)
    return query.select(Count("*"), _without(mine, base.student)).run()[0]


def get(view: str) -> View:
    """A view by its key.

    Raises:
        frappe.ValidationError: there is none.
    """
    if view not in VIEWS:
        frappe.throw(_("There is no view {0}.").format(escape_html(cstr(view))))
    return VIEWS[view]


def group_filter(view: str, key: str) -> dict:
    """The filter that finds the offers of a group."""
    return {get(view).filter: key}


def clean(filters: dict | None) -> dict:
    """Without the filters that say nothing."""
    return {name: value for name, value in (filters or {}).items() if value is not None and value != ""}


# Counting


def _added_up(evening: str, filters: dict, by: Callable | None = None):
    """A query of (key, students, possible, offered, requested, booked) of what matches; without `by` one row.

    What is offered, requested and booked is counted apart and then put together: joined before counting,
    each of the many offers would be looked up among the few requests.

    Args:
        by: (table of offers, query) -> (query with what it needs, the field to group by).
    """
    asked, booked = frappe.qb.DocType("Conversation Request"), frappe.qb.DocType("Evening Booking")
    offer, query = listing.matching(evening, filters)
    parts = [_part(offer, query, by, Count(offer.student).distinct(), Count("*"), Sum(offer.offered))]
    for table, states, place in ((asked, ASKED, 3), (booked, LIVE, 4)):
        offer, query = listing.matching(evening, filters)
        query = query.join(table).on(table.offer == offer.name).where(table.state.isin(states))
        parts.append(_part(offer, query, by, *[Value(0)] * place, Count("*")))
    every = (parts[0].union_all(parts[1]).union_all(parts[2])).as_("every")
    query = frappe.qb.from_(every).select(*(Sum(every[name]).as_(name) for name in COUNTED))
    return query.select(every.key).groupby(every.key) if by else query


def _part(offer, query, by: Callable | None, *figures):
    if by:
        query, field = by(offer, query)
        query = query.select(field.as_("key")).groupby(field)
    figures = [*figures, *[Value(0)] * (len(COUNTED) - len(figures))]
    return query.select(*(figure.as_(name) for figure, name in zip(figures, COUNTED, strict=True)))


def _by_student(evening: str, filters: dict):
    """The totals of each student of whom something matches."""
    return _added_up(evening, filters, lambda offer, query: (query, offer.student)).as_("mine")


def _students(evening, filters: dict):
    """The students whom a view is about: with filters those of whom something matches, else all concerned."""
    offer, query = listing.matching(evening.name, filters)
    matching = query.select(offer.student)
    if filters:
        return matching.distinct().as_("base")
    student = frappe.qb.DocType("Student")
    everybody = frappe.qb.from_(student).select(student.name.as_("student"))
    there = student.name.isin(participants_query(evening)) | student.name.isin(matching)
    return everybody.where(there).as_("base")


def _added(mine) -> list:
    """The totals of a group of students."""
    return [Sum(Coalesce(mine[name], 0)).as_(name) for name in TOTALS]


def _without(mine, student):
    """How many students of a group have nothing offered."""
    return Count(Case().when(Coalesce(mine.offered, 0) == 0, student)).as_("without")


# The views


def _programs(evening, filters: dict):
    base, mine = _students(evening, filters), _by_student(evening.name, filters)
    enrollment, pairs = programs_query(evening.name)
    pairs = pairs.select(enrollment.student, enrollment.program).distinct().as_("pairs")
    program, classes = frappe.qb.DocType("Program"), _classes_of_programs(evening.name)
    query = (
        frappe.qb.from_(pairs)
        .join(base)
        .on(base.student == pairs.student)
        .left_join(program)
        .on(program.name == pairs.program)
        .left_join(classes)
        .on(classes.program == pairs.program)
        .left_join(mine)
        .on(mine.key == pairs.student)
        .groupby(pairs.program)
    )
    for name in ("department", "location"):
        if filters.get(f"program_{name}"):
            query = query.where(program_column(program, name) == filters[f"program_{name}"])
    return query.select(
        pairs.program.as_("key"),
        pairs.program.as_("program"),
        Coalesce(program.department, "").as_("department"),
        Coalesce(program.ouderavond_branch, "").as_("location"),
        Coalesce(classes.number, 0).as_("classes"),
        Count("*").as_("students"),
        _without(mine, pairs.student),
        *_added(mine),
    )


def _classes_of_programs(evening: str):
    """(program, number) of classes in which somebody is."""
    _member, query = classes_query(evening)
    group = frappe.qb.DocType("Student Group")
    return (
        query.select(group.program, Count(group.name).distinct().as_("number"))
        .groupby(group.program)
        .as_("classes")
    )


def _classes(evening, filters: dict):
    base, mine = _students(evening, filters), _by_student(evening.name, filters)
    member, pairs = classes_query(evening.name)
    group = frappe.qb.DocType("Student Group")
    pairs = pairs.select(member.student, member.parent.as_("class"), group.program).distinct().as_("pairs")
    return (
        frappe.qb.from_(pairs)
        .join(base)
        .on(base.student == pairs.student)
        .left_join(mine)
        .on(mine.key == pairs.student)
        .groupby(pairs["class"])
        .select(
            pairs["class"].as_("key"),
            pairs["class"].as_("class"),
            Coalesce(pairs.program, "").as_("program"),
            Count("*").as_("students"),
            _without(mine, pairs.student),
            *_added(mine),
        )
    )


def _each_student(evening, filters: dict):
    base, mine = _students(evening, filters), _by_student(evening.name, filters)
    student = frappe.qb.DocType("Student")
    member, classes = classes_query(evening.name)
    classes = classes.select(member.student, Joined(member.parent, ", ", "names")).groupby(member.student)
    classes = classes.as_("classes")
    groups_ = parties(evening).as_("groups")
    guardians = (
        frappe.qb.from_(groups_)
        .select(groups_.student, Sum(groups_.people).as_("number"))
        .groupby(groups_.student)
        .as_("guardians")
    )
    infix = Coalesce(student.middle_name, "")
    return (
        frappe.qb.from_(base)
        .join(student)
        .on(student.name == base.student)
        .left_join(classes)
        .on(classes.student == base.student)
        .left_join(guardians)
        .on(guardians.student == base.student)
        .left_join(mine)
        .on(mine.key == base.student)
        .select(
            student.name.as_("key"),
            Coalesce(student.ouderavond_code, student.name).as_("student"),
            Coalesce(student.first_name, "").as_("first_name"),
            Concat(
                Coalesce(student.last_name, ""), Case().when(infix == "", "").else_(Concat(", ", infix))
            ).as_("last_name"),
            Coalesce(classes.names, "").as_("class"),
            Coalesce(guardians.number, 0).as_("guardians"),
            *(Coalesce(mine[name], 0).as_(name) for name in TOTALS),
        )
    )


def _instructors(evening, filters: dict):
    def given_to(offer, query):
        given = frappe.qb.DocType("Conversation Offer Instructor")
        here = (given.parent == offer.name) & (given.parenttype == "Conversation Offer")
        return query.join(given).on(here), given.instructor

    mine = _added_up(evening.name, filters, given_to).as_("mine")
    instructor, location, there = instructors_at("location")
    there = there.join(mine).on(mine.key == instructor.name)
    for name in ("department", "location"):
        if filters.get(f"instructor_{name}"):
            there = there.where(instructors_at(name)[1] == filters[f"instructor_{name}"])
    return there.select(
        instructor.name.as_("key"),
        Coalesce(instructor.ouderavond_code, "").as_("code"),
        Coalesce(instructor.instructor_name, instructor.name).as_("instructor"),
        Coalesce(instructor.department, "").as_("department"),
        Coalesce(location, "").as_("location"),
        mine.students,
        *(Coalesce(mine[name], 0).as_(name) for name in TOTALS),
    )


def _households(evening, filters: dict):
    base, mine = _students(evening, filters), _by_student(evening.name, filters)
    student, groups_ = frappe.qb.DocType("Student"), parties(evening).as_("groups")
    asked = _by_party(evening, filters, _requests_with_guardian(evening.name), "asked_by")
    booked = _by_party(evening, filters, _bookings_with_guardian(evening.name), "booked_by")
    party = Coalesce(groups_.party, NOBODY)
    return (
        frappe.qb.from_(base)
        .join(student)
        .on(student.name == base.student)
        .left_join(groups_)
        .on(groups_.student == base.student)
        .left_join(mine)
        .on(mine.key == base.student)
        .left_join(asked)
        .on((asked.student == base.student) & (asked.party == party))
        .left_join(booked)
        .on((booked.student == base.student) & (booked.party == party))
        .groupby(party)
        .select(
            party.as_("key"),
            Coalesce(groups_.guardians, "").as_("household"),
            Coalesce(groups_.people, 0).as_("guardians"),
            Joined(student.student_name, ", ", "children"),
            Count(base.student).distinct().as_("students"),
            Sum(Coalesce(mine.offered, 0)).as_("offered"),
            Sum(Coalesce(asked.number, 0)).as_("requested"),
            Sum(Coalesce(booked.number, 0)).as_("booked"),
        )
    )


def _requests_with_guardian(evening: str):
    request = frappe.qb.DocType("Conversation Request")
    query = frappe.qb.from_(request).select(request.name, request.offer, request.student, request.guardian)
    return query.where((request.evening == evening) & request.state.isin(ASKED)).as_("one")


def _bookings_with_guardian(evening: str):
    booking, guardian = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Guardian")
    query = (
        frappe.qb.from_(booking)
        .left_join(guardian)
        .on(guardian.parent == booking.name)
        .select(booking.name, booking.offer, booking.student, guardian.guardian)
    )
    return query.where((booking.evening == evening) & booking.state.isin(LIVE)).as_("one")


def _by_party(evening, filters: dict, one, alias: str):
    """(student, party, number) of requests or bookings: of whose guardian they are, or of all without one."""
    query = frappe.qb.from_(one)
    if filters:
        offer, query = listing.matching(evening.name, filters)
        query = query.join(one).on(one.offer == offer.name)
    groups_ = parties(evening).as_("theirs")
    party = Coalesce(groups_.party, NOBODY)
    mine = Concat("|", groups_.party, "|").like(Concat("%|", one.guardian, "|%"))
    return (
        query.left_join(groups_)
        .on(groups_.student == one.student)
        .where(one.guardian.isnull() | groups_.party.isnull() | mine)
        .groupby(one.student)
        .groupby(party)
        .select(one.student, party.as_("party"), Count(one.name).distinct().as_("number"))
        .as_(alias)
    )


VIEWS = {
    "program": View(
        "program",
        _programs,
        {
            "program": "text",
            "department": "text",
            "location": "text",
            "classes": "number",
            "students": "number",
            "without": "number",
        },
    ),
    "class": View(
        "group", _classes, {"class": "text", "program": "text", "students": "number", "without": "number"}
    ),
    "student": View(
        "student",
        _each_student,
        {
            "last_name": "text",
            "first_name": "text",
            "student": "text",
            "class": "text",
            "guardians": "number",
        },
    ),
    "instructor": View(
        "instructor",
        _instructors,
        {
            "code": "text",
            "instructor": "text",
            "department": "text",
            "location": "text",
            "students": "number",
        },
    ),
    "household": View(
        "party",
        _households,
        {"household": "text", "students": "number", "guardians": "number", "children": "text"},
    ),
}
