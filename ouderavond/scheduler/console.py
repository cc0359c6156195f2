"""What the command line shows of a run: progress, and the summary of a schedule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from .changes import counts, has_previous
from .problem import Problem
from .schedule import Progress, Schedule

BAR = 30
LINE_SECONDS = 2.0


class ProgressLine:
    """A bar that is redrawn on a terminal, and now and then a line elsewhere.

    `limit` is the time limit in seconds, None if there is none; `prefix` stands before each line.
    """

    def __init__(self, stream: TextIO, limit: float | None, prefix: str = ""):
        self.stream, self.limit, self.prefix = stream, limit, prefix
        self.terminal = stream.isatty()
        self.last: tuple[float, str] = (-LINE_SECONDS, "")

    def __call__(self, progress: Progress) -> None:
        objective = "-" if progress.objective is None else f"{progress.objective:.1f}"
        text = (
            f"{self.prefix}{progress.seconds:6.1f} s  {progress.phase:<15} "
            f"placed {progress.placed}/{progress.total}  "
            f"objective {objective}  bound {progress.bound:.1f}"
        )
        if self.terminal:
            filled = round(self._share(progress) * BAR)
            self.stream.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {text}\x1b[K")
            self.stream.flush()
        elif progress.phase != self.last[1] or progress.seconds - self.last[0] >= LINE_SECONDS:
            self.last = (progress.seconds, progress.phase)
            print(text, file=self.stream, flush=True)

    def _share(self, progress: Progress) -> float:
        if self.limit:
            return min(1.0, progress.seconds / self.limit)
        return progress.placed / max(1, progress.total)

    def close(self) -> None:
        """End the bar's line."""
        if self.terminal:
            self.stream.write("\n")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table of texts in columns: the first `left` ones aligned to the left, the others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]

    def one(line: Sequence[str]) -> str:
        cells = [
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join(one(line) for line in lines)


def summary(problem: Problem, schedule: Schedule) -> str:
    """A table of what was reached, and how near it is to what is possible."""
    criteria, bounds = schedule.criteria, schedule.bounds
    served = {problem.conversation[item.conversation].household for item in schedule.placements}
    rows = [
        ("Status", schedule.status),
        ("Placed", f"{len(schedule.placements)} of {len(problem.conversations)}"),
        ("Must-see not placed", _proven(criteria.must_unplaced, bounds.must_unplaced)),
        ("Wanted not placed", _proven(criteria.wanted_unplaced, bounds.wanted_unplaced)),
        ("Families with nothing", str(criteria.households_with_nothing)),
        *_moved_rows(problem, schedule),
        ("Extra dates for families", str(criteria.extra_dates)),
        ("Waiting per family", f"{criteria.waiting_minutes / max(1, len(served)):.1f} minutes"),
        ("Preferences missed", str(criteria.preferences_missed)),
        ("Breaks missed", str(criteria.breaks_missed)),
        ("Instructors' idle time", f"{criteria.instructor_waiting_minutes} minutes"),
        ("Objective and bound", _gap(problem, schedule)),
        ("Warnings", str(len(schedule.warnings))),
        ("Seconds", f"{schedule.seconds:.1f}"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _moved_rows(problem: Problem, schedule: Schedule) -> list[tuple[str, str]]:
    """What changed, if there is anything to compare with."""
    if not has_previous(problem):
        return [("Moved", "0")]
    moved = _proven(schedule.criteria.moved, schedule.bounds.moved)
    return [("Moved", moved), ("Changes", str(counts(problem, schedule)))]


def _proven(count: int, least: int | None) -> str:
    return f"{count} (proven minimum {least})" if least is not None else f"{count} (minimum not proven)"


def _gap(problem: Problem, schedule: Schedule) -> str:
    if schedule.bound is None:
        return f"{schedule.objective:.1f}, no bound"
    gap = schedule.objective - schedule.bound
    share = 100 * gap / schedule.objective if schedule.objective else 0.0
    families = len({item.household for item in problem.conversations})
    return (
        f"{schedule.objective:.1f} and {schedule.bound:.1f}: gap {gap:.1f} ({share:.2f} %), "
        f"{gap / max(1, families):.2f} per family"
    )
