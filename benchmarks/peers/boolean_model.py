"""A CP-SAT model with a Boolean per conversation and start, for a whole school or a few households.

Households outside the scope stay where `book` has them. Waiting is in `waiting.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import permutations
from typing import Any

from ortools.sat.python import cp_model

from .book import Book
from .tables import Tables
from .waiting import add_waiting

# With fewer workers CP-SAT leaves out the subsolvers that prove such models, on two processors as well.
PORTFOLIO = 8

Starts = Mapping[int, int]


class BooleanModel:
    """The model. `evenings` adds dates, waiting and preferences to what is unplaced, nothing and moved.

    `held` keeps what `book` has placed placed, and the rest out. The objective is in steps of `step` units.
    """

    def __init__(
        self, tables: Tables, book: Book, scope: Iterable[int], *, evenings: bool, held: bool = False
    ):
        self.cp = cp_model.CpModel()
        self.tables, self.book, self.held = tables, book, held
        self.scope = sorted(scope)
        self.step = tables.step
        self.terms: list[Any] = []
        self.helpers: list[tuple[Any, Callable[[Starts], int]]] = []
        members = [index for household in self.scope for index in tables.members[household]]
        inside = {key for index in members for key in self._keys_now(index)}
        self.busy = book.busy - inside
        self.x = {index: self._literals(index) for index in members}
        self._nobody_twice()
        for household in self.scope:
            self._household(household, evenings)
            for other, minutes in tables.apart[household].items():
                self._keep_apart(household, other, minutes)
        self.cp.minimize(sum(self.terms))

    # -- places and rule 2

    def _keys_now(self, index: int) -> list[int]:
        cell = self.book.starts.get(index)
        return [] if cell is None else self.tables.keys(index, cell)

    def _literals(self, index: int) -> dict[int, Any]:
        tables = self.tables
        placed = index in self.book.starts
        if self.held and not placed:
            return {}
        cells = [cell for cell in tables.options[index] if self.busy.isdisjoint(tables.keys(index, cell))]
        found = {cell: self.cp.new_bool_var(f"x{index}_{cell}") for cell in cells}
        if tables.pinned[index] or self.held:
            self.cp.add_exactly_one(found.values())
        else:
            self.cp.add_at_most_one(found.values())
        return found

    def _nobody_twice(self) -> None:
        users: dict[int, list[Any]] = defaultdict(list)
        for index, cells in self.x.items():
            for cell, literal in cells.items():
                for key in self.tables.keys(index, cell):
                    users[key].append(literal)
        for literals in {tuple(each) for each in users.values() if len(each) > 1}:
            self.cp.add_at_most_one(literals)

    # -- a household

    def _household(self, household: int, evenings: bool) -> None:
        tables, members = self.tables, self.tables.members[household]
        if not members:
            return
        for index in members:
            self.charge(tables.unplaced[index], 1 - sum(self.x[index].values()))
            for cell, literal in self.x[index].items():
                self._place_cost(index, cell, literal, evenings)
        nothing = self.helper(lambda starts: not any(index in starts for index in members))
        self.cp.add_bool_or([nothing, *(v for index in members for v in self.x[index].values())])
        self.charge(tables.nothing, nothing)
        comes = [self._date(date, members, evenings) for date in range(len(tables.problem.dates))]
        comes = [each for each in comes if each is not None]
        if evenings and len(comes) > 1:
            got = self.helper(lambda starts: any(index in starts for index in members))
            self.cp.add(sum(comes) >= got)
            for each in comes:
                self.cp.add_implication(each, got)
            self.charge(tables.date, sum(comes) - got)

    def _place_cost(self, index: int, cell: int, literal: Any, evenings: bool) -> None:
        item, tables = self.tables.conversations[index], self.tables
        if evenings:
            self.charge(tables.place_cost(index, cell), literal)
        elif item.previous is not None and item.previous != tables.starts[cell]:
            self.charge(tables.moved, literal)

    def _date(self, date: int, members: list[int], evenings: bool) -> Any:
        """Rule 4 and waiting of a household on a date; returns whether it comes then (None: it never can)."""
        here = {index: self._on(index, date) for index in members}
        here = {index: cells for index, cells in here.items() if cells}
        if not here:
            return None
        for one, other in permutations(here, 2):
            self._near(one, other, date, here)
        if not evenings:
            return None
        comes = self.helper(lambda starts: any(starts.get(index) in cells for index, cells in here.items()))
        for cells in here.values():
            self.cp.add(sum(cells.values()) <= comes)
        self.cp.add(sum(v for cells in here.values() for v in cells.values()) >= comes)
        if len(here) > 1 and self.tables.waiting:
            add_waiting(self, date, here, comes)
        return comes

    def _on(self, index: int, date: int) -> dict[int, Any]:
        return {cell: v for cell, v in self.x[index].items() if self.tables.date_of[cell] == date}

    def _near(self, one: int, other: int, date: int, here: dict[int, dict[int, Any]]) -> None:
        """Rule 4: `other` starts no sooner after `one` than it must, unless a third lies in between."""
        tables, needed = self.tables, self.tables.required(one, other, date)
        together: dict[tuple[int, ...], list[Any]] = defaultdict(list)
        for cell, literal in here[one].items():
            end = tables.end(one, cell)
            near = [each for each in here[other] if cell < each and 0 <= tables.starts[each] - end < needed]
            plain = []
            for following in near:
                between = self._between(one, other, end, following, here)
                if between:
                    self.cp.add_bool_or([literal.negated(), here[other][following].negated(), *between])
                else:
                    plain.append(following)
            if plain:
                together[tuple(plain)].append(literal)
        for plain, literals in together.items():
            self.cp.add_at_most_one([*literals, *(here[other][cell] for cell in plain)])

    def _between(
        self, one: int, other: int, end: int, following: int, here: dict[int, dict[int, Any]]
    ) -> list[Any]:
        begin = self.tables.starts[following]
        return [
            literal
            for third in here
            if third not in (one, other)
            for cell, literal in here[third].items()
            if end <= self.tables.starts[cell] and self.tables.end(third, cell) <= begin
        ]

    # -- rule 5

    def _keep_apart(self, household: int, other: int, minutes: int) -> None:
        """Per date one of two households has left so many minutes before the other comes."""
        if other in self.scope and other < household:
            return
        for date in range(len(self.tables.problem.dates)):
            if not self.tables.pins_meet(household, other, date):
                ours, theirs = self._places(household, date), self._places(other, date)
                first = self.helper(partial(self._comes_first, household, other, date))
                self._exclude(ours, theirs, first, minutes)
                self._exclude(theirs, ours, first.negated(), minutes)

    def _places(self, household: int, date: int) -> dict[int, list[tuple[Any, int, int]]]:
        """Per conversation its literals (1: held there) with start and end on a date."""
        tables = self.tables
        found: dict[int, list[tuple[Any, int, int]]] = {}
        for index in tables.members[household]:
            held = {self.book.starts[index]: 1} if index in self.book.starts else {}
            for cell, literal in self.x.get(index, held).items():
                if tables.date_of[cell] == date:
                    place = literal, tables.starts[cell], tables.end(index, cell)
                    found.setdefault(index, []).append(place)
        return found

    def _exclude(self, ours: dict, theirs: dict, order: Any, minutes: int) -> None:
        """Where `order` says that we come first: none of theirs begins before we have long left."""
        for mine, _, end in (place for places in ours.values() for place in places):
            for places in theirs.values():
                near = [literal for literal, start, _ in places if start - end < minutes]
                if near:
                    self.cp.add(mine + order + sum(near) <= 2)

    def _comes_first(self, household: int, other: int, date: int, starts: Starts) -> bool:
        stays = []
        for each in (household, other):
            known = starts if each in self.scope else self.book.starts
            evening = self.tables.evenings(known, self.tables.members[each]).get(date)
            stays.append(evening[0][0] if evening else len(self.tables.starts))
        return stays[0] < stays[1]

    # -- objective, hint and answer

    def charge(self, units: int, expression: Any) -> None:
        """Add a term to the objective."""
        if units:
            self.terms.append(units // self.step * expression)

    def helper(self, value: Callable[[Starts], bool]) -> Any:
        """A new Boolean with the value it has in a given schedule."""
        literal = self.cp.new_bool_var("")
        self.helpers.append((literal, value))
        return literal

    def hint(self, starts: Starts) -> None:
        """Tell the solver a complete schedule of the scope to begin from."""
        for index, cells in self.x.items():
            for cell, literal in cells.items():
                self.cp.add_hint(literal, starts.get(index) == cell)
        for variable, value in self.helpers:
            self.cp.add_hint(variable, value(starts))

    def starts(self, solver: cp_model.CpSolver) -> dict[int, int]:
        """The cells of what is placed in a solution."""
        return {
            index: cell
            for index, cells in self.x.items()
            for cell, literal in cells.items()
            if solver.boolean_value(literal)
        }


def solver_for(seconds: float, seed: int, workers: int = PORTFOLIO) -> cp_model.CpSolver:
    """CP-SAT with a time limit."""
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = workers
    return solver
