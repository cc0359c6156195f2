"""Blocking times on the grid: what is blocked, what a block would meet, and doing it; fixed breaks."""

import frappe
from frappe import _

from ouderavond.api import running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening import grid
from ouderavond.evening.planning import blocking, breaks

# What a conversation that gives way costs beside an offer that is written: thirty of them take two seconds.
ROWS_PER_CONVERSATION = 100


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str, kind: str, date: str) -> dict:
    """Who can be blocked on a date, what is blocked, and where conversations are."""
    return blocking.read(evening_of(evening), kind, grid.day(date))


@frappe.whitelist(methods=["POST"])
def preview(
    evening: str,
    who_type: str | None = None,
    who: str | list | None = None,
    from_time: str | None = None,
    to_time: str | None = None,
    block: str | None = None,
) -> dict:
    """What blocking would meet, and where each conversation could go instead. Nothing is written.

    Args:
        block: one that is to be changed; then `who_type` and `who` are its own.
    """
    doc = evening_of(evening)
    if block:
        wants = blocking.changed(evening, block, start=from_time, end=to_time)
        return blocking.preview(doc, wants, [block]).as_dict()
    wants = blocking.wanted(doc, who_type, running.names(who) or [], from_time, to_time)
    return blocking.preview(doc, wants).as_dict()


@frappe.whitelist(methods=["POST"])
def block(
    evening: str,
    who_type: str,
    from_time: str,
    to_time: str,
    who: str | list | None = None,
    reason: str | None = None,
    over: str | None = None,
    moves: str | dict | None = None,
) -> dict:
    """Block a time for several at once, and do with the conversations in it what was chosen."""
    doc = evening_of(evening)
    wants = blocking.wanted(doc, who_type, running.names(who) or [], from_time, to_time, reason)
    return _carry_out(evening, wants, over, moves)


@frappe.whitelist(methods=["POST"])
def change(
    evening: str,
    block: str,
    from_time: str | None = None,
    to_time: str | None = None,
    reason: str | None = None,
    over: str | None = None,
    moves: str | dict | None = None,
) -> dict:
    """Give a block another time or reason."""
    evening_of(evening)
    wants = blocking.changed(evening, block, start=from_time, end=to_time, reason=reason)
    return _carry_out(evening, wants, over, moves, replacing=[block])


@frappe.whitelist(methods=["POST"])
def remove(evening: str, blocks: str | list) -> dict:
    """Take blocks away, all of them or none."""
    evening_of(evening)
    return {"report": blocking.remove(evening, running.names(blocks) or []).as_dict()}


@frappe.whitelist(methods=["POST"])
def preview_breaks(
    evening: str,
    after: int,
    instructors: str | list | None = None,
    dates: str | list | None = None,
    staggered: int | bool = 0,
) -> dict:
    """What fixed breaks would meet. Nothing is written."""
    doc = evening_of(evening)
    who, on = running.names(instructors), _dates(dates)
    wants = breaks.wanted(doc, after, instructors=who, dates=on, staggered=bool(int(staggered)))
    return blocking.preview(doc, wants, breaks.existing(evening, who, on)).as_dict()


@frappe.whitelist(methods=["POST"])
def make_breaks(
    evening: str,
    after: int,
    instructors: str | list | None = None,
    dates: str | list | None = None,
    staggered: int | bool = 0,
    over: str | None = None,
    moves: str | dict | None = None,
) -> dict:
    """Make fixed breaks instead of those that are there."""
    doc = evening_of(evening)
    who, on = running.names(instructors), _dates(dates)
    wants = breaks.wanted(doc, after, instructors=who, dates=on, staggered=bool(int(staggered)))
    earlier = breaks.existing(evening, who, on)
    return _carry_out(evening, wants, over, moves, replacing=earlier, operation="Breaks")


@frappe.whitelist(methods=["POST"])
def remove_breaks(
    evening: str, instructors: str | list | None = None, dates: str | list | None = None
) -> dict:
    """Take the fixed breaks away, all of them or those of some instructors and dates."""
    evening_of(evening)
    return {"report": breaks.remove(evening, running.names(instructors), _dates(dates)).as_dict()}


@frappe.whitelist(methods=["POST"])
def break_after(
    evening: str, after: int, instructors: str | list | None = None, dates: str | list | None = None
) -> dict:
    """Give instructors a dynamic break after so many conversations."""
    evening_of(evening)
    return {"report": breaks.rule(evening, after, running.names(instructors), _dates(dates)).as_dict()}


def _carry_out(
    evening: str, wants: list, over: str | None, moves: str | dict | None, *, operation: str = "Block", **more
) -> dict:
    """Block these times: at once, or in the background where many conversations give way."""
    going = 0 if over in (None, "", blocking.SKIP) else len(blocking.in_time(evening, wants))
    return running.answer(
        blocking.carry_out,
        evening,
        going * ROWS_PER_CONVERSATION,
        wants=wants,
        over=over or None,
        moves=_moves(moves),
        as_operation=operation,
        **more,
    )


def _dates(dates: str | list | None) -> list | None:
    found = running.names(dates)
    return [grid.day(day) for day in found] if found else None


def _moves(moves: str | dict | None) -> dict[str, str]:
    found = running.filters(moves) or {}
    if not all(isinstance(name, str) and isinstance(start, str) for name, start in found.items()):
        frappe.throw(_("This change could not be read. Please reload the page and try again."))
    return found
