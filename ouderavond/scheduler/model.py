"""The CP-SAT model: one Boolean per conversation and cell, every hard rule, the families' objective.

It solves small schools exactly, where one model is quicker than column generation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import permutations, product
from typing import Any

from .grid import Grid
from .score import Score


class Model:
    """A CP-SAT model of a school, its objective in steps of `score.step` units.

    `full` models dates, waiting and preferences too; without it the objective holds only what is not
    placed and what is moved, which never exceeds the families' objective.
    """

    def __init__(self, grid: Grid, score: Score, *, full: bool):
        from ortools.sat.python import cp_model

        self.cp = cp_model.CpModel()
        self.grid, self.score = grid, score
        self.x: dict[int, dict[int, Any]] = {
            index: self._starts(index) for index in range(len(grid.conversations))
        }
        self.helpers: list[tuple[Any, Callable[[list[int]], int]]] = []
        self.cost: list[Any] = []
        self.weight: list[int] = []
        self._resources()
        for household in range(len(grid.of_household)):
            self._walking(household)
            self._apart(household)
            self._placement_cost(household)
            if full:
                self._evening_cost(household)
        self.objective = sum(w * v for w, v in zip(self.weight, self.cost, strict=True)) + 0
        self.cp.minimize(self.objective)

    # -- decisions and hard rules

    def _starts(self, index: int) -> dict[int, Any]:
        """Booleans for the cells of a conversation; at most one is true."""
        found = {cell: self.cp.new_bool_var(f"x{index}_{cell}") for cell in self.grid.options[index]}
        if self.grid.conversations[index].pinned is not None:
            self.cp.add_exactly_one(found.values())
        elif len(found) > 1:
            self.cp.add_at_most_one(found.values())
        return found

    def _resources(self) -> None:
        """Rule 2: per resource and cell at most one conversation."""
        users: dict[tuple, list[Any]] = defaultdict(list)
        for index, cells in self.x.items():
            for cell, literal in cells.items():
                keys = self.grid.resources[index][self.grid.date_of[cell]]
                for each in self.grid.covered(index, cell):
                    for key in keys:
                        users[key, each].append(literal)
        seen = set()
        for literals in users.values():
            name = tuple(literal.index for literal in literals)
            if len(literals) > 1 and name not in seen:
                seen.add(name)
                self.cp.add_at_most_one(literals)

    def _walking(self, household: int) -> None:
        """Rule 4: the next conversation starts no nearer than the minutes the two need.

        Of all that end at one time at most one is placed, and of all that start at one cell too, so
        conversations that are too near for the same others share one constraint.
        """
        grid = self.grid
        members = [index for index in grid.of_household[household] if self.x[index]]
        together: dict[tuple, list[Any]] = defaultdict(list)
        for one in members:
            for cell, literal in self.x[one].items():
                for following, others in self._too_near(members, one, cell).items():
                    between = self._between(members, one, cell, following)
                    for other in others if between else ():
                        start = self.x[other][following]
                        self.cp.add_bool_or([literal.negated(), start.negated(), *between])
                    if not between:
                        together[grid.end(one, cell), following, tuple(others)].append(literal)
        for (_, following, others), literals in together.items():
            self.cp.add_at_most_one(literals + [self.x[other][following] for other in others])

    def _too_near(self, members: list[int], one: int, cell: int) -> dict[int, list[int]]:
        """Per cell the household's other conversations that would start too soon after one at `cell`."""
        grid, near = self.grid, defaultdict(list)
        date, end = grid.date_of[cell], grid.end(one, cell)
        for other in members:
            if other == one or grid.both_pinned(one, other):
                continue
            needed = grid.required(one, other, date)
            following = cell + grid.slots[one]
            while following < grid.first_cell[date + 1] and grid.starts[following] - end < needed:
                if following in self.x[other]:
                    near[following].append(other)
                following += 1
        return near

    def _between(self, members: list[int], one: int, cell: int, following: int) -> list[Any]:
        """Starts of third conversations that fit in between, so that the two are not consecutive.

        Only a walking matrix in which a detour is shorter makes any difference here.
        """
        grid, found = self.grid, []
        end, begin, date = grid.end(one, cell), grid.starts[following], grid.date_of[cell]
        if begin - end < grid.problem.slot_minutes:
            return found
        for third in members:
            if third == one:
                continue
            before = self._unless_pinned(one, third, date)
            for place, literal in self.x[third].items():
                if grid.starts[place] - end >= before and grid.end(third, place) <= begin:
                    found.append(literal)
        return found

    def _unless_pinned(self, one: int, other: int, date: int) -> int:
        return 0 if self.grid.both_pinned(one, other) else self.grid.required(one, other, date)

    def _apart(self, household: int) -> None:
        """Rule 5: per date one of two households has left before the other comes."""
        for other, minutes in self.grid.apart[household].items():
            if other < household:
                continue
            for date in self.grid.dates:
                if not self.grid.pins_break_apart(household, other, date):
                    self._one_after_other(household, other, minutes, date)

    def _one_after_other(self, household: int, other: int, minutes: int, date: int) -> None:
        first = self.cp.new_bool_var("")
        self.helpers.append((first, self._comes_first(household, other, date)))
        theirs = self._stays(other, date).values()
        places = [place for options in self._stays(household, date).values() for place in options]
        for (mine, start, end), options in product(places, theirs):
            self._exclude(mine, first, [v for v, begin, _ in options if begin - end < minutes])
            self._exclude(mine, first.negated(), [v for v, _, stop in options if start - stop < minutes])

    def _exclude(self, mine: Any, order: Any, others: list[Any]) -> None:
        """Not together: a start of ours, an order of the stays, and one of these starts of a conversation."""
        if others:
            self.cp.add(mine + order + sum(others) <= 2)

    def _comes_first(self, household: int, other: int, date: int) -> Callable[[list[int]], bool]:
        def known(start: list[int]) -> bool:
            ours, theirs = (
                [start[index] for index in self.grid.of_household[each] if start[index] in cells]
                for each in (household, other)
            )
            return not theirs or bool(ours) and min(ours) < min(theirs)

        cells = self.grid.cells(date)
        return known

    def _stays(self, household: int, date: int) -> dict[int, list[tuple[Any, int, int]]]:
        """Per conversation of a household its places on a date: literal, start and end."""
        grid, cells = self.grid, self.grid.cells(date)
        return {
            index: [
                (literal, grid.starts[cell], grid.end(index, cell))
                for cell, literal in self.x[index].items()
                if cell in cells
            ]
            for index in grid.of_household[household]
        }

    # -- the families' objective

    def _charge(self, weight: int, variable: Any) -> None:
        if weight:
            self.weight.append(weight // self.score.step)
            self.cost.append(variable)

    def _placement_cost(self, household: int) -> None:
        grid, score = self.grid, self.score
        members = grid.of_household[household]
        if not members:
            return
        for index in members:
            self._charge(score.unplaced[index], 1 - sum(self.x[index].values()))
            previous = score.previous[index]
            if previous is not None:
                self._charge(score.moved, sum(v for cell, v in self.x[index].items() if cell != previous))
        nothing = self.cp.new_bool_var("")
        self.cp.add_bool_or([nothing, *(v for index in members for v in self.x[index].values())])
        self.helpers.append((nothing, lambda start: all(start[index] < 0 for index in members)))
        self._charge(score.nothing, nothing)

    def _evening_cost(self, household: int) -> None:
        grid, score = self.grid, self.score
        members = [index for index in grid.of_household[household] if self.x[index]]
        for index in members:
            missed = [v for cell, v in self.x[index].items() if grid.misses_preference(index, cell)]
            self._charge(score.preference, sum(missed))
        if len(members) < 2:
            return
        comes = [self._date_cost(date, members) for date in grid.dates]
        comes = [each for each in comes if each is not None]
        if len(comes) > 1 and score.date:
            got = self.cp.new_bool_var("")
            self.cp.add_bool_or([got.negated(), *comes])
            self.helpers.append((got, lambda start: any(start[index] >= 0 for index in members)))
            self._charge(score.date, sum(comes) - got)

    def _date_cost(self, date: int, members: list[int]) -> Any:
        """Charge a household's waiting on a date; returns whether it comes then (None: it never can)."""
        grid = self.grid
        here = {
            index: {cell: v for cell, v in self.x[index].items() if grid.date_of[cell] == date}
            for index in members
        }
        here = {index: cells for index, cells in here.items() if cells}
        if not here:
            return None
        comes = self.cp.new_bool_var("")
        for cells in here.values():
            for literal in cells.values():
                self.cp.add_implication(literal, comes)
        cells = grid.cells(date)
        self.helpers.append((comes, lambda start: any(start[index] in cells for index in here)))
        if len(here) > 1 and self.score.waiting_minute:
            self._waiting_cost(date, here, comes)
        return comes

    def _waiting_cost(self, date: int, here: dict[int, dict[int, Any]], comes: Any) -> None:
        """Waiting = from first start to last end, less the conversations, less what each gap needs.

        All times are in steps of `minute_step`. Every gap needs at least the least that any pair
        needs; the rest is credited to a pair that follows each other.
        """
        grid, unit = self.grid, self.score.minute_step
        base = min(grid.starts[cell] for cells in here.values() for cell in cells)
        length = (max(grid.end(i, cell) for i, cells in here.items() for cell in cells) - base) // unit
        first, last = (self.cp.new_int_var(0, length, name) for name in ("first", "last"))
        self.cp.add(first <= last)
        self.helpers.append((first, lambda start: min(self._times(here, start, date, base)[0])))
        self.helpers.append((last, lambda start: max(self._times(here, start, date, base)[1])))
        taken = []
        need = {(one, other): grid.gap_needed(one, other, date) for one, other in permutations(here, 2)}
        least = min(need.values())
        for index, cells in here.items():
            ends = [(grid.end(index, cell) - base) // unit * v for cell, v in cells.items()]
            starts = [(length - (grid.starts[cell] - base) // unit) * v for cell, v in cells.items()]
            self.cp.add(last >= sum(ends))
            self.cp.add(first <= length - sum(starts))
            taken += [(grid.duration[index] + least) // unit * v for v in cells.values()]
        credit = [
            (minutes - least) // unit * self._follows(one, other, here)
            for (one, other), minutes in need.items()
            if minutes > least
        ]
        waiting = last - first - sum(taken) + least // unit * comes - sum(credit)
        self._charge(self.score.waiting_minute * unit, waiting)

    def _times(
        self, here: Iterable[int], start: list[int], date: int, base: int
    ) -> tuple[list[int], list[int]]:
        """Starts and ends of a schedule on a date, in steps from `base`; 0 if there are none."""
        grid, unit, cells = self.grid, self.score.minute_step, self.grid.cells(date)
        placed = [(index, start[index]) for index in here if start[index] in cells]
        starts = [(grid.starts[cell] - base) // unit for _, cell in placed]
        ends = [(grid.end(index, cell) - base) // unit for index, cell in placed]
        return starts or [0], ends or [0]

    def _follows(self, one: int, other: int, here: dict[int, dict[int, Any]]) -> Any:
        """A Boolean that may be true only if `other` is the household's next conversation after `one`."""
        cp = self.cp
        follows = cp.new_bool_var("")
        self.helpers.append((follows, lambda start: self._is_next(one, other, here, start)))
        cp.add_bool_or([follows.negated(), *here[one].values()])
        cp.add_bool_or([follows.negated(), *here[other].values()])
        for cell, literal in here[one].items():
            early = [v for c, v in here[other].items() if c < cell]
            if early:
                cp.add(sum(early) + literal + follows <= 2)
        for third in here:
            if third in (one, other):
                continue
            for cell, literal in here[third].items():
                before = [v for c, v in here[one].items() if c < cell]
                after = [v for c, v in here[other].items() if c > cell]
                if before and after:
                    cp.add(sum(before) + sum(after) + literal + follows <= 3)
        return follows

    def _is_next(self, one: int, other: int, here: Iterable[int], start: list[int]) -> bool:
        """Does `other` follow `one` on their date in a schedule, with no other between?"""
        grid = self.grid
        if min(start[one], start[other]) < 0 or grid.date_of[start[one]] != grid.date_of[start[other]]:
            return False
        return start[one] < start[other] and not any(start[one] < start[i] < start[other] for i in here)

    def unplaced(self, conversations: Iterable[int]) -> Any:
        """How many of these conversations have no place, as an expression."""
        return sum(1 - sum(self.x[index].values()) for index in conversations)

    def moved(self) -> Any:
        """How many conversations start elsewhere than before, as an expression."""
        previous = self.score.previous
        return sum(
            literal
            for index, cells in self.x.items()
            for cell, literal in cells.items()
            if previous[index] not in (None, cell)
        )

    def hint(self, start: list[int]) -> None:
        """Tell the solver where it may begin: a complete schedule."""
        self.cp.clear_hints()
        for index, cells in self.x.items():
            for cell, literal in cells.items():
                self.cp.add_hint(literal, start[index] == cell)
        for variable, value in self.helpers:
            self.cp.add_hint(variable, value(start))

    def starts(self, value: Any) -> dict[int, int]:
        """The cells of a solution; `value` gives a literal's truth."""
        return {
            index: next((cell for cell, literal in cells.items() if value(literal)), -1)
            for index, cells in self.x.items()
        }
