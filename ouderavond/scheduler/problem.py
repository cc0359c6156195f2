"""The problem: what is to be scheduled, as frozen dataclasses, and how it is read from a document.

Times are minutes (see `reading.moment`), so that differences are minutes too. `load` accepts the
documented format "ouderavond-problem/1" and nothing else; whatever it returns is consistent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .reading import (
    DAY,
    REQUIRED,
    InputError,
    boolean,
    clock,
    date,
    identifier,
    interval,
    join,
    list_of,
    midnight,
    moment,
    moment_text,
    one_of,
    record,
    shown,
    weight,
    whole,
)

FORMAT = "ouderavond-problem/1"

Interval = tuple[int, int]


class ProblemError(InputError):
    """The problem document is invalid: `path` of the value and what was `expected` there."""


@dataclass(frozen=True)
class EveningDate:
    """One date with the minutes at which a conversation may start, ascending."""

    date: str
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Room:
    """A room; a shared one (an aula with many tables) holds any number of conversations at once."""

    id: str
    shared: bool = False


@dataclass(frozen=True)
class Break:
    """An instructor wants `slots` slots without a conversation after at most `after` conversations."""

    after: int
    slots: int = 1


@dataclass(frozen=True)
class Instructor:
    """Someone who holds conversations. `rooms` gives the room per date, `household` their own family."""

    id: str
    rooms: Mapping[str, str] = field(default_factory=dict)
    unavailable: tuple[Interval, ...] = ()
    break_: Break | None = None
    household: str | None = None


@dataclass(frozen=True)
class Apart:
    """Another household that must not be met, and the minutes between the two stays."""

    household: str
    minutes: int


@dataclass(frozen=True)
class Household:
    """Guardians who attend together; never in two conversations at once."""

    id: str
    unavailable: tuple[Interval, ...] = ()
    apart: tuple[Apart, ...] = ()


@dataclass(frozen=True)
class Student:
    """A student; only one who attends can be double-booked."""

    id: str
    unavailable: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """A requested conversation of `slots` consecutive slots of a household with all its instructors."""

    id: str
    household: str
    instructors: tuple[str, ...]
    student: str | None = None
    student_attends: bool = False
    slots: int = 1
    priority: str = "wanted"
    rank: int = 1
    preference: str = "none"
    mode: str = "in_person"
    unavailable: tuple[Interval, ...] = ()
    pinned: int | None = None
    previous: int | None = None


@dataclass(frozen=True)
class Weights:
    """The weights of both objectives, each from 0 to a million with at most three decimals."""

    must: float = 10000
    wanted: float = 1000
    nothing: float = 300
    moved: float = 100
    date: float = 20
    waiting: float = 1
    preference: float = 1
    break_: float = 2
    instructor_waiting: float = 0.1


@dataclass(frozen=True)
class Problem:
    """A whole problem. Made by `load`; the maps by id are derived."""

    slot_minutes: int
    dates: tuple[EveningDate, ...]
    instructors: tuple[Instructor, ...]
    households: tuple[Household, ...]
    conversations: tuple[Conversation, ...]
    pause_minutes: int = 0
    walking_minutes: int = 0
    travel_minutes: int = 30
    rooms: tuple[Room, ...] = ()
    walking: Mapping[tuple[str, str], int] = field(default_factory=dict)
    students: tuple[Student, ...] = ()
    weights: Weights = field(default_factory=Weights)

    @cached_property
    def instructor(self) -> dict[str, Instructor]:
        """Instructors by id."""
        return {item.id: item for item in self.instructors}

    @cached_property
    def household(self) -> dict[str, Household]:
        """Households by id."""
        return {item.id: item for item in self.households}

    @cached_property
    def student(self) -> dict[str, Student]:
        """Students by id."""
        return {item.id: item for item in self.students}

    @cached_property
    def room(self) -> dict[str, Room]:
        """Rooms by id."""
        return {item.id: item for item in self.rooms}

    @cached_property
    def conversation(self) -> dict[str, Conversation]:
        """Conversations by id."""
        return {item.id: item for item in self.conversations}

    def duration(self, slots: int) -> int:
        """Minutes that a conversation of that many slots lasts."""
        return slots * self.slot_minutes + (slots - 1) * self.pause_minutes


MINUTES = whole(0, DAY)
INTERVALS = list_of(interval)


def _rooms_by_date(value: Any, path: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise InputError(path, f"expected an object of dates and rooms, found {shown(value)}")
    return {date(day, join(path, str(day))): identifier(room, join(path, day)) for day, room in value.items()}


def _break(value: Any, path: str) -> Break:
    return Break(**record(value, path, {"after": (whole(1, 1000), REQUIRED), "slots": (whole(1, 100), 1)}))


def _date(value: Any, path: str) -> EveningDate:
    found = record(value, path, {"date": (date, REQUIRED), "starts": (list_of(clock), REQUIRED)})
    base = midnight(found["date"])
    return EveningDate(found["date"], tuple(base + start for start in found["starts"]))


def _room(value: Any, path: str) -> Room:
    return Room(**record(value, path, {"id": (identifier, REQUIRED), "shared": (boolean, False)}))


def _walk(value: Any, path: str) -> tuple[str, str, int]:
    fields = {"from": (identifier, REQUIRED), "to": (identifier, REQUIRED), "minutes": (MINUTES, REQUIRED)}
    return tuple(record(value, path, fields).values())


def _instructor(value: Any, path: str) -> Instructor:
    fields = {
        "id": (identifier, REQUIRED),
        "rooms": (_rooms_by_date, {}),
        "unavailable": (INTERVALS, ()),
        "break": (_break, None),
        "household": (identifier, None),
    }
    found = record(value, path, fields)
    found["break_"] = found.pop("break")
    return Instructor(**found)


def _apart(value: Any, path: str) -> Apart:
    return Apart(**record(value, path, {"household": (identifier, REQUIRED), "minutes": (MINUTES, REQUIRED)}))


def _household(value: Any, path: str) -> Household:
    fields = {"id": (identifier, REQUIRED), "unavailable": (INTERVALS, ()), "apart": (list_of(_apart), ())}
    return Household(**record(value, path, fields))


def _student(value: Any, path: str) -> Student:
    return Student(**record(value, path, {"id": (identifier, REQUIRED), "unavailable": (INTERVALS, ())}))


def _conversation(value: Any, path: str) -> Conversation:
    fields = {
        "id": (identifier, REQUIRED),
        "household": (identifier, REQUIRED),
        "instructors": (list_of(identifier), REQUIRED),
        "student": (identifier, None),
        "student_attends": (boolean, False),
        "slots": (whole(1, 1000), 1),
        "priority": (one_of("must", "wanted"), "wanted"),
        "rank": (whole(1, 1000), 1),
        "preference": (one_of("early", "late", "none"), "none"),
        "mode": (one_of("in_person", "online"), "in_person"),
        "unavailable": (INTERVALS, ()),
        "pinned": (moment, None),
        "previous": (moment, None),
    }
    return Conversation(**record(value, path, fields))


def _weights(value: Any, path: str) -> Weights:
    default = Weights()
    names = [name for name in default.__dataclass_fields__]
    fields = {name.rstrip("_"): (weight, getattr(default, name)) for name in names}
    found = record(value, path, fields)
    return Weights(**{name: found[name.rstrip("_")] for name in names})


_FIELDS = {
    "format": (one_of(FORMAT), REQUIRED),
    "slot_minutes": (whole(1, DAY), REQUIRED),
    "pause_minutes": (MINUTES, 0),
    "walking_minutes": (MINUTES, 0),
    "travel_minutes": (MINUTES, 30),
    "dates": (list_of(_date), REQUIRED),
    "rooms": (list_of(_room), ()),
    "walking": (list_of(_walk), ()),
    "instructors": (list_of(_instructor), REQUIRED),
    "households": (list_of(_household), REQUIRED),
    "students": (list_of(_student), ()),
    "conversations": (list_of(_conversation), REQUIRED),
    "weights": (_weights, Weights()),
}


def load(document: Mapping[str, Any]) -> Problem:
    """Read a problem from a parsed document of the format "ouderavond-problem/1".

    Raises `ProblemError` with the path of the first value that is wrong and what was expected there.
    """
    try:
        found = record(document, "", _FIELDS)
        del found["format"]
        walking = found.pop("walking")
        problem = Problem(**found, walking=_matrix(walking))
        _check_dates(problem)
        _check_references(problem, walking)
        _check_conversations(problem)
        _check_pins(problem)
    except InputError as error:
        raise ProblemError(error.path, error.expected) from None
    return problem


def _matrix(walks: tuple[tuple[str, str, int], ...]) -> dict[tuple[str, str], int]:
    """Walking minutes in both directions; two rows about one pair must agree."""
    matrix: dict[tuple[str, str], int] = {}
    for index, (one, other, minutes) in enumerate(walks):
        path = f"walking[{index}]"
        if one == other:
            raise InputError(path, f"expected two different rooms, found {shown(one)} twice")
        known = matrix.get((one, other), minutes)
        if known != minutes:
            raise InputError(f"{path}.minutes", f"expected {known}, as for the same rooms in an earlier row")
        matrix[one, other] = matrix[other, one] = minutes
    return matrix


def _unique(ids: Iterable[str], path: str, key: str) -> None:
    seen: dict[str, int] = {}
    for index, value in enumerate(ids):
        if value in seen:
            where = f"{path}[{seen[value]}]"
            raise InputError(f"{path}[{index}].{key}", f"{shown(value)} is already used by {where}")
        seen[value] = index


def _check_dates(problem: Problem) -> None:
    _unique((day.date for day in problem.dates), "dates", "date")
    spacing = problem.slot_minutes + problem.pause_minutes
    for number, day in enumerate(problem.dates):
        for index, (one, other) in enumerate(zip(day.starts, day.starts[1:], strict=False)):
            if other - one < spacing:
                path = f"dates[{number}].starts[{index + 1}]"
                raise InputError(path, f"expected a start at least {spacing} minutes after the one before it")
        if day.starts and day.starts[-1] + problem.slot_minutes > midnight(day.date) + DAY:
            path = f"dates[{number}].starts[{len(day.starts) - 1}]"
            raise InputError(path, "expected a slot that ends by midnight")


def _check_references(problem: Problem, walking: Iterable[tuple[str, str, int]]) -> None:
    for name in ("rooms", "instructors", "households", "students", "conversations"):
        _unique((item.id for item in getattr(problem, name)), name, "id")
    for index, (one, other, _) in enumerate(walking):
        _known(one, problem.room, f"walking[{index}].from", "room")
        _known(other, problem.room, f"walking[{index}].to", "room")
    for index, instructor in enumerate(problem.instructors):
        _check_instructor(problem, instructor, f"instructors[{index}]")
    for index, household in enumerate(problem.households):
        for number, apart in enumerate(household.apart):
            path = f"households[{index}].apart[{number}].household"
            _known(apart.household, problem.household, path, "household")
            if apart.household == household.id:
                raise InputError(path, "expected another household than this one")


def _check_instructor(problem: Problem, instructor: Instructor, path: str) -> None:
    days = {day.date for day in problem.dates}
    for day, room in instructor.rooms.items():
        _known(day, days, f"{path}.rooms.{day}", "date")
        _known(room, problem.room, f"{path}.rooms.{day}", "room")
    if instructor.household is not None:
        _known(instructor.household, problem.household, f"{path}.household", "household")


def _known(value: str, known: Iterable[str], path: str, kind: str) -> None:
    if value not in known:
        raise InputError(path, f"there is no {kind} {shown(value)}")


def _check_conversations(problem: Problem) -> None:
    for index, conversation in enumerate(problem.conversations):
        path = f"conversations[{index}]"
        _known(conversation.household, problem.household, f"{path}.household", "household")
        if not conversation.instructors:
            raise InputError(f"{path}.instructors", "expected at least one instructor")
        for number, instructor in enumerate(conversation.instructors):
            _known(instructor, problem.instructor, f"{path}.instructors[{number}]", "instructor")
            if instructor in conversation.instructors[:number]:
                raise InputError(f"{path}.instructors[{number}]", f"{shown(instructor)} is named twice")
        if conversation.student is not None:
            _known(conversation.student, problem.student, f"{path}.student", "student")
        elif conversation.student_attends:
            raise InputError(f"{path}.student", "is required when student_attends is true")


def _check_pins(problem: Problem) -> None:
    """Pins lie on the grid and break rule 2 nowhere: no solver could repair that."""
    taken: dict[tuple[str, str], list[tuple[int, int, int, str]]] = {}
    for index, conversation in enumerate(problem.conversations):
        if conversation.pinned is None:
            continue
        day = _date_of_pin(problem, conversation, f"conversations[{index}].pinned")
        start, end = conversation.pinned, conversation.pinned + problem.duration(conversation.slots)
        for kind, who, role in _presences(problem, conversation, day):
            for other, other_start, other_end, other_role in taken.get((kind, who), ()):
                meet = other != index and start < other_end and other_start < end
                if meet and (kind != "own" or role != other_role):
                    raise _clash(problem, index, other, kind, who)
            taken.setdefault((kind, who), []).append((index, start, end, role))


def _presences(problem: Problem, conversation: Conversation, day: str) -> Iterable[tuple[str, str, str]]:
    """Who and what a conversation occupies; "own" ties an instructor to the instructor's own household."""
    yield "household", conversation.household, ""
    if conversation.student_attends and conversation.student is not None:
        yield "student", conversation.student, ""
    room = problem.instructor[conversation.instructors[0]].rooms.get(day)
    if room is not None and not problem.room[room].shared:
        yield "room", room, ""
    for instructor in conversation.instructors:
        yield "instructor", instructor, ""
        own = problem.instructor[instructor].household
        if own is not None:
            yield "own", own, "instructor"
    yield "own", conversation.household, "household"


def _clash(problem: Problem, one: int, other: int, kind: str, who: str) -> InputError:
    conversations = problem.conversations
    share = f"{kind} {shown(who)}"
    if kind == "own":
        share = f"an instructor and that instructor's own household {shown(who)}"
    names = f"{shown(conversations[one].id)} and {shown(conversations[other].id)}"
    return InputError(f"conversations[{one}].pinned", f"the pins of {names} overlap and share {share}")


def _date_of_pin(problem: Problem, conversation: Conversation, path: str) -> str:
    """The date of a pin, which must be a start with enough consecutive slots after it."""
    spacing = problem.slot_minutes + problem.pause_minutes
    for day in problem.dates:
        if conversation.pinned in day.starts:
            first = day.starts.index(conversation.pinned)
            cells = day.starts[first : first + conversation.slots]
            wanted = tuple(conversation.pinned + number * spacing for number in range(conversation.slots))
            if cells == wanted:
                return day.date
            expected = f"a start with {conversation.slots} consecutive slots"
            raise InputError(path, f"expected {expected}, found {moment_text(conversation.pinned)}")
    raise InputError(path, f"expected a start of the grid, found {moment_text(conversation.pinned)}")
