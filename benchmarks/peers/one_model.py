"""One CP-SAT model for the whole school: a Boolean per conversation and start, and the same objective.

It begins from a greedy schedule, and proves a bound.
"""

from __future__ import annotations

from ouderavond.scheduler.problem import Problem

from .book import greedy
from .boolean_model import BooleanModel, solver_for
from .tables import Answer, Deadline, Tables


def solve_one_model(problem: Problem, seconds: float, seed: int) -> Answer:
    """Hand everything to CP-SAT at once."""
    from ortools.sat.python import cp_model

    deadline = Deadline(seconds)
    tables = Tables(problem)
    book = greedy(tables)
    model = BooleanModel(tables, book, range(len(tables.members)), evenings=True)
    model.hint(book.starts)
    solver = solver_for(deadline.left(), seed)
    found = solver.solve(model.cp) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    starts = model.starts(solver) if found else book.starts
    return tables.answer(starts, max(0.0, solver.best_objective_bound) * model.step)
