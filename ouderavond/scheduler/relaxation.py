"""The linear relaxation of placement alone: who gets a place at all, waiting and dates aside.

A variable per conversation and cell, a row per instructor, room and household at a cell. It is solved
in a second for a whole school and its solution is mostly whole numbers. Its duals are the first prices
of column generation, and aimed at numbers of conversations it proves how many must stay out.
"""

from __future__ import annotations

import numpy as np

from .coupling import Coupling
from .grid import Grid
from .linear import LinearProgram, Solution
from .score import Score
from .session import Session

INFINITE = float("inf")
PRIORITIES = {"must": 0, "wanted": 1}  # the rows that count how many of each are placed


class Relaxation:
    """The linear program, in points. Its first columns are the (conversation, cell) in `cells`."""

    def __init__(self, grid: Grid, score: Score, coupling: Coupling):
        self.grid, self.score, self.coupling = grid, score, coupling
        self.cells = [(index, cell) for index, cells in enumerate(grid.options) for cell in cells]
        self._column = {pair: number for number, pair in enumerate(self.cells)}
        self._fixed: list[int] = []
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._coefficients: list[float] = []
        self._limits: list[tuple[float, float]] = [(-INFINITE, INFINITE) for _ in PRIORITIES]
        self._limits += [(-INFINITE, 1.0)] * coupling.size
        self._add_cells()
        served = self._add_households() if score.nothing else 0
        self.constant = (sum(score.unplaced) + score.nothing * _asking(grid)) / score.scale
        costs = self._costs() + [-score.nothing / score.scale] * served
        self._program = LinearProgram(
            costs,
            [0.0] * len(costs),
            [INFINITE] * len(self.cells) + [1.0] * served,
            [low for low, _ in self._limits],
            [high for _, high in self._limits],
            (self._rows, self._columns),
            self._coefficients,
            presolve=True,
        )

    def _row(self, rows: dict, key: object, least: float, most: float) -> int:
        """The row of a key, which is made if there is none."""
        if key not in rows:
            rows[key] = len(self._limits)
            self._limits.append((least, most))
        return rows[key]

    def _enter(self, row: int, column: int, coefficient: float) -> None:
        self._rows.append(row)
        self._columns.append(column)
        self._coefficients.append(coefficient)

    def _add_cells(self) -> None:
        """What shares a row, a household at a cell or a conversation excludes each other."""
        grid, rows = self.grid, {}
        for column, (index, cell) in enumerate(self.cells):
            item, household = grid.conversations[index], grid.household[index]
            used = [len(PRIORITIES) + row for row in self.coupling.rows_of(index, cell)]
            used.append(PRIORITIES[item.priority])
            used.append(self._row(rows, index, 1.0 if item.pinned is not None else -INFINITE, 1.0))
            if len(grid.of_household[household]) > 1:
                covered = grid.covered(index, cell)
                used += [self._row(rows, (household, each), -INFINITE, 1.0) for each in covered]
            self._rows += used
            self._columns += [column] * len(used)
        self._coefficients = [1.0] * len(self._rows)

    def _add_households(self) -> int:
        """A column per household that is 1 at most if something of it is placed; their number."""
        rows: dict[int, int] = {}
        for column, (index, _) in enumerate(self.cells):
            household = self.grid.household[index]
            if household not in rows:
                served = len(self.cells) + len(rows)
                self._enter(self._row(rows, household, -INFINITE, 0.0), served, 1.0)
            self._enter(rows[household], column, -1.0)
        return len(rows)

    def _costs(self) -> list[float]:
        return [
            (self.score.moved * self._moves(index, cell) - self.score.unplaced[index]) / self.score.scale
            for index, cell in self.cells
        ]

    def _moves(self, index: int, cell: int) -> bool:
        return self.score.previous[index] not in (None, cell)

    def solve(self, session: Session) -> Solution | None:
        """The optimum of what it is aimed at, or None if the limits did not allow to find it."""
        found = self._program.solve(session)
        return found and found._replace(objective=found.objective + self.constant)

    def prices(self, found: Solution) -> np.ndarray:
        """What a row of the coupling is worth, in points."""
        first = len(PRIORITIES)
        return np.maximum(0.0, -found.duals[first : first + self.coupling.size])

    def starts(self, found: Solution) -> list[tuple[float, int, int]]:
        """(value, conversation, cell) above 0, largest first."""
        values = found.values[: len(self.cells)]
        positive = np.flatnonzero(values > 1e-6)
        each = [(round(float(values[column]), 6), *self.cells[column]) for column in positive]
        return sorted(each, key=lambda item: (-item[0], item[1], item[2]))

    def aim_at_unplaced(self, priority: str) -> None:
        """From now on minimise the number of conversations of a priority that have no place."""
        chosen = [item.priority == priority for item in self.grid.conversations]
        self._aim([-1.0 if chosen[index] else 0.0 for index, _ in self.cells], sum(chosen))

    def fix(self, index: int, cell: int, value: float) -> None:
        """Decide a conversation's start at a cell: 1 for yes, 0 for no."""
        self._program.fix(self._column[index, cell], value)
        self._fixed.append(self._column[index, cell])

    def release(self) -> None:
        """Undo all that was fixed."""
        for column in self._fixed:
            self._program.release(column)
        self._fixed.clear()

    def _aim(self, costs: list[float], constant: float) -> None:
        self._program.aim(costs + [0.0] * (len(self._program.columns) - len(costs)))
        self.constant = constant

    def leave_out_at_most(self, priority: str, count: int) -> None:
        """Let at most so many conversations of a priority have no place."""
        asked = sum(item.priority == priority for item in self.grid.conversations)
        self._program.rows[PRIORITIES[priority]].lower_bound = float(asked - count)


def _asking(grid: Grid) -> int:
    return sum(bool(members) for members in grid.of_household)
