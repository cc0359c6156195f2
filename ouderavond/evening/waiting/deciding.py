"""What a moment means for those who wait: who is done, who let a place pass, and who is next for which place.

Used twice: first by plain reading, to see whether anything is due at all and for whom, then again for those,
with what is decided written under the locks of everybody concerned.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from frappe.utils import cint, get_datetime, now_datetime

from ouderavond.evening import grid
from ouderavond.evening.reserving import reading, windows
from ouderavond.evening.reserving.places import FREE
from ouderavond.evening.reserving.table import Table
from ouderavond.evening.waiting import entries
from ouderavond.evening.waiting.clock import expiry
from ouderavond.evening.waiting.outlook import Outlook


@dataclass(frozen=True)
class Place:
    """A time for an entry, held until a moment; `room` only where it is that conversation's alone."""

    start: datetime
    end: datetime
    slots: int
    until: datetime
    room: str | None = None


class Round:
    """The open entries of an evening, or some of them, at this moment.

    Attributes:
        done: {entry: Booked, Passed or Left}, for entries that end now.
        lost: entries whose offered place is not there any more; they wait on where they stood.
        waiting: the entries that may be offered a place, the first in line first.
    """

    def __init__(self, evening, rows: list):
        self.evening, self.rows, self.now = evening, rows, now_datetime()
        self._tables: dict[tuple, Table] = {}
        self.done = {row.name: "Passed" for row in rows if self._has_expired(row)}
        self.outlook = Outlook(evening, rows, ignore=self.done)
        self._bookings = reading.bookings(evening.name, {row.student for row in rows if row.student})
        self.done |= {row.name: end for row in rows if (end := self._end_of(row))}
        offered = [row for row in rows if row.state == "Offered" and row.name not in self.done]
        self.lost = [row.name for row in offered if not self._is_still_there(row)]
        self.waiting = [row for row in rows if row.state == "Waiting" and row.name not in self.done]

    @property
    def released(self) -> list[str]:
        """The entries whose holds are to be given up."""
        return [*self.done, *self.lost]

    def people(self, names: Iterable[str]) -> set[tuple[str, str]]:
        """Everybody whom conversations of these entries would take, for locking."""
        names = set(names)
        return {one for row in self.rows if row.name in names for one in self.outlook.people(row)}

    def _has_expired(self, row) -> bool:
        return row.state == "Offered" and row.expires <= self.now

    def _end_of(self, row) -> str | None:
        column, group = self.outlook.column(row), self.outlook.group(row)
        if self.evening.archived or self._is_over() or column is None or group is None:
            return "Left"
        return "Booked" if any(is_of_party(one, column, group) for one in self._bookings) else None

    def _is_over(self) -> bool:
        return all(day.end <= self.now for day in grid.slots(self.evening))

    def _is_still_there(self, row) -> bool:
        table, column = self._table_of(row, ignore=(*self.done, row.name))
        return column is not None and table.cell(column, row.offered_start, row.slots) == FREE

    # A place for who waits

    def place_for(self, row) -> Place | None:
        """The first place that this entry can be offered now."""
        starts = self.outlook.starts(row)
        if not starts or not self._may_book(row):
            return None
        table, column = self._table_of(row, ignore=self.released)
        if column is None or not self._has_room(table, column):
            return None
        for start in starts:
            if table.cell(column, start, column.slots) == FREE:
                return self._place(table, column, start)
        return None

    def give(self, row, place: Place) -> None:
        """Count a place as taken by an entry, for those behind it in line."""
        self.outlook.take(row, place.start, place.end)
        self._tables.clear()

    def _may_book(self, row) -> bool:
        return windows.booking_state(self.evening, entries.asker_of(row))["state"] == "open"

    def _has_room(self, table: Table, column) -> bool:
        """Whether one more conversation stays within the maximum, with what else is offered to them."""
        offered = [
            row
            for row in entries.of_asker(self.evening.name, table.groups)
            if row.state == "Offered" and row.name not in self.released
        ]
        return within_maximum(table, column, [row.student for row in offered])

    def _table_of(self, row, ignore: Iterable[str]):
        key = (row.guardian, row.student if not row.guardian else None, frozenset(ignore))
        if key not in self._tables:
            self._tables[key] = Table(self.evening, entries.asker_of(row), ignore=key[-1])
        table = self._tables[key]
        return table, next((column for column in table.columns if entries.is_of(row, column)), None)

    def _place(self, table: Table, column, start: datetime) -> Place:
        day = start.date()
        room, _label = table.places.place(column, day)
        alone = room and self.evening.mode != "Online" and not table.places.shares_room(column, day)
        return Place(
            start,
            start + grid.duration(self.evening, column.slots),
            column.slots,
            self._until(start),
            room if alone else None,
        )

    def _until(self, start: datetime) -> datetime:
        """No longer than booking is open, and not beyond the conversation itself."""
        ends = [expiry(self.now, [start.date()]), start]
        if self.evening.booking_until:
            ends.append(get_datetime(self.evening.booking_until))
        return min(ends)


def is_of_party(booking, column, group: tuple[str, ...]) -> bool:
    """Whether a conversation is the one that these people wait for."""
    if booking.student != column.student:
        return False
    same = booking.offer in column.offers or set(booking.instructors) == set(column.instructors)
    return same and (bool(set(booking.guardians) & set(group)) if group else not booking.guardians)


def within_maximum(table: Table, column, offered: Iterable[str] = ()) -> bool:
    """Whether one more conversation of a column is within the evening's maxima.

    Args:
        offered: the students of places that are being offered already, which count too.
    """
    if column.invitation:
        return True
    offered, evening = list(offered), table.evening
    per_student, in_all = cint(evening.maximum_per_student), cint(evening.maximum_per_household)
    of_student = table.booked(column.student) + offered.count(column.student)
    return not (
        (per_student and of_student >= per_student) or (in_all and table.booked() + len(offered) >= in_all)
    )
