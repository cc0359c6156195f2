"""How late everybody runs at an evening of today: read once for all who look, kept for a few seconds.

Kept in each process: to unpack it from the shared cache would cost as much as working it out. The number of
the evening, which is in the shared cache, says when it is out of date.
"""

from collections import defaultdict
from datetime import datetime, timedelta

import frappe
from frappe.utils import getdate, now_datetime

from ouderavond.evening import publishing, told, versions
from ouderavond.evening.live import numbers
from ouderavond.evening.live.rule import BUSY, WAITING, Outlook, Part, outlook, together

# Seconds for which what was worked out holds; taps and changes of the schedule end it at once.
KEPT = 15
# How often what waits for a second instructor is passed on to others: chains are short.
ROUNDS = 4
# {(site, evening): (number, when, rows)}: an evening each, so few that nothing need be dropped.
_kept: dict[tuple[str, str], tuple] = {}
# What has no end for so long was not ended by a tap, and is over.
LONG = timedelta(minutes=45)


def evenings(now: datetime) -> list[str]:
    """The evenings with a date today whose schedule people see."""
    evening, date = frappe.qb.DocType("Parent Evening"), frappe.qb.DocType("Parent Evening Date")
    return (
        frappe.qb.from_(evening)
        .join(date)
        .on((date.parent == evening.name) & (date.parenttype == "Parent Evening"))
        .select(evening.name)
        .distinct()
        .where((date.date == now.date()) & (evening.published == 1) & (evening.archived == 0))
        .where(publishing.visible_criterion(evening))
        .orderby(evening.name)
    ).run(pluck=True)


def number(evening: str) -> str:
    """Changes whenever somebody tapped or the schedule changed."""
    return f"{numbers.current(evening)}.{versions.current(evening)}"


def of(evening: str, now: datetime | None = None) -> list[frappe._dict]:
    """Today's conversations of an evening, in order of time, with `outlooks`. Not after writing anything.

    Returns:
        rows with name, start, end, room, room_name, table_label, mode, started, finished, no_show,
        `instructors` [(record, name)], `outlook` of the conversation, and `number`.
    """
    now = now or now_datetime()
    key = (frappe.local.site, evening)
    current = number(evening)
    stored = _kept.get(key)
    if not stored or stored[0] != current or abs(now - stored[1]) >= timedelta(seconds=KEPT):
        versions.read_anew()
        stored = _kept[key] = (current, now, work_out(_rows(evening, now), now))
    return stored[2]


def work_out(rows: list[frappe._dict], now: datetime) -> list[frappe._dict]:
    """Give rows their `outlook`: that of the conversation, by the outlooks of all its instructors."""
    for row in rows:
        row.outlook = None
    for _round in range(ROUNDS):
        before = [row.outlook for row in rows]
        _look_once(rows, now)
        # What waits for a second instructor makes others of both wait.
        if all(len(row.instructors) < 2 for row in rows) or before == [row.outlook for row in rows]:
            break
    return rows


def _look_once(rows: list[frappe._dict], now: datetime) -> None:
    parts = defaultdict(list)
    for row in rows:
        earliest = row.outlook and row.outlook.expected
        part = Part(row.name, row.start, row.end, row.started, row.finished, bool(row.no_show), earliest)
        for instructor, _title in row.instructors:
            parts[instructor].append(part)
    found = {instructor: outlook(own, now) for instructor, own in parts.items()}
    for row in rows:
        each = [found[instructor][row.name] for instructor, _title in row.instructors]
        row.outlook = together(each) if each else Outlook(WAITING)


def _rows(evening: str, now: datetime) -> list[frappe._dict]:
    booking, room = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Room")
    start = told.value(booking, "start")
    day = getdate(now)
    rows = (
        frappe.qb.from_(booking)
        .left_join(room)
        .on(room.name == told.value(booking, "room"))
        .select(booking.name, booking.started, booking.finished, booking.no_show, room.room_name)
        .select(*(told.column(booking, field) for field in told.FIELDS))
        .where((booking.evening == evening) & told.criterion(booking))
        .where((start >= day) & (start < day + timedelta(days=1)))
        .orderby(start, booking.name)
    ).run(as_dict=True)
    instructors = _instructors([row.name for row in rows])
    for row in rows:
        row.instructors = instructors[row.name]
    return rows


def _instructors(bookings: list[str]) -> dict[str, list[tuple[str, str]]]:
    found = defaultdict(list)
    filters = {"parent": ("in", bookings or [""]), "instructor": ("is", "set")}
    fields = ["parent", "instructor", "instructor_name"]
    for parent, instructor, name in frappe.get_all(
        "Evening Booking Instructor", filters, fields, order_by="idx", as_list=True
    ):
        found[parent].append((instructor, name or instructor))
    return found


def next_of(rows: list[frappe._dict], now: datetime) -> frappe._dict | None:
    """The first of an instructor's conversations that has not begun; where nothing is known, by the plan."""
    coming = [row for row in rows if row.outlook.state == WAITING]
    if coming and coming[0].outlook.expected is None:
        coming = [row for row in coming if row.start > now]
    return coming[0] if coming else None


def going_on(rows: list[frappe._dict], now: datetime) -> frappe._dict | None:
    """The conversation that an instructor has now; where nothing is known, by the plan."""
    is_known = all(row.outlook.expected for row in rows if row.outlook.state == WAITING)
    busy = [row for row in rows if row.outlook.state == BUSY and now - row.started < LONG]
    if busy or is_known:
        return busy[-1] if busy else None
    planned = (row for row in rows if row.outlook.state == WAITING and row.start <= now < row.end)
    return next(planned, None)
