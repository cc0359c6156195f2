"""Walking from program to class to student: who takes part, how many, and what is offered and asked, in SQL.

    programs(evening)               {program, classes, students, offered, requested}
    classes(evening, program)       {group, students, offered, requested}
    students(evening, …)            {student, student_name, student_code, first_name, last_name, classes,
                                    program, offered, requested, guardians: [{guardian, name, children}]};
                                    where these are none there is nobody to talk with

Where a participant is in no program or no class, `program` and `group` are "". It tells what only staff may
know: callers check that first.
"""

import frappe
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import cint
from pypika.terms import Criterion

from ouderavond.evening.counts import ASKED
from ouderavond.evening.offering import listing_rows
from ouderavond.evening.offering.listing_filters import of_guardians_like
from ouderavond.evening.participants import participants_query

# More students than these are not listed at once.
MOST = 500


def programs(evening: str) -> list[dict]:
    """The programs of the participants, each with its number of classes."""
    placed = _placed(evening)
    query = frappe.qb.from_(placed).select(placed.program, Count(placed.group).distinct())
    numbers = dict(query.groupby(placed.program).run())
    query = frappe.qb.from_(placed).select(placed.student, placed.program.as_("key"))
    rows = _with_figures(evening, query)
    return [{"program": row["key"], "classes": numbers[row.pop("key")], **row} for row in rows]


def classes(evening: str, program: str | None = None) -> list[dict]:
    """The classes of the participants, of one program ("" for none) or of all."""
    placed = _placed(evening)
    query = frappe.qb.from_(placed).select(placed.student, Coalesce(placed.group, "").as_("key"))
    if program is not None:
        query = query.where(placed.program == program)
    return [{"group": row.pop("key"), **row} for row in _with_figures(evening, query)]


def students(
    evening: str,
    *,
    program: str | None = None,
    group: str | None = None,
    search: str | None = None,
    names: list[str] | None = None,
) -> list[dict]:
    """Participants by last name: of a program and class ("" for none), or who are searched for.

    `search` are words from the name or number of the student or the names of the guardians.
    """
    student = frappe.qb.DocType("Student")
    query = participants_query(frappe.get_doc("Parent Evening", evening))
    enrollment, enrolled = listing_rows.programs_query(evening)
    query = _only_in(query, enrolled.select(enrollment.student), enrollment.program, program)
    member, in_class = listing_rows.classes_query(evening)
    query = _only_in(query, in_class.select(member.student), member.parent, group)
    if names is not None:
        query = query.where(student.name.isin(names or [""]))
    for word in (search or "").split():
        query = query.where(_has_word(student, f"%{listing_rows.literally(word)}%"))
    query = query.orderby(student.last_name).orderby(student.first_name).orderby(student.name)
    ids = query.limit(MOST).run(pluck=True)
    of_them = frappe.qb.from_(student).select(student.name.as_("student"), student.name.as_("key"))
    figures = _with_figures(evening, of_them.where(listing_rows.among(student.name, ids)), ids)
    by_name = {row.pop("key"): row for row in figures}
    return _described(evening, [{"student": name, **by_name[name]} for name in ids])


def _only_in(query, students, field, value: str | None):
    """Only the students of a program or class; "" for those who are in none, None for all."""
    student = frappe.qb.DocType("Student")
    if value is None:
        return query
    if value == "":
        return query.where(student.name.notin(students))
    return query.where(student.name.isin(students.where(field == value)))


def _has_word(student, pattern: str) -> Criterion:
    """Whether a name or number has a word in it."""
    return (
        student.student_name.like(pattern)
        | student.ouderavond_code.like(pattern)
        | student.name.isin(of_guardians_like(pattern))
    )


def _placed(evening: str):
    """(student, program, group) of the participants: a row for each program and class they are in."""
    who = participants_query(frappe.get_doc("Parent Evening", evening)).as_("who")
    enrollment, enrolled = listing_rows.programs_query(evening)
    enrolled = enrolled.select(enrollment.student, enrollment.program).distinct().as_("enrolled")
    member, in_class = listing_rows.classes_query(evening)
    in_class = in_class.select(member.student, member.parent.as_("group")).distinct().as_("in_class")
    return (
        frappe.qb.from_(who)
        .left_join(enrolled)
        .on(enrolled.student == who.name)
        .left_join(in_class)
        .on(in_class.student == who.name)
        .select(who.name.as_("student"), Coalesce(enrolled.program, "").as_("program"), in_class.group)
    ).as_("placed")


def _with_figures(evening: str, pairs, only: list[str] | None = None) -> list[dict]:
    """{key, students, offered, requested} of a query of (student, key), each pair counted once.

    `only` are the students whom it is about, where they are few.
    """
    pairs = pairs.distinct().as_("pairs")
    offer, request = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Request")
    offered = frappe.qb.from_(offer).where((offer.evening == evening) & (offer.offered == 1))
    requested = frappe.qb.from_(request)
    requested = requested.where((request.evening == evening) & request.state.isin(ASKED))
    if only is not None:
        offered = offered.where(listing_rows.among(offer.student, only))
        requested = requested.where(listing_rows.among(request.student, only))
    offers = offered.select(offer.student, Count("*").as_("number")).groupby(offer.student).as_("offers")
    requests = requested.select(request.student, Count("*").as_("number"))
    requests = requests.groupby(request.student).as_("requests")
    rows = (
        frappe.qb.from_(pairs)
        .left_join(offers)
        .on(offers.student == pairs.student)
        .left_join(requests)
        .on(requests.student == pairs.student)
        .select(
            pairs.key,
            Count("*").as_("students"),
            Sum(offers.number).as_("offered"),
            Sum(requests.number).as_("requested"),
        )
        .groupby(pairs.key)
        .orderby(pairs.key)
    ).run(as_dict=True)
    return [{**row, **{key: cint(row[key]) for key in ("offered", "requested")}} for row in rows]


def _described(evening: str, rows: list[dict]) -> list[dict]:
    names = [row["student"] for row in rows]
    people, guardians = listing_rows.Students(evening, set(names)), _guardians(evening, names)
    for row in rows:
        row |= people.of(row["student"])
        row["guardians"] = guardians.get(row["student"], [])
        del row["students"]
    return rows


def _guardians(evening: str, students: list[str]) -> dict[str, list[dict]]:
    """The guardians who can be talked with, each with the number of their children who take part."""
    link, query = listing_rows.guardians_query()
    query = query.select(link.parent, link.guardian, link.guardian_name)
    rows = query.where(listing_rows.among(link.parent, students)).orderby(link.parent).orderby(link.idx).run()
    link, query = listing_rows.guardians_query()
    takes_part = link.parent.isin(participants_query(frappe.get_cached_doc("Parent Evening", evening)))
    children = dict(
        query.select(link.guardian, Count(link.parent).distinct())
        .where(listing_rows.among(link.guardian, sorted({row[1] for row in rows})) & takes_part)
        .groupby(link.guardian)
        .run()
    )
    found: dict[str, list[dict]] = {}
    for student, guardian, name in rows:
        entry = {"guardian": guardian, "name": name or guardian, "children": children.get(guardian, 0)}
        if entry not in found.setdefault(student, []):
            found[student].append(entry)
    return found
