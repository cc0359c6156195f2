"""What was tapped at a conversation, folded into what it means. Imports nothing of the platform.

Every tap is kept with its own time and name, so that it does not matter in which order taps arrive, how
often one is sent, and which of two instructors tapped: the same taps always mean the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

STARTED, FINISHED, NO_SHOW, UNDO = "started", "finished", "no_show", "undo"
KINDS = (STARTED, FINISHED, NO_SHOW, UNDO)


@dataclass(frozen=True)
class Tap:
    """A tap; an undo says which tap it takes back."""

    id: str
    kind: str
    at: datetime
    of: str | None = None


@dataclass
class Held:
    """What became of a conversation; `last` is the tap that decided it, which can be taken back."""

    started: datetime | None = None
    finished: datetime | None = None
    no_show: bool = False
    last: str | None = None


def fold(taps: Iterable[Tap]) -> Held:
    """What taps mean, in the order of their own times.

    The first tap of a kind holds: a second instructor's does not move it. Who is marked as not having come
    and comes after all has started. Nobody who has been finished with did not come.
    """
    taps = list(taps)
    undone = {tap.of for tap in taps if tap.kind == UNDO}
    held = Held()
    for tap in sorted(taps, key=lambda tap: (tap.at, tap.id)):
        if tap.kind != UNDO and tap.id not in undone and _counts(held, tap.kind):
            _apply(held, tap)
    return held


def _counts(held: Held, kind: str) -> bool:
    if kind == STARTED:
        return held.no_show or not (held.started or held.finished)
    return not held.finished


def _apply(held: Held, tap: Tap) -> None:
    held.no_show = tap.kind == NO_SHOW
    held.last = tap.id
    if tap.kind == STARTED:
        held.started, held.finished = tap.at, None
    else:
        held.finished = tap.at
        held.started = None if held.no_show else held.started
