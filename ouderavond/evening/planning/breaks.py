"""Fixed breaks: a blocked slot after every so many of each instructor's presence, all removable at once.

A *dynamic* break is a rule instead (break after n, of the evening or of an instructor): the schedule and the
portal leave a slot free where it is due, wherever the conversations lie.
"""

from collections.abc import Iterable
from datetime import date

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.evening import grid
from ouderavond.evening.planning import blocking, places, places_change
from ouderavond.evening.planning.blocking import Wanted

MOST_IN_A_ROW = 60


def wanted(
    evening,
    after: int,
    *,
    instructors: Iterable[str] | None = None,
    dates: Iterable[date] | None = None,
    staggered: bool = False,
) -> list[Wanted]:
    """The breaks of instructors: one slot after every `after` slots of their presence.

    Args:
        evening: Parent Evening document.
        instructors: only these; None: everybody who sits there.
        dates: only these; None: all.
        staggered: not everybody at the same moment; nobody has more than `after` slots in a row.

    Raises:
        frappe.ValidationError: `after` is not a number that makes sense, or no break is due.
    """
    after = cint(after)
    if not 1 <= after <= MOST_IN_A_ROW:
        frappe.throw(_("A break after {0} conversations is not possible.").format(after))
    chosen, on = set(instructors or ()), set(dates or ())
    days = {day.date: day for day in grid.slots(evening)}
    there = places.of_evening(evening.name)
    order = sorted({who for who, _day in there})
    found = []
    for (who, day), place in sorted(there.items(), key=lambda item: (item[0][1], item[0][0])):
        if day in days and (not chosen or who in chosen) and (not on or day in on):
            earlier = order.index(who) % (after // 2 + 1) if staggered else 0
            found += _of_one(evening, who, _starts(days[day], place), after, earlier)
    if not found:
        frappe.throw(_("Nobody is there for more than {0} slots, so no break is due.").format(after))
    return found


def _starts(day: grid.EveningDate, place) -> list:
    first = grid.at(day.date, place.present_from) if place.present_from else day.first
    last = grid.at(day.date, place.present_until) if place.present_until else day.end
    return [start for start in day.starts if first <= start < last]


def _of_one(evening, who: str, starts: list, after: int, earlier: int) -> list[Wanted]:
    length = grid.duration(evening, 1)
    # What would come after everything else is no break.
    due = range(after - earlier, len(starts) - 1, after + 1)
    reason = _("Break")
    return [Wanted("Instructor", who, starts[i], starts[i] + length, reason, 1) for i in due]


def make(
    evening: str,
    after: int,
    *,
    instructors: list[str] | None = None,
    dates: list[date] | None = None,
    staggered: bool = False,
    over: str | None = None,
    moves: dict[str, str] | None = None,
):
    """Make these breaks instead of the fixed breaks that are there, all of them or none.

    Args:
        over, moves: what becomes of conversations in them, as `blocking.block` takes it.

    Returns:
        The report of the change.
    """
    doc = frappe.get_doc("Parent Evening", evening)
    wants = wanted(doc, after, instructors=instructors, dates=dates, staggered=staggered)
    earlier = existing(evening, instructors, dates)
    return blocking.block(evening, wants, over=over, moves=moves, replacing=earlier, operation="Breaks")


def existing(
    evening: str, instructors: Iterable[str] | None = None, dates: Iterable[date] | None = None
) -> list[str]:
    """The fixed breaks of an evening, or of some instructors and dates of it."""
    filters = {"evening": evening, "is_break": 1}
    if instructors:
        filters["who"] = ("in", list(instructors))
    rows = frappe.get_all("Evening Block", filters, ["name", "from_time"])
    on = set(dates or ())
    return [row.name for row in rows if not on or row.from_time.date() in on]


def remove(evening: str, instructors: list[str] | None = None, dates: list[date] | None = None):
    """Take the fixed breaks away, all of them or none.

    Returns:
        The report of the change.
    """
    return blocking.remove(evening, existing(evening, instructors, dates), operation="Breaks")


def rule(
    evening: str, after: int, instructors: Iterable[str] | None = None, dates: Iterable[date] | None = None
):
    """Give instructors a dynamic break after so many conversations; 0: as the evening says.

    Returns:
        The report of the change.
    """
    after = cint(after)
    if not 0 <= after <= MOST_IN_A_ROW:
        frappe.throw(_("A break after {0} conversations is not possible.").format(after))
    chosen, on = set(instructors or ()), set(dates or ())
    edits = [
        {"instructor": who, "date": str(day), "values": {"break_after": after}}
        for who, day in places.of_evening(evening)
        if (not chosen or who in chosen) and (not on or day in on)
    ]
    return places_change.save(evening, edits)
