"""What is proven of a run, and small schools solved by one exact model."""

from __future__ import annotations

from dataclasses import dataclass

from .grid import Grid
from .model import Model
from .score import TIES, Score
from .session import Job, Session
from .state import State

WHOLE_SHARE = 0.8


@dataclass
class Proof:
    """What has been proven, in units: a `bound` of the families' objective, and of its `placement` part;
    and the least numbers of conversations unplaced and moved (None while unknown)."""

    bound: int = 0
    placement: int = 0
    must_unplaced: int | None = None
    wanted_unplaced: int | None = None
    moved: int | None = None

    def raise_to(self, points: float, session: Session, score: Score) -> None:
        """Take over a bound of the families' objective if it is better."""
        bound = whole_steps(score, points, ties=TIES if score.tie else 0.0)
        if bound > self.bound:
            self.bound = bound
            session.figures.bound = bound / score.scale


def whole_steps(score: Score, points: float, ties: float = 0.0) -> int:
    """A bound in units, rounded up to a whole step as far as its precision allows.

    `ties` is the part of a step that may be due to what breaks ties, which is no part of the objective.
    """
    steps = points * score.scale / score.step
    return max(0, -int(-(steps - ties - 1e-6 - 1e-9 * abs(steps)) // 1)) * score.step


def solve_whole(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> None:
    """Solve a small school exactly: one model with every rule and the whole families' objective."""
    session.phase("whole model")
    model = Model(grid, score, full=True)
    model.hint(state.start)

    def watch(steps: float) -> None:
        proof.raise_to(steps * score.step / score.scale, session, score)

    seconds, work = session.left(WHOLE_SHARE)
    [answer] = session.solve([Job(model, seconds, work, session.threads)], watch)
    watch(answer.bound)
    if answer.starts is not None:
        state.replace(answer.starts)
    if answer.optimal:
        proof.bound = score.families(state.start)
        proof.placement = score.placement(state.start)
