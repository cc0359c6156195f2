"""Which events should be in the calendars: one for each conversation of which people were told."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import frappe
from frappe.utils import get_system_timezone, now_datetime

from ouderavond.evening import conversations, grid, rows, told
from ouderavond.evening.offering.readers import Families
from ouderavond.evening.online import accounts, texts
from ouderavond.evening.online.site import marker
from ouderavond.meetings.protocol import Attendee, Event

# Makes links, and has no calendar in which anything could be put.
WITHOUT_CALENDAR = "Link Template"


@dataclass(frozen=True)
class Wanted:
    """An event that should be there.

    Attributes:
        account: empty where the instructor has none.
        is_over: the conversation has ended: nothing is made, changed or taken away any more.
        told_at: when the conversation last changed.
    """

    booking: str
    provider: str
    instructor: str
    account: str
    subject: str
    body: str
    start: datetime
    end: datetime
    location: str
    online: bool
    is_over: bool
    told_at: datetime
    attendees: tuple[Attendee, ...] = ()

    def event(self, key: str) -> Event:
        """The event, under a key."""
        return Event(
            key=key,
            account=self.account,
            subject=self.subject,
            body=self.body,
            start=self.start,
            end=self.end,
            zone=get_system_timezone(),
            site=marker(),
            location=self.location,
            online=self.online,
            attendees=self.attendees,
        )

    @property
    def fingerprint(self) -> str:
        """Another text whenever the event must be changed. Its body is not: it is only written once."""
        people = [(one.email, one.name) for one in self.attendees]
        said = [self.subject, str(self.start), str(self.end), self.location, self.online, people]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def of_evening(evening) -> dict[str, Wanted]:
    """The events of a Parent Evening document, by booking; also of conversations that are over."""
    if not evening.meeting_provider:
        return {}
    return _Evening(evening).wanted()


@dataclass
class _Evening:
    evening: object
    found: list = field(default_factory=list)

    def wanted(self) -> dict[str, Wanted]:
        self.found = self._bookings()
        names = [row.name for row in self.found]
        self.instructors = rows.of_parents("Evening Booking Instructor", "instructor", names)
        self.accounts = accounts.of({name for found in self.instructors.values() for name in found if name})
        self.classes = conversations.classes(self.found)
        self.places = {day.date: day.place for day in grid.slots(self.evening)}
        self.guardians = self._guardians(names)
        self.texts, self.school, self.now = texts.of_settings(), texts.school(), now_datetime()
        return {row.name: one for row in self.found if (one := self._one(row))}

    def _bookings(self) -> list[frappe._dict]:
        booking, student = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Student")
        room = frappe.qb.DocType("Room")
        query = (
            frappe.qb.from_(booking)
            .left_join(student)
            .on(student.name == booking.student)
            .left_join(room)
            .on(room.name == told.value(booking, "room"))
            .select(booking.name, booking.student, booking.student_name, booking.subject, booking.modified)
            .select(*(told.column(booking, name) for name in ("start", "end", "mode", "table_label")))
            .select(student.first_name, room.room_name)
            .where((booking.evening == self.evening.name) & told.criterion(booking))
        )
        if not self.evening.in_person_in_calendar or self.evening.meeting_provider == WITHOUT_CALENDAR:
            query = query.where(told.value(booking, "mode") == "Online")
        found = query.run(as_dict=True)
        for row in found:
            row.academic_year = self.evening.academic_year
        return found

    def _guardians(self, names: list[str]) -> dict[str, list[str]]:
        if not frappe.get_cached_value("Ouderavond Settings", None, "guardians_as_attendees"):
            return defaultdict(list)
        self.families = Families(self.evening, {row.student for row in self.found})
        return rows.of_parents("Evening Booking Guardian", "guardian", names)

    def _one(self, row) -> Wanted | None:
        present = [name for name in self.instructors[row.name] if name]
        if not present:
            return None
        having = [name for name in present if name in self.accounts]
        organiser = having[0] if having else present[0]
        account = self.accounts.get(organiser)
        language = account.language if account else frappe.get_system_settings("language") or "en"
        subject, body = self.texts.written(self._words(row, present), language)
        return Wanted(
            booking=row.name,
            provider=self.evening.meeting_provider,
            instructor=organiser,
            account=account.email if account else "",
            subject=subject,
            body=body,
            start=row.start,
            end=row.end,
            location=self._location(row),
            online=row.mode == "Online",
            is_over=row.end <= self.now,
            told_at=row.modified,
            attendees=self._attendees(row, organiser, having),
        )

    def _words(self, row, instructors: list[str]) -> texts.Words:
        names = [self.accounts[name].name for name in instructors if name in self.accounts]
        return texts.Words(
            subject=row.subject or "",
            student=row.first_name or "",
            student_full_name=row.student_name or "",
            class_name=self.classes.get((row.student, row.academic_year), ""),
            evening=self.evening.title or "",
            instructors=", ".join(names),
            school=self.school,
        )

    def _location(self, row) -> str:
        if row.mode == "Online":
            return ""
        place = self.places.get(row.start.date())
        return ", ".join(part for part in (row.room_name, row.table_label, place) if part)

    def _attendees(self, row, organiser: str, having: list[str]) -> tuple[Attendee, ...]:
        colleagues = [self.accounts[name] for name in having if name != organiser]
        found = [Attendee(one.email, one.name) for one in colleagues]
        for guardian in self.guardians[row.name]:
            reader = self.families.guardian(row.student, guardian)
            if reader:
                found.append(Attendee(reader.address, reader.name))
        return tuple(dict.fromkeys(found))
