"""A conversation for which a time is looked for: one that has a time, one that was asked for, or an offer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

import frappe
from frappe import _
from frappe.utils import cint, getdate

from ouderavond.evening import grid
from ouderavond.evening.offering.listing_rows import among
from ouderavond.evening.participants import participants_query
from ouderavond.evening.people import parties
from ouderavond.evening.planning import booked
from ouderavond.evening.problem import is_online

OF_OFFER = ["name", "student", "student_name", "subject", "slots", "offered"]
OF_REQUEST = ["name", "offer", "student", "guardian", "longer", "mode"]


@dataclass(frozen=True)
class Conversation:
    """Who would be in a conversation, and how long it lasts.

    `booking` and `start` are set where it has a time, `told` where people know it; `attends` says whether the
    student comes along.
    """

    offer: str
    student: str
    student_name: str
    subject: str
    guardians: tuple[str, ...]
    instructors: tuple[str, ...]
    length: timedelta
    mode: str
    attends: bool
    offered: bool = True
    forbidden: frozenset[date] = field(default_factory=frozenset)
    booking: str | None = None
    request: str | None = None
    start: datetime | None = None
    told: bool = False

    @property
    def people(self) -> list[tuple[str, str]]:
        """The (doctype, name) of those who come for the household."""
        records = [("Guardian", name) for name in self.guardians]
        return records + ([("Student", self.student)] if self.attends and self.student else [])


def of_booking(evening, name: str, slots: int | None = None) -> Conversation:
    """The conversation of a live booking.

    Raises:
        frappe.ValidationError: it is not of this evening, cancelled, or its offer is not there any more.
    """
    doc = frappe.get_doc("Evening Booking", name) if frappe.db.exists("Evening Booking", name) else None
    if not doc or doc.evening != evening.name or doc.state == "Cancelled":
        frappe.throw(_("This conversation is not there any more."))
    offers = _Offers([doc.offer])
    if doc.offer not in offers.rows:
        frappe.throw(_("What this conversation was offered as is not there any more."))
    return Conversation(
        **offers.fields(doc.offer) | {"instructors": tuple(row.instructor for row in doc.instructors)},
        guardians=tuple(row.guardian for row in doc.guardians),
        length=grid.duration(evening, slots) if slots else doc.end - doc.start,
        mode=doc.mode,
        attends=bool(doc.student_attends),
        booking=doc.name,
        request=doc.request,
        start=doc.start,
        told=doc.state == "Published",
    )


def people_of(row) -> list[tuple[str, str]]:
    """The (doctype, name) of those who come for the household to a booking (a row of `booked.everything`)."""
    records = [("Guardian", name) for name in row.guardians]
    return records + ([("Student", row.student)] if row.student_attends and row.student else [])


def slots_of(evening, length: timedelta) -> int:
    """How many slots of an evening a length is, with the pauses within it."""
    pause = timedelta(minutes=cint(evening.minutes_between))
    step = timedelta(minutes=cint(evening.minutes_per_conversation)) + pause
    return max(1, round((length + pause) / step))


def of_rows(rows: Iterable) -> Iterable[Conversation]:
    """The conversations of live bookings (rows of `booked.everything`) whose offer is still there."""
    rows = list(rows)
    offers = _Offers([row.offer for row in rows])
    for row in rows:
        if row.offer in offers.rows:
            yield Conversation(
                **offers.fields(row.offer) | {"instructors": tuple(row.instructors)},
                guardians=tuple(row.guardians),
                length=row.end - row.start,
                mode=row.mode,
                attends=bool(row.student_attends),
                booking=row.name,
                request=row.request,
                start=row.start,
                told=row.state == "Published",
            )


def of_request(evening, name: str, slots: int | None = None) -> Conversation:
    """The conversation that a request asks for; the booking that answers it, where there is one.

    Raises:
        frappe.ValidationError: it is not of this evening, or withdrawn.
    """
    row = frappe.db.get_value("Conversation Request", name, [*OF_REQUEST, "evening", "state"], as_dict=True)
    if not row or row.evening != evening.name or row.state == "Withdrawn":
        frappe.throw(_("This request is not there any more."))
    live = {"request": name, "state": ("!=", "Cancelled"), "evening": evening.name}
    booking = frappe.db.get_value("Evening Booking", live)
    if booking:
        return of_booking(evening, booking, slots)
    return next(of_requests(evening, [row], slots))


def of_requests(evening, rows: Iterable, slots: int | None = None) -> Iterable[Conversation]:
    """The conversations that requests (rows with OF_REQUEST) ask for, of those whose offer is still there."""
    rows = list(rows)
    offers = _Offers([row.offer for row in rows])
    groups = parties(evening, sorted({row.student for row in rows if row.student}))
    for row in rows:
        offer = offers.rows.get(row.offer)
        if not offer:
            continue
        guardians = party(evening, groups.get(offer.student, []), row.guardian)
        count = slots or (offer.slots or 1) * (2 if row.longer else 1)
        yield Conversation(
            **offers.fields(row.offer),
            guardians=tuple(guardians),
            length=grid.duration(evening, count),
            mode="Online" if is_online(evening, row.mode) else "In Person",
            attends=evening.student_attends == "Must" or not guardians,
            request=row.name,
        )


def of_offer(evening, name: str, guardian: str | None = None, slots: int | None = None) -> Conversation:
    """The conversation that an offer makes possible, for a guardian's party or the student's first one.

    Raises:
        frappe.ValidationError: it is not of this evening, or the guardian does not attend for the student.
    """
    offers = _Offers([name])
    offer = offers.rows.get(name)
    if not offer or offer.evening != evening.name:
        frappe.throw(_("This possibility is not there any more."))
    groups = parties(evening, [offer.student]).get(offer.student, [])
    if guardian and not any(guardian in one for one in groups):
        frappe.throw(_("This guardian does not attend conversations about this student."))
    guardians = party(evening, groups, guardian)
    return Conversation(
        **offers.fields(name),
        guardians=tuple(guardians),
        length=grid.duration(evening, slots or offer.slots or 1),
        mode="Online" if evening.mode == "Online" else "In Person",
        attends=evening.student_attends == "Must" or not guardians,
    )


def party(evening, groups: list[list[str]], guardian: str | None) -> list[str]:
    """Those who attend with a guardian; the student's first party where nobody is named."""
    for one in groups:
        if guardian in one:
            return one
    if guardian:
        return [guardian]
    return groups[0] if groups and evening.contact_with != "Students" else []


class _Offers:
    """Offers with their instructors and the dates that they cannot be on."""

    def __init__(self, names: list[str]):
        names = sorted({name for name in names if name})
        offer = frappe.qb.DocType("Conversation Offer")
        query = frappe.qb.from_(offer).select(offer.evening, *(offer[name] for name in OF_OFFER))
        self.rows = {row.name: row for row in query.where(among(offer.name, names)).run(as_dict=True)}
        self._instructors = _children("Conversation Offer Instructor", "instructor", names)
        self._forbidden = _children("Conversation Offer Date", "date", names)

    def fields(self, name: str) -> dict:
        """What an offer gives a Conversation."""
        row = self.rows[name]
        return {
            "offer": name,
            "student": row.student,
            "student_name": row.student_name,
            "subject": row.subject,
            "instructors": tuple(self._instructors.get(name, ())),
            "offered": bool(row.offered),
            "forbidden": frozenset(getdate(day) for day in self._forbidden.get(name, ())),
        }


def _children(doctype: str, fieldname: str, parents: list[str]) -> dict[str, list]:
    child = frappe.qb.DocType(doctype)
    query = frappe.qb.from_(child).select(child.parent, child[fieldname]).where(among(child.parent, parents))
    found = defaultdict(list)
    for parent, value in query.orderby(child.parent).orderby(child.idx).run():
        found[parent].append(value)
    return found


class Facts:
    """What the rules want to know of conversations besides who is taken when, read at once for all of them.

    Args:
        bookings: `booked.everything`, where that has been read already.
    """

    def __init__(self, evening, conversations: Iterable[Conversation], bookings: dict | None = None):
        self.evening = evening
        conversations = list(conversations)
        self.students = sorted({one.student for one in conversations if one.student})
        self.guardians = sorted({name for one in conversations for name in one.guardians})
        rows = booked.of_students(evening.name, self.students) if bookings is None else bookings.values()
        self._members: dict[frozenset[str], dict[str, list[str]]] = {}
        self._about = defaultdict(list)
        for row in rows:
            self._about[row.student].append(row)

    def booked(self, one: Conversation) -> list:
        """The other live conversations of these guardians about the student."""
        wanted = set(one.guardians)
        return [
            row
            for row in self._about[one.student]
            if row.name != one.booking and not wanted.isdisjoint(row.guardians)
        ]

    @cached_property
    def taking_part(self) -> set[str]:
        """The students among them who take part."""
        student = frappe.qb.DocType("Student")
        return set(participants_query(self.evening).where(among(student.name, self.students)).run(pluck=True))

    def in_groups(self, student: str, groups: Iterable[str]) -> list[str]:
        """Of which of some groups a student is an active member."""
        groups = frozenset(groups)
        if groups not in self._members:
            self._members[groups] = self._read_members(groups) if groups else {}
        return self._members[groups].get(student, [])

    def _read_members(self, groups: Iterable[str]) -> dict[str, list[str]]:
        member = frappe.qb.DocType("Student Group Student")
        own = among(member.parent, sorted(groups)) & among(member.student, self.students)
        query = frappe.qb.from_(member).select(member.student, member.parent)
        found = defaultdict(list)
        for student, group in query.where(own & (member.active == 1)).run():
            found[student].append(group)
        return found

    @cached_property
    def class_dates(self) -> dict[tuple[str, date], list[str]]:
        """{(student, date): the classes that forbid it}."""
        row, member = frappe.qb.DocType("Forbidden Class Date"), frappe.qb.DocType("Student Group Student")
        rows = (
            frappe.qb.from_(row)
            .join(member)
            .on((member.parent == row.student_group) & (member.parenttype == "Student Group"))
            .select(member.student, row.date, row.student_group)
            .distinct()
            .where((row.evening == self.evening.name) & (member.active == 1))
            .where(among(member.student, self.students))
            .orderby(row.student_group)
        ).run()
        found = defaultdict(list)
        for student, day, group in rows:
            found[student, getdate(day)].append(group)
        return found

    @cached_property
    def _pairs(self) -> dict[str, list[tuple[str, int]]]:
        found = defaultdict(list)
        pair = frappe.qb.DocType("Guardians Not To Meet")
        for own, other in ((pair.guardian, pair.other_guardian), (pair.other_guardian, pair.guardian)):
            query = frappe.qb.from_(pair).select(own, other, pair.minutes).where(among(own, self.guardians))
            for name, *avoided in query.run():
                found[name].append(tuple(avoided))
        return found

    def apart(self, one: Conversation) -> list[tuple[str, int]]:
        """(other guardian, minutes) of whom these guardians are not to meet."""
        return [pair for name in one.guardians for pair in self._pairs[name]]

    @cached_property
    def stays(self) -> dict[str, list[tuple[str, datetime, datetime]]]:
        """{guardian: (booking, start, end)} of those who are not to meet, on both sides."""
        names = {name for name, pairs in self._pairs.items() if pairs}
        names |= {other for pairs in self._pairs.values() for other, _minutes in pairs}
        if not names:
            return {}
        booking, attends = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Guardian")
        rows = (
            frappe.qb.from_(booking)
            .join(attends)
            .on(attends.parent == booking.name)
            .select(attends.guardian, booking.name, booking.start, booking.end)
            .where((booking.evening == self.evening.name) & (booking.state != "Cancelled"))
            .where(among(attends.guardian, sorted(names)))
        ).run()
        found = defaultdict(list)
        for guardian, *stay in rows:
            found[guardian].append(tuple(stay))
        return found
