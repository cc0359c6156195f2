"""Columns, and the master program that chooses among them.

A column is one evening of one block. The master program takes one of each block so that every row is
used once at most; what its linear relaxation would pay for a row is that row's price.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .coupling import Coupling
from .linear import LinearProgram
from .pricing import Evening
from .session import Session

BLOCKED = 1e11  # the price of a row that somebody has already


class Pool:
    """All columns made so far: block, cost in points, cells and rows, by number."""

    def __init__(self, coupling: Coupling):
        self.coupling = coupling
        self.block: list[int] = []
        self.cost: list[float] = []
        self.cells: list[tuple[int, ...]] = []
        self.rows: list[list[int]] = []
        self.of_block: list[list[int]] = [[] for _ in coupling.blocks]
        self._known: list[dict[tuple[int, ...], int]] = [{} for _ in coupling.blocks]

    def add(self, block: int, evening: Evening) -> bool:
        """Add a column; False if it is there already."""
        if evening.cells in self._known[block]:
            return False
        number = self._known[block][evening.cells] = len(self.block)
        self.of_block[block].append(number)
        self.block.append(block)
        self.cost.append(evening.cost)
        self.cells.append(evening.cells)
        self.rows.append(self.coupling.rows_of_evening(block, evening.cells))
        return True

    def add_all(self, evenings: Iterable[tuple[int, Evening]]) -> int:
        """Add columns; returns how many of them are new."""
        return sum(self.add(block, evening) for block, evening in evenings)

    def number(self, block: int, cells: tuple[int, ...]) -> int:
        """The number of a column that was added."""
        return self._known[block][cells]


class Relaxed(NamedTuple):
    """A solution of the master: objective in points, prices per row, value per column number.

    `worth` is per block what its evening may cost at these prices before a cheaper one is of use.
    """

    objective: float
    prices: np.ndarray
    worth: np.ndarray
    values: dict[int, float]


class Master:
    """The master program over the `active` blocks and the rows not yet `taken` (Booleans per number).

    `known` are the columns of a schedule of these blocks, where the first solution begins.
    """

    def __init__(self, pool: Pool, active: np.ndarray, taken: np.ndarray, known: Iterable[int] = ()):
        self.pool, self.active, self.taken = pool, active.copy(), taken.copy()
        blocks, self.rows = np.flatnonzero(active), np.flatnonzero(~taken)
        self._block_row = dict(zip(blocks.tolist(), range(len(blocks)), strict=True))
        self._row = {row: len(blocks) + at for at, row in enumerate(self.rows.tolist())}
        self._seen = len(pool.block)
        found = [number for block in self._block_row for number in pool.of_block[block]]
        self.numbers = [number for number in found if self._fits(number)]
        self._position = {number: position for position, number in enumerate(self.numbers)}
        entries = [(row, at) for at, number in enumerate(self.numbers) for row in self._entries(number)]
        self._program = LinearProgram(
            [pool.cost[number] for number in self.numbers],
            [0.0] * len(self.numbers),
            [float("inf")] * len(self.numbers),
            [1.0] * len(blocks) + [float("-inf")] * len(self.rows),
            [1.0] * (len(blocks) + len(self.rows)),
            tuple(zip(*entries, strict=True)) if entries else ((), ()),
        )
        if known:
            columns = (self._position[number] for number in known)
            self._program.start_from(columns, range(len(blocks), len(blocks) + len(self.rows)))

    def _fits(self, number: int) -> bool:
        row = self._row
        return all(each in row for each in self.pool.rows[number])

    def _entries(self, number: int) -> list[int]:
        return [self._block_row[self.pool.block[number]], *(self._row[row] for row in self.pool.rows[number])]

    def _extend(self) -> None:
        """Take in the pool's new columns."""
        for number in range(self._seen, len(self.pool.block)):
            if self.pool.block[number] in self._block_row and self._fits(number):
                self._position[number] = self._program.add(self.pool.cost[number], self._entries(number))
                self.numbers.append(number)
        self._seen = len(self.pool.block)

    def choose(self, number: int) -> None:
        """Fix a column at 1."""
        self._program.fix(self._position[number], 1.0)

    def solve(self, session: Session) -> Relaxed | None:
        """The optimum, or None if the run's limits did not allow to find it."""
        self._extend()
        found = self._program.solve(session)
        if found is None:
            return None
        prices = np.full(len(self.taken), BLOCKED)
        prices[self.rows] = np.maximum(0.0, -found.duals[len(self._block_row) :])
        used = np.flatnonzero(found.values > 1e-6)
        worth = np.full(len(self.active), -np.inf)
        worth[list(self._block_row)] = found.duals[: len(self._block_row)]
        values = {self.numbers[at]: float(found.values[at]) for at in used}
        return Relaxed(found.objective, prices, worth, values)
