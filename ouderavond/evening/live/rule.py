"""How late a conversation is expected to begin, by what its instructors tapped. Without the platform.

The rule, for the conversations of one instructor on one date in the order in which people were told them:

1. Everything up to the last conversation with a tap is past, whether it was tapped or passed over.
2. The one that began last takes as long as it was planned, and from then on until somebody taps that it is
   finished. The next can begin when it is.
3. One whose family did not come takes no time after that was tapped.
4. The next one begins when the instructor is free, not before its own time and not before now: while nobody
   taps, its lateness grows as time passes. Each further one begins when those before it are done, and not
   before its own time: pauses and gaps absorb what is late, and a delay is never negative.
5. Nothing is known any more where a tap was due (the end of the conversation that goes on, otherwise the
   beginning of the next) and did not come for `STALE`. Better no answer than a wrong one.

A conversation with two instructors begins when both can, and what follows waits for that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

STALE = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)

OVER, BUSY, WAITING = "over", "busy", "waiting"


@dataclass(frozen=True)
class Part:
    """A conversation as people were told it, and what was tapped."""

    name: str
    start: datetime
    end: datetime
    started: datetime | None = None
    finished: datetime | None = None
    no_show: bool = False
    # Another instructor of it cannot begin before.
    earliest: datetime | None = None

    @property
    def is_tapped(self) -> bool:
        """Whether somebody tapped anything that still counts."""
        return bool(self.started or self.finished or self.no_show)


@dataclass(frozen=True)
class Outlook:
    """What is expected of a conversation; `expected` and `delay` (whole minutes) are None where not known."""

    state: str
    expected: datetime | None = None
    delay: int | None = None


def outlook(parts: Iterable[Part], now: datetime) -> dict[str, Outlook]:
    """What to expect of each of an instructor's conversations of one date."""
    parts = sorted(parts, key=lambda part: (part.start, part.name))
    last = max((index for index, part in enumerate(parts) if part.is_tapped), default=-1)
    past, coming = parts[: last + 1], parts[last + 1 :]
    busy = _busy(past)
    found = {part.name: Outlook(BUSY if part is busy else OVER) for part in past}
    due = _due(past, coming, busy)
    is_stale = due is not None and now - due > STALE
    free = max(now, _planned_end(busy)) if busy else now
    for part in coming:
        begins = max(part.start, part.earliest or part.start, free)
        late = None if is_stale else (begins - part.start) // MINUTE
        found[part.name] = Outlook(WAITING, None if is_stale else begins, late)
        free = begins + (part.end - part.start)
    return found


def _busy(past: list[Part]) -> Part | None:
    """What goes on: the one that began last, unless somebody tapped that it is finished."""
    begun = [part for part in past if part.started]
    last = max(begun, key=lambda part: part.started, default=None)
    return last if last and not last.finished else None


def _planned_end(part: Part) -> datetime:
    return part.started + (part.end - part.start)


def _due(past: list[Part], coming: list[Part], busy: Part | None) -> datetime | None:
    """When the next tap is due; None where none is to come."""
    if busy:
        return _planned_end(busy)
    ends = [part.finished for part in past if part.finished]
    return max([coming[0].start, *ends]) if coming else None


def together(outlooks: Iterable[Outlook]) -> Outlook:
    """Of a conversation with several instructors: it begins when all of them can."""
    outlooks = list(outlooks)
    if not all(one.state == WAITING for one in outlooks):
        return next(one for one in outlooks if one.state != WAITING)
    if any(one.expected is None for one in outlooks):
        return Outlook(WAITING)
    return max(outlooks, key=lambda one: one.expected)
