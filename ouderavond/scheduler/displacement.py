"""What would have to give way for a conversation without a place, if nothing else moves.

The search is exact. Whatever overlaps the conversation goes (rule 2). Of everybody whose evening that
touches the heaviest conversations stay that keep rules 4 and 5 together. Pinned ones never go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .grid import Grid
from .score import Score
from .state import State

Entry = tuple[int, int]  # a cell and the conversation placed there


@dataclass(frozen=True)
class Loss:
    """Conversations that go, and their weight in units with that of households left with nothing."""

    units: int = 0
    gone: frozenset[int] = frozenset()

    def __add__(self, other: Loss) -> Loss:
        return Loss(self.units + other.units, self.gone | other.gone)

    @property
    def order(self) -> tuple[int, int, list[int]]:
        """Light before heavy, then few before many."""
        return self.units, len(self.gone), sorted(self.gone)


@dataclass(frozen=True)
class Displacement:
    """A cell for a conversation, who goes for it, and the weight of all that is lost by it in units."""

    cell: int
    units: int
    gone: frozenset[int]


def displacements(grid: Grid, score: Score, state: State, index: int) -> list[Displacement]:
    """Per start the least that would have to go; without the starts that pinned conversations close."""
    found = []
    for cell in grid.static[index]:
        loss = _Evenings(grid, score, state, index, cell).loss()
        if loss is not None:
            previous = score.previous[index]
            moved = score.moved if previous not in (None, cell) else 0
            found.append(Displacement(cell, loss.units + moved, loss.gone))
    return found


def own_weight(grid: Grid, score: Score, state: State, index: int) -> int:
    """What the families' objective loses as long as a conversation has no place, in units."""
    own = grid.of_household[grid.household[index]]
    alone = all(state.start[other] < 0 for other in own)
    return score.unplaced[index] + (score.nothing if alone else 0)


def left_with_nothing(grid: Grid, state: State, index: int, gone: frozenset[int]) -> int:
    """How many other households would have no conversation at all without those that go."""
    return sum(
        all(state.start[other] < 0 or other in gone for other in grid.of_household[household])
        for household in {grid.household[other] for other in gone} - {grid.household[index]}
    )


class _Evenings:
    """The evenings around one conversation at one cell; `loss` is the cheapest way to make room."""

    def __init__(self, grid: Grid, score: Score, state: State, index: int, cell: int):
        self.grid, self.score, self.state = grid, score, state
        self.index, self.cell = index, cell
        self.household, self.date = grid.household[index], grid.date_of[cell]
        self.out = state.blockers(index, cell)

    def loss(self) -> Loss | None:
        """The least loss with which every rule is kept; None if a pinned conversation is in the way."""
        if any(self._pinned(other) for other in self.out):
            return None
        neighbours = self._neighbours()
        others = {self.grid.household[other] for other in self.out} - {self.household, *neighbours}
        fixed = [self._rest(household, lambda _: True) for household in sorted(others)]
        if any(each is None for each in fixed):
            return None
        loss = _least(self._own(neighbours))
        return None if loss is None else sum(fixed, loss)

    def _pinned(self, index: int) -> bool:
        return self.grid.conversations[index].pinned is not None

    def _neighbours(self) -> dict[int, int]:
        """The households to be kept apart from on this date, with the minutes."""
        return {
            other: minutes
            for other, minutes in self.grid.apart[self.household].items()
            if self.state.evening(other, self.date)
            and not self.grid.pins_break_apart(self.household, other, self.date)
        }

    def _own(self, neighbours: dict[int, int]) -> Iterator[Loss]:
        """Losses per first start and last end that the household's stay could have."""
        rest = [pair for pair in self.state.evening(self.household, self.date) if pair[1] not in self.out]
        here = (self.cell, self.index)
        lost = Loss(*self._weigh(other for other in self.out if self.grid.household[other] == self.household))
        before = list(self._outward(here, [pair for pair in reversed(rest) if pair < here]))
        after = list(self._outward(here, [pair for pair in rest if pair > here]))
        if not neighbours:
            before, after = _only_least(before), _only_least(after)
        for first, early in before:
            for last, late in after:
                stays = [
                    self._other_side(each, first[0], last, minutes) for each, minutes in neighbours.items()
                ]
                if None not in stays:
                    yield sum(stays, lost + early + late)

    def _other_side(self, household: int, first: int, last: Entry, minutes: int) -> Loss | None:
        """The least that another household loses to stay apart from a stay."""
        grid = self.grid
        begin, end = grid.starts[first] - minutes, grid.end(last[1], last[0]) + minutes
        return _least(
            loss
            for loss in (
                self._rest(household, lambda pair: grid.end(pair[1], pair[0]) <= begin),
                self._rest(household, lambda pair: grid.starts[pair[0]] >= end),
            )
            if loss is not None
        )

    def _rest(self, household: int, allowed: Callable[[Entry], bool]) -> Loss | None:
        """The least that another household loses if only what is allowed, and does not go, may stay."""
        evening = self.state.evening(household, self.date)
        stay = [pair for pair in evening if pair[1] not in self.out and allowed(pair)]
        kept = {index for _, index in stay}
        lost = [index for _, index in evening if index not in kept]
        if any(self._pinned(index) for index in lost):
            return None
        loss = Loss(*self._weigh(lost))
        elsewhere = any(
            self.state.start[index] >= 0 and self.grid.date_of[self.state.start[index]] != self.date
            for index in self.grid.of_household[household]
        )
        nothing = Loss() if elsewhere else Loss(self.score.nothing)
        return _least(
            loss + more + (nothing if far is None else Loss()) for far, more in self._outward(None, stay)
        )

    def _outward(self, anchor: Entry | None, entries: list[Entry]) -> Iterator[tuple[Entry | None, Loss]]:
        """Ways to thin out an evening on one side of `anchor`, nearest entry first.

        Yields the farthest entry that stays (the anchor if none does) with the least loss; what stays
        keeps rule 4 from one to the next.
        """
        kept: list[tuple[int, Entry | None, Loss]] = [(0, anchor, Loss())]
        for position, entry in enumerate(entries):
            loss = _least(
                known + Loss(*self._weigh(other for _, other in entries[following:position]))
                for following, near, known in kept
                if self._may_go(entries[following:position]) and self._walks(near, entry)
            )
            if loss is not None:
                kept.append((position + 1, entry, loss))
        for following, far, loss in kept:
            if self._may_go(entries[following:]):
                yield far, loss + Loss(*self._weigh(other for _, other in entries[following:]))

    def _may_go(self, entries: list[Entry]) -> bool:
        return not any(self._pinned(index) for _, index in entries)

    def _walks(self, one: Entry | None, other: Entry) -> bool:
        return one is None or self.grid.evening_keeps_walking(sorted((one, other)))

    def _weigh(self, indexes: Iterator[int] | list[int]) -> tuple[int, frozenset[int]]:
        gone = frozenset(indexes)
        return sum(self.score.unplaced[index] for index in gone), gone


def _least(losses: Iterator[Loss]) -> Loss | None:
    return min(losses, key=lambda loss: loss.order, default=None)


def _only_least(ways: list[tuple[Entry | None, Loss]]) -> list[tuple[Entry | None, Loss]]:
    return [min(ways, key=lambda way: way[1].order)] if ways else []
