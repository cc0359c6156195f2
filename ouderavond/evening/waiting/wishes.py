"""Between which times somebody who waits can come."""

import re
from datetime import timedelta

import frappe
from frappe import _

from ouderavond.evening import grid, wording
from ouderavond.evening.waiting.outlook import suits

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def check(evening, slots: int, earliest: str | None, latest: str | None) -> tuple[str | None, str | None]:
    """The two times as they are stored; empty means any.

    Raises:
        frappe.ValidationError: they are no times, or no conversation of `slots` slots fits between them.
    """
    row = frappe._dict(earliest=_clock(earliest), latest=_clock(latest))
    length = grid.duration(evening, slots)
    fits = any(suits(row, start, start + length) for day in grid.slots(evening) for start in day.starts)
    if not fits:
        frappe.throw(_refusal(row))
    return row.earliest, row.latest


def _clock(text: str | None) -> str | None:
    if not text:
        return None
    if not CLOCK.fullmatch(text):
        frappe.throw(_("Please give times such as 19:30."))
    return f"{text}:00"


def _refusal(row) -> str:
    if row.earliest and row.latest:
        sentence = _("No conversation of this evening lies between {0} and {1}.")
        return sentence.format(wording.time(row.earliest), wording.time(row.latest))
    if row.earliest:
        return _("No conversation of this evening begins at {0} or later.").format(wording.time(row.earliest))
    return _("No conversation of this evening is over by {0}.").format(wording.time(row.latest))


def in_words(earliest: timedelta | None, latest: timedelta | None) -> str:
    """The wish as a part of a list; empty where any time is right."""
    if earliest is not None and latest is not None:
        return _("between {0} and {1}").format(wording.time(earliest), wording.time(latest))
    if earliest is not None:
        return _("from {0}").format(wording.time(earliest))
    return _("until {0}").format(wording.time(latest)) if latest is not None else ""
