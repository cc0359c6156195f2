"""What an asker's table is made of, in a handful of queries: columns, own conversations, times taken."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import frappe
from frappe.query_builder.functions import Max, Min
from frappe.utils import getdate

from ouderavond.evening import class_dates, requests, told
from ouderavond.evening.participants import participants_query
from ouderavond.evening.reserving import windows

MINUTE = timedelta(minutes=1)


@dataclass
class Column:
    """A child and a set of instructors: one conversation about all subjects they teach the child.

    `offer` is the first of its Conversation Offers and the column's key; `booking` its live conversation.
    """

    offer: str
    student: str
    student_name: str
    instructors: tuple[str, ...]
    instructor_names: list[str]
    slots: int = 1
    offers: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    forbidden: set[date] = field(default_factory=set)
    invitation: bool = False
    booking: str | None = None
    exists: bool = False

    @property
    def subject(self) -> str:
        """All subjects in one line."""
        return ", ".join(self.subjects)


def groups(evening, asker: requests.Asker) -> dict[str, tuple[str, ...]]:
    """The participating students an asker can book for, each with the guardians who attend together."""
    found = requests.groups_of(evening, asker)
    if not found:
        return {}
    student = frappe.qb.DocType("Student")
    taking_part = participants_query(evening).where(student.name.isin(list(found))).run(pluck=True)
    return {name: found[name] for name in sorted(taking_part)}


def evening_of(name: str, asker: requests.Asker):
    """The Parent Evening document of an evening that is shown and at which somebody of the asker takes part.

    Raises:
        frappe.PermissionError: it is not; in the same words.
    """
    evening = windows.open_evening(name)
    if not groups(evening, asker):
        windows.refuse_evening()
    return evening


def columns(evening, students: Iterable[str]) -> list[Column]:
    """The columns of students: what is offered to them, by child, then subject."""
    offer, sits = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Offer Instructor")
    rows = (
        frappe.qb.from_(offer)
        .join(sits)
        .on((sits.parent == offer.name) & (sits.parenttype == "Conversation Offer"))
        .select(offer.name, offer.student, offer.student_name, offer.subject, offer.slots)
        .select(offer.instructors_key, sits.instructor, sits.instructor_name)
        .where((offer.evening == evening.name) & (offer.offered == 1))
        .where(offer.student.isin(list(students) or [""]))
        .orderby(offer.student_name, offer.student, offer.subject, offer.name, sits.idx)
    ).run(as_dict=True)
    people = defaultdict(list)
    for row in rows:
        people[row.name].append(row)
    found: dict[tuple[str, str], Column] = {}
    for name, sitting in people.items():
        first = sitting[0]
        column = found.setdefault(
            (first.student, first.instructors_key),
            Column(
                offer=name,
                student=first.student,
                student_name=first.student_name,
                instructors=tuple(row.instructor for row in sitting),
                instructor_names=[row.instructor_name for row in sitting],
            ),
        )
        column.offers.append(name)
        column.subjects.append(first.subject)
        column.slots = max(column.slots, first.slots or 1)
    _add_forbidden(evening, list(found.values()))
    return list(found.values())


def _add_forbidden(evening, found: list[Column]) -> None:
    by_offer = {name: column for column in found for name in column.offers}
    row = frappe.qb.DocType("Conversation Offer Date")
    own = row.parent.isin(list(by_offer) or [""])
    for parent, day in frappe.qb.from_(row).select(row.parent, row.date).where(own).run():
        by_offer[parent].forbidden.add(getdate(day))
    member = frappe.qb.DocType("Student Group Student")
    students = {column.student for column in found}
    closed = class_dates.closed(evening.name).where(member.student.isin(list(students) or [""]))
    by_student = defaultdict(set)
    for student, day in closed.run():
        by_student[student].add(day)
    for column in found:
        column.forbidden |= by_student.get(column.student, set())


def bookings(evening: str, students: Iterable[str]) -> list[frappe._dict]:
    """The conversations about students, each with its guardians and instructors.

    Those that are planned otherwise since people were told of them are as they were told.
    """
    row = frappe.qb.DocType("Evening Booking")
    rows = (
        frappe.qb.from_(row)
        .select(
            row.name, row.offer, row.request, row.student, row.student_name, row.subject, row.start, row.end,
            row.state, row.mode, row.room, row.table_label, row.pinned, row.student_attends, row.source,
            row.untold, *(row[field] for field in told.FIELDS.values()),
        )
        .where((row.evening == evening) & ((row.state != "Cancelled") | (row.untold == 1)))
        .where(row.student.isin(list(students) or [""]))
    ).run(as_dict=True)  # fmt: skip
    rows = sorted(map(told.as_told, rows), key=lambda row: (row.start, row.name))
    names = [row.name for row in rows]
    guardians, instructors = _attending("Guardian", names), _attending("Instructor", names)
    for row in rows:
        row.guardians = [name for name, _title in guardians[row.name]]
        row.instructors = [name for name, _title in instructors[row.name]]
        row.instructor_names = [title for _name, title in instructors[row.name]]
    return rows


def _attending(kind: str, bookings: list[str]) -> dict[str, list[tuple[str, str]]]:
    """{booking: (record, name) of its guardians or instructors}, without those who have been anonymised."""
    found = defaultdict(list)
    if bookings:
        row = frappe.qb.DocType(f"Evening Booking {kind}")
        who, title = row[kind.lower()], row[f"{kind.lower()}_name"]
        of_these = row.parent.isin(bookings) & (who != "")
        query = frappe.qb.from_(row).select(row.parent, who, title).where(of_these).orderby(row.idx)
        for parent, *named in query.run():
            found[parent].append(tuple(named))
    return found


@dataclass(frozen=True)
class Taken:
    """A time [start, end) that a person or room is claimed for, by a booking, block or hold."""

    who: str
    start: datetime
    end: datetime
    kind: str
    reference: str
    evening: str


def taken(keys: Iterable[str], first: datetime, last: datetime, now: datetime) -> list[Taken]:
    """The claims on persons and rooms between two moments, minute after minute joined to one time.

    Expired holds are not there any more, whether or not they have been removed.
    """
    keys = sorted(set(keys))
    if not keys:
        return []
    claim = frappe.qb.DocType("Booking Claim")
    between = claim.who.isin(keys) & (claim.tick >= first) & (claim.tick < last)
    whole = (
        frappe.qb.from_(claim)
        .select(claim.who, Min(claim.tick), Max(claim.tick), claim.kind, claim.reference, claim.evening)
        .where(between & (claim.kind != "Hold"))
        .groupby(claim.who, claim.kind, claim.reference, claim.evening)
    ).run()
    found = [Taken(who, start, end + MINUTE, *rest) for who, start, end, *rest in whole]
    # One hold may be of several conversations, which leave each other's minutes in between free.
    held = (
        frappe.qb.from_(claim)
        .select(claim.who, claim.tick, claim.kind, claim.reference, claim.evening)
        .where(between & (claim.kind == "Hold") & (claim.expires >= now))
        .orderby(claim.who, claim.reference, claim.tick)
    ).run()
    return found + _joined(held)


def _joined(ticks: list[tuple]) -> list[Taken]:
    found: list[Taken] = []
    for who, tick, *rest in ticks:
        last = found[-1] if found else None
        if last and (last.who, last.end, last.reference) == (who, tick, rest[1]):
            found[-1] = Taken(who, last.start, tick + MINUTE, *rest)
        else:
            found.append(Taken(who, tick, tick + MINUTE, *rest))
    return found
