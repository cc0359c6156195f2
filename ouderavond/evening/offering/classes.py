"""Classes per date: on which dates of an evening the conversations of a class may be."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import cstr, format_date, getdate
from pypika import Case

from ouderavond.evening import class_dates
from ouderavond.evening.counts import ASKED, LIVE
from ouderavond.evening.offering.changes import Edit, perform
from ouderavond.evening.offering.report import Report
from ouderavond.evening.participants import participants_query
from ouderavond.evening.people import household_index, parties

OPERATION = "Classes per Date"
# More households than this are counted, not named.
MOST_HOUSEHOLDS = 100


class Place(NamedTuple):
    """A class on a date: how many of its students and offered conversations may be there, and what is."""

    students: int
    students_free: int
    offers: int
    offers_free: int
    booked: int
    forbidden: bool


@dataclass
class OneClass:
    """A class with participants, and its places by date."""

    name: str
    program: str | None
    places: dict[date, Place] = field(default_factory=dict)

    @property
    def nowhere(self) -> bool:
        """Whether it is forbidden on every date."""
        return bool(self.places) and all(place.forbidden for place in self.places.values())


def days(evening) -> list[date]:
    """The dates of an evening, in order."""
    return sorted({getdate(row.date) for row in evening.dates})


def read(evening) -> list[OneClass]:
    """The classes of the participants by program and name, each with its places, counted in SQL."""
    forbidden = set(
        frappe.get_all(
            "Forbidden Class Date", {"evening": evening.name}, ["student_group", "date"], as_list=True
        )
    )
    booked = _booked(evening)
    classes: dict[str, OneClass] = {}
    for name, program, day, *figures in _figures(evening):
        one = classes.setdefault(name, OneClass(name, program))
        one.places[day] = Place(*figures, booked.get((name, day), 0), (name, day) in forbidden)
    return sorted(classes.values(), key=lambda one: (one.program or "", one.name))


def members(evening):
    """A query of (student, student_group, program): active members who take part, of the year's classes."""
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    return (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(member.student, group.name.as_("student_group"), group.program)
        .distinct()
        .where((group.group_based_on == "Batch") & (group.academic_year == evening.academic_year))
        .where((group.disabled == 0) & (member.active == 1) & (member.parenttype == "Student Group"))
        .where(member.student.isin(participants_query(evening)))
    )


def _figures(evening) -> list[tuple]:
    """Rows (class, program, date, students, of them free, offers, of them free).

    A student is free as long as one conversation may be on the date; who has no offers follows the class.
    """
    day, offer = frappe.qb.DocType("Parent Evening Date"), frappe.qb.DocType("Conversation Offer")
    own = frappe.qb.DocType("Conversation Offer Date")
    member = members(evening).as_("member")
    closed = class_dates.closed(evening.name).as_("closed")
    free = closed.student.isnull() & own.name.isnull()
    return (
        frappe.qb.from_(member)
        .join(day)
        .on((day.parent == evening.name) & (day.parenttype == "Parent Evening"))
        .left_join(closed)
        .on((closed.student == member.student) & (closed.date == day.date))
        .left_join(offer)
        .on((offer.evening == evening.name) & (offer.student == member.student) & (offer.offered == 1))
        .left_join(own)
        .on((own.parent == offer.name) & (own.parenttype == "Conversation Offer") & (own.date == day.date))
        .select(member.student_group, member.program, day.date)
        .select(Count(member.student).distinct())
        .select(Count(Case().when(free, member.student)).distinct())
        .select(Count(offer.name).distinct())
        .select(Count(Case().when(free, offer.name)).distinct())
        .groupby(member.student_group, member.program, day.date)
    ).run()


def _booked(evening) -> dict[tuple[str, date], int]:
    """{(class, date): conversations that have a time there}."""
    booking = frappe.qb.DocType("Evening Booking")
    member = members(evening).as_("member")
    rows = (
        frappe.qb.from_(member)
        .join(booking)
        .on(booking.student == member.student)
        .select(member.student_group, booking.start, Count("*"))
        .where((booking.evening == evening.name) & booking.state.isin(LIVE))
        .groupby(member.student_group, booking.start)
    ).run()
    found = Counter()
    for name, start, number in rows:
        found[(name, start.date())] += number
    return found


# What is to be thought of


class Child(NamedTuple):
    """A participant of a household."""

    student: str
    name: str
    classes: str


@dataclass
class Warnings:
    """Where the dates do not fit: names for staff."""

    nowhere: list[str] = field(default_factory=list)
    # Active requests that no date is left for.
    requests_nowhere: int = 0
    # Households whose children have no date in common: how many, and some of them.
    households: int = 0
    named: list[list[Child]] = field(default_factory=list)


def warnings(evening, classes: list[OneClass] | None = None) -> Warnings:
    """What staff should know about the dates as they are now."""
    classes = read(evening) if classes is None else classes
    apart = two_evenings(evening)
    return Warnings(
        nowhere=[one.name for one in classes if one.nowhere],
        requests_nowhere=_requests_nowhere(evening),
        households=len(apart),
        named=apart[:MOST_HOUSEHOLDS],
    )


def _requests_nowhere(evening) -> int:
    """Active requests of students whose classes forbid all dates together."""
    number = len(days(evening))
    students = [
        student for student, there in class_dates.of_students(evening.name).items() if len(there) >= number
    ]
    filters = {"evening": evening.name, "state": ("in", ASKED), "student": ("in", students or [""])}
    return frappe.db.count("Conversation Request", filters)


def two_evenings(evening) -> list[list[Child]]:
    """Households whose children may all come, but on no common date: their children, by name."""
    closed = class_dates.of_students(evening.name)
    if not closed:
        return []
    everywhere = set(days(evening))
    left = {}
    for household, students in _children(evening).items():
        allowed = [everywhere - closed.get(student, set()) for student in students]
        allowed = [there for there in allowed if there]
        if len(allowed) > 1 and not set.intersection(*allowed):
            left[household] = students
    return _named(evening, left)


def _children(evening) -> dict[str, list[str]]:
    """{household: the participants whose guardians it holds}."""
    members_of = defaultdict(set)
    households = household_index(evening)
    taking_part = participants_query(evening).run(pluck=True)
    for student, groups in parties(evening, taking_part).items():
        for household in {households[name] for party in groups for name in party if name in households}:
            members_of[household].add(student)
    return {household: sorted(students) for household, students in members_of.items()}


def _named(evening, households: dict[str, list[str]]) -> list[list[Child]]:
    wanted = {student for students in households.values() for student in students}
    names = dict(
        frappe.get_all(
            "Student", {"name": ("in", list(wanted) or [""])}, ["name", "student_name"], as_list=True
        )
    )
    class_of = defaultdict(list)
    for student, group, _program in members(evening).run():
        class_of[student].append(group)
    return sorted(
        (
            [
                Child(student, names.get(student, student), ", ".join(sorted(class_of[student])))
                for student in students
            ]
            for students in households.values()
        ),
        key=lambda children: [child.name for child in children],
    )


# Changing


def set_forbidden(
    evening: str,
    classes: list[str],
    day: str | date,
    forbidden: bool,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Forbid classes on a date, or allow them again. Commits.

    Conversations that have a time there stay where they are; `report.more` names them: `staying` for those
    that people were told or that are pinned, `planned` for those that the next run of the scheduler moves.

    Raises:
        frappe.ValidationError: it is no date of the evening, or a class has no participants.
    """
    day = getdate(day)

    def work(edit: Edit) -> None:
        _check(edit.evening, classes, day)
        filters = {"evening": evening, "date": day, "student_group": ("in", classes)}
        there = frappe.get_all("Forbidden Class Date", filters, ["name", "student_group"])
        if forbidden:
            for name in dict.fromkeys(classes):
                if name not in {row.student_group for row in there}:
                    edit.records.put(
                        "Forbidden Class Date", evening=evening, student_group=name, date=str(day)
                    )
        else:
            for row in there:
                values = {"evening": evening, "student_group": row.student_group, "date": str(day)}
                edit.records.take("Forbidden Class Date", {"name": row.name, **values})
        edit.report.more = {"what": sentence(classes, day, forbidden)}
        edit.report.more |= _bookings(evening, classes, day) if forbidden else {}

    return perform(evening, OPERATION, work, dry_run=dry_run, progress=progress)


def sentence(classes: list[str], day: date, forbidden: bool) -> str:
    """What was done, in words."""
    names = ", ".join(sorted(set(classes)))
    when = format_date(day, "EEEE d MMMM")
    if forbidden:
        return _("No conversations of {0} on {1}.").format(names, when)
    return _("Conversations of {0} may be on {1}.").format(names, when)


def _check(evening, classes: list[str], day: date) -> None:
    if day not in days(evening):
        frappe.throw(_("{0} is not a date of this evening.").format(frappe.utils.formatdate(day)))
    if not classes:
        frappe.throw(_("Choose a class."))
    known = {group for _student, group, _program in members(evening).run()}
    for name in classes:
        if name not in known:
            frappe.throw(_("{0} is not a class of this evening.").format(frappe.utils.escape_html(name)))


def _bookings(evening: str, classes: list[str], day: date) -> dict:
    """The conversations of classes on a date: those that stay, and those that a next run moves."""
    booking, member = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Student Group Student")
    rows = (
        frappe.qb.from_(booking)
        .join(member)
        .on((member.student == booking.student) & (member.active == 1))
        .select(
            booking.name,
            booking.student_name,
            booking.subject,
            booking.start,
            booking.state,
            booking.pinned,
            booking.request,
        )
        .distinct()
        .where(member.parent.isin(classes) & (booking.evening == evening) & booking.state.isin(LIVE))
        .where(booking.start[day : frappe.utils.add_days(day, 1)])
        .orderby(booking.start, booking.student_name)
    ).run(as_dict=True)
    staying, planned = [], []
    for row in rows:
        told = row.state == "Published" or row.pinned or not row.request
        row.start = cstr(row.start)
        (staying if told else planned).append(dict(row))
    return {"staying": staying, "planned": planned}
