"""Proven least numbers: conversations that must stay out, and conversations that must move.

For a small school by exact models, otherwise by the relaxation of placement: its bound, rounded up, is
proven to be the least number if some schedule has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .grid import Grid
from .model import Model
from .placement import Proof
from .schedule import Criteria
from .score import Score
from .session import Job, Session
from .state import State, fill, only_pins

if TYPE_CHECKING:
    from .relaxation import Relaxation

COUNT_SHARE = 0.95
ROUNDS = 4  # of diving for a schedule with the least number
DECIDED = 0.99


def prove_exactly(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> None:
    """Prove the counts of a small school that are still open, with CP-SAT."""
    session.phase("counts")
    members = {
        priority: [index for index, item in enumerate(grid.conversations) if item.priority == priority]
        for priority in ("must", "wanted")
    }
    model = Model(grid, score, full=False)
    if proof.must_unplaced is None:
        proof.must_unplaced = _least(session, model, model.unplaced(members["must"]))
    if proof.must_unplaced is not None and proof.wanted_unplaced is None:
        model.cp.add(model.unplaced(members["must"]) <= proof.must_unplaced)
        proof.wanted_unplaced = _least(session, model, model.unplaced(members["wanted"]))
    if proof.moved is None:
        proof.moved = _least_moved(grid, score, session, state) if score.tie else 0


def _least_moved(grid: Grid, score: Score, session: Session, state: State) -> int | None:
    model = Model(grid, score, full=False)
    weight = sum(score.unplaced[index] // score.step * model.unplaced([index]) for index in model.x)
    reached = score.lost_weight(state.start) // score.step
    if _least(session, model, weight) != reached:
        return None
    model.cp.add(weight <= reached)
    return _least(session, model, model.moved())


def _least(session: Session, model: Model, count: Any) -> int | None:
    """The proven least value of a sum, or None if the time does not suffice."""
    if session.over(COUNT_SHARE):
        return None
    model.cp.minimize(count)
    seconds, work = session.left(COUNT_SHARE)
    [answer] = session.solve([Job(model, seconds, work, session.threads)])
    return round(answer.objective) if answer.optimal else None


class Counts:
    """Counts by the relaxation of placement."""

    def __init__(self, score: Score, session: Session, state: State, relaxation: Relaxation):
        self.score, self.session, self.state = score, session, state
        self.relaxation = relaxation
        self.grid = score.grid

    def prove(self, proof: Proof) -> None:
        """Prove what can be proven in the time left."""
        self.session.phase("counts")
        criteria = self.score.criteria(self.state.start)
        if not self.score.tie or self.score.placement(self.state.start) <= proof.placement:
            proof.moved = criteria.moved  # fewer moves would have been a better placement
        relaxation = self.relaxation
        proof.must_unplaced = 0
        if criteria.must_unplaced:
            relaxation.aim_at_unplaced("must")
            proof.must_unplaced = self._least(criteria.must_unplaced, lambda found: found.must_unplaced)
        if proof.must_unplaced is None or self.score.tie:
            return  # a re-run is to be quick, and is about what moves
        relaxation.leave_out_at_most("must", proof.must_unplaced)
        relaxation.aim_at_unplaced("wanted")
        # the schedule's own number is no witness if it leaves out more must-see ones than needed
        reached = criteria.wanted_unplaced if criteria.must_unplaced == proof.must_unplaced else None
        proof.wanted_unplaced = self._least(
            reached,
            lambda found: found.wanted_unplaced if found.must_unplaced == proof.must_unplaced else None,
        )

    def _least(self, reached: int | None, count: Callable[[Criteria], int | None]) -> int | None:
        """The bound if it is reached: by this schedule, or by one made from the relaxation by diving."""
        found = self.relaxation.solve(self.session)
        if found is None:
            return None
        bound = max(0, -int(-(found.objective - 1e-5) // 1))
        if reached == bound:
            return bound
        state = only_pins(self.grid)
        for _ in range(ROUNDS):
            self._fix(state, self.relaxation.starts(found))
            whole = state.copy()
            fill(self.grid, self.score, whole)
            if count(self.score.criteria(whole.start)) == bound:
                self.relaxation.release()
                return bound
            found = self.relaxation.solve(self.session)
            if found is None:
                break
        self.relaxation.release()
        return None

    def _fix(self, state: State, starts: list[tuple[float, int, int]]) -> None:
        """Place what the relaxation has decided; starts that do not fit are forbidden."""
        for value, index, cell in starts:
            if value >= DECIDED and state.start[index] < 0:
                fits = state.fits(index, cell)
                if fits:
                    state.place(index, cell)
                self.relaxation.fix(index, cell, float(fits))
