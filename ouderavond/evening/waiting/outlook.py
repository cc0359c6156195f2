"""Which times may suit those who wait, read for all of them at once.

What is asked after every booking of an evening must cost little: where nobody's instructors have a time at
which the household has one too, nothing more is read. Whether a time that is left is really free says the
table of who waits, with all its rules.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe
from frappe.utils import cint, now_datetime, to_timedelta

from ouderavond.evening import grid
from ouderavond.evening.offer_key import instructors_key
from ouderavond.evening.people import parties, person_keys
from ouderavond.evening.reserving import reading
from ouderavond.evening.reserving.reading import Column


class Outlook:
    """The columns, households and times of those who wait at an evening.

    Args:
        evening: Parent Evening document.
        rows: entries of the waiting list.
        ignore: references of claims that count as given up.
    """

    def __init__(self, evening, rows: list, ignore: Iterable[str] = ()):
        self.evening, self.now = evening, now_datetime()
        students = sorted({row.student for row in rows if row.student})
        self._parties = parties(evening, students)
        self._columns = {
            (column.student, instructors_key(column.instructors)): column
            for column in reading.columns(evening, students)
        }
        self._days = grid.slots(evening)
        self._keys = person_keys({record for row in rows for record in self.people(row)})
        self._presence = self._read_presence()
        self._breaks = self._read_breaks()
        self._slot = timedelta(minutes=cint(evening.minutes_per_conversation))
        # What instructors have, by person: conversations, and places that are held.
        self._conversations = defaultdict(list)
        self._taken = self._read_taken(set(ignore))
        self._free: dict[tuple, list[datetime]] = {}

    def column(self, row) -> Column | None:
        """What an entry waits for; None where it is not offered any more."""
        return self._columns.get((row.student, row.instructors_key))

    def group(self, row) -> tuple[str, ...] | None:
        """The guardians who attend together; none for a student's own entry; None where nobody does."""
        if not row.guardian:
            return () if row.student else None
        groups = self._parties.get(row.student, [])
        return next((tuple(group) for group in groups if row.guardian in group), None)

    def people(self, row) -> set[tuple[str, str]]:
        """Everybody whom a conversation of this entry would take, for locking and claiming."""
        column, group = self.column(row), self.group(row)
        if column is None or group is None:
            return set()
        found = {("Instructor", name) for name in column.instructors} | {("Guardian", name) for name in group}
        return found | ({("Student", row.student)} if self.student_attends(row) else set())

    def student_attends(self, row) -> bool:
        """Whether the student must come to the conversation."""
        return self.evening.student_attends == "Must" or not row.guardian

    def starts(self, row) -> list[datetime]:
        """The starts that suit an entry's wishes and at which nobody of it is known to be taken."""
        column = self.column(row)
        if column is None or self.group(row) is None:
            return []
        free = self._free_starts(column.instructors, column.slots)
        if not free:
            return []
        length = grid.duration(self.evening, column.slots)
        keys = {self._keys[record] for record in self.people(row)}
        return [
            start
            for start in free
            if suits(row, start, start + length)
            and start.date() not in column.forbidden
            and not self._is_taken(keys, start, start + length)
        ]

    def take(self, row, start: datetime, end: datetime) -> None:
        """Count a time as taken by the people of an entry."""
        for record in self.people(row):
            self._taken[self._keys[record]].append((start, end))
            self._conversations[self._keys[record]].append((start, end))
        self._free.clear()

    def _free_starts(self, instructors: tuple[str, ...], slots: int) -> list[datetime]:
        """The starts to come at which these instructors have time; the same for all who wait for them."""
        if (instructors, slots) not in self._free:
            length = grid.duration(self.evening, slots)
            keys = {self._keys["Instructor", name] for name in instructors}
            self._free[instructors, slots] = [
                start
                for day in self._days
                for start in day.starts
                if start > self.now
                and start + length <= day.end
                and not any(overlap(start, start + length, *one) for one in self._breaks)
                and not self._is_taken(keys, start, start + length)
                and all(self._can_sit(name, start, start + length) for name in instructors)
            ]
        return self._free[instructors, slots]

    def _is_taken(self, keys: set[str], start: datetime, end: datetime) -> bool:
        return any(overlap(start, end, *one) for key in keys for one in self._taken[key])

    def _can_sit(self, instructor: str, start: datetime, end: datetime) -> bool:
        """Whether an instructor is there, below the maximum of the date, and keeps the break that is due."""
        row, day = self._presence.get((instructor, start.date())), start.date()
        if row is None:
            return False
        if row.present_from is not None and start < grid.at(day, row.present_from):
            return False
        if row.present_until is not None and grid.at(day, row.present_until) < end:
            return False
        times = [
            one for one in self._conversations[self._keys["Instructor", instructor]] if one[0].date() == day
        ]
        if row.maximum_conversations and len(times) >= row.maximum_conversations:
            return False
        longest = cint(row.break_after) or cint(self.evening.break_after)
        return not longest or in_a_row(times, start, end, self._slot) <= longest

    def _read_presence(self) -> dict[tuple, frappe._dict]:
        names = [name for column in self._columns.values() for name in column.instructors]
        rows = frappe.get_all(
            "Evening Instructor",
            {"evening": self.evening.name, "instructor": ("in", names or [""])},
            ["instructor", "date", "present_from", "present_until", "break_after", "maximum_conversations"],
        )
        return {(row.instructor, row.date): row for row in rows}

    def _read_breaks(self) -> list[tuple]:
        filters = {"evening": self.evening.name, "who_type": "Everyone"}
        return frappe.get_all("Evening Block", filters, ["from_time", "to_time"], as_list=True)

    def _read_taken(self, ignored: set[str]) -> dict[str, list[tuple[datetime, datetime]]]:
        found = defaultdict(list)
        if self._days:
            first, last = min(day.first for day in self._days), max(day.end for day in self._days)
            for row in reading.taken(self._keys.values(), first, last, self.now):
                if row.reference not in ignored:
                    found[row.who].append((row.start, row.end))
                    if row.kind != "Block" and row.evening == self.evening.name:
                        self._conversations[row.who].append((row.start, row.end))
        return found


def suits(row, start: datetime, end: datetime) -> bool:
    """Whether a conversation lies between the times that somebody wished."""
    midnight = datetime.combine(start.date(), datetime.min.time())
    after = row.earliest is None or start - midnight >= to_timedelta(row.earliest)
    return after and (row.latest is None or end - midnight <= to_timedelta(row.latest))


def in_a_row(times: list, start: datetime, end: datetime, gap: timedelta) -> int:
    """How many conversations would follow each other without `gap` between them, with one more."""
    times = sorted([*times, (start, end)])
    first = last = times.index((start, end))
    while first > 0 and times[first][0] - times[first - 1][1] < gap:
        first -= 1
    while last + 1 < len(times) and times[last + 1][0] - times[last][1] < gap:
        last += 1
    return last - first + 1


def overlap(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """Whether two times share a minute."""
    return start < other_end and other_start < end
