"""What is in the way of a conversation at a time: all that the rules and the claims would refuse."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cached_property, partial

from ouderavond.evening import grid, rules
from ouderavond.evening.planning.conversation import Conversation, Facts
from ouderavond.evening.planning.hints import Hints
from ouderavond.evening.planning.sentences import Obstacle, Sentences
from ouderavond.evening.planning.standing import Standing, Taken
from ouderavond.evening.reserving.places import WHOLE_DAY, bits

# Minutes of a date, and what is in the way then: put in words only for whom it keeps away.
Masks = list[tuple[int, Callable[[], Obstacle]]]


class Obstacles:
    """All that is in the way of one conversation, for any instructors and start.

    Args:
        without: bookings that count as given up, besides the conversation's own.
        beside: (conversation, start) of what counts as standing there.
    """

    def __init__(
        self,
        standing: Standing,
        facts: Facts,
        one: Conversation,
        *,
        without: Iterable[str] = (),
        beside: Iterable[tuple[Conversation, datetime]] = (),
    ):
        self.standing, self.facts, self.one = standing, facts, one
        self.evening = standing.evening
        self.words = Sentences(standing)
        self._without = {*without, one.booking} - {None}
        self._beside = list(beside)
        self._masks: dict[tuple, Masks] = {}
        self._rows: dict[tuple, tuple[int, Masks]] = {}
        self._starts: dict[datetime, list[Obstacle]] = {}
        self._hints = Hints(self)

    def at(self, instructors: Iterable[str], start: datetime) -> list[Obstacle]:
        """What is in the way at a start with these instructors; where nothing is, what is worth knowing."""
        instructors, day = tuple(instructors), start.date()
        wanted = self.standing.bits(start, start + self.one.length)
        found = [*self.always, *self._from_start(start)]
        everything, masks = self._row(instructors, day)
        if everything & wanted:
            found += [say() for mask, say in masks if mask & wanted]
        return list(dict.fromkeys(found)) or self._hints.at(instructors, start)

    def fits(self, instructors: Iterable[str], start: datetime) -> bool:
        """Whether nothing is in the way at a start with these instructors."""
        if self.always or self._from_start(start):
            return False
        everything, _masks = self._row(tuple(instructors), start.date())
        return not everything & self.standing.bits(start, start + self.one.length)

    def are_free(self, instructors: Iterable[str], start: datetime) -> bool:
        """Whether instructors could at a start, whoever else is needed."""
        wanted, day = self.standing.bits(start, start + self.one.length), start.date()
        return not any(self._union_of(name, day) & wanted for name in instructors)

    def _union_of(self, instructor: str, day: date) -> int:
        key = ((instructor,), day, "alone")
        if key not in self._rows:
            everything = 0
            for mask, _say in self._of_instructor(instructor, day):
                everything |= mask
            self._rows[key] = everything, []
        return self._rows[key][0]

    def in_the_way(self, instructors: Iterable[str], start: datetime) -> set[str] | None:
        """The conversations of this evening that are in the way at a start; None if something else is too."""
        instructors, day = tuple(instructors), start.date()
        if self.always or self._from_start(start):
            return None
        wanted = self.standing.bits(start, start + self.one.length)
        hit = [say for mask, say in self._row(instructors, day)[1] if mask & wanted]
        rows = [say.args[1] if len(say.args) > 1 and isinstance(say.args[1], Taken) else None for say in hit]
        if any(row is None or row.reference not in self.standing.bookings for row in rows):
            return None
        return {row.reference for row in rows}

    # At every time

    @cached_property
    def always(self) -> list[Obstacle]:
        """What is in the way whatever the time."""
        one, say, found = self.one, self.words.say, []
        if not one.offered:
            found.append(say("not_offered"))
        if self.evening.archived:
            found.append(say("archived"))
        if one.student not in self.facts.taking_part:
            found.append(say("takes_no_part", one.student_name))
        others = [row for row in self.facts.booked(one) if row.name not in self._without]
        same = next((row for row in others if row.offer == one.offer), None)
        if same:
            found.append(say("has_a_time", same.start.date(), same.start))
        maximum = self.evening.maximum_per_student
        if maximum and len(others) >= maximum:
            found.append(say("student_maximum", len(others), one.student_name, maximum))
        return found

    # From a start on, whoever the instructors are

    def _from_start(self, start: datetime) -> list[Obstacle]:
        if start not in self._starts:
            self._starts[start] = [
                *self._off_grid(start),
                *self._forbidden(start.date()),
                *self._not_to_meet(start, start + self.one.length),
            ]
        return self._starts[start]

    def _off_grid(self, start: datetime) -> Iterable[Obstacle]:
        day = self.standing.day_of(start)
        if not day:
            yield self.words.never("no_slot", start.date(), start)
        elif start + self.one.length > day.end:
            is_endless = rules.is_endless(self.evening, day, start, start + self.one.length)
            yield (self.words.never if is_endless else self.words.say)("too_long", day.end)

    def _forbidden(self, day: date) -> Iterable[Obstacle]:
        if day in self.one.forbidden:
            yield self.words.say("forbidden", day)
        for group in self.facts.class_dates.get((self.one.student, day), ()):
            yield self.words.say("class_forbidden", group, day)

    def _not_to_meet(self, start: datetime, end: datetime) -> Iterable[Obstacle]:
        pairs = self.facts.apart(self.one)
        own = [time for name in self.one.guardians for time in self._stay(name)] if pairs else []
        for other, minutes in pairs:
            if rules.would_meet(self._stay(other), minutes, own, start, end):
                yield self.words.say("not_to_meet", self.words.title("Guardian", other))

    def _stay(self, guardian: str) -> list[tuple[datetime, datetime]]:
        rows = self.facts.stays.get(guardian, ())
        times = [(start, end) for name, start, end in rows if name not in self._without]
        beside = [(start, start + one.length) for one, start in self._beside if guardian in one.guardians]
        return times + beside

    # For a part of a date

    def _row(self, instructors: tuple[str, ...], day: date) -> tuple[int, Masks]:
        """All that is in the way on a date with these instructors, and its minutes as one."""
        key = (instructors, day)
        if key not in self._rows:
            masks = list(self._own(day))
            for name in instructors:
                masks += self._of_instructor(name, day)
            masks += self._of_room(instructors, day)
            everything = 0
            for mask, _say in masks:
                everything |= mask
            self._rows[key] = everything, masks
        return self._rows[key]

    def _own(self, day: date) -> Masks:
        """The times at which the household, the student, the class or everyone cannot."""
        key = ("own", day)
        if key not in self._masks:
            people = {self.standing.key(*record): record for record in self.one.people}
            taken = [
                (self.standing.bits(row.start, row.end), partial(self.words.of_household, record, row))
                for who, record in people.items()
                for row in self.taken(who, day)
            ]
            concerned = [("Guardian", name) for name in self.one.guardians]
            concerned += [("Student", self.one.student), ("Everyone", None)]
            blocked = [who for who_type, who in self.standing.blocks_of if who_type == "Student Group"]
            concerned += [("Student Group", name) for name in self.facts.in_groups(self.one.student, blocked)]
            self._masks[key] = taken + self._blocked(concerned, day)
        return self._masks[key]

    def _of_instructor(self, name: str, day: date) -> Masks:
        """The times at which an instructor cannot."""
        record = ("Instructor", name)
        key = (*record, day)
        if key not in self._masks:
            taken = [
                (self.standing.bits(row.start, row.end), partial(self.words.of_person, record, row))
                for row in self.taken(self.standing.key(*record), day)
            ]
            self._masks[key] = [*self._absent(name, day), *taken, *self._blocked([record], day)]
        return self._masks[key]

    def _absent(self, name: str, day: date) -> Iterable[tuple[int, Callable[[], Obstacle]]]:
        row, title = self.standing.presence.get((name, day)), self.words.title("Instructor", name)
        if not row:
            yield WHOLE_DAY, partial(self.words.say, "absent", title, day)
            return
        midnight = grid.at(day, timedelta())
        if row.present_from is not None:
            first = grid.at(day, row.present_from)
            yield bits(midnight, first, day), partial(self.words.say, "from", title, first)
        if row.present_until is not None:
            last = grid.at(day, row.present_until)
            yield bits(last, midnight + timedelta(days=1), day), partial(self.words.say, "until", title, last)
        if row.maximum_conversations:
            number = self._number_of(name, day)
            if number >= row.maximum_conversations:
                yield WHOLE_DAY, partial(self.words.say, "maximum", title, number, day)

    def _number_of(self, name: str, day: date) -> int:
        there = self.standing.conversations_of(name, day) - self._without
        beside = [one for one, start in self._beside if name in one.instructors and start.date() == day]
        return len(there) + len(beside)

    def _of_room(self, instructors: tuple[str, ...], day: date) -> Masks:
        """The times at which the room is another's, besides those of the instructors' own conversations."""
        room = self.standing.place(instructors, day, self.one.mode)
        if not room:
            return []
        record = ("Room", room)
        blocked = self._blocked([record], day)
        if (room, day) in self.standing.shared:
            # At tables of their own several speak in it at once, but nobody while it is blocked.
            return blocked
        keys = [self.standing.key("Instructor", name) for name in instructors]
        told = {row.reference for key in keys for row in self.taken(key, day)}
        return blocked + [
            (self.standing.bits(row.start, row.end), partial(self.words.of_person, record, row))
            for row in self.taken(self.standing.key(*record), day)
            if row.reference not in told
        ]

    def taken(self, who: str, day: date) -> list[Taken]:
        """The times of a date for which a person or room is claimed, as things would stand."""
        rows = [
            row
            for row in self.standing.taken.get(who, ())
            if row.start.date() == day and row.reference not in self._without
        ]
        for one, start in self._beside:
            if start.date() == day and who in self._keys_of(one, day):
                name = one.booking or one.request or one.offer
                rows.append(Taken(start, start + one.length, "Booking", name, self.evening.name))
        return rows

    def _keys_of(self, one: Conversation, day: date) -> set[str]:
        records = [("Instructor", name) for name in one.instructors] + one.people
        room = self.standing.place(one.instructors, day, one.mode)
        if room and (room, day) not in self.standing.shared:
            records.append(("Room", room))
        return {self.standing.key(*record) for record in records}

    def _blocked(self, concerned: Iterable[tuple[str, str | None]], day: date) -> Masks:
        return [
            (bits(row.from_time, row.to_time, day), partial(self.words.of_block, row))
            for who in concerned
            for row in self.standing.blocks_of.get(who, ())
        ]
