"""What stands at an evening: who is taken when and by what, who sits where, and which times are blocked.

Read once, in a handful of queries, and then asked many times. Times are compared as bits, a bit per minute
of a day (see `reserving.places`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import frappe
from frappe.query_builder.functions import Count, Max, Min
from frappe.utils import getdate, now_datetime

from ouderavond.evening import grid
from ouderavond.evening.offering.listing_rows import among
from ouderavond.evening.people import person_keys
from ouderavond.evening.planning import booked
from ouderavond.evening.reserving.places import bits

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Taken:
    """A time [start, end) for which a person or room is claimed, by a Booking, Block or Hold."""

    start: datetime
    end: datetime
    kind: str
    reference: str
    evening: str
    expires: datetime | None = None


class Standing:
    """The state of an evening, for questions about any conversation of some people.

    Args:
        evening: Parent Evening document.
        records: the (doctype, name) of who may be asked about, besides the evening's instructors and rooms.
        bookings: `booked.everything`, where that has been read already; else the claims tell who is taken.
        closely: of whom everything is to be known that they are claimed for, where `records` are all people;
            of others, with the conversations of the evening, `look_at` reads that.
    """

    def __init__(
        self,
        evening,
        records: Iterable[tuple[str, str]],
        bookings: dict | None = None,
        closely: Iterable[tuple[str, str]] | None = None,
    ):
        self.evening, self.days = evening, grid.slots(evening)
        self.first = min((day.first for day in self.days), default=now_datetime())
        self.last = max((day.end for day in self.days), default=self.first)
        self.presence = _presence(evening.name)
        self.instructors = {row.instructor: row.instructor_name for row in self.presence.values()}
        self.shared = {(row.room, row.date) for row in self.presence.values() if row.room and row.shared_room}
        rooms = {row.room for row in self.presence.values() if row.room}
        known = {("Instructor", name) for name in self.instructors} | {("Room", name) for name in rooms}
        self._keys = person_keys(known.union(records))
        self.rooms = _rooms(rooms)
        self.taken: dict[str, list[Taken]] = defaultdict(list)
        self._conversations: dict[str, list[tuple[str, datetime]]] = {}
        self.bookings = booked.briefly(evening.name) if bookings is None else bookings
        if bookings is None:
            self._read_bookings()
        else:
            self._take_bookings()
        self._looked_at: set[str] = set()
        self.look_at(self._keys if closely is None else known.union(closely))
        self._bits: dict[tuple[datetime, datetime], int] = {}
        self._day_of = {start: day for day in self.days for start in day.starts}

    def look_at(self, records: Iterable[tuple[str, str]]) -> None:
        """Know what else people are claimed for: other evenings' conversations, blocks, and holds."""
        keys = {self.key(*record) for record in records} - self._looked_at
        if keys:
            self._looked_at |= keys
            self._read_others(keys)

    def day_of(self, start: datetime) -> grid.EveningDate | None:
        """The date of which a moment is the start of a slot."""
        return self._day_of.get(start)

    def bits(self, start: datetime, end: datetime) -> int:
        """The minutes of [start, end) as bits of the start's date."""
        key = (start, end)
        if key not in self._bits:
            self._bits[key] = bits(start, end, start.date())
        return self._bits[key]

    def key(self, doctype: str, name: str) -> str:
        """The key under which a person or room is claimed."""
        return self._keys.get((doctype, name)) or f"{doctype}:{name}"

    def records_of(self, row) -> list[tuple[str, str]]:
        """The persons, and the room, that a conversation (a row of `booked.everything`) claims."""
        records = [("Instructor", name) for name in row.instructors]
        records += [("Guardian", name) for name in row.guardians]
        if row.student_attends and row.student:
            records.append(("Student", row.student))
        if self._claims_room(row):
            records.append(("Room", row.room))
        return records

    def _claims_room(self, row) -> bool:
        return bool(row.room and row.mode != "Online" and (row.room, row.start.date()) not in self.shared)

    def place(self, instructors: Iterable[str], day: date, mode: str) -> str | None:
        """The room of a conversation: its first instructor's of that date; none online."""
        row = self.presence.get((next(iter(instructors), None), day))
        return row.room if row and mode != "Online" else None

    def conversations_of(self, instructor: str, day: date) -> set[str]:
        """The live conversations of an instructor at this evening on a date."""
        if instructor not in self._conversations:
            self._conversations[instructor] = booked.of_instructor(self.evening.name, instructor)
        return {name for name, start in self._conversations[instructor] if start.date() == day}

    @cached_property
    def blocks(self) -> dict[str, frappe._dict]:
        """{name: row} of the blocks of all evenings in the time of this one."""
        fields = [
            "name",
            "evening",
            "who_type",
            "who",
            "who_name",
            "from_time",
            "to_time",
            "reason",
            "source",
        ]
        filters = {"from_time": ("<", self.last), "to_time": (">", self.first)}
        return {
            row.name: row for row in frappe.get_all("Evening Block", filters, fields, order_by="from_time")
        }

    @cached_property
    def blocks_of(self) -> dict[tuple[str, str | None], list[frappe._dict]]:
        """The blocks that close a time for conversations, by whom they concern.

        Not the students' own: those keep the student away, by the claims, and nobody else.
        """
        found = defaultdict(list)
        for row in self.blocks.values():
            if row.source != "Student" and (row.who_type != "Everyone" or row.evening == self.evening.name):
                found[row.who_type, None if row.who_type == "Everyone" else row.who].append(row)
        return found

    def _take_bookings(self) -> None:
        """Who is in the conversations of the evening, from their own rows."""
        for row in self.bookings.values():
            self._take(row, {self.key(*record) for record in self.records_of(row)})

    def _take(self, row, keys: Iterable[str]) -> None:
        one = Taken(row.start, row.end, "Booking", row.name, self.evening.name)
        for key in keys:
            self.taken[key].append(one)

    def _read_bookings(self) -> None:
        """Who of these people is in the evening's conversations, from the claims on their first minutes."""
        claim = frappe.qb.DocType("Booking Claim")
        starts = sorted({row.start for row in self.bookings.values()})
        persons = sorted({key for (doctype, _name), key in self._keys.items() if doctype != "Room"})
        rows = (
            frappe.qb.from_(claim)
            .select(claim.reference, claim.who)
            .where(among(claim.who, persons) & among(claim.tick, starts or [self.first]))
            .where((claim.kind == "Booking") & (claim.evening == self.evening.name))
        ).run()
        keys = defaultdict(set)
        for reference, who in rows:
            keys[reference].add(who)
        for name, row in self.bookings.items():
            if self._claims_room(row):
                keys[name].add(self.key("Room", row.room))
            self._take(row, keys[name])

    def _read_others(self, keys: Iterable[str]) -> None:
        claim = frappe.qb.DocType("Booking Claim")
        other = (claim.kind == "Block") | ((claim.kind == "Hold") & (claim.expires >= now_datetime()))
        other = other | ((claim.kind == "Booking") & (claim.evening != self.evening.name))
        rows = (
            frappe.qb.from_(claim)
            .select(claim.who, claim.kind, claim.reference, claim.evening, Max(claim.expires))
            .select(Min(claim.tick), Max(claim.tick), Count("*"))
            .where(among(claim.who, sorted(keys)) & other)
            .where((claim.tick >= self.first) & (claim.tick < self.last))
            .groupby(claim.who, claim.kind, claim.reference, claim.evening)
        ).run()
        broken = {}
        for who, kind, reference, evening, expires, start, last, minutes in rows:
            row = Taken(start, last + MINUTE, kind, reference, evening, expires)
            if row.end - row.start == minutes * MINUTE:
                self.taken[who].append(row)
            else:
                broken[who, reference] = row
        if broken:
            self._read_broken(broken)

    def _read_broken(self, broken: dict[tuple[str, str], Taken]) -> None:
        """What has others in between: a block that gave way, a hold of several conversations."""
        claim = frappe.qb.DocType("Booking Claim")
        rows = (
            frappe.qb.from_(claim)
            .select(claim.who, claim.reference, claim.tick)
            .where(among(claim.reference, sorted({reference for _who, reference in broken})))
            .where((claim.tick >= self.first) & (claim.tick < self.last))
            .orderby(claim.tick)
        ).run()
        ticks = defaultdict(list)
        for who, reference, tick in rows:
            ticks[who, reference].append(tick)
        for (who, reference), row in broken.items():
            for start, end in _joined(ticks[who, reference]):
                self.taken[who].append(Taken(start, end, row.kind, reference, row.evening, row.expires))


def _presence(evening: str) -> dict[tuple[str, date], frappe._dict]:
    sits = frappe.qb.DocType("Evening Instructor")
    fields = (
        "instructor", "instructor_name", "date", "room", "shared_room", "table_label", "present_from",
        "present_until", "break_after", "maximum_conversations",
    )  # fmt: skip
    # Who left the school is an empty row of a past evening.
    there = (sits.evening == evening) & (sits.instructor != "")
    query = frappe.qb.from_(sits).select(*(sits[field] for field in fields)).where(there)
    rows = query.orderby(sits.instructor_name).orderby(sits.instructor).orderby(sits.date).run(as_dict=True)
    return {(row.instructor, getdate(row.date)): row for row in rows}


def _rooms(names: set[str]) -> dict[str, str]:
    """{room: what it is called}."""
    room = frappe.qb.DocType("Room")
    rows = (
        frappe.qb.from_(room).select(room.name, room.room_name).where(among(room.name, sorted(names))).run()
    )
    return {name: title or name for name, title in rows}


def _joined(ticks: list[datetime]) -> Iterable[tuple[datetime, datetime]]:
    """Minutes in order as times [start, end)."""
    start = None
    for tick, following in zip(ticks, [*ticks[1:], None], strict=True):
        start = start or tick
        if following != tick + MINUTE:
            yield start, tick + MINUTE
            start = None
