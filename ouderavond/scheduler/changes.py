"""What a new schedule changes for whom: each conversation's `previous` start beside the one it has now.

A previous start that is no longer on the grid, or on a date that is gone, is a start like any other: the
conversation has moved if it has a place now, and has lost its place if it has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .problem import Problem
from .reading import moment_text
from .schedule import Schedule

FORMAT = "ouderavond-changes/1"
KINDS = ("moved", "lost", "added")


@dataclass(frozen=True)
class Change:
    """A conversation that is not where it was. `before` and `after` are minutes, None for no place.

    `kind` is moved (another start), lost (a start before, none now) or added (none before, one now).
    """

    kind: str
    conversation: str
    household: str
    student: str | None
    instructors: tuple[str, ...]
    before: int | None
    after: int | None

    def to_dict(self) -> dict[str, Any]:
        """The change in the document "ouderavond-changes/1"."""
        return {
            "kind": self.kind,
            "conversation": self.conversation,
            "household": self.household,
            "student": self.student,
            "instructors": list(self.instructors),
            "from": None if self.before is None else moment_text(self.before),
            "to": None if self.after is None else moment_text(self.after),
        }


@dataclass(frozen=True)
class Counts:
    """How many conversations kept their start, moved, lost their place, and got one for the first time."""

    kept: int = 0
    moved: int = 0
    lost: int = 0
    added: int = 0

    def __str__(self) -> str:
        return f"{self.kept} kept, {self.moved} moved, {self.lost} lost, {self.added} added"


def has_previous(problem: Problem) -> bool:
    """Is there anything to compare with: has any conversation a previous start?"""
    return any(item.previous is not None for item in problem.conversations)


def changes(problem: Problem, schedule: Schedule) -> tuple[Change, ...]:
    """The conversations that a schedule does not leave where they were, in order of household and time.

    Conversations without a previous start are reported only if another one has one: in a first schedule
    nothing has changed. A conversation that the schedule does not name has no place.
    """
    if not has_previous(problem):
        return ()
    start = {item.conversation: item.start for item in schedule.placements}
    found = []
    for item in problem.conversations:
        kind = _kind(item.previous, start.get(item.id))
        if kind in KINDS:
            who = (item.id, item.household, item.student, item.instructors)
            found.append(Change(kind, *who, item.previous, start.get(item.id)))
    return tuple(sorted(found, key=lambda each: (each.household, _when(each), each.conversation)))


def _kind(before: int | None, after: int | None) -> str | None:
    """Kept, moved, lost or added; None for what had no place and has none."""
    if before is None:
        return None if after is None else "added"
    if after is None:
        return "lost"
    return "kept" if before == after else "moved"


def _when(change: Change) -> int:
    return change.after if change.after is not None else change.before


def counts(problem: Problem, schedule: Schedule) -> Counts:
    """How many conversations were kept, moved, lost and added; all 0 if nothing has a previous start."""
    if not has_previous(problem):
        return Counts()
    start = {item.conversation: item.start for item in schedule.placements}
    number = Counter(_kind(item.previous, start.get(item.id)) for item in problem.conversations)
    return Counts(**{kind: number[kind] for kind in ("kept", *KINDS)})


def by_household(found: Iterable[Change]) -> dict[str, tuple[Change, ...]]:
    """The changes of each household that has any, in order of its id."""
    return _grouped((change.household, change) for change in found)


def by_instructor(found: Iterable[Change]) -> dict[str, tuple[Change, ...]]:
    """The changes of each instructor who has any; one of several instructors counts for each of them."""
    return _grouped((name, change) for change in found for name in change.instructors)


def _grouped(pairs: Iterable[tuple[str, Change]]) -> dict[str, tuple[Change, ...]]:
    groups: dict[str, list[Change]] = {}
    for name, change in pairs:
        groups.setdefault(name, []).append(change)
    return {name: tuple(groups[name]) for name in sorted(groups)}


def changes_document(problem: Problem, schedule: Schedule) -> dict[str, Any]:
    """The document "ouderavond-changes/1": counts, the changes, and for whom they are."""
    found = changes(problem, schedule)
    number = counts(problem, schedule)
    return {
        "format": FORMAT,
        "counts": {kind: getattr(number, kind) for kind in ("kept", *KINDS)},
        "least_moved": schedule.bounds.moved,
        "changes": [change.to_dict() for change in found],
        "households": _concerned("household", by_household(found)),
        "instructors": _concerned("instructor", by_instructor(found)),
    }


def _concerned(word: str, groups: dict[str, tuple[Change, ...]]) -> list[dict[str, Any]]:
    return [
        {
            word: name,
            **{kind: sum(change.kind == kind for change in group) for kind in KINDS},
            "conversations": [change.conversation for change in group],
        }
        for name, group in groups.items()
    ]
