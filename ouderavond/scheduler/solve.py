"""The solver: a first schedule, the placement with its bound, then evenings, then the instructors' side."""

from __future__ import annotations

from collections.abc import Callable

from .counts import prove_exactly
from .grid import Grid
from .instructors import improve_instructors
from .notices import notices
from .placement import Proof, solve_whole
from .problem import Problem
from .reasons import explain
from .schedule import Bounds, Placement, Progress, Schedule
from .score import Score
from .session import Session, default_threads
from .state import State, first_schedule
from .verify import verify

WHOLE = 60  # what is left open for so few conversations is decided by exact models


class InternalError(RuntimeError):
    """The solver made a schedule that its own checker rejects: a defect, never the input's fault."""


def solve(
    problem: Problem,
    *,
    time_limit: float | None = 60.0,
    work_limit: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_schedule: Callable[[tuple[Placement, ...]], None] | None = None,
) -> Schedule:
    """Place a problem's conversations; the result is always accepted by `verify`.

    `time_limit` is in wall-clock seconds and `work_limit` in CP-SAT's deterministic seconds; None is
    no limit. The result is the same each time for one seed, one thread and a work limit that is
    reached before the time limit. `threads` is the number of processors to use (default: all, at
    most 8). `on_progress` is called about twice a second and `should_stop` twenty times a second, both
    from the calling thread; when the latter answers true the best schedule so far is returned with
    status "cancelled". `on_schedule` is called every five seconds with the placements as they are
    then, which keep all rules: whoever writes them down has something left if the process is killed.
    """
    grid = Grid(problem)
    score = Score(grid)
    session = Session(
        time_limit,
        work_limit,
        seed,
        threads or default_threads(),
        total=len(problem.conversations),
        on_progress=on_progress,
        should_stop=should_stop,
        on_schedule=on_schedule,
    )
    state, proof = _search(grid, score, session)
    session.phase("reasons")
    schedule = _schedule(grid, score, session, state, proof)
    errors = verify(problem, schedule)
    if errors:
        raise InternalError("the schedule breaks its own rules: " + " ".join(errors[:5]))
    return schedule


def _search(grid: Grid, score: Score, session: Session) -> tuple[State, Proof]:
    state = session.state = first_schedule(grid, score)
    proof = Proof()
    publish(grid, score, session, state, proof)
    session.phase("first schedule")
    if grid.conversations:
        from .school import School  # numpy and linear programs take a moment to import

        School(grid, score, session, state, proof).plan()
    if len(grid.conversations) <= WHOLE:
        if score.families(state.start) - proof.bound >= score.step:
            solve_whole(grid, score, session, state, proof)
        prove_exactly(grid, score, session, state, proof)
    publish(grid, score, session, state, proof)
    improve_instructors(grid, score, session, state)
    return state, proof


def publish(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> None:
    """Make the run's figures known to whoever watches."""
    figures = session.figures
    figures.objective = score.families(state.start) / score.scale
    figures.bound = proof.bound / score.scale
    figures.placed = sum(cell >= 0 for cell in state.start)
    session.poll()


def _schedule(grid: Grid, score: Score, session: Session, state: State, proof: Proof) -> Schedule:
    families = score.families(state.start)
    bound = min(proof.bound, families)
    criteria = score.criteria(state.start)
    instructors = criteria.breaks_missed * score.break_
    instructors += criteria.instructor_waiting_minutes * score.instructor_minute
    optimal = families - bound < score.step
    proven = optimal or proof.placement >= score.placement(state.start)
    unplaced = explain(grid, score, state, proven=proven)
    status = "optimal" if optimal else "cancelled" if session.cancelled else "feasible"
    publish(grid, score, session, state, proof)
    session.phase("done")
    return Schedule(
        status=status,
        placements=state.placements(),
        unplaced=unplaced,
        criteria=criteria,
        objective=families / score.scale,
        bound=bound / score.scale,
        instructors_objective=instructors / score.scale,
        bounds=Bounds(proof.must_unplaced, proof.wanted_unplaced, proof.moved),
        warnings=tuple(notices(grid, state)),
        seconds=round(session.seconds(), 3),
        progress=tuple(session.trace),
    )
