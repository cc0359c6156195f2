"""Times that somebody blocks for themselves: a household that can't come, an instructor who is elsewhere.

They are blocks of that person. Only what somebody said themselves is theirs to see and to change.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe import _

from ouderavond.evening import blocks, grid, wording

MOST = 40


class Time(NamedTuple):
    """A time [start, end) on one date."""

    start: datetime
    end: datetime

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether something from `start` to `end` lies in this time, or a part of it."""
        return start < self.end and self.start < end


def checked(evening, times: list[Time]) -> list[Time]:
    """The same times; refused where one is not of the evening (a Parent Evening document).

    Raises:
        frappe.ValidationError: too many, or one lies outside the evening or ends before it starts.
    """
    if len(times) > MOST:
        frappe.throw(_("At most {0} times are possible.").format(MOST))
    days = {row.date: row for row in grid.slots(evening)}
    for start, end in times:
        day = days.get(start.date())
        if not day or start < day.first or end > day.end:
            frappe.throw(_("{0} is not at a time of this evening.").format(wording.moment(start)))
        if start >= end:
            sentence = _("A time that starts on {0} must end later.")
            frappe.throw(sentence.format(wording.moment(start)))
    return times


def joined(times: Iterable[Time]) -> list[Time]:
    """The same times in order, without overlap."""
    found: list[Time] = []
    for time in sorted(times):
        if found and time.start <= found[-1].end:
            found[-1] = Time(found[-1].start, max(found[-1].end, time.end))
        else:
            found.append(time)
    return found


def rows(evening: str, who_type: str, who: Iterable[str]) -> list[frappe._dict]:
    """The blocks that records of a kind (Guardian, Student, Instructor) made for themselves, in order."""
    own = {"evening": evening, "source": who_type, "who_type": who_type, "who": ("in", list(who) or [""])}
    fields = ["name", "who", "from_time", "to_time"]
    return frappe.get_all("Evening Block", own, fields, order_by="from_time, name")


def new_among(wanted: list[Time], there: list) -> list[Time]:
    """Those of the wanted times that are not among the rows yet."""
    known = {(row.from_time, row.to_time) for row in there}
    return [time for time in wanted if time not in known]


def replace(evening: str, there: list, wanted: list[Time], who_type: str, who: str) -> None:
    """Turn the rows of a record into exactly the wanted times; within `claims.transaction`."""
    for row in there:
        if (row.from_time, row.to_time) not in set(wanted):
            blocks.remove(row.name)
    for time in new_among(wanted, there):
        blocks.write(evening, who_type, who, *time, source=who_type)
