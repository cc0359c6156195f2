"""What is worth knowing of a time at which a conversation fits: a short walk, a break that is missed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from frappe.utils import cint

from ouderavond.evening.planning.sentences import Obstacle
from ouderavond.evening.planning.standing import Taken

MINUTE = timedelta(minutes=1)


class Hints:
    """The soft obstacles of a conversation (`obstacles.Obstacles`)."""

    def __init__(self, obstacles):
        self._of, self._one = obstacles, obstacles.one
        self._standing, self._words, self._evening = obstacles.standing, obstacles.words, obstacles.evening
        self._walking = bool(self._evening.walking_minutes or self._evening.travel_minutes)
        self._own_cache: dict[date, list[Taken]] = {}
        self._times: dict[tuple[str, date], list[tuple[datetime, datetime]]] = {}

    def at(self, instructors: tuple[str, ...], start: datetime) -> list[Obstacle]:
        """What is worth knowing of a start with these instructors."""
        found = [*self._walks(instructors, start), *self._breaks(instructors, start)]
        return [one._replace(soft=True) for one in found]

    def _walks(self, instructors: tuple[str, ...], start: datetime) -> Iterable[Obstacle]:
        if not self._walking:
            return
        end = start + self._one.length
        for other in self._neighbours(start, end):
            needed = self._needed(other, instructors, start.date())
            gap = (start - other.end if other.end <= start else other.start - end) // MINUTE
            if gap < needed:
                name = self._standing.bookings[other.reference].student_name
                yield self._words.say("walk", gap, name, other.start, needed)

    def _neighbours(self, start: datetime, end: datetime) -> Iterable[Taken]:
        """The household's conversation before and the one after a time."""
        rows = self._own(start.date())
        before = [row for row in rows if row.end <= start]
        after = [row for row in rows if row.start >= end]
        return [*before[-1:], *after[:1]]

    def _own(self, day: date) -> list[Taken]:
        if day not in self._own_cache:
            rows = {
                row
                for name in self._one.guardians
                for row in self._of.taken(self._standing.key("Guardian", name), day)
                if row.kind == "Booking" and row.reference in self._standing.bookings
            }
            self._own_cache[day] = sorted(rows, key=lambda row: (row.start, row.reference))
        return self._own_cache[day]

    def _needed(self, other: Taken, instructors: tuple[str, ...], day: date) -> int:
        """The minutes between a conversation and this one, by the scheduler's rule of walking."""
        about = self._standing.bookings[other.reference]
        if (about.mode == "Online") != (self._one.mode == "Online"):
            return cint(self._evening.travel_minutes)
        if self._one.mode == "Online":
            return 0
        room = self._standing.place(instructors, day, self._one.mode)
        if room and about.room:
            return 0 if room == about.room else cint(self._evening.walking_minutes)
        theirs = {name for name, _title in self._words.instructors_of(other.reference)}
        return 0 if theirs & set(instructors) else cint(self._evening.walking_minutes)

    def _breaks(self, instructors: tuple[str, ...], start: datetime) -> Iterable[Obstacle]:
        for name in instructors:
            row = self._standing.presence.get((name, start.date()))
            after = cint(row and row.break_after) or cint(self._evening.break_after)
            number = self._in_a_row(name, start) if after else 0
            if number > after:
                yield self._words.say("break", self._words.title("Instructor", name), number, after)

    def _in_a_row(self, name: str, start: datetime) -> int:
        """How many conversations would follow each other without a free slot."""
        slot = timedelta(minutes=cint(self._evening.minutes_per_conversation))
        first, last, number = start, start + self._one.length, 1
        times = self._conversations(name, start.date())
        for begin, end in reversed([time for time in times if time[1] <= start]):
            if first - end >= slot:
                break
            first, number = begin, number + 1
        for begin, end in (time for time in times if time[0] >= last):
            if begin - last >= slot:
                break
            last, number = end, number + 1
        return number

    def _conversations(self, name: str, day: date) -> list[tuple[datetime, datetime]]:
        if (name, day) not in self._times:
            rows = self._of.taken(self._standing.key("Instructor", name), day)
            self._times[name, day] = sorted((row.start, row.end) for row in rows if row.kind != "Block")
        return self._times[name, day]
