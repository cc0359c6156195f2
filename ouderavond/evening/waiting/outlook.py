"""Which times may suit those who wait, read for all of them at once.

What is asked after every booking of an evening must cost little: where nobody's instructors have a time at
which the household has one too, nothing more is read. Whether a time that is left is really free says the
table of who waits, with all its rules.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import frappe
from frappe.utils import now_datetime, to_timedelta

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
        self._taken = self._read_taken(set(ignore))

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
        length = grid.duration(self.evening, column.slots)
        return [
            start
            for day in self._days
            for start in day.starts
            if start > self.now
            and start + length <= day.end
            and suits(row, start, start + length)
            and self._is_free(row, column, start, start + length)
        ]

    def take(self, row, start: datetime, end: datetime) -> None:
        """Count a time as taken by the people of an entry."""
        for record in self.people(row):
            self._taken[self._keys[record]].append((start, end))

    def _is_free(self, row, column: Column, start: datetime, end: datetime) -> bool:
        if start.date() in column.forbidden or any(overlap(start, end, *one) for one in self._breaks):
            return False
        present = all(self._is_present(name, start, end) for name in column.instructors)
        keys = (self._keys[record] for record in self.people(row))
        return present and not any(overlap(start, end, *one) for key in keys for one in self._taken[key])

    def _is_present(self, instructor: str, start: datetime, end: datetime) -> bool:
        times = self._presence.get((instructor, start.date()))
        if times is None:
            return False
        first, last = times
        return (first is None or grid.at(start.date(), first) <= start) and (
            last is None or end <= grid.at(start.date(), last)
        )

    def _read_presence(self) -> dict[tuple, tuple]:
        names = [name for column in self._columns.values() for name in column.instructors]
        rows = frappe.get_all(
            "Evening Instructor",
            {"evening": self.evening.name, "instructor": ("in", names or [""])},
            ["instructor", "date", "present_from", "present_until"],
            as_list=True,
        )
        return {(instructor, date): (first, last) for instructor, date, first, last in rows}

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
        return found


def suits(row, start: datetime, end: datetime) -> bool:
    """Whether a conversation lies between the times that somebody wished."""
    midnight = datetime.combine(start.date(), datetime.min.time())
    after = row.earliest is None or start - midnight >= to_timedelta(row.earliest)
    return after and (row.latest is None or end - midnight <= to_timedelta(row.latest))


def overlap(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """Whether two times share a minute."""
    return start < other_end and other_start < end
