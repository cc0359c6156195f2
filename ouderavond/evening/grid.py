"""The grid of slots of an evening: from each date's first time, as many slots as fit before its end time."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate, to_timedelta

# The slots of a date: from midnight to midnight, a minute each.
MOST_SLOTS = 24 * 60
# Before and after these, calculating with moments leaves what there is.
YEARS = range(1900, 9000)


class EveningDate(NamedTuple):
    """One date of an evening: its span, and the starts of its slots."""

    date: date
    first: datetime
    end: datetime
    starts: list[datetime]
    place: str | None


def slots(evening) -> list[EveningDate]:
    """The dates of a Parent Evening document in order, each with the starts of its slots.

    A slot is `minutes_per_conversation` long and the next starts `minutes_between` after its end; the last
    one ends at the date's end time or before.
    """
    minutes = int(evening.minutes_per_conversation or 0)
    if minutes <= 0:
        return []
    step = timedelta(minutes=minutes + int(evening.minutes_between or 0))
    found = []
    for row in sorted(evening.dates, key=lambda row: getdate(row.date)):
        first, end = at(row.date, row.first_time), at(row.date, row.end_time)
        starts, start = [], first
        while start + timedelta(minutes=minutes) <= end:
            starts.append(start)
            start += step
        found.append(EveningDate(getdate(row.date), first, end, starts, row.place))
    return found


def at(day, time) -> datetime:
    """A date and a time of day (as the platform stores it) as one moment, to the minute."""
    moment = datetime.combine(getdate(day), datetime.min.time()) + to_timedelta(time)
    return moment.replace(second=0, microsecond=0)


def duration(evening, slot_count: int) -> timedelta:
    """How long a conversation of `slot_count` slots lasts, including the pauses within it.

    Raises:
        frappe.ValidationError: so many that they make no conversation.
    """
    if not 0 <= slot_count <= MOST_SLOTS:
        frappe.throw(_("A conversation takes at least one slot, and at most {0}.").format(MOST_SLOTS))
    minutes = slot_count * int(evening.minutes_per_conversation)
    return timedelta(minutes=minutes + (slot_count - 1) * int(evening.minutes_between or 0))


def day(value) -> date:
    """A date as text or date.

    Raises:
        frappe.ValidationError: the text is no date, or none at which a school has an evening.
    """
    found = None
    with suppress(AttributeError, OverflowError, TypeError, ValueError):
        found = getdate(value) if value else None
    if found is None or found.year not in YEARS:
        frappe.throw(_("{0} is not a date.").format(frappe.utils.escape_html(str(value)[:20])))
    return found


def minute(value) -> datetime:
    """A moment as text or datetime, cut to the minute.

    Raises:
        frappe.ValidationError: the text is no date and time, or none at which a school has an evening.
    """
    moment = None
    with suppress(AttributeError, OverflowError, TypeError, ValueError):
        moment = get_datetime(value)
    if moment is None or moment.year not in YEARS:
        given = frappe.utils.escape_html(str(value)[:40])
        frappe.throw(_("{0} is not a date and time such as 2027-02-09 18:30.").format(given))
    return moment.replace(second=0, microsecond=0)
