"""What an experienced engineer does with CP-SAT: placement first, then large-neighbourhood search.

First a time-indexed model of what is placed, and nothing else; then each household's best evening among what
is free, until that helps nobody; then, with the placed set fixed, eight households at a time (a badly served
one and some that share its instructors) with everyone else held, from what they have as a complete hint, at
most three seconds a step. Steps run one after the other with all processors, and the search goes on until its
time is up or no step helps any more.
"""

from __future__ import annotations

import random

from ouderavond.scheduler.problem import Problem

from .book import Book, greedy
from .boolean_model import BooleanModel, solver_for
from .first_come import best_evening
from .tables import Answer, Deadline, Tables

HOUSEHOLDS = 8
STEP_SECONDS = 3.0
PLACEMENT_SHARE = 0.5
GIVE_UP = 4  # steps in vain per household


def solve_placement_first(problem: Problem, seconds: float, seed: int) -> Answer:
    """Placement, then evenings."""
    deadline = Deadline(seconds)
    tables = Tables(problem)
    book = greedy(tables)
    bound = _solve(tables, book, range(len(tables.members)), PLACEMENT_SHARE * seconds, seed, evenings=False)
    _polish(tables, book, deadline)
    _Search(tables, book, deadline, seed).run()
    return tables.answer(book.starts, bound)


def _solve(
    tables: Tables, book: Book, scope: range | set[int], seconds: float, seed: int, *, evenings: bool
) -> float:
    """Solve a model from what there is and take over what it finds; returns the bound, in units."""
    from ortools.sat.python import cp_model

    model = BooleanModel(tables, book, scope, evenings=evenings, held=evenings)
    model.hint(book.starts)
    solver = solver_for(seconds, seed)
    if solver.solve(model.cp) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for index in [index for index in model.x if index in book.starts]:
            book.remove(index)
        for index, cell in model.starts(solver).items():
            book.place(index, cell)
    return max(0.0, solver.best_objective_bound) * model.step


def _polish(tables: Tables, book: Book, deadline: Deadline) -> None:
    """Let each household choose its evening again among what is free, while that helps anybody."""
    again = True
    while again:
        again = False
        for household, members in enumerate(tables.members):
            before = {index: cell for index, cell in book.of(household).items() if not tables.pinned[index]}
            if not before or deadline.over():
                continue
            cost = tables.cost(book.starts, members)
            for index in before:
                book.remove(index)
            after = best_evening(book, household)
            better = tables.cost(after, members) < cost
            for index, cell in (after if better else before).items():
                if index not in book.starts:
                    book.place(index, cell)
            again |= better


class _Search:
    """Large-neighbourhood search with a fixed placed set."""

    def __init__(self, tables: Tables, book: Book, deadline: Deadline, seed: int):
        self.tables, self.book, self.deadline, self.seed = tables, book, deadline, seed
        self.random = random.Random(seed)
        self.tried = [0] * len(tables.members)
        self.waste = [self._waste(household) for household in range(len(tables.members))]

    def run(self) -> None:
        """Free some households and solve them again, until it is enough."""
        idle = 0
        while any(self.waste) and not self.deadline.over() and idle < GIVE_UP * len(self.waste):
            scope = self._scope()
            before = sum(self.waste[each] for each in scope)
            seconds = min(STEP_SECONDS, self.deadline.left())
            _solve(self.tables, self.book, scope, seconds, self.seed, evenings=True)
            for each in scope:
                self.waste[each] = self._waste(each)
            idle = 0 if sum(self.waste[each] for each in scope) < before else idle + 1

    def _waste(self, household: int) -> int:
        """What a household's evening costs beyond what is not placed, which stays so."""
        placed = [index for index in self.tables.members[household] if index in self.book.starts]
        return self.tables.cost(self.book.starts, placed)

    def _scope(self) -> set[int]:
        """A badly served household that was tried least, and some that share its instructors."""
        bad = [each for each, waste in enumerate(self.waste) if waste]
        least = min(self.tried[each] for each in bad)
        first = self.random.choice([each for each in bad if self.tried[each] == least])
        self.tried[first] += 1
        near = [
            self.tables.household[other]
            for index in self.tables.members[first]
            for name in self.tables.conversations[index].instructors
            for other in self.tables.of_instructor[name]
        ]
        self.random.shuffle(near)
        scope = {first}
        for other in near:
            if len(scope) == HOUSEHOLDS:
                break
            scope.add(other)
        return scope
