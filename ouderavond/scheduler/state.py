"""A schedule under construction: who is where, and whether a conversation still fits somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .grid import Grid, separated
from .schedule import Placement
from .score import Score


class State:
    """Cells of all conversations (`start`, -1 when not placed) with the resources they keep busy."""

    def __init__(self, grid: Grid, start: Iterable[int] | None = None):
        self.grid = grid
        self.start = [-1] * len(grid.conversations)
        self.busy: dict[int, int] = {}
        numbers: dict[tuple[str, str], int] = {}
        width = len(grid.starts)
        self._base = [
            [[numbers.setdefault(key, len(numbers)) * width for key in keys] for keys in by_date]
            for by_date in grid.resources
        ]
        for index, cell in enumerate(start or ()):
            if cell >= 0:
                self.place(index, cell)

    def placements(self) -> tuple[Placement, ...]:
        """What is placed, with its starts."""
        grid = self.grid
        return tuple(
            Placement(item.id, grid.starts[cell])
            for item, cell in zip(grid.conversations, self.start, strict=True)
            if cell >= 0
        )

    def copy(self) -> State:
        """An independent copy."""
        other = object.__new__(State)
        other.grid, other._base = self.grid, self._base
        other.start, other.busy = list(self.start), dict(self.busy)
        return other

    def assign(self, start: Sequence[int]) -> None:
        """Become a whole other schedule that keeps the rules."""
        for index in range(len(self.start)):
            self.remove(index)
        for index, cell in enumerate(start):
            if cell >= 0:
                self.place(index, cell)

    def _keys(self, index: int, cell: int) -> list[int]:
        bases = self._base[index][self.grid.date_of[cell]]
        if self.grid.slots[index] == 1:
            return [base + cell for base in bases]
        return [base + each for each in self.grid.covered(index, cell) for base in bases]

    def place(self, index: int, cell: int) -> None:
        """Put a conversation at a cell; it must be free there."""
        for key in self._keys(index, cell):
            self.busy[key] = index
        self.start[index] = cell

    def remove(self, index: int) -> int:
        """Take a conversation away, if it is placed; returns the cell it had."""
        cell = self.start[index]
        if cell >= 0:
            for key in self._keys(index, cell):
                del self.busy[key]
            self.start[index] = -1
        return cell

    def free(self, index: int, cell: int) -> bool:
        """Is everyone and everything a conversation needs free at a cell (rule 2)?"""
        busy = self.busy
        return all(key not in busy for key in self._keys(index, cell))

    def blockers(self, index: int, cell: int) -> set[int]:
        """The conversations that break rule 2 with a conversation at a cell."""
        return {self.busy[key] for key in self._keys(index, cell) if key in self.busy}

    def evening(self, household: int, date: int) -> list[tuple[int, int]]:
        """A household's (cell, conversation) on a date, in order."""
        cells, start = self.grid.cells(date), self.start
        return sorted(
            (start[index], index)
            for index in self.grid.of_household[household]
            if start[index] >= 0 and start[index] in cells
        )

    def keeps_walking(self, index: int, cell: int) -> bool:
        """Would rule 4 hold for the household with this conversation added at a cell?"""
        household, date = self.grid.household[index], self.grid.date_of[cell]
        evening = self.evening(household, date)
        return not evening or self.grid.evening_keeps_walking(sorted([*evening, (cell, index)]))

    def keeps_apart(self, index: int, cell: int) -> bool:
        """Would rule 5 hold for the household with this conversation added at a cell?"""
        grid = self.grid
        household, date = grid.household[index], grid.date_of[cell]
        if not grid.apart[household]:
            return True
        stay = grid.stay([*self.evening(household, date), (cell, index)])
        return all(
            separated(stay, grid.stay(self.evening(other, date)), minutes)
            or grid.pins_break_apart(household, other, date)
            for other, minutes in grid.apart[household].items()
        )

    def fits(self, index: int, cell: int) -> bool:
        """Would rules 2, 4 and 5 hold with this conversation added at a cell?"""
        return self.free(index, cell) and self.keeps_walking(index, cell) and self.keeps_apart(index, cell)

    def household_ok(self, household: int) -> bool:
        """Do rules 4 and 5 hold for a household as it is?"""
        grid = self.grid
        for date in grid.dates:
            evening = self.evening(household, date)
            if evening and not grid.evening_keeps_walking(evening):
                return False
            stay = grid.stay(evening)
            for other, minutes in grid.apart[household].items():
                apart = separated(stay, grid.stay(self.evening(other, date)), minutes)
                if not apart and not grid.pins_break_apart(household, other, date):
                    return False
        return True

    def replace(self, starts: dict[int, int]) -> bool:
        """Give conversations other cells (-1: none) at once; undone, and False, if a rule would break."""
        before = {index: self.remove(index) for index in starts}
        done = []
        for index, cell in starts.items():
            if cell < 0:
                continue
            if not self.free(index, cell):
                break
            self.place(index, cell)
            done.append(index)
        else:
            if all(self.household_ok(each) for each in {self.grid.household[index] for index in starts}):
                return True
        for index in done:
            self.remove(index)
        for index, cell in before.items():
            if cell >= 0:
                self.place(index, cell)
        return False


def first_schedule(grid: Grid, score: Score) -> State:
    """A quick first schedule: pins, previous starts, then heavy conversations, the least free first."""
    state = only_pins(grid)
    for index, cell in enumerate(score.previous):
        if cell is not None and cell in grid.options[index] and state.start[index] < 0:
            if state.fits(index, cell):
                state.place(index, cell)
    fill(grid, score, state)
    return state


def only_pins(grid: Grid) -> State:
    """A schedule with the pinned conversations alone."""
    state = State(grid)
    for index, item in enumerate(grid.conversations):
        if item.pinned is not None:
            state.place(index, grid.options[index][0])
    return state


def fill(grid: Grid, score: Score, state: State) -> None:
    """Place what is not placed yet wherever it still fits, one after the other."""
    load = [sum(grid.slots[other] for other in members) for members in grid.of_instructor]
    demand = [
        max(load[grid.instructor_index[name]] for name in item.instructors) for item in grid.conversations
    ]
    rest = [index for index in range(len(grid.conversations)) if state.start[index] < 0]
    rest.sort(key=lambda index: (-score.unplaced[index], len(grid.options[index]) - demand[index], index))
    for index in rest:
        cell = _best_cell(grid, state, index)
        if cell is not None:
            state.place(index, cell)


def _best_cell(grid: Grid, state: State, index: int) -> int | None:
    """The free cell nearest to what the household already has."""
    household = grid.household[index]
    taken = [state.start[other] for other in grid.of_household[household] if state.start[other] >= 0]

    def distance(cell: int) -> tuple[int, int]:
        if not taken:
            return (0, cell)
        return (min(abs(grid.starts[cell] - grid.starts[other]) for other in taken), cell)

    return next((cell for cell in sorted(grid.options[index], key=distance) if state.fits(index, cell)), None)
