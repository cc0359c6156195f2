"""How a run went: objective, bound and conversations placed over time, few enough points to draw and keep."""

import json
from collections.abc import Iterable

FIELDS = ("seconds", "objective", "bound", "placed", "phase")
# As many points are kept; a chart shows no more.
MOST = 300


class Series:
    """Points of `FIELDS`, in the order of time."""

    def __init__(self, trace: Iterable[dict] = ()):
        self.points: list[list] = []
        for item in trace:
            self._append([item[field] for field in FIELDS])

    def add(self, progress) -> None:
        """Add a `scheduler.Progress`."""
        self._append([getattr(progress, field) for field in FIELDS])

    def _append(self, point: list) -> None:
        # Between two changes only the first and the last point of a time say anything.
        same = [point[1:], point[1:]]
        if len(self.points) >= 2 and [each[1:] for each in self.points[-2:]] == same:
            self.points[-1] = point
            return
        self.points.append(point)
        if len(self.points) > MOST:
            self.points = [*self.points[:1], *self.points[1:-1:2], self.points[-1]]

    def text(self) -> str:
        """The points as they are stored."""
        return json.dumps(self.points)


def read(text: str | None) -> list[dict]:
    """Stored points, as dicts of `FIELDS`."""
    return [dict(zip(FIELDS, point, strict=True)) for point in json.loads(text or "[]")]
