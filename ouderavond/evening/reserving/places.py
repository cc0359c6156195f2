"""Which places are there for an asker: who is taken when, and the rules that close a time for guardians.

Minutes of a day are bits of a whole number, so that a time is compared with all that is taken in one step.
"""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, timedelta
from functools import cached_property

import frappe
from frappe.utils import cint

from ouderavond.evening import grid, publishing, rules
from ouderavond.evening.people import guardian_links, person_keys
from ouderavond.evening.reserving import reading
from ouderavond.evening.reserving.reading import MINUTE, Column, Taken

FREE, MINE, OTHERS, UNAVAILABLE, CLASH, HELD = "f", "m", "o", "u", "c", "h"
WHOLE_DAY = (1 << 24 * 60) - 1
# What a time is called where it is several things at once. Who is elsewhere comes before who is taken: else
# *taken* in one column and *not available* in the others would tell with whom they are.
ORDER = ((HELD, "held"), (CLASH, "own"), (UNAVAILABLE, "absent"), (OTHERS, "others"), (UNAVAILABLE, "closed"))


def bits(start: datetime, end: datetime, day: date) -> int:
    """The minutes of a day in [start, end) as bits."""
    midnight = datetime.combine(day, datetime.min.time())
    first = max(0, (start - midnight) // MINUTE)
    last = min(24 * 60, -((midnight - end) // MINUTE))
    return ((1 << last - first) - 1) << first if last > first else 0


class Places:
    """The times of an evening as they are for one asker.

    Args:
        evening: Parent Evening document.
        asker: who asks (`requests.Asker`).
        groups: {student: guardians who attend together}, of the asker (`reading.groups`).
        columns: the columns of these students.
        bookings: the live conversations about these students (`reading.bookings`).
        holds: references of the asker's own holds.
        ignore: references that do not count: what is to be given up in the same step.
    """

    def __init__(self, evening, asker, groups, columns, bookings, *, is_own_hold, ignore=()):
        self.evening, self.asker, self.groups = evening, asker, groups
        self.days = {day.date: day for day in grid.slots(evening)}
        self.bookings = {row.name: row for row in bookings if row.name not in ignore}
        self.now = frappe.utils.now_datetime()
        self._is_own_hold = is_own_hold
        self._columns = columns
        self._keys = person_keys(self._records())
        self._presence = self._read_presence()
        rooms = {row.room for row in self._presence.values() if row.room}
        self._room_keys = person_keys(("Room", room) for room in rooms)
        self._taken = self._read_taken(ignore)
        self._masks: dict[tuple[str, date], dict[str, int]] = {}
        self._run_cache: dict[tuple[str, date], list] = {}
        self._bits: dict[tuple[datetime, datetime], int] = {}
        self._starts: dict[tuple[date, timedelta], list[tuple[datetime, int]]] = {}

    def _records(self) -> set[tuple[str, str]]:
        found = {("Instructor", name) for column in self._columns for name in column.instructors}
        found |= {("Guardian", name) for party in self.groups.values() for name in party}
        found |= {("Guardian", name) for name in self.asker.guardians}
        return found | {("Student", name) for name in self.groups}

    def _read_presence(self) -> dict[tuple[str, date], frappe._dict]:
        names = {name for column in self._columns for name in column.instructors}
        sits = frappe.qb.DocType("Evening Instructor")
        rows = (
            frappe.qb.from_(sits)
            .select(
                sits.instructor, sits.date, sits.room, sits.shared_room, sits.table_label, sits.present_from,
                sits.present_until, sits.break_after, sits.maximum_conversations,
            )
            .where((sits.evening == self.evening.name) & sits.instructor.isin(list(names) or [""]))
        ).run(as_dict=True)  # fmt: skip
        return {(row.instructor, row.date): row for row in rows}

    def _read_taken(self, ignore: Iterable[str]) -> dict[tuple[str, date], list[Taken]]:
        keys = {*self._keys.values(), *self._room_keys.values()}
        found = defaultdict(list)
        if not self.days:
            return found
        first = min(day.first for day in self.days.values())
        last = max(day.end for day in self.days.values())
        ignored = set(ignore)
        for row in reading.taken(keys, first, last, self.now):
            if row.reference not in ignored:
                found[row.who, row.start.date()].append(row)
        # What is planned otherwise by now is for the asker still at the time they were told.
        for booking in self._told():
            if booking.untold:
                for key in self._own_keys:
                    row = Taken(
                        key, booking.start, booking.end, "Booking", _told_time(booking), self.evening.name
                    )
                    found[key, row.start.date()].append(row)
        return found

    def key(self, doctype: str, name: str) -> str:
        """The key under which a person of this table is claimed."""
        return self._keys[doctype, name]

    # What a cell is

    def state(self, column: Column, start: datetime, end: datetime, *, moving: bool = False) -> str:
        """What [start, end) is for a column: one of the letters of this module.

        Args:
            moving: for the column's own conversation, which then counts as given up.
        """
        day = start.date()
        if day not in self.days:
            return UNAVAILABLE
        masks = self._column_masks(column, day)
        wanted = self._bits.get((start, end))
        if wanted is None:
            wanted = self._bits[start, end] = bits(start, end, day)
        if masks["mine"] & wanted:
            return MINE
        if start <= self.now or (column.exists and not moving):
            return UNAVAILABLE
        for letter, name in ORDER:
            if masks[name] & wanted:
                return letter
        if not self._allowed(column, start, end):
            return UNAVAILABLE
        return FREE

    def letters(self, column: Column, day: grid.EveningDate, length: timedelta) -> list[str]:
        """`state` of a conversation of that length from every start of a date; what is free is seen fast."""
        masks = self._column_masks(column, day.date)
        taken = _union(masks.values())
        looks_closer = column.exists or self._runs(column, day.date) or self._apart[column.student]
        return [
            FREE
            if not looks_closer and not taken & wanted and start > self.now
            else self.state(column, start, start + length)
            for start, wanted in self._wanted(day, length)
        ]

    def _wanted(self, day: grid.EveningDate, length: timedelta) -> list[tuple[datetime, int]]:
        """The starts of a date with the minutes of a conversation of that length."""
        key = (day.date, length)
        if key not in self._starts:
            self._starts[key] = [(start, bits(start, start + length, day.date)) for start in day.starts]
        return self._starts[key]

    def _allowed(self, column: Column, start: datetime, end: datetime) -> bool:
        return self._leaves_breaks(column, start, end) and self._meets_nobody(column, start, end)

    def _column_masks(self, column: Column, day: date) -> dict[str, int]:
        key = (column.offer, day)
        if key not in self._masks:
            self._masks[key] = self._make_masks(column, day)
        return self._masks[key]

    def _make_masks(self, column: Column, day: date) -> dict[str, int]:
        masks = {"mine": self._mine(column, day), "held": 0, "own": 0, "absent": 0, "others": 0}
        masks["closed"] = self._closed(column, day)
        for name in column.instructors:
            for row in self._taken[self._keys["Instructor", name], day]:
                masks[self._word(row)] |= bits(row.start, row.end, day)
        for key in self._own_keys:
            for row in self._taken[key, day]:
                masks["absent" if self._is_hidden(row) else "own"] |= bits(row.start, row.end, day)
        for key in self._others_attending(column):
            for row in self._taken[key, day]:
                if row.reference not in self._seen:
                    masks["absent"] |= bits(row.start, row.end, day)
        masks["own"] &= ~masks["held"]
        return masks

    def _word(self, row: Taken) -> str:
        """What a claim on an instructor is for the asker."""
        if row.kind == "Hold" and self._is_own_hold(row.reference):
            return "held"
        if row.reference in self._seen:
            return "own"
        return "closed" if row.kind == "Block" else "others"

    @cached_property
    def _own_keys(self) -> set[str]:
        own = [("Guardian", name) for name in self.asker.guardians]
        if self.asker.student:
            own.append(("Student", self.asker.student))
        return {self._keys[record] for record in own if record in self._keys}

    def _others_attending(self, column: Column) -> set[str]:
        """The keys of those who would attend and are not the asker."""
        records = [("Guardian", name) for name in self.groups[column.student]]
        if self.student_attends(column.student):
            records.append(("Student", column.student))
        return {self._keys[record] for record in records} - self._own_keys

    def student_attends(self, student: str) -> bool:
        """Whether the student must come to a conversation that this asker books."""
        return self.evening.student_attends == "Must" or not self.groups[student]

    @cached_property
    def _seen(self) -> set[str]:
        """The conversations that the asker attends and has been told of."""
        return {_told_time(row) if row.untold else row.name for row in self._told()}

    def _told(self) -> list:
        """The conversations that the asker attends and has been told of, as they were told."""
        return [row for row in self.bookings.values() if self.attends(row) and row.state == "Published"]

    def attends(self, booking) -> bool:
        """Whether the asker is one of those who attend a conversation."""
        if self.asker.student:
            return bool(booking.student_attends) and booking.student == self.asker.student
        return bool(set(booking.guardians) & set(self.asker.guardians))

    def _is_hidden(self, row: Taken) -> bool:
        """Is this something the asker has not been told of: planned only, or held by another for both?"""
        if row.kind == "Hold":
            return not self._is_own_hold(row.reference)
        if row.kind != "Booking" or row.reference in self._seen:
            return False
        return row.evening == self.evening.name or row.reference not in self._told_elsewhere

    @cached_property
    def _told_elsewhere(self) -> set[str]:
        """The conversations of the asker at other evenings that are shown to them there."""
        taken = {
            row.reference
            for (key, _day), rows in self._taken.items()
            for row in rows
            if key in self._own_keys and row.kind == "Booking" and row.evening != self.evening.name
        }
        if not taken:
            return set()
        students = {row.student for row in guardian_links(self.asker.guardians)} | {self.asker.student}
        published = {"name": ("in", list(taken)), "state": "Published", "untold": 0}
        rows = frappe.get_all("Evening Booking", published, ["name", "evening", "student"])
        return {
            row.name
            for row in rows
            if row.student in students
            and publishing.is_visible(frappe.get_cached_doc("Parent Evening", row.evening))
        }

    def held_by_asker(self) -> Iterable[list[Taken]]:
        """The times of instructors that are held for the asker, by instructor and date."""
        keys = {self._keys["Instructor", name] for column in self._columns for name in column.instructors}
        for (key, _day), rows in list(self._taken.items()):
            if key in keys:
                yield [row for row in rows if row.kind == "Hold" and self._is_own_hold(row.reference)]

    def _mine(self, column: Column, day: date) -> int:
        with_them = (row for row in self._told() if set(row.instructors) == set(column.instructors))
        return _union(bits(row.start, row.end, day) for row in with_them if row.start.date() == day)

    # What closes a time for everybody

    def _closed(self, column: Column, day: date) -> int:
        if day in column.forbidden:
            return WHOLE_DAY
        blocked = self._blocks_of(column.student)
        return _union(
            (
                *(self._absent(name, day) for name in column.instructors),
                *(bits(start, end, day) for start, end in blocked),
                self._room_taken(column, day),
            )
        )

    def _absent(self, instructor: str, day: date) -> int:
        row = self._presence.get((instructor, day))
        if not row or self._is_full(row):
            return WHOLE_DAY
        closed = 0
        if row.present_from is not None:
            closed |= bits(datetime.combine(day, datetime.min.time()), grid.at(day, row.present_from), day)
        if row.present_until is not None:
            end_of_day = datetime.combine(day, datetime.min.time()) + timedelta(days=1)
            closed |= bits(grid.at(day, row.present_until), end_of_day, day)
        return closed

    def _is_full(self, row) -> bool:
        if not row.maximum_conversations:
            return False
        return len(self._conversations(row.instructor, row.date)) >= row.maximum_conversations

    def _conversations(self, instructor: str, day: date) -> list[tuple[datetime, datetime]]:
        """The times of an instructor's conversations of a date at this evening, held ones too, in order."""
        rows = self._taken[self._keys["Instructor", instructor], day]
        return sorted(
            (row.start, row.end) for row in rows if row.kind != "Block" and row.evening == self.evening.name
        )

    def _room_taken(self, column: Column, day: date) -> int:
        row = self._presence.get((column.instructors[0], day))
        if self.evening.mode == "Online" or not row or not row.room:
            return 0
        rows = self._taken[self._room_keys["Room", row.room], day]
        if row.shared_room:
            # At tables of their own several speak in it at once, but nobody while it is blocked.
            rows = [one for one in rows if one.kind == "Block"]
        return _union(bits(one.start, one.end, day) for one in rows if one.reference not in self._seen)

    def _blocks_of(self, student: str) -> list[tuple[datetime, datetime]]:
        return self._blocks["Everyone"] + [
            time for group in self._classes[student] for time in self._blocks[group]
        ]

    @cached_property
    def _classes(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        member = frappe.qb.DocType("Student Group Student")
        own = member.student.isin(list(self.groups) or [""]) & (member.active == 1)
        for student, group in frappe.qb.from_(member).select(member.student, member.parent).where(own).run():
            found[student].append(group)
        return found

    @cached_property
    def _blocks(self) -> dict[str, list[tuple[datetime, datetime]]]:
        """The times at which everyone or a class cannot come; blocks of persons and rooms are claims."""
        found = defaultdict(list)
        if not self.days:
            return found
        first = min(day.first for day in self.days.values())
        last = max(day.end for day in self.days.values())
        block = frappe.qb.DocType("Evening Block")
        rows = (
            frappe.qb.from_(block)
            .select(block.evening, block.who_type, block.who, block.from_time, block.to_time)
            .where(block.who_type.isin(("Everyone", "Student Group")))
            .where((block.from_time < last) & (block.to_time > first))
        ).run(as_dict=True)
        for row in rows:
            if row.who_type == "Student Group" or row.evening == self.evening.name:
                name = "Everyone" if row.who_type == "Everyone" else row.who
                found[name].append((row.from_time, row.to_time))
        return found

    def _leaves_breaks(self, column: Column, start: datetime, end: datetime) -> bool:
        """Whether all instructors keep the break that is due after so many conversations in a row."""
        return all(
            self._in_a_row(times, start, end) <= after for times, after in self._runs(column, start.date())
        )

    def _runs(self, column: Column, day: date) -> list[tuple[list[tuple[datetime, datetime]], int]]:
        """(conversations, most in a row) of the instructors who might have one too many in a row."""
        key = (column.offer, day)
        if key not in self._run_cache:
            found = []
            for name in column.instructors:
                row = self._presence.get((name, day))
                after = cint(row and row.break_after) or cint(self.evening.break_after)
                times = self._conversations(name, day)
                if after and len(times) >= after:
                    found.append((times, after))
            self._run_cache[key] = found
        return self._run_cache[key]

    def _in_a_row(self, times: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> int:
        """How many conversations would follow each other without a free slot, with one from start to end."""
        slot = timedelta(minutes=cint(self.evening.minutes_per_conversation))
        times = sorted([*times, (start, end)])
        place = times.index((start, end))
        count = 1
        for index in range(place, 0, -1):
            if times[index][0] - times[index - 1][1] >= slot:
                break
            count += 1
        for index in range(place, len(times) - 1):
            if times[index + 1][0] - times[index][1] >= slot:
                break
            count += 1
        return count

    def _meets_nobody(self, column: Column, start: datetime, end: datetime) -> bool:
        """Whether the guardians keep away from those whom they are not to meet."""
        apart = self._apart[column.student]
        return not apart or not any(
            rules.would_meet(self._stays.get(other), minutes, self._stay_of(column.student), start, end)
            for other, minutes in apart
        )

    @cached_property
    def _apart(self) -> dict[str, list[tuple[str, int]]]:
        everybody = {name for party in self.groups.values() for name in party}
        pairs = defaultdict(list)
        for own, other, minutes in rules.pairs_not_to_meet(everybody):
            pairs[own].append((other, minutes))
        return {
            student: [pair for name in party for pair in pairs[name]]
            for student, party in self.groups.items()
        }

    @cached_property
    def _stays(self) -> dict[str, list[tuple[datetime, datetime]]]:
        """The conversations of those who are not to be met, and of who is not to meet them."""
        others = {other for pairs in self._apart.values() for other, _minutes in pairs}
        if not others:
            return {}
        own = {name for party in self.groups.values() for name in party}
        return rules.times_of_guardians(self.evening.name, own | others)

    def _stay_of(self, student: str) -> list[tuple[datetime, datetime]]:
        return [time for name in self.groups[student] for time in self._stays.get(name, [])]

    # What is added within one step

    def take(self, column: Column, start: datetime, end: datetime) -> None:
        """Count a place as taken by the asker, for the next one of the same basket."""
        records = [("Instructor", name) for name in column.instructors]
        records += [("Guardian", name) for name in self.groups[column.student]]
        if self.student_attends(column.student):
            records.append(("Student", column.student))
        for record in records:
            key = self._keys[record]
            row = Taken(key, start, end, "Booking", f"basket:{column.offer}", self.evening.name)
            self._taken[key, start.date()].append(row)
        for name in self.groups[column.student]:
            if self._stays:
                self._stays.setdefault(name, []).append((start, end))
        self._seen.add(f"basket:{column.offer}")
        self.bookings[f"basket:{column.offer}"] = frappe._dict(
            name=f"basket:{column.offer}",
            student=column.student,
            guardians=list(self.groups[column.student]),
            instructors=list(column.instructors),
            student_attends=self.student_attends(column.student),
            state="Published",
            start=start,
            end=end,
        )
        self._masks.clear()
        self._run_cache.clear()

    def copy(self) -> "Places":
        """The same places, to try a basket on: what is taken there is not taken here."""
        other = copy(self)
        other._taken = defaultdict(list, {key: list(rows) for key, rows in self._taken.items()})
        other._stays = {name: list(times) for name, times in self._stays.items()}
        other._seen, other.bookings = set(self._seen), dict(self.bookings)
        other._masks, other._run_cache = dict(self._masks), dict(self._run_cache)
        return other

    def place(self, column: Column, day: date) -> tuple[str | None, str | None]:
        """Room and table of a column on a date: its first instructor's."""
        row = self._presence.get((column.instructors[0], day))
        return (row.room, row.table_label) if row else (None, None)

    def shares_room(self, column: Column, day: date) -> bool:
        """Whether the room is one in which several sit at tables."""
        row = self._presence.get((column.instructors[0], day))
        return bool(row and row.shared_room)


def _told_time(booking) -> str:
    """What stands for a conversation at the time at which it no longer is, but people were told it is."""
    return f"told:{booking.name}"


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
