"""Better evenings for families: small CP-SAT models over a few households, again and again.

A step frees a household that is badly served and some that share its instructors, and solves them
together with everyone else held; the whole families' objective counts, so no step makes it worse.
"""

from __future__ import annotations

import random

from .evenings import Eviction, improve_household
from .grid import Grid
from .model import Model
from .placement import Proof
from .score import Score
from .session import Job, Session
from .state import State

SHARE = 0.85
HOUSEHOLDS = 8
STEP_SECONDS = 3.0
STEP_WORK = 3.0
EVICTION_WORK = 0.02


def improve_families(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> None:
    """Improve the families' objective until it meets its bound or this phase's share is used up."""
    session.phase("evenings")
    costs = [score.household(members, state.start) for members in grid.of_household]
    _polish(grid, score, session, state, costs)
    search = _Search(grid, score, session, state, costs, held=proof.placement is not None)
    search.evict()
    idle = 0
    while not session.over(SHARE) and sum(costs) - proof.bound >= score.step and idle < 4 * len(costs) + 20:
        gained = search.step()
        idle = 0 if gained else idle + 1
        session.figures.objective = sum(costs) / score.scale
        session.figures.placed = sum(cell >= 0 for cell in state.start)
        session.poll()


def _polish(grid: Grid, score: Score, session: Session, state: State, costs: list[int]) -> None:
    """Give each household its cheapest evening by itself, until that helps nobody any more."""
    again = True
    while again:
        again = False
        for household, members in enumerate(grid.of_household):
            if session.over(SHARE):
                return
            if costs[household] and improve_household(grid, score, state, household):
                costs[household] = score.household(members, state.start)
                again = True
            session.work += 1e-4
            session.poll()
        session.figures.objective = sum(costs) / score.scale


class _Search:
    """Chooses neighbourhoods, solves as many at once as there are threads, and keeps what is better."""

    def __init__(
        self, grid: Grid, score: Score, session: Session, state: State, costs: list[int], *, held: bool
    ):
        self.grid, self.score, self.session, self.state, self.costs = grid, score, session, state, costs
        self.held = held
        self.random = random.Random(session.seed)
        self.tried = [0] * len(costs)
        self.sharing = [self._sharing(household) for household in range(len(costs))]

    def _badness(self, household: int) -> int:
        """What could be gained at a household; what is proven to stay out is no gain."""
        if not self.held:
            return self.costs[household]
        members = self.grid.of_household[household]
        lost = [self.score.unplaced[index] for index in members if self.state.start[index] < 0]
        nothing = self.score.nothing if members and len(lost) == len(members) else 0
        return self.costs[household] - sum(lost) - nothing

    def _sharing(self, household: int) -> list[int]:
        """Households that share an instructor or room with this one, as often as they do."""
        grid = self.grid
        found: list[int] = []
        for index in grid.of_household[household]:
            for name in grid.conversations[index].instructors:
                found += [grid.household[other] for other in grid.of_instructor[grid.instructor_index[name]]]
        return [other for other in found if other != household]

    def evict(self) -> None:
        """Let each badly served household take a better evening from others, until that helps nobody."""
        eviction = Eviction(self.grid, self.score, self.state, self.costs)
        gained = True
        while gained:
            gained = False
            for household in sorted(range(len(self.costs)), key=self._badness, reverse=True):
                if self.session.over(SHARE) or self._badness(household) <= 0:
                    break
                gained |= eviction.improve(household, self.random)
                self.session.work += EVICTION_WORK
                self.session.figures.objective = sum(self.costs) / self.score.scale
                self.session.poll()

    def step(self) -> bool:
        """Try some neighbourhoods; did one of them help?"""
        scopes: list[set[int]] = []
        taken: set[int] = set()
        for _ in range(self.session.threads):
            scope = self._scope(taken)
            if scope:
                scopes.append(scope)
                taken |= scope
        if not scopes:
            return False
        jobs = []
        seconds, work = self.session.left(SHARE)
        for scope in scopes:
            model = Model(self.grid, self.score, scope, self.state, full=True, held=self.held)
            model.hint(self.state.start)
            jobs.append(Job(model, min(STEP_SECONDS, seconds), min(STEP_WORK, work)))
        gained = False
        for scope, answer in zip(scopes, self.session.solve(jobs), strict=True):
            if answer.starts is not None and self._accept(scope, answer.starts):
                gained = True
        return gained

    def _scope(self, taken: set[int]) -> set[int]:
        """A badly served household, one not tried lately first, and some that share its instructors."""
        bad = [each for each in range(len(self.costs)) if each not in taken and self._badness(each) > 0]
        if not bad:
            return set()
        least = min(self.tried[each] for each in bad)
        first = self.random.choice([each for each in bad if self.tried[each] == least])
        self.tried[first] += 1
        scope = {first}
        near = [other for other in self.sharing[first] if other not in taken]
        self.random.shuffle(near)
        for other in near:
            if len(scope) >= HOUSEHOLDS:
                break
            scope.add(other)
        return self._closed(scope) - taken

    def _closed(self, scope: set[int]) -> set[int]:
        """Households that must not meet are better moved together."""
        return scope | {other for each in scope for other in self.grid.apart[each]}

    def _accept(self, scope: set[int], starts: dict[int, int]) -> bool:
        grid, costs = self.grid, self.costs
        new = {each: self.score.household(grid.of_household[each], starts) for each in scope}
        if sum(new.values()) >= sum(costs[each] for each in scope) or not self.state.replace(starts):
            return False
        for each, cost in new.items():
            costs[each] = cost
        return True
