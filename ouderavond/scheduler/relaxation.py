"""The linear relaxation of a placement model: its bound, and a schedule made by diving.

The relaxation is strong, because almost all rules are cliques, and most of its solution is whole
numbers. Diving fixes those, solves again, and so on; what the numbers leave open is filled in greedily.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .grid import Grid
from .model import Model
from .session import Session
from .state import State, only_pins

WHOLE = 0.999
ROUNDS = 40
ROUND_WORK = 0.3  # deterministic seconds counted for one linear program


class Relaxation:
    """A linear program over the Booleans of a model, minimising the model's objective (in steps)."""

    def __init__(self, model: Model):
        from ortools.linear_solver.python import model_builder

        self.source = model
        self.library = model_builder
        proto = model.cp.proto
        self.program = model_builder.Model()
        self.domains = [(item.domain[0], item.domain[1]) for item in proto.variables]
        self.variables = [self.program.new_num_var(low, high, "") for low, high in self.domains]
        for constraint in proto.constraints:
            self._add(constraint)
        goal = proto.objective
        weighted = [self.variables[v] * c for v, c in zip(goal.vars, goal.coeffs, strict=True)]
        self.program.minimize(sum(weighted) + goal.offset)

    def _literal(self, number: int) -> Any:
        return self.variables[number] if number >= 0 else 1 - self.variables[-number - 1]

    def _add(self, constraint: Any) -> None:
        """Translate a constraint; what is not translated only makes the relaxation weaker."""
        if constraint.has_at_most_one():
            self.program.add(self._sum(constraint.at_most_one.literals) <= 1)
        elif constraint.has_exactly_one():
            self.program.add(self._sum(constraint.exactly_one.literals) == 1)
        elif constraint.has_bool_or():
            self.program.add(self._sum(constraint.bool_or.literals) >= 1)

    def _sum(self, literals: Any) -> Any:
        return sum(self._literal(number) for number in literals)

    def solve(self, session: Session) -> tuple[float, list[tuple[float, int, int]]] | None:
        """Bound in steps and (value, conversation, cell) above 0, largest first; None without a solution."""
        solver = self.library.Solver("GLOP")
        seconds, work = session.left()
        if min(seconds, work) <= 0:
            return None
        if seconds < float("inf"):
            solver.set_time_limit_in_seconds(seconds)
        status = session.call(lambda: solver.solve(self.program), solver.stop_search)
        session.work += ROUND_WORK
        if status != self.library.SolveStatus.OPTIMAL:
            return None
        found = [
            (round(solver.value(self.variables[literal.index]), 6), index, cell)
            for index, cells in self.source.x.items()
            for cell, literal in cells.items()
        ]
        found = [each for each in found if each[0] > 0]
        found.sort(key=lambda each: (-each[0], each[1], each[2]))
        return solver.objective_value, found

    def aim_at(self, conversations: Iterable[int]) -> None:
        """Minimise the number of these conversations that have no place."""
        self.program.minimize(self._unplaced(conversations))

    def limit_unplaced(self, conversations: Iterable[int], count: int) -> None:
        """Let at most so many of these conversations have no place."""
        self.program.add(self._unplaced(conversations) <= count)

    def _unplaced(self, conversations: Iterable[int]) -> Any:
        starts = [self.source.x[index] for index in conversations]
        placed = [self.variables[v.index] for cells in starts for v in cells.values()]
        return len(starts) - sum(placed)

    def release(self) -> None:
        """Undo all that was fixed."""
        for variable, (low, high) in zip(self.variables, self.domains, strict=True):
            variable.lower_bound, variable.upper_bound = low, high

    def fix(self, index: int, cell: int, value: int) -> None:
        """Decide a conversation's start at a cell: 1 for yes, 0 for no."""
        variable = self.variables[self.source.x[index][cell].index]
        variable.lower_bound = variable.upper_bound = value


def round_values(grid: Grid, values: list) -> State:
    """A schedule of the starts the relaxation likes most, as far as they fit together."""
    state = only_pins(grid)
    for _, index, cell in values:
        if state.start[index] < 0 and state.fits(index, cell):
            state.place(index, cell)
    return state


def dive(grid: Grid, session: Session, relaxation: Relaxation, values: list, share: float) -> State:
    """A schedule from the relaxation: fix what is (most nearly) whole, solve again, until all is whole."""
    state = only_pins(grid)
    for _ in range(ROUNDS):
        open_values = [each for each in values if state.start[each[1]] < 0]
        if not open_values or session.over(share):
            break
        _fix_some(grid, state, relaxation, open_values)
        found = relaxation.solve(session)
        if found is None:
            break
        values = found[1]
    return state


def _fix_some(grid: Grid, state: State, relaxation: Relaxation, values: list) -> None:
    """Fix all starts that are whole, else the tenth that is most nearly so; forbid those that don't fit."""
    whole = [each for each in values if each[0] >= WHOLE]
    for _, index, cell in whole or values[: 1 + len(values) // 10]:
        if state.start[index] >= 0:
            continue
        fits = state.fits(index, cell)
        if fits:
            state.place(index, cell)
        relaxation.fix(index, cell, int(fits))
