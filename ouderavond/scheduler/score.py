"""The solver's arithmetic: both objectives in whole units, household by household.

The families' objective is a sum over households and the instructors' a sum over instructors, so that
a local change is scored locally. One point of a weight is `scale` units; whole numbers keep sums exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property

from .grid import Grid
from .schedule import Criteria

RANK_TENTHS = {1: 10, 2: 8}
LATER_RANK_TENTHS = 6
TIES = 0.4


class Score:
    """Weights in units and the cost of evenings. Starts are cells; -1 means not placed."""

    def __init__(self, grid: Grid):
        self.grid = grid
        problem = grid.problem
        weights, slot = problem.weights, problem.slot_minutes
        self.scale = 10_000 * slot

        def units(weight: float) -> int:
            return round(weight * 1000) * 10 * slot

        self.unplaced = [
            units(weights.must if item.priority == "must" else weights.wanted)
            // 10
            * RANK_TENTHS.get(item.rank, LATER_RANK_TENTHS)
            * item.slots
            for item in problem.conversations
        ]
        self.nothing = units(weights.nothing)
        self.moved = units(weights.moved)
        self.date = units(weights.date)
        self.preference = units(weights.preference)
        self.waiting_minute = units(weights.waiting) // slot
        self.break_ = units(weights.break_)
        self.instructor_minute = units(weights.instructor_waiting) // slot
        self.previous = [
            None if item.previous is None else grid.cell_at.get(item.previous, -1)
            for item in problem.conversations
        ]

    @cached_property
    def tie(self) -> float:
        """A fraction of a step, in points, for each planned conversation that loses its place.

        Of equally good schedules the search takes the one that keeps more; all together they stay
        below `TIES` of a step, so that this never outweighs anything.
        """
        planned = sum(cell is not None for cell in self.previous)
        return TIES * self.step / self.scale / planned if planned else 0.0

    def lost(self, conversation: int) -> float:
        """What leaving a conversation out costs in the search, in points."""
        tie = 0.0 if self.previous[conversation] is None else self.tie
        return self.unplaced[conversation] / self.scale + tie

    def lost_weight(self, start: list[int]) -> int:
        """What all conversations without a place weigh, in units."""
        return sum(weight for weight, cell in zip(self.unplaced, start, strict=True) if cell < 0)

    def rank(self, start: list[int]) -> tuple[int, int]:
        """How good a schedule is: the families' objective, then planned conversations without a place."""
        lost = sum(cell < 0 and self.previous[index] is not None for index, cell in enumerate(start))
        return self.families(start), lost

    @cached_property
    def minute_step(self) -> int:
        """A number of minutes of which every waiting time is a multiple."""
        problem = self.grid.problem
        minutes = [problem.slot_minutes, problem.pause_minutes, problem.walking_minutes]
        minutes += [problem.travel_minutes, *problem.walking.values()]
        for day in problem.dates:
            minutes += [start - day.starts[0] for start in day.starts]
        return math.gcd(*minutes)

    @cached_property
    def step(self) -> int:
        """The families' objective moves in steps of this many units; 1 if all weights are 0."""
        problem = self.grid.problem
        units = [round(weight * 1000) * problem.slot_minutes for weight in (problem.weights.must,)]
        units += [round(problem.weights.wanted * 1000) * problem.slot_minutes]
        terms = [unit * tenths for unit in units for tenths in (10, 8, 6)]
        terms += [self.nothing, self.moved, self.date, self.preference]
        terms.append(self.waiting_minute * self.minute_step)
        return math.gcd(*terms) or 1

    def start_cost(self, conversation: int, cell: int) -> int:
        """What placing a conversation at a cell costs by itself: moved and preference."""
        cost = 0
        previous = self.previous[conversation]
        if previous is not None and previous != cell:
            cost += self.moved
        if self.grid.misses_preference(conversation, cell):
            cost += self.preference
        return cost

    def evening(self, evening: list[tuple[int, int]]) -> int:
        """Waiting minutes in a household's sorted (cell, conversation) of one date."""
        grid, total = self.grid, 0
        for (cell, one), (following, other) in zip(evening, evening[1:], strict=False):
            gap = grid.starts[following] - grid.end(one, cell)
            total += max(0, gap - grid.gap_needed(one, other, grid.date_of[cell]))
        return total

    def household(self, conversations: Iterable[int], start: Mapping[int, int] | list[int]) -> int:
        """The families' objective of one household, in units."""
        cost, evenings, asked = 0, {}, False
        for index in conversations:
            asked = True
            cell = start[index]
            if cell < 0:
                cost += self.unplaced[index]
            else:
                cost += self.start_cost(index, cell)
                evenings.setdefault(self.grid.date_of[cell], []).append((cell, index))
        if not evenings:
            return cost + (self.nothing if asked else 0)
        for evening in evenings.values():
            evening.sort()
            cost += self.waiting_minute * self.evening(evening)
        return cost + self.date * (len(evenings) - 1)

    def families(self, start: list[int]) -> int:
        """The families' objective of a whole schedule, in units."""
        return sum(self.household(members, start) for members in self.grid.of_household)

    def placement(self, start: list[int]) -> int:
        """The part of the families' objective that is about placement: unplaced, nothing and moved."""
        cost = 0
        for members in self.grid.of_household:
            for index in members:
                previous = self.previous[index]
                if start[index] < 0:
                    cost += self.unplaced[index]
                elif previous is not None and previous != start[index]:
                    cost += self.moved
            if members and all(start[index] < 0 for index in members):
                cost += self.nothing
        return cost

    def instructor(self, instructor: int, start: list[int]) -> tuple[int, int]:
        """Breaks missed and idle minutes of an instructor."""
        grid = self.grid
        evenings: dict[int, list[tuple[int, int]]] = {}
        for index in grid.of_instructor[instructor]:
            if start[index] >= 0:
                evenings.setdefault(grid.date_of[start[index]], []).append((start[index], index))
        missed = minutes = 0
        for evening in evenings.values():
            evening.sort()
            one, other = self._instructor_evening(instructor, evening)
            missed, minutes = missed + one, minutes + other
        return missed, minutes

    def _instructor_evening(self, instructor: int, evening: list[tuple[int, int]]) -> tuple[int, int]:
        grid = self.grid
        problem, person = grid.problem, grid.problem.instructors[instructor]
        rule, run, missed, minutes = person.break_, 1, 0, 0
        for (cell, one), (following, _) in zip(evening, evening[1:], strict=False):
            begin, end = grid.end(one, cell), grid.starts[following]
            gap = end - begin - problem.pause_minutes
            idle = max(0, gap - _covered(person.unavailable, begin, end)) if gap > 0 else 0
            if rule is not None and gap >= problem.duration(rule.slots):
                if run >= rule.after:
                    idle -= min(idle, rule.slots * grid.spacing)
                missed += run > rule.after
                run = 0
            run += 1
            minutes += idle
        return missed + (rule is not None and run > rule.after), minutes

    def instructor_cost(self, instructor: int, start: list[int]) -> int:
        """The instructors' objective of one instructor, in units."""
        missed, minutes = self.instructor(instructor, start)
        return missed * self.break_ + minutes * self.instructor_minute

    def criteria(self, start: list[int]) -> Criteria:
        """The criteria of a whole schedule."""
        grid = self.grid
        lost = [index for index, cell in enumerate(start) if cell < 0]
        must = sum(grid.conversations[index].priority == "must" for index in lost)
        extra = waiting = 0
        for members in grid.of_household:
            evenings: dict[int, list[tuple[int, int]]] = {}
            for index in members:
                if start[index] >= 0:
                    evenings.setdefault(grid.date_of[start[index]], []).append((start[index], index))
            extra += max(0, len(evenings) - 1)
            waiting += sum(self.evening(sorted(evening)) for evening in evenings.values())
        sides = [self.instructor(index, start) for index in range(len(grid.problem.instructors))]
        kept = [index for index, cell in enumerate(start) if cell >= 0]
        return Criteria(
            must_unplaced=must,
            wanted_unplaced=len(lost) - must,
            households_with_nothing=sum(
                bool(members) and all(start[index] < 0 for index in members) for members in grid.of_household
            ),
            moved=sum(self.previous[index] not in (None, start[index]) for index in kept),
            extra_dates=extra,
            waiting_minutes=waiting,
            preferences_missed=sum(grid.misses_preference(index, start[index]) for index in kept),
            breaks_missed=sum(missed for missed, _ in sides),
            instructor_waiting_minutes=sum(minutes for _, minutes in sides),
        )


def _covered(intervals: Iterable[tuple[int, int]], begin: int, end: int) -> int:
    """Minutes of [begin, end) that lie in at least one interval."""
    total, position = 0, begin
    for start, stop in sorted(intervals):
        total += max(0, min(stop, end) - max(start, position))
        position = max(position, min(stop, end))
    return total
