"""One run's limits and its talk with the caller: time, work, cancelling, progress, and solver threads.

CP-SAT runs in threads of its own; the caller's functions are only ever called from the caller's
thread, so they may use whatever is bound to it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .schedule import Placement, Progress
from .state import State

POLL_SECONDS = 0.05
REPORT_SECONDS = 0.5
SNAPSHOT_SECONDS = 5.0
STEP_WORK = 0.002  # deterministic seconds counted for the Python around one small model


class Solvable(Protocol):
    """A CP-SAT model `cp` that can read a schedule off a solution."""

    cp: Any

    def starts(self, value: Callable[[Any], bool]) -> dict[int, int]:
        """The cells of a solution; `value` gives a literal's truth."""


@dataclass
class Job:
    """A model to be solved within a share of the run: at most so much time and work."""

    model: Solvable
    seconds: float
    work: float
    workers: int = 1


@dataclass
class Answer:
    """What came out: cells per conversation (None if nothing was found), objective and bound in steps."""

    starts: dict[int, int] | None
    objective: float
    bound: float
    optimal: bool


@dataclass
class Figures:
    """The state of the run as last known, in points; solver threads only ever lower or raise numbers."""

    phase: str = "start"
    objective: float | None = None
    bound: float = 0.0
    placed: int = 0


@dataclass
class Session:
    """Limits and callbacks of a run. `time_limit` in seconds, `work_limit` in CP-SAT's deterministic ones."""

    time_limit: float | None
    work_limit: float | None
    seed: int
    threads: int
    total: int = 0
    on_progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None
    on_schedule: Callable[[tuple[Placement, ...]], None] | None = None
    state: State | None = None
    figures: Figures = field(default_factory=Figures)
    trace: list[Progress] = field(default_factory=list)
    cancelled: bool = False
    work: float = 0.0
    begin: float = field(default_factory=time.monotonic)
    _reported: float = -1.0
    _kept: float = 0.0

    def seconds(self) -> float:
        """Wall-clock seconds since the run began."""
        return time.monotonic() - self.begin

    def left(self, share: float = 1.0) -> tuple[float, float]:
        """Seconds and work that are left until this share of the limits is used up."""
        infinite = float("inf")
        seconds = infinite if self.time_limit is None else share * self.time_limit - self.seconds()
        work = infinite if self.work_limit is None else share * self.work_limit - self.work
        return max(0.0, seconds), max(0.0, work)

    def over(self, share: float = 1.0) -> bool:
        """Is this share of the limits used up, or the run cancelled?"""
        return self.cancelled or min(self.left(share)) <= 0.0

    def phase(self, name: str) -> None:
        """Begin a phase and report it."""
        self.figures.phase = name
        self.poll(force=True)

    def poll(self, *, force: bool = False) -> None:
        """Ask the caller whether to stop, and report progress now and then."""
        if self.should_stop is not None and not self.cancelled and self.should_stop():
            self.cancelled = True
        now = self.seconds()
        if force or now - self._reported >= REPORT_SECONDS:
            self._reported = now
            known = self.figures
            report = Progress(
                round(now, 2), known.phase, known.objective, known.bound, known.placed, self.total
            )
            self.trace.append(report)
            if self.on_progress is not None:
                self.on_progress(report)
        if self.on_schedule is not None and self.state is not None and now - self._kept >= SNAPSHOT_SECONDS:
            self._kept = now
            self.on_schedule(self.state.placements())

    def solve(self, jobs: list[Job], watch: Callable[[float], None] | None = None) -> list[Answer]:
        """Solve models at the same time, one thread each; `watch` gets bounds as they rise."""
        from ortools.sat.python import cp_model

        solvers = [self._solver(cp_model, job) for job in jobs]
        results: list[Any] = [None] * len(jobs)

        def run(number: int) -> None:
            try:
                if watch is not None:
                    solvers[number].best_bound_callback = watch
                results[number] = solvers[number].solve(jobs[number].model.cp)
            except Exception as error:  # handed to the caller's thread below
                results[number] = error

        threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(jobs))]
        for thread in threads:
            thread.start()
        try:
            self._wait(threads, solvers)
        except BaseException:
            for solver in solvers:
                solver.stop_search()
            raise
        return [self._answer(cp_model, *each) for each in zip(jobs, solvers, results, strict=True)]

    def call(self, work: Callable[[], Any], interrupt: Callable[[], Any]) -> Any:
        """Do some work in another thread while this one keeps polling; `interrupt` ends it early."""
        result: list[Any] = []

        def run() -> None:
            try:
                result.append(work())
            except Exception as error:  # handed to the caller's thread below
                result.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(POLL_SECONDS)
                self.poll()
                if self.cancelled:
                    interrupt()
        except BaseException:
            interrupt()
            raise
        if isinstance(result[0], Exception):
            raise result[0]
        return result[0]

    def _wait(self, threads: list[threading.Thread], solvers: list[Any]) -> None:
        for thread in threads:
            while thread.is_alive():
                thread.join(POLL_SECONDS)
                self.poll()
                if self.cancelled:
                    for solver in solvers:
                        solver.stop_search()
        self.poll()

    def _solver(self, cp_model: Any, job: Job) -> Any:
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.random_seed = self.seed
        parameters.num_workers = job.workers
        parameters.catch_sigint_signal = False  # its handler and ours would undo each other
        seconds, work = self.left()
        own = job.seconds if self.work_limit is None else float("inf")  # work alone decides, if it is limited
        if (limit := min(seconds, own)) < float("inf"):
            parameters.max_time_in_seconds = max(limit, 0.01)
        if (limit := min(work, job.work)) < float("inf"):
            parameters.max_deterministic_time = max(limit, 0.001)
        return solver

    def _answer(self, cp_model: Any, job: Job, solver: Any, result: Any) -> Answer:
        if isinstance(result, Exception):
            raise result
        self.work += solver.response_proto.deterministic_time + STEP_WORK
        if result not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Answer(None, float("inf"), solver.best_objective_bound, False)
        return Answer(
            job.model.starts(solver.boolean_value),
            solver.objective_value,
            solver.best_objective_bound,
            result == cp_model.OPTIMAL,
        )


def default_threads() -> int:
    """The processors this process may use, at most 8."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        count = os.cpu_count() or 1
    return min(8, count)
