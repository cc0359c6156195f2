"""All evenings one household could have while everyone else stays where they are, cheapest first.

A depth-first search in order of time: each conversation added costs its gap, so the cost so far is a
bound and dear evenings are cut off early.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from .grid import Grid
from .score import Score
from .state import State

NODES = 4000
TRIES = 30  # evenings tried when others would have to make room
OTHERS = 3  # households that may have to make room for one


class Evenings:
    """Search for evenings of one household that cost at most `limit` units.

    The household must have been removed from `state`. `found` holds (cost, {conversation: cell}).
    `usable` says whether a conversation may be put at a cell; without it, if the cell is free.
    """

    def __init__(
        self,
        grid: Grid,
        score: Score,
        state: State,
        household: int,
        limit: int,
        *,
        keep_all: bool,
        usable: Callable[[int, int], bool] | None = None,
    ):
        self.grid, self.score, self.state = grid, score, state
        members = grid.of_household[household]
        self.limit, self.keep_all = limit, keep_all
        self.nodes = 0
        self.found: list[tuple[int, dict[int, int]]] = []
        self.pinned = {index for index in members if grid.conversations[index].pinned is not None}
        usable = usable or state.free
        self.open = {
            index: [cell for cell in grid.options[index] if index in self.pinned or usable(index, cell)]
            for index in members
        }
        # what cannot be placed is paid for at once, so that its weight does not hide other costs
        self.lost = [index for index in members if not self.open[index]]
        cost = sum(score.unplaced[index] for index in self.lost)
        self._extend([], frozenset(members) - frozenset(self.lost), cost)

    def _extend(self, evening: list[tuple[int, int]], rest: frozenset[int], cost: int) -> None:
        """Add each remaining conversation after the last one; then close the evening here."""
        self.nodes += 1
        if self.nodes > NODES or cost > self.limit:
            return
        if not self.pinned & rest:
            self._close(evening, rest, cost)
        for index in sorted(rest):
            for cell in self.open[index]:
                if evening and cell <= evening[-1][0]:
                    continue
                added = self._added(evening, index, cell)
                if added is not None and cost + added <= self.limit:
                    self._extend([*evening, (cell, index)], rest - {index}, cost + added)

    def _added(self, evening: list[tuple[int, int]], index: int, cell: int) -> int | None:
        """What a conversation adds to the cost as the next one, or None if rule 2 or 4 forbids it."""
        grid, score = self.grid, self.score
        own = score.start_cost(index, cell)
        if not evening:
            return own
        last_cell, last = evening[-1]
        date = grid.date_of[cell]
        if grid.date_of[last_cell] != date:
            return own + score.date
        gap = grid.starts[cell] - grid.end(last, last_cell)
        if gap < 0 or (gap < grid.required(last, index, date) and not grid.both_pinned(last, index)):
            return None
        return own + score.waiting_minute * max(0, gap - grid.gap_needed(last, index, date))

    def _close(self, evening: list[tuple[int, int]], rest: frozenset[int], cost: int) -> None:
        total = cost + sum(self.score.unplaced[index] for index in rest)
        if not evening:
            total += self.score.nothing
        if total > self.limit:
            return
        if not self.keep_all:
            self.limit = total - 1
            self.found.clear()
        starts = dict.fromkeys([*rest, *self.lost], -1)
        starts.update((index, cell) for cell, index in evening)
        self.found.append((total, starts))


def improve_household(grid: Grid, score: Score, state: State, household: int) -> bool:
    """Give a household its cheapest evening among what is free now; False if it already has it."""
    members = grid.of_household[household]
    now = score.household(members, state.start)
    if now == 0:
        return False
    before = take_away(state, members)
    search = Evenings(grid, score, state, household, now - 1, keep_all=False)
    put_back(state, before)
    return bool(search.found) and state.replace(search.found[0][1])


def take_away(state: State, conversations: Iterable[int]) -> dict[int, int]:
    """Remove conversations from a schedule; the answer is where they were."""
    return {index: state.remove(index) for index in conversations}


def put_back(state: State, starts: dict[int, int]) -> None:
    """Place conversations that are not in the schedule now; -1 stays out."""
    for index, cell in starts.items():
        if cell >= 0:
            state.place(index, cell)


class Eviction:
    """A household takes an evening it likes better, and whoever is in the way finds another one."""

    def __init__(self, grid: Grid, score: Score, state: State, costs: list[int]):
        self.grid, self.score, self.state, self.costs = grid, score, state, costs

    def improve(self, household: int, chance: random.Random) -> bool:
        """Try it for one household; the schedule is changed only if the sum of all costs falls."""
        grid, state = self.grid, self.state
        before = take_away(state, grid.of_household[household])
        search = Evenings(
            grid,
            self.score,
            state,
            household,
            self.costs[household] - 1,
            keep_all=True,
            usable=self._movable,
        )
        order = sorted(search.found, key=lambda each: (each[0], chance.random()))
        if any(self._take(household, cost, starts) for cost, starts in order[:TRIES]):
            return True
        put_back(state, before)
        return False

    def _movable(self, index: int, cell: int) -> bool:
        blockers = self.state.blockers(index, cell)
        return len(blockers) <= 1 and all(self.grid.conversations[each].pinned is None for each in blockers)

    def _take(self, household: int, cost: int, starts: dict[int, int]) -> bool:
        grid, state = self.grid, self.state
        blockers = [state.blockers(index, cell) for index, cell in starts.items() if cell >= 0]
        others = sorted({grid.household[each] for group in blockers for each in group})
        if household in others or len(others) > OTHERS:
            return False
        before = take_away(state, [index for each in others for index in grid.of_household[each]])
        put_back(state, starts)
        gain = self.costs[household] - cost
        changed = {household: cost}
        placed = list(starts)
        good = state.household_ok(household)
        for other in others if good else ():
            search = Evenings(grid, self.score, state, other, self.costs[other] + gain - 1, keep_all=False)
            if not search.found:
                good = False
                break
            changed[other], found = search.found[0]
            put_back(state, found)
            placed += found
            gain -= changed[other] - self.costs[other]
        if good and all(state.household_ok(each) for each in changed):
            for each, new in changed.items():
                self.costs[each] = new
            return True
        take_away(state, placed)
        put_back(state, before)
        return False
