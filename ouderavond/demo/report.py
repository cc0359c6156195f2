"""How long each part of the demo took."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

Progress = Callable[[int, int, str], None]


@dataclass
class Phase:
    """One part: what, how many, and how long."""

    title: str
    count: int = 0
    seconds: float = 0.0


@dataclass
class DemoReport:
    """What was made or removed, per phase."""

    phases: list[Phase] = field(default_factory=list)
    evening: str | None = None
    # Who can log in, by what they are; all with the same password.
    logins: dict[str, list[str]] = field(default_factory=dict)
    password: str | None = None

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)

    def rows(self) -> list[tuple[str, int, float]]:
        """The table: phase, count, seconds."""
        return [(phase.title, phase.count, round(phase.seconds, 1)) for phase in self.phases]

    def __str__(self) -> str:
        width = max((len(phase.title) for phase in self.phases), default=5)
        lines = [f"{p.title:<{width}} {p.count:>8} {p.seconds:>8.1f} s" for p in self.phases]
        return "\n".join([*lines, f"{'':<{width}} {'':>8} {self.seconds:>8.1f} s"])


class Steps:
    """Measures phases and passes progress on, as a share of the expected work."""

    def __init__(self, total: int, progress: Progress | None = None):
        self.report = DemoReport()
        self.total = max(1, total)
        self.done = 0
        self._progress = progress

    @contextmanager
    def phase(self, title: str):
        """A part of the work; what is ticked within it is counted for it."""
        phase = Phase(title)
        self.report.phases.append(phase)
        started = time.monotonic()
        self._tell(title)
        try:
            yield phase
        finally:
            phase.seconds = time.monotonic() - started

    def tick(self, count: int = 1, weight: int | None = None) -> None:
        """Some records are there. `weight` is their share of the progress, when not their number."""
        phase = self.report.phases[-1]
        phase.count += count
        self.done = min(self.total, self.done + (count if weight is None else weight))
        self._tell(phase.title)

    def _tell(self, title: str) -> None:
        if self._progress:
            self._progress(self.done, self.total, title)
