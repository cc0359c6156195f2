"""Who gets a place at all: the placement model and its bound, and small schools in one model."""

from __future__ import annotations

from dataclasses import dataclass

from .grid import Grid
from .model import Model
from .relaxation import Relaxation, dive, round_values
from .score import Score
from .session import Answer, Job, Session
from .state import State, fill

PLACEMENT_SHARE = 0.45
COUNT_SHARE = 0.65


@dataclass
class Proof:
    """What has been proven, in units: a `bound` of the families' objective, and the optimum of the
    placement part (None while unknown); and the least numbers of conversations unplaced."""

    bound: int = 0
    placement: int | None = None
    must_unplaced: int | None = None
    wanted_unplaced: int | None = None
    relaxation: Relaxation | None = None

    def raise_to(self, bound: int, session: Session, score: Score) -> None:
        """Take over a bound if it is better."""
        if bound > self.bound:
            self.bound = bound
            session.figures.bound = bound / score.scale


def _units(score: Score, bound: float) -> int:
    """A bound in steps, rounded up to a whole step as far as its precision allows, in units."""
    whole = -int(-(bound - 1e-6 * max(1.0, abs(bound) * 1e-3)) // 1)
    return max(0, whole) * score.step


def _run(session: Session, score: Score, model: Model, proof: Proof, share: float) -> Answer:
    def watch(bound: float) -> None:
        proof.raise_to(_units(score, bound), session, score)

    seconds, work = session.left(share)
    [answer] = session.solve([Job(model, seconds, work, session.threads)], watch)
    watch(answer.bound)
    return answer


def solve_whole(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> None:
    """Solve a small school exactly: one model with every rule and the whole families' objective."""
    session.phase("whole model")
    model = Model(grid, score, range(len(grid.of_household)), state, full=True)
    model.hint(state.start)
    answer = _run(session, score, model, proof, 0.8)
    if answer.starts is not None:
        state.replace(answer.starts)
    if answer.optimal:
        proof.bound = score.families(state.start)
        proof.placement = score.placement(state.start)


def place(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> None:
    """Place as much as possible by weight, waiting aside; its bound holds for the whole objective."""
    session.phase("placement")
    model = Model(grid, score, range(len(grid.of_household)), state, full=False)
    relaxation = Relaxation(model)
    found = relaxation.solve(session)
    if found is None:
        return
    bound, values = found
    proof.raise_to(_units(score, bound), session, score)
    proof.relaxation = relaxation
    rounded = round_values(grid, values)
    fill(grid, score, rounded)
    if score.families(rounded.start) < score.families(state.start):
        state.assign(rounded.start)
        session.figures.objective = score.families(state.start) / score.scale
        session.figures.placed = sum(cell >= 0 for cell in state.start)
    dived = dive(grid, session, relaxation, values, PLACEMENT_SHARE)
    fill(grid, score, dived)
    if score.placement(dived.start) < score.placement(state.start):
        state.assign(dived.start)
    if score.placement(state.start) > proof.bound and not session.over(PLACEMENT_SHARE):
        model.hint(state.start)
        answer = _run(session, score, model, proof, PLACEMENT_SHARE)
        if answer.starts is not None and answer.objective * score.step < score.placement(state.start):
            state.assign([answer.starts[index] for index in range(len(state.start))])
    if score.placement(state.start) <= proof.bound:
        proof.placement = score.placement(state.start)


def prove_counts(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> None:
    """Prove the least number of must-see conversations unplaced, and of the others given that."""
    session.phase("counts")
    criteria = score.criteria(state.start)
    counts = _Counts(grid, score, session, state, proof.relaxation)
    must = counts.least("must", criteria.must_unplaced)
    proof.must_unplaced = must
    if must is not None:
        # the schedule's own number is only an upper limit if it leaves no more must-see out than needed
        reached = criteria.wanted_unplaced if must == criteria.must_unplaced else len(state.start)
        counts.at_most("must", must)
        proof.wanted_unplaced = counts.least("wanted", reached)


class _Counts:
    """Least numbers of unplaced conversations: read off, by linear programs, or exactly for small schools."""

    def __init__(
        self, grid: Grid, score: Score, session: Session, state: State, relaxation: Relaxation | None
    ):
        self.grid, self.score, self.session, self.state = grid, score, session, state
        self.relaxation = relaxation
        self.limits: list[tuple[list[int], int]] = []

    def _members(self, priority: str) -> list[int]:
        items = enumerate(self.grid.conversations)
        return [index for index, item in items if item.priority == priority]

    def at_most(self, priority: str, count: int) -> None:
        """From now on at most so many of these may be unplaced."""
        members = self._members(priority)
        self.limits.append((members, count))
        if self.relaxation is not None and members:
            self.relaxation.limit_unplaced(members, count)

    def least(self, priority: str, reached: int) -> int | None:
        """The proven least number, if the time suffices; `reached` is a number some schedule has."""
        if reached == 0:
            return 0
        members = self._members(priority)
        if not members:
            return 0
        if self.relaxation is None:
            return self._exactly(members)
        self.relaxation.release()
        self.relaxation.aim_at(members)
        found = self.relaxation.solve(self.session)
        if found is None:
            return None
        bound = max(0, -int(-(found[0] - 1e-6) // 1))
        if bound >= reached:
            return reached
        dived = dive(self.grid, self.session, self.relaxation, found[1], COUNT_SHARE)
        fill(self.grid, self.score, dived)
        kept = all(self._lost(dived, group) <= count for group, count in self.limits)
        return bound if kept and self._lost(dived, members) <= bound else None

    def _lost(self, state: State, members: list[int]) -> int:
        return sum(state.start[index] < 0 for index in members)

    def _exactly(self, members: list[int]) -> int | None:
        grid = self.grid
        model = Model(grid, self.score, range(len(grid.of_household)), self.state, full=False)
        for group, count in self.limits:
            model.cp.add(model.unplaced(group) <= count)
        return _least(self.session, model, model.unplaced(members))


def _least(session: Session, model: Model, count: object) -> int | None:
    """The proven least value of a sum, or None if the time does not suffice."""
    if session.over(COUNT_SHARE):
        return None
    model.cp.minimize(count)
    seconds, work = session.left(COUNT_SHARE)
    [answer] = session.solve([Job(model, seconds, work, session.threads)])
    return round(answer.objective) if answer.optimal else None
