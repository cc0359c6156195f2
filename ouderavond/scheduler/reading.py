"""Checks for values that come out of a JSON document, each with the path of the value it looks at.

A check takes ``(value, path)`` and returns the value in its internal form, or raises `InputError`.
Checks are composed: ``list_of(whole(1, 5))`` checks a list of small numbers.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str], Any]

REQUIRED: Any = object()
DAY = 24 * 60

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class InputError(ValueError):
    """A value in a document is not what it should be.

    `path` leads to the value (``conversations[12].slots``), `expected` says what was expected there.
    """

    def __init__(self, path: str, expected: str):
        super().__init__(f"{path}: {expected}")
        self.path = path
        self.expected = expected


def shown(value: Any) -> str:
    """A short form of a value for use in a sentence."""
    try:
        text = repr(value)
    except ValueError:  # a number with more digits than Python agrees to print
        text = "a very long number"
    return text if len(text) <= 60 else text[:57] + "..."


def _wrong(path: str, expected: str, value: Any) -> InputError:
    return InputError(path, f"expected {expected}, found {shown(value)}")


def join(path: str, key: str) -> str:
    """The path of a key of the object at `path`; the document itself has the path ``""``."""
    return f"{path}.{key}" if path else key


def record(value: Any, path: str, fields: Mapping[str, tuple[Check, Any]]) -> dict[str, Any]:
    """Read an object: `fields` gives per key its check and its default (`REQUIRED` if it has none).

    An optional key may be absent or null. Keys that are not in `fields` are refused.
    """
    if not isinstance(value, Mapping):
        raise _wrong(path or "document", "an object", value)
    for key in value:
        if key not in fields:
            raise InputError(join(path, str(key)), f"unknown key; known here are {', '.join(fields)}")
    result = {}
    for key, (check, default) in fields.items():
        found = value.get(key)
        if found is not None:
            result[key] = check(found, join(path, key))
        elif default is REQUIRED:
            raise InputError(join(path, key), "is required")
        else:
            result[key] = default
    return result


def list_of(check: Check) -> Check:
    """A list of what `check` accepts, as a tuple."""

    def read(value: Any, path: str) -> tuple:
        if not isinstance(value, list | tuple):
            raise _wrong(path, "a list", value)
        return tuple(check(item, f"{path}[{index}]") for index, item in enumerate(value))

    return read


def whole(low: int, high: int) -> Check:
    """A whole number from `low` to `high`, both included."""

    def read(value: Any, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _wrong(path, f"a whole number from {low} to {high}", value)
        return value

    return read


def number(value: Any, path: str) -> float:
    """Any finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
        raise _wrong(path, "a number", value)
    return float(value)


def _finite(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def weight(value: Any, path: str) -> float:
    """A number from 0 to a million with at most three decimals."""
    expected = "a number from 0 to 1000000 with at most 3 decimals"
    if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
        raise _wrong(path, expected, value)
    if not 0 <= value <= 1_000_000 or abs(value * 1000 - round(value * 1000)) > 1e-6:
        raise _wrong(path, expected, value)
    return float(value)


def boolean(value: Any, path: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise _wrong(path, "true or false", value)
    return value


def identifier(value: Any, path: str) -> str:
    """A text of 1 to 200 characters; half of a surrogate pair is none."""
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or any(map(_is_half, value)):
        raise _wrong(path, "a text of 1 to 200 characters", value)
    return value


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def text(value: Any, path: str) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise _wrong(path, "a text", value)
    return value


def one_of(*choices: str) -> Check:
    """One of the given words."""

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _wrong(path, "one of " + ", ".join(choices), value)
        return value

    return read


def date(value: Any, path: str) -> str:
    """A calendar date, kept as its text (2027-02-09)."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _wrong(path, "a date as 2027-02-09", value)
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        raise _wrong(path, "a date that exists, as 2027-02-09", value) from None
    return value


def clock(value: Any, path: str) -> int:
    """A time of day (18:30) in minutes after midnight."""
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise _wrong(path, "a time of day as 18:30", value)
    return int(match[1]) * 60 + int(match[2])


def moment(value: Any, path: str) -> int:
    """A local date and time (2027-02-09T18:30) as a minute: days since year 1 × 1440 + minute of the day."""
    day, separator, time = value.partition("T") if isinstance(value, str) else ("", "", "")
    if not (separator and _DATE.fullmatch(day) and _CLOCK.fullmatch(time)):
        raise _wrong(path, "a time as 2027-02-09T18:30", value)
    return midnight(date(day, path)) + clock(time, path)


def interval(value: Any, path: str) -> tuple[int, int]:
    """A pair of times [from, to), as minutes."""
    pair = list_of(moment)(value, path)
    if len(pair) != 2 or pair[0] >= pair[1]:
        raise _wrong(path, "two times, the second after the first", value)
    return pair


def midnight(day: str) -> int:
    """The minute at which a date begins."""
    return datetime.date.fromisoformat(day).toordinal() * DAY


def moment_text(minute: int) -> str:
    """A minute written as local ISO 8601 to the minute (2027-02-09T18:30)."""
    day, rest = divmod(minute, DAY)
    return f"{datetime.date.fromordinal(day).isoformat()}T{rest // 60:02d}:{rest % 60:02d}"
