"""Linear programs: a thin layer over MathOpt's GLOP that keeps its basis when columns are added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.util.python.solve_interrupter import SolveInterrupter

from .session import Session

WORK = 4e-8  # deterministic seconds counted per simplex iteration and row


class Solution(NamedTuple):
    """Least value, and per column and row its value and its dual (a change of the objective per unit)."""

    objective: float
    values: np.ndarray
    duals: np.ndarray


class LinearProgram:
    """Minimise `costs` · x, `low` ≤ x ≤ `high`, with each row's sum between `least` and `most`.

    `entries` are the rows' and the columns' numbers of what is not 0, their `coefficients` 1 if not given.
    Without `presolve` a solution starts from the one before.
    """

    def __init__(
        self,
        costs: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        least: Sequence[float],
        most: Sequence[float],
        entries: tuple[Sequence[int], Sequence[int]],
        coefficients: Sequence[float] | None = None,
        *,
        presolve: bool = False,
    ):
        proto = _proto(costs, low, high, least, most, entries, coefficients)
        self.model = mathopt.Model.from_model_proto(proto)
        self.columns = list(self.model.variables())
        self.rows = list(self.model.linear_constraints())
        self.presolve = presolve
        self._basis: mathopt.Basis | None = None
        self._solver = mathopt.IncrementalSolver(self.model, mathopt.SolverType.GLOP)

    def add(self, cost: float, rows: Sequence[int]) -> int:
        """Add a column from 0 upwards that counts once in each of the rows; returns its number."""
        column = self.model.add_variable(lb=0.0)
        self.model.objective.set_linear_coefficient(column, cost)
        for row in rows:
            self.rows[row].set_coefficient(column, 1.0)
        self.columns.append(column)
        return len(self.columns) - 1

    def fix(self, column: int, value: float) -> None:
        """Decide a column's value."""
        self.columns[column].lower_bound = value
        self.columns[column].upper_bound = value

    def release(self, column: int) -> None:
        """Let a column take any value from 0 upwards again."""
        self.columns[column].lower_bound = 0.0
        self.columns[column].upper_bound = float("inf")

    def aim(self, costs: Sequence[float]) -> None:
        """Minimise something else."""
        self.model.objective.clear()
        for column, cost in zip(self.columns, costs, strict=True):
            if cost:
                self.model.objective.set_linear_coefficient(column, cost)

    def start_from(self, columns: Iterable[int], rows: Iterable[int]) -> None:
        """Begin the next solution where these columns and the slacks of these rows are basic."""
        basic, slack = set(columns), set(rows)
        status = mathopt.BasisStatus
        self._basis = mathopt.Basis(
            variable_status={
                column: status.BASIC if number in basic else status.AT_LOWER_BOUND
                for number, column in enumerate(self.columns)
            },
            constraint_status={
                row: status.BASIC if number in slack else status.FIXED_VALUE
                for number, row in enumerate(self.rows)
            },
        )

    def solve(self, session: Session) -> Solution | None:
        """The optimum, or None if the run's limits did not allow to find it."""
        seconds, work = session.left()
        if min(seconds, work) <= 0:
            return None
        parameters = mathopt.SolveParameters(presolve=None if self.presolve else mathopt.Emphasis.OFF)
        if seconds < float("inf"):
            parameters.time_limit = timedelta(seconds=seconds)
        hints = mathopt.ModelSolveParameters(initial_basis=self._basis) if self._basis else None
        self._basis = None
        interrupter = SolveInterrupter()
        result = session.call(
            lambda: self._solver.solve(params=parameters, model_params=hints, interrupter=interrupter),
            interrupter.interrupt,
        )
        session.work += WORK * len(self.rows) * (result.solve_stats.simplex_iterations + 10)
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        values = np.array(result.variable_values(self.columns))
        return Solution(result.objective_value(), values, np.array(result.dual_values(self.rows)))


def _proto(costs, low, high, least, most, entries, coefficients) -> model_pb2.ModelProto:
    proto = model_pb2.ModelProto()
    columns, rows = len(costs), len(least)
    proto.variables.ids.extend(range(columns))
    proto.variables.lower_bounds.extend(low)
    proto.variables.upper_bounds.extend(high)
    proto.variables.integers.extend([False] * columns)
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(least)
    proto.linear_constraints.upper_bounds.extend(most)
    paid = [number for number, cost in enumerate(costs) if cost]
    proto.objective.linear_coefficients.ids.extend(paid)
    proto.objective.linear_coefficients.values.extend(float(costs[number]) for number in paid)
    row, column = (np.asarray(each, dtype=np.int64) for each in entries)
    order = np.lexsort((column, row))
    proto.linear_constraint_matrix.row_ids.extend(row[order].tolist())
    proto.linear_constraint_matrix.column_ids.extend(column[order].tolist())
    values = np.ones(len(row)) if coefficients is None else np.asarray(coefficients, dtype=float)
    proto.linear_constraint_matrix.coefficients.extend(values[order].tolist())
    return proto
