"""All evenings one household could have while everyone else stays where they are, cheapest first.

A depth-first search in order of time: each conversation added costs its gap, so the cost so far is a
bound and dear evenings are cut off early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .grid import Grid
from .score import Score
from .state import State

NODES = 4000


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


def take_away(state: State, conversations: Iterable[int]) -> dict[int, int]:
    """Remove conversations from a schedule; the answer is where they were."""
    return {index: state.remove(index) for index in conversations}


def put_back(state: State, starts: dict[int, int]) -> None:
    """Place conversations that are not in the schedule now; -1 stays out."""
    for index, cell in starts.items():
        if cell >= 0:
            state.place(index, cell)
