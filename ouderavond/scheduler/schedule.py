"""The schedule: what the solver returns and the checker reads, and its document format.

Times are minutes, as in the problem; `Schedule.to_dict` and `load_schedule` convert to and from the
documented format "ouderavond-schedule/1".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .reading import (
    REQUIRED,
    InputError,
    identifier,
    list_of,
    moment,
    moment_text,
    number,
    one_of,
    record,
    shown,
    text,
    whole,
)

FORMAT = "ouderavond-schedule/1"
STATUSES = ("optimal", "feasible", "cancelled")
REASONS = (
    "no_common_time",
    "household_full",
    "instructor_full",
    "room_full",
    "displaces",
    "time_limit",
)
KINDS = ("move", "other_instructor", "other_date", "online")


class ScheduleError(InputError):
    """The schedule document is invalid: `path` of the value and what was `expected` there."""


@dataclass(frozen=True)
class Placement:
    """A conversation and the minute at which it starts."""

    conversation: str
    start: int


@dataclass(frozen=True)
class Alternative:
    """Something people could decide on so that a conversation gets a place after all.

    `moves` are the conversations that would have to move for it, with their new starts.
    """

    kind: str
    start: int
    instructor: str | None = None
    moves: tuple[Placement, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A conversation without a place: why (a code and its facts), and what could be done."""

    conversation: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class Criteria:
    """What a schedule achieves, in numbers of conversations, households, dates, runs and minutes."""

    must_unplaced: int = 0
    wanted_unplaced: int = 0
    households_with_nothing: int = 0
    moved: int = 0
    extra_dates: int = 0
    waiting_minutes: int = 0
    preferences_missed: int = 0
    breaks_missed: int = 0
    instructor_waiting_minutes: int = 0


@dataclass(frozen=True)
class Bounds:
    """Proven minima, None where not proven: of must_unplaced, of wanted_unplaced given that, and of moved
    among the schedules that leave out as little (by weight, and of households with nothing)."""

    must_unplaced: int | None = None
    wanted_unplaced: int | None = None
    moved: int | None = None


@dataclass(frozen=True)
class Notice:
    """A warning: `code` and `facts` for programs, `text` for people (English)."""

    code: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """How far a run is: seconds since its start, phase, families' objective, bound, conversations placed."""

    seconds: float
    phase: str
    objective: float | None
    bound: float
    placed: int
    total: int


@dataclass(frozen=True)
class Schedule:
    """A schedule with its figures. `objective` and `bound` are the families'; `seconds` is wall-clock."""

    status: str
    placements: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    criteria: Criteria
    objective: float
    bound: float | None
    instructors_objective: float
    bounds: Bounds = Bounds()
    warnings: tuple[Notice, ...] = ()
    seconds: float = 0.0
    progress: tuple[Progress, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The document of the format "ouderavond-schedule/1", ready for `json.dump`."""
        document = {"format": FORMAT, **{name.name: getattr(self, name.name) for name in fields(self)}}
        document["placements"] = [_placement_dict(item) for item in self.placements]
        document["unplaced"] = [_unplaced_dict(item) for item in self.unplaced]
        for name in ("criteria", "bounds"):
            document[name] = asdict(document[name])
        for name in ("warnings", "progress"):
            document[name] = [asdict(item) for item in document[name]]
        return document


def _placement_dict(item: Placement) -> dict[str, Any]:
    return {"conversation": item.conversation, "start": moment_text(item.start)}


def _unplaced_dict(item: Unplaced) -> dict[str, Any]:
    alternatives = [
        {
            "kind": option.kind,
            "instructor": option.instructor,
            "start": moment_text(option.start),
            "moves": [_placement_dict(move) for move in option.moves],
        }
        for option in item.alternatives
    ]
    return {
        "conversation": item.conversation,
        "reason": item.reason,
        "facts": dict(item.facts),
        "alternatives": alternatives,
    }


def _facts(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(path, f"expected an object, found {shown(value)}")
    return dict(value)


def _placement(value: Any, path: str) -> Placement:
    return Placement(
        **record(value, path, {"conversation": (identifier, REQUIRED), "start": (moment, REQUIRED)})
    )


def _alternative(value: Any, path: str) -> Alternative:
    known = {
        "kind": (one_of(*KINDS), REQUIRED),
        "instructor": (identifier, None),
        "start": (moment, REQUIRED),
        "moves": (list_of(_placement), ()),
    }
    return Alternative(**record(value, path, known))


def _unplaced(value: Any, path: str) -> Unplaced:
    known = {
        "conversation": (identifier, REQUIRED),
        "reason": (one_of(*REASONS), REQUIRED),
        "facts": (_facts, {}),
        "alternatives": (list_of(_alternative), ()),
    }
    return Unplaced(**record(value, path, known))


COUNT = whole(0, 10**12)


def _criteria(value: Any, path: str) -> Criteria:
    return Criteria(**record(value, path, {name.name: (COUNT, REQUIRED) for name in fields(Criteria)}))


def _bounds(value: Any, path: str) -> Bounds:
    return Bounds(**record(value, path, {name.name: (COUNT, None) for name in fields(Bounds)}))


def _notice(value: Any, path: str) -> Notice:
    return Notice(
        **record(value, path, {"code": (text, REQUIRED), "text": (text, REQUIRED), "facts": (_facts, {})})
    )


def _progress(value: Any, path: str) -> Progress:
    known = {
        "seconds": (number, REQUIRED),
        "phase": (text, REQUIRED),
        "objective": (number, None),
        "bound": (number, REQUIRED),
        "placed": (COUNT, REQUIRED),
        "total": (COUNT, REQUIRED),
    }
    return Progress(**record(value, path, known))


_FIELDS = {
    "format": (one_of(FORMAT), REQUIRED),
    "status": (one_of(*STATUSES), REQUIRED),
    "placements": (list_of(_placement), REQUIRED),
    "unplaced": (list_of(_unplaced), REQUIRED),
    "criteria": (_criteria, REQUIRED),
    "objective": (number, REQUIRED),
    "bound": (number, None),
    "instructors_objective": (number, REQUIRED),
    "bounds": (_bounds, Bounds()),
    "warnings": (list_of(_notice), ()),
    "seconds": (number, 0.0),
    "progress": (list_of(_progress), ()),
}


def load_schedule(document: Mapping[str, Any]) -> Schedule:
    """Read a schedule from a parsed document of the format "ouderavond-schedule/1".

    Only the form is checked here; `verify` compares it with a problem. Raises `ScheduleError`.
    """
    try:
        found = record(document, "", _FIELDS)
    except InputError as error:
        raise ScheduleError(error.path, error.expected) from None
    del found["format"]
    return Schedule(**found)
