"""What people could decide so that a conversation without a place gets one.

Each alternative has been tried on the schedule: nothing loses its place by it, no pinned conversation
moves, and every rule holds afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations, islice

from .grid import Grid, hits, separated
from .problem import Conversation
from .schedule import Alternative, Placement
from .state import State

PER_KIND = 2  # alternatives of one kind
MOVES = 2  # conversations that an alternative may move
STEPS = 600  # tries to make room in the search for the moves of one conversation


class Alternatives:
    """Finds the alternatives of the conversations that a schedule does not place."""

    def __init__(self, grid: Grid, state: State):
        self.grid, self.state = grid, state.copy()
        self.variants = _Variants(grid, self.state)

    def of(self, index: int) -> tuple[Alternative, ...]:
        """At most `PER_KIND` of each kind, those that ask the least first."""
        kinds = (
            _Moves(self.grid, self.state, index).alternatives(),
            self.variants.with_one_instructor(index),
            _other_dates(self.grid, self.state, index),
            self.variants.online(self.grid, self.state, index),
        )
        return tuple(option for found in kinds for option in islice(found, PER_KIND))


def available_slots(grid: Grid, instructor: int) -> set[int]:
    """The cells that an instructor's unavailable times leave."""
    busy, length = grid.problem.instructors[instructor].unavailable, grid.problem.slot_minutes
    return {cell for cell, start in enumerate(grid.starts) if not hits(busy, start, start + length)}


def taken_slots(grid: Grid, state: State, conversations: Iterable[int]) -> set[int]:
    """The cells that some conversations, where they are placed, cover."""
    starts = ((index, state.start[index]) for index in conversations)
    return {each for index, cell in starts if cell >= 0 for each in grid.covered(index, cell)}


class _Moves:
    """Places that come free when one or two others move: a search with backtracking over their places."""

    def __init__(self, grid: Grid, state: State, index: int):
        self.grid, self.state, self.index = grid, state, index
        self.steps = STEPS
        self.placed: dict[int, int] = {}  # what the search has placed, and where it had been
        self.waiting: dict[int, int] = {}  # what it has taken away, and where that had been

    def alternatives(self) -> Iterator[Alternative]:
        """Without moves, then with one, then with two; a start is given once, with the fewest moves."""
        if not self._instructors_have_room():
            return
        given: set[int] = set()
        for budget in range(MOVES + 1):
            for cell in self.grid.static[self.index]:
                if cell in given:
                    continue
                moves = self._put(self.index, cell, budget)
                if moves is not None:
                    given.add(cell)
                    yield _option(self.grid, "move", self.index, cell, moves)

    def _instructors_have_room(self) -> bool:
        """Could each instructor hold one more? Whatever moves, an instructor's number of slots stays."""
        grid, item = self.grid, self.grid.conversations[self.index]
        for number in (grid.instructor_index[name] for name in item.instructors):
            taken = taken_slots(grid, self.state, grid.of_instructor[number])
            if len(available_slots(grid, number) - taken) < item.slots:
                return False
        return True

    def _put(self, index: int, cell: int, budget: int) -> dict[int, int] | None:
        """Place a conversation, then all that had to make room; the state is left as it was."""
        for group in self._in_the_way(index, cell, budget):
            self.steps -= 1
            if self.steps < 0:
                return None
            before = {other: self.state.remove(other) for other in group}
            moves = None
            if self._may_stand(index, cell, before):
                self.state.place(index, cell)
                self.placed[index] = self.waiting.pop(index, -1)
                self.waiting.update(before)
                moves = self._go_on(budget - len(group))
                for other in before:
                    self.waiting.pop(other)
                if (had := self.placed.pop(index)) >= 0:
                    self.waiting[index] = had
                self.state.remove(index)
            for other, place in before.items():
                self.state.place(other, place)
            if moves is not None:
                return moves
        return None

    def _may_stand(self, index: int, cell: int, leaving: Iterable[int]) -> bool:
        """Does a conversation fit at a cell, or could it once more of its household stands beside it?

        With a detour that is shorter than the direct way, what comes between can mend rule 4.
        """
        state, household = self.state, self.grid.household[index]
        if not (state.free(index, cell) and state.keeps_apart(index, cell)):
            return False
        beside = any(self.grid.household[other] == household for other in (*self.waiting, *leaving))
        return beside or state.keeps_walking(index, cell)

    def _go_on(self, budget: int) -> dict[int, int] | None:
        """Find a new place for what is waiting; the moves when nothing is."""
        if not self.waiting:
            return self._finished()
        other, had = next(iter(self.waiting.items()))
        for place in self.grid.static[other]:
            if place == had:
                continue
            moves = self._put(other, place, budget)
            if moves is not None:
                return moves
        return None

    def _finished(self) -> dict[int, int] | None:
        households = {self.grid.household[other] for other in self.placed}
        if not all(self.state.household_ok(each) for each in households):
            return None
        return {other: self.state.start[other] for other in self.placed if other != self.index}

    def _in_the_way(self, index: int, cell: int, budget: int) -> Iterator[set[int]]:
        """Groups of conversations without which a conversation may fit at a cell."""
        blockers = self.state.blockers(index, cell)
        if len(blockers) > budget or not all(self._movable(other) for other in blockers):
            return
        yield blockers
        spare = budget - len(blockers)
        if spare and not (self.state.keeps_walking(index, cell) and self.state.keeps_apart(index, cell)):
            near = sorted(set(self._near(index, cell)) - blockers)
            for count in range(1, spare + 1):
                yield from (blockers.union(more) for more in combinations(near, count))

    def _near(self, index: int, cell: int) -> Iterator[int]:
        """What may move of the household's own evening, and of those that it would come too close to."""
        grid, state = self.grid, self.state
        household, date = grid.household[index], grid.date_of[cell]
        own = state.evening(household, date)
        stay = grid.stay([*own, (cell, index)])
        evenings = [own]
        for other, minutes in grid.apart[household].items():
            theirs = state.evening(other, date)
            if not separated(stay, grid.stay(theirs), minutes):
                evenings.append(theirs)
        yield from (other for evening in evenings for _, other in evening if self._movable(other))

    def _movable(self, index: int) -> bool:
        return index not in self.placed and self.grid.conversations[index].pinned is None


def _option(grid: Grid, kind: str, index: int, cell: int, moves: dict[int, int] | None = None) -> Alternative:
    moved = tuple(
        Placement(grid.conversations[other].id, grid.starts[to])
        for other, to in sorted((moves or {}).items())
    )
    return Alternative(kind, grid.starts[cell], grid.conversations[index].instructors[0], moved)


def _other_dates(grid: Grid, state: State, index: int) -> Iterator[Alternative]:
    """A place per date on which nothing is possible only because the family can't come."""
    item = grid.conversations[index]
    closed = {grid.date_of[cell] for cell in grid.static[index]}
    busy = [pair for name in item.instructors for pair in grid.problem.instructor[name].unavailable]
    for cell in grid.fitting[grid.slots[index]]:
        date = grid.date_of[cell]
        if date in closed or hits(busy, grid.starts[cell], grid.end(index, cell)):
            continue
        if state.fits(index, cell):
            closed.add(date)
            yield _option(grid, "other_date", index, cell)


class _Variants:
    """The schedule with changed copies of what it does not place: one instructor only, or online."""

    def __init__(self, grid: Grid, state: State):
        placed = [index for index, cell in enumerate(state.start) if cell >= 0]
        starts = [state.start[index] for index in placed]
        conversations = [grid.conversations[index] for index in placed]
        self.numbers: dict[tuple[int, str], list[int]] = {}
        for index in (index for index, cell in enumerate(state.start) if cell < 0):
            for kind, variant in _changed(grid, state, index):
                self.numbers.setdefault((index, kind), []).append(len(conversations))
                conversations.append(variant)
        if self.numbers:
            self.grid = Grid(replace(grid.problem, conversations=tuple(conversations)))
            self.state = State(self.grid, starts)

    def with_one_instructor(self, index: int) -> Iterator[Alternative]:
        """The first place with each of several instructors alone."""
        for number in self.numbers.get((index, "other_instructor"), ()):
            yield from self._first(number, "other_instructor", self.grid.static[number])

    def online(self, grid: Grid, state: State, index: int) -> Iterator[Alternative]:
        """The first place that is one only if the conversation is held online."""
        for number in self.numbers.get((index, "online"), ()):
            yield from self._first(number, "online", _too_far(grid, state, index))

    def _first(self, number: int, kind: str, cells: Iterable[int]) -> Iterator[Alternative]:
        cell = next((cell for cell in cells if self.state.fits(number, cell)), None)
        if cell is not None:
            yield _option(self.grid, kind, number, cell)


def _changed(grid: Grid, state: State, index: int) -> Iterator[tuple[str, Conversation]]:
    """The copies of a conversation that may find a place where the conversation itself does not."""
    item = grid.conversations[index]
    if len(item.instructors) > 1:
        for name in item.instructors:
            yield "other_instructor", replace(item, instructors=(name,))
    if item.mode == "in_person" and _too_far(grid, state, index):
        yield "online", replace(item, mode="online")


def _too_far(grid: Grid, state: State, index: int) -> list[int]:
    """The starts that only rule 4 rules out, the one rule in which it matters what is online."""
    return [
        cell
        for cell in grid.static[index]
        if state.free(index, cell) and not state.keeps_walking(index, cell) and state.keeps_apart(index, cell)
    ]
