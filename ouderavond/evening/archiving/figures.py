"""The figures of an evening that are kept when it is archived: numbers only, so they may stay for good."""

import json
from collections import defaultdict
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, now_datetime
from pypika import Case

from ouderavond.evening import counts, grid, rows
from ouderavond.evening.people import household_index

LIVE = counts.LIVE


def keep(doc) -> None:
    """Note the figures in a Parent Evening document; those from before names were removed stay."""
    if doc.anonymised_on and doc.archive_figures:
        return
    doc.archive_figures = frappe.as_json(of(doc), indent=None)


def of(doc) -> dict:
    """All figures of an evening, as they are stored."""
    found = counts.of(doc)
    bookings = _bookings(doc.name)
    slots, taken = _occupancy(doc, bookings)
    return {
        "participants": found.participants,
        "classes": found.classes,
        "instructors": found.instructors,
        "offers": found.offers,
        "households": found.households,
        "requests": _requests_by("source", doc.name, counts.ASKED),
        "withdrawn": found.requests.get("Withdrawn", 0),
        "placed": found.requests.get("Placed", 0),
        "not_placed": _requests_by("reason", doc.name, ("Not Placed",)),
        "conversations": found.booked,
        **_outcome(doc.name),
        "slots": slots,
        "taken": taken,
        "waiting_minutes": _waiting(doc, bookings),
    }


def lines(stored: str | dict | None) -> list[tuple[str, int | str]]:
    """The stored figures as rows of (what, figure), in the reader's language."""
    found = json.loads(stored) if isinstance(stored, str) and stored else stored or {}
    if not found:
        return []
    return [
        (_("Participants"), found["participants"]),
        (_("Classes"), found["classes"]),
        (_("Instructors", context="Parent Evening"), found["instructors"]),
        (_("Offers"), found["offers"]),
        (_("Households that asked"), found["households"]),
        *((_("Requests by {0}").format(_(who)), number) for who, number in sorted(found["requests"].items())),
        (_("Requests withdrawn"), found["withdrawn"]),
        (_("Requests placed"), found["placed"]),
        *((_not_placed(reason), number) for reason, number in sorted(found["not_placed"].items())),
        (_("Conversations with a time"), found["conversations"]),
        (_("Of these held"), found["held"]),
        (_("Nobody came"), found["no_show"]),
        (_("Online"), found["online"]),
        (_("Cancelled conversations"), found["cancelled"]),
        (_("Occupied slots of instructors"), _share(found["taken"], found["slots"])),
        (_("Minutes that families waited between conversations"), found["waiting_minutes"]),
    ]


def _not_placed(reason: str) -> str:
    named = {
        "no_common_time": _("no common time"),
        "household_full": _("the household is full"),
        "instructor_full": _("the instructor is full"),
        "room_full": _("the room is full"),
        "displaces": _("only in the place of others"),
        "time_limit": _("not found in time"),
    }
    return _("Requests not placed: {0}").format(named.get(reason) or _("reason not noted"))


def _share(taken: int, slots: int) -> str:
    if not slots:
        return "-"
    return _("{0} of {1} ({2} %)").format(taken, slots, round(100 * taken / slots))


def _requests_by(field: str, evening: str, states: tuple[str, ...]) -> dict[str, int]:
    request = frappe.qb.DocType("Conversation Request")
    query = frappe.qb.from_(request).select(request[field], Count("*")).groupby(request[field])
    found = query.where((request.evening == evening) & request.state.isin(states)).run()
    return {value or "": number for value, number in found}


def _outcome(evening: str) -> dict[str, int]:
    """What became of the conversations: held as far as nobody said otherwise."""
    booking = frappe.qb.DocType("Evening Booking")
    live, told = booking.state.isin(LIVE), booking.published_start.notnull()
    held = live & (booking.no_show == 0) & (booking.end <= now_datetime())
    cancelled = (booking.state == "Cancelled") & told
    figures = {"held": held, "no_show": live & (booking.no_show == 1), "cancelled": cancelled}
    figures["online"] = live & (booking.mode == "Online")
    query = frappe.qb.from_(booking).where(booking.evening == evening)
    for condition in figures.values():
        query = query.select(Sum(Case().when(condition, 1).else_(0)))
    (found,) = query.run()
    return {name: cint(number) for name, number in zip(figures, found, strict=True)}


def _bookings(evening: str) -> list:
    found = frappe.get_all(
        "Evening Booking", {"evening": evening, "state": ("in", LIVE)}, ["name", "start", "end"]
    )
    names = [row.name for row in found]
    instructors = rows.of_parents("Evening Booking Instructor", "instructor", names)
    guardians = rows.of_parents("Evening Booking Guardian", "guardian", names)
    for row in found:
        row.instructors, row.guardians = instructors[row.name], guardians[row.name]
    return found


def _occupancy(doc, bookings: list) -> tuple[int, int]:
    """(slots in which instructors are present, those of them in which they have a conversation)."""
    starts = {day.date: day.starts for day in grid.slots(doc)}
    length = grid.duration(doc, 1)
    busy = defaultdict(set)
    for row in bookings:
        for instructor in row.instructors:
            busy[instructor, row.start.date()] |= _slots_between(starts, row.start, row.end)
    slots = taken = 0
    fields = ["instructor", "date", "present_from", "present_until"]
    for row in frappe.get_all("Evening Instructor", {"evening": doc.name}, fields):
        present = [start for start in starts.get(row.date, []) if _is_present(row, start, length)]
        slots += len(present)
        taken += len(busy[row.instructor, row.date].intersection(present))
    return slots, taken


def _slots_between(starts: dict, start: datetime, end: datetime) -> set[datetime]:
    return {one for one in starts.get(start.date(), []) if start <= one < end}


def _is_present(row, start: datetime, length: timedelta) -> bool:
    if row.present_from is not None and start < grid.at(row.date, row.present_from):
        return False
    return row.present_until is None or start + length <= grid.at(row.date, row.present_until)


def _waiting(doc, bookings: list) -> int:
    """Minutes between the conversations of a household on a date, less the pauses that everybody has."""
    households = household_index(doc)
    pause = timedelta(minutes=cint(doc.minutes_between))
    evenings = defaultdict(set)
    for row in bookings:
        for household in {households.get(name, name) for name in row.guardians if name}:
            evenings[household, row.start.date()].add((row.start, row.end))
    waited = timedelta()
    for times in evenings.values():
        times = sorted(times)
        for (_start, end), (start, _end) in zip(times, times[1:], strict=False):
            waited += max(timedelta(), start - end - pause)
    return int(waited.total_seconds() // 60)
