"""The road of a whole school: placement, prices, neighbourhoods, and at last everyone at once."""

from __future__ import annotations

from .counts import Counts
from .coupling import Coupling
from .generation import ColumnGeneration
from .grid import Grid
from .neighbourhoods import Neighbourhoods
from .placement import Proof, whole_steps
from .relaxation import Relaxation
from .score import Score
from .selection import Selection
from .session import Session
from .state import State

FIRST_SHARE = 0.35
CONVERGE_SHARE = 0.55
SECOND_SHARE = 0.7
SELECTION_SHARE = 0.75
FAMILIES_SHARE = 0.85
TOGETHER = 3000  # blocks; a larger school is only planned in neighbourhoods


class School:
    """Plans a school; `state` always holds the best schedule, `proof` the best bound."""

    def __init__(self, grid: Grid, score: Score, session: Session, state: State, proof: Proof):
        self.grid, self.score, self.session = grid, score, session
        self.state, self.proof = state, proof
        self.coupling = Coupling(grid)
        self.generation = ColumnGeneration(grid, score, self.coupling, session)

    def plan(self) -> None:
        """Improve schedule and bound until they meet or the limits are used up."""
        self.session.phase("placement")
        relaxation = Relaxation(self.grid, self.score, self.coupling)
        found = relaxation.solve(self.session)
        if found is None:
            return
        self.proof.placement = whole_steps(self.score, found.objective)
        self.proof.raise_to(found.objective, self.session, self.score)
        prices = relaxation.prices(found)
        wishes = {(index, cell): value for value, index, cell in relaxation.starts(found)}
        if not self.score.tie:
            self._keep(self.generation.polish(self.generation.follow(wishes, prices)))
        self.session.phase("prices")
        self.generation.start(prices)
        self._raise()
        self._improve()
        Counts(self.score, self.session, self.state, relaxation).prove(self.proof)

    def _improve(self) -> None:
        # a re-run begins near its end: the bound and everyone's prices come first
        if not self.score.tie:
            self._plan_again(FIRST_SHARE)
        if len(self.coupling.blocks) <= TOGETHER and not self._proven():
            self.session.phase("columns")
            close = 0.4 * self.score.step / self.score.scale
            self.generation.converge(self.state, CONVERGE_SHARE, close)
            self._raise()
            self._plan_again(SECOND_SHARE)
            self._choose()
        self._plan_again(FAMILIES_SHARE)

    def _plan_again(self, share: float) -> None:
        """Improve neighbourhoods until nothing is gained any more or the share of limits is used up."""
        if not self._proven():
            self.session.phase("evenings")
            Neighbourhoods(self.generation, self.state, share).run(self._proven, self._keep)

    def _choose(self) -> None:
        """Make the best of the evenings found: with several processors by CP-SAT, else by diving."""
        if self._proven() or self.session.over(SELECTION_SHARE):
            return
        self.session.phase("selection")
        if self.session.threads == 1:
            self._keep(self.generation.dive(SELECTION_SHARE))
        else:
            bound = self.proof.bound / self.score.scale
            self._keep(Selection(self.generation, self.state, bound).solve(SELECTION_SHARE))

    def _proven(self) -> bool:
        return self.score.families(self.state.start) - self.proof.bound < self.score.step

    def _raise(self) -> None:
        self.proof.raise_to(self.generation.bound, self.session, self.score)

    def _keep(self, found: State | None) -> bool:
        """Take over a schedule if it is better."""
        score, figures = self.score, self.session.figures
        better = found is not None and score.rank(found.start) < score.rank(self.state.start)
        if better:
            self.state.assign(found.start)
            figures.objective = score.families(found.start) / score.scale
            figures.placed = sum(cell >= 0 for cell in found.start)
        self.session.poll(force=better)
        return better
