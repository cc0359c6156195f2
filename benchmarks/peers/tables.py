"""What all peers share: the problem as numbers, who keeps whom busy, and what a household's evening costs.

Written from the public problem format alone, so that the engine's insides are free to change. A *cell* is
one start of one date, numbered through all dates; conversations and households are numbers too. One point
of a weight is `scale` units.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ouderavond.scheduler.problem import Conversation, Interval, Problem

RANK_TENTHS = {1: 10, 2: 8}
LATER_RANK_TENTHS = 6

Evening = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Answer:
    """What a peer found: the start minute of each placed conversation, and a bound if it proves one."""

    starts: dict[str, int]
    bound: float | None = None


class Deadline:
    """The end of a peer's time, counted from when it is made."""

    def __init__(self, seconds: float):
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.end - time.monotonic())

    def over(self) -> bool:
        """Is the time used up?"""
        return time.monotonic() >= self.end


class Tables:
    """The numbers of a problem. `options[c]` are the cells conversation c may have: the pin if it has one."""

    def __init__(self, problem: Problem):
        self.problem = problem
        self.conversations = problem.conversations
        self.starts = [start for day in problem.dates for start in day.starts]
        self.date_of = [number for number, day in enumerate(problem.dates) for _ in day.starts]
        self.cell_at = {start: cell for cell, start in enumerate(self.starts)}
        self.middle = [day.starts[len(day.starts) // 2] if day.starts else 0 for day in problem.dates]
        self.slots = [item.slots for item in self.conversations]
        self.duration = [problem.duration(item.slots) for item in self.conversations]
        number = {item.id: index for index, item in enumerate(problem.households)}
        self.household = [number[item.household] for item in self.conversations]
        self.members: list[list[int]] = [[] for _ in problem.households]
        self.of_instructor: dict[str, list[int]] = {item.id: [] for item in problem.instructors}
        for index, item in enumerate(self.conversations):
            self.members[self.household[index]].append(index)
            for name in item.instructors:
                self.of_instructor[name].append(index)
        self.pinned = [item.pinned is not None for item in self.conversations]
        self.options = [self._options(index) for index in range(len(self.conversations))]
        self.apart: list[dict[int, int]] = [{} for _ in problem.households]
        for one, household in enumerate(problem.households):
            for item in household.apart:
                other = number[item.household]
                minutes = max(item.minutes, self.apart[one].get(other, 0))
                self.apart[one][other] = self.apart[other][one] = minutes
        self._resources()
        self._weights()

    # -- places

    def _options(self, index: int) -> tuple[int, ...]:
        item = self.conversations[index]
        if item.pinned is not None:
            return (self.cell_at[item.pinned],)
        busy = [pair for intervals in calendars(self.problem, item) for pair in intervals]
        return tuple(
            cell
            for cell, start in enumerate(self.starts)
            if self._fits_grid(cell, item.slots)
            and not any(start < stop and begin < self.end(index, cell) for begin, stop in busy)
        )

    def _fits_grid(self, cell: int, slots: int) -> bool:
        spacing = self.problem.slot_minutes + self.problem.pause_minutes
        return all(
            self.cell_at.get(self.starts[cell] + more * spacing) == cell + more
            and self.date_of[cell + more] == self.date_of[cell]
            for more in range(slots)
        )

    def end(self, index: int, cell: int) -> int:
        """The minute at which a conversation placed at a cell ends."""
        return self.starts[cell] + self.duration[index]

    def _resources(self) -> None:
        """Number who and what a conversation keeps busy, per date: rule 2."""
        problem, numbers = self.problem, {}
        owned = {item.household for item in problem.instructors if item.household is not None}
        self.resources: list[list[list[int]]] = []
        for item in self.conversations:
            names = {("household", item.household)}
            names |= {("own", item.household)} if item.household in owned else set()
            if item.student_attends:
                names.add(("student", item.student))
            for instructor in (problem.instructor[name] for name in item.instructors):
                names.add(("instructor", instructor.id))
                if instructor.household is not None:
                    names.add(("own", instructor.household))
            by_date = []
            for number in range(len(problem.dates)):
                room = self.room(item, number)
                more = {("room", room)} if room is not None and not problem.room[room].shared else set()
                by_date.append([numbers.setdefault(name, len(numbers)) for name in sorted(names | more)])
            self.resources.append(by_date)

    def room(self, item: Conversation, date: int) -> str | None:
        """The room of a conversation on a date."""
        return self.problem.instructor[item.instructors[0]].rooms.get(self.problem.dates[date].date)

    def keys(self, index: int, cell: int) -> list[int]:
        """Resource and cell, as one number each, that a conversation keeps busy when placed at a cell."""
        width = len(self.starts)
        return [
            resource * width + each
            for resource in self.resources[index][self.date_of[cell]]
            for each in range(cell, cell + self.slots[index])
        ]

    # -- rule 4 and what an evening costs

    def distance(self, one: int, other: int, date: int) -> int:
        """Minutes that rule 4 asks between two conversations of a household on a date."""
        problem, first, second = self.problem, self.conversations[one], self.conversations[other]
        if first.mode != second.mode:
            return problem.travel_minutes
        here, there = self.room(first, date), self.room(second, date)
        if first.mode == "online" or (here is not None and here == there):
            return 0
        if here is None or there is None:
            return 0 if set(first.instructors) & set(second.instructors) else problem.walking_minutes
        return problem.walking.get((here, there), problem.walking_minutes)

    def both_pinned(self, one: int, other: int) -> bool:
        """Are both pinned, so that rules 4 and 5 give way between them?"""
        return self.pinned[one] and self.pinned[other]

    def required(self, one: int, other: int, date: int) -> int:
        """Minutes to keep between two conversations of a household that follow each other."""
        return 0 if self.both_pinned(one, other) else self.distance(one, other, date)

    def gap(self, one: int, other: int, date: int) -> int:
        """Minutes between two that follow each other that are no waiting."""
        free = max(self.problem.pause_minutes, self.distance(one, other, date))
        if self.both_pinned(one, other):
            (first, early), (second, _) = sorted((self.options[index][0], index) for index in (one, other))
            free = min(free, self.starts[second] - self.end(early, first))
        return free

    def evenings(self, starts: Mapping[int, int], members: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
        """A household's (cell, conversation) per date, in order of time."""
        found: dict[int, list[tuple[int, int]]] = {}
        for cell, index in sorted((starts[index], index) for index in members if index in starts):
            found.setdefault(self.date_of[cell], []).append((cell, index))
        return found

    def keeps_walking(self, evening: Evening) -> bool:
        """Rule 4 on one date."""
        return all(
            self.starts[following] - self.end(one, cell) >= self.required(one, other, self.date_of[cell])
            for (cell, one), (following, other) in pairwise(evening)
        )

    def stay(self, evening: Evening) -> Interval | None:
        """From the first start to the last end of an evening."""
        if not evening:
            return None
        return self.starts[evening[0][0]], max(self.end(index, cell) for cell, index in evening)

    def pins_meet(self, one: int, other: int, date: int) -> bool:
        """Do the pins of two households break rule 5 on a date by themselves, so that it gives way?"""
        stays = []
        for household in (one, other):
            pins = {index: self.options[index][0] for index in self.members[household] if self.pinned[index]}
            stays.append(self.stay(self.evenings(pins, pins).get(date, ())))
        return not separated(*stays, self.apart[one].get(other, 0))

    def _weights(self) -> None:
        problem = self.problem
        weights, slot = problem.weights, problem.slot_minutes

        def units(weight: float) -> int:
            return round(weight * 1000) * 10 * slot

        self.scale = 10_000 * slot
        self.unplaced = [
            units(weights.must if item.priority == "must" else weights.wanted)
            // 10
            * RANK_TENTHS.get(item.rank, LATER_RANK_TENTHS)
            * item.slots
            for item in problem.conversations
        ]
        self.nothing, self.moved, self.date = (
            units(each) for each in (weights.nothing, weights.moved, weights.date)
        )
        self.preference = units(weights.preference)
        self.waiting = units(weights.waiting) // slot

    def place_cost(self, index: int, cell: int) -> int:
        """Moved and preference: what a place costs by itself."""
        item, cost = self.conversations[index], 0
        if item.previous is not None and item.previous != self.starts[cell]:
            cost += self.moved
        late = self.starts[cell] >= self.middle[self.date_of[cell]]
        if item.preference == ("early" if late else "late"):
            cost += self.preference
        return cost

    def cost(self, starts: Mapping[int, int], members: Sequence[int]) -> int:
        """The families' objective of a household's conversations, in units."""
        evenings = self.evenings(starts, members)
        total = sum(
            self.place_cost(index, starts[index]) if index in starts else self.unplaced[index]
            for index in members
        )
        if not evenings:
            return total + (self.nothing if members else 0)
        for date, evening in evenings.items():
            for (cell, one), (following, other) in pairwise(evening):
                wait = self.starts[following] - self.end(one, cell) - self.gap(one, other, date)
                total += self.waiting * max(0, wait)
        return total + self.date * (len(evenings) - 1)

    @cached_property
    def step(self) -> int:
        """A whole number of units of which every possible objective is a multiple."""
        problem = self.problem
        minutes = [problem.slot_minutes, problem.pause_minutes, problem.walking_minutes]
        minutes += [problem.travel_minutes, *problem.walking.values()]
        minutes += [start - day.starts[0] for day in problem.dates for start in day.starts]
        terms = [self.nothing, self.moved, self.date, self.preference, *self.unplaced]
        return math.gcd(self.waiting * math.gcd(*minutes), *terms) or 1

    def answer(self, starts: Mapping[int, int], bound: float | None = None) -> Answer:
        """An answer from cells; a bound is given in units."""
        named = {self.conversations[index].id: self.starts[cell] for index, cell in starts.items()}
        return Answer(named, None if bound is None else bound / self.scale)


def calendars(problem: Problem, item: Conversation) -> Iterable[tuple[Interval, ...]]:
    """The unavailable times that count for a conversation: rule 3."""
    yield item.unavailable
    yield problem.household[item.household].unavailable
    for name in item.instructors:
        yield problem.instructor[name].unavailable
    if item.student_attends:
        yield problem.student[item.student].unavailable


def separated(one: Interval | None, other: Interval | None, minutes: int) -> bool:
    """Do two stays lie at least so many minutes apart?"""
    if one is None or other is None:
        return True
    return other[0] - one[1] >= minutes or one[0] - other[1] >= minutes
