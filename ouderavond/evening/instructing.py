"""What an instructor finds on the page for an evening: students, what was asked, and the own times.

Everything is of the instructor's own offers and conversations. Times are those that people were told.
"""

from collections import Counter, defaultdict
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import cint, now_datetime

from ouderavond.evening import conversations, grid, inviting, notes, publishing, told, wording
from ouderavond.evening.live import taps
from ouderavond.evening.planning import own_blocks
from ouderavond.evening.requests import ACTIVE

ASKED_FIELDS = (
    *("name", "offer", "source", "priority", "state", "guardian_name", "guardian", "longer", "preference"),
    *("mode", "interpreter_language", "step_free", "remark"),
)


# The students


def students(evening, instructors: list[str]) -> dict:
    """The students of whom an instructor has conversations on offer at an evening, and what was asked.

    Returns:
        `may` {state "open" or "closed", sentence}; `counts` {asked, placed, not_placed}; `classes`; `rows`
        {offer, student, name, class, subject, others, wish, offered, asked: [{who, invitation, outcome,
        wishes, remark}]}, in order of class and name.
    """
    offers = _offers(evening.name, instructors)
    names = [row.name for row in offers]
    others = _others(names, instructors)
    asked = _asked(evening, names)
    classes = conversations.classes(
        [frappe._dict(student=row.student, academic_year=evening.academic_year) for row in offers]
    )
    found = [
        {
            "offer": row.name,
            "student": row.student,
            "name": row.student_name,
            "class": classes.get((row.student, evening.academic_year), ""),
            "subject": row.subject,
            "others": others[row.name],
            "wish": row.instructor_wish or "",
            "offered": bool(row.offered),
            "asked": [_described(one, evening) for one in asked[row.name]],
        }
        for row in offers
    ]
    refusal = inviting.why_not(evening)
    return {
        "may": {"state": "closed" if refusal else "open", "sentence": refusal or _until(evening)},
        "counts": _counts(evening, asked),
        "classes": sorted({row["class"] for row in found if row["class"]}),
        "rows": sorted(found, key=lambda row: (row["class"], row["name"] or "", row["subject"])),
    }


def _until(evening) -> str:
    if not evening.request_until:
        return _("You can say it until the school makes the schedule.")
    return _("You can say it until {0}.").format(wording.moment(evening.request_until))


def _offers(evening: str, instructors: list[str]) -> list[frappe._dict]:
    offer, row = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Offer Instructor")
    return (
        frappe.qb.from_(offer)
        .join(row)
        .on((row.parent == offer.name) & (row.parenttype == "Conversation Offer"))
        .select(offer.name, offer.student, offer.student_name, offer.subject, offer.offered)
        .select(offer.instructor_wish)
        .distinct()
        .where((offer.evening == evening) & row.instructor.isin(instructors or [""]))
    ).run(as_dict=True)


def _others(offers: list[str], instructors: list[str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    filters = {"parent": ("in", offers or [""]), "instructor": ("not in", instructors)}
    fields = ["parent", "instructor_name"]
    for row in frappe.get_all("Conversation Offer Instructor", filters, fields, order_by="idx"):
        found[row.parent].append(row.instructor_name)
    return found


def _asked(evening, offers: list[str]) -> dict[str, list[frappe._dict]]:
    found = defaultdict(list)
    filters = {"offer": ("in", offers or [""]), "state": ("in", ACTIVE)}
    rows = frappe.get_all("Conversation Request", filters, list(ASKED_FIELDS), order_by="creation, name")
    told_of = _told_of([row.name for row in rows])
    for row in rows:
        # What staff change is no outcome before it is published.
        if row.state != "Not Placed" or row.name in told_of:
            row.state = "Placed" if row.name in told_of else "Requested"
        found[row.offer].append(row)
    return found


def _told_of(requests: list[str]) -> set[str]:
    """Those of these requests of whose conversation people know."""
    booking = frappe.qb.DocType("Evening Booking")
    query = frappe.qb.from_(booking).select(booking.request).distinct()
    return set(query.where(booking.request.isin(requests or [""]) & told.criterion(booking)).run(pluck=True))


def _described(row, evening) -> dict:
    """A request as its instructor reads it; what came of it only once people know."""
    by_school = {"Instructor": _("You ask for it"), "Staff": _("The school asks for it")}
    who = by_school.get(row.source) or row.guardian_name or _("The student")
    return {
        "who": who,
        "must": row.priority == "Must See",
        "outcome": _outcome(row, evening),
        "wishes": _wishes(row, evening),
        "remark": (row.remark or "") if evening.show_remarks else "",
    }


def _outcome(row, evening) -> str:
    if not publishing.is_visible(evening):
        return ""
    return {"Placed": _("Has a time"), "Not Placed": _("Without a time")}.get(row.state, "")


def _wishes(row, evening) -> list[str]:
    chosen = evening.mode == "Household's Choice"
    said = (
        (row.longer, _("Longer, if possible")),
        (row.preference == "Early", _("Rather early")),
        (row.preference == "Late", _("Rather late")),
        (chosen and row.mode == "Online", _("Online")),
        (row.interpreter_language, _("Interpreter: {0}").format(row.interpreter_language)),
        (row.step_free, _("Needs a room without steps")),
    )
    return [sentence for holds, sentence in said if holds]


def _counts(evening, asked: dict) -> dict[str, int]:
    states = Counter(row.state for rows in asked.values() for row in rows)
    is_shown = publishing.is_visible(evening)
    return {
        "asked": states.total(),
        "placed": states["Placed"] if is_shown else None,
        "not_placed": states["Not Placed"] if is_shown else None,
    }


# The own times


def timeline(evening, rows: list, places: list, instructors: list[str]) -> list[dict]:
    """The dates at which somebody sits or meets somebody, each with everything in order of time.

    Args:
        rows: the conversations as `conversations.of_instructor` gives them.
        places: the Evening Instructor rows {date, present_from, present_until, room_name, table_label}.

    Returns:
        {day, place, first, end, is_today, entries}: an entry is {kind "conversation", row}, {kind "free"
        or "blocked", start, end, sentence}.
    """
    found = []
    blocked = _blocked(evening, instructors)
    for day in grid.slots(evening):
        own = [row for row in rows if row.day == day.date]
        sits = [row for row in places if row.date == day.date]
        if own or sits:
            found.append(_day(evening, day, own, sits, blocked))
    return found


def _day(evening, day, rows: list, sits: list, blocked: list) -> dict:
    start = min((grid.at(day.date, row.present_from) for row in sits if row.present_from), default=day.first)
    end = max((grid.at(day.date, row.present_until) for row in sits if row.present_until), default=day.end)
    entries = [{"kind": "conversation", "start": row.start, "end": row.end, "row": row} for row in rows]
    entries += [
        {"kind": "blocked", "start": max(start, first), "end": min(end, last), "sentence": sentence}
        for first, last, sentence in blocked
        if first < end and start < last and first.date() == day.date
    ]
    entries += _free(evening, start, end, entries)
    # What was given up stands before what came in its place.
    entries.sort(key=lambda entry: (entry["start"], entry["kind"] == "conversation" and not _is_off(entry)))
    return {
        "day": day.date,
        "first": start,
        "end": end,
        "is_today": day.date == now_datetime().date(),
        "place": sits[0] if sits else None,
        "entries": entries,
    }


def _is_off(entry: dict) -> bool:
    return entry["kind"] == "conversation" and entry["row"].state == "Cancelled"


def _free(evening, start: datetime, end: datetime, entries: list[dict]) -> list[dict]:
    """The gaps in which a conversation would fit."""
    taken = sorted((entry["start"], entry["end"]) for entry in entries if not _is_off(entry))
    ends = [start]
    for _first, last in taken:
        ends.append(max(ends[-1], last))
    starts = [first for first, _last in taken] + [end]
    shortest = cint(evening.minutes_per_conversation) * 60
    return [
        {"kind": "free", "start": first, "end": last, "sentence": _free_until(last)}
        for first, last in zip(ends, starts, strict=True)
        if (last - first).total_seconds() >= max(60, shortest)
    ]


def _free_until(moment: datetime) -> str:
    return _("Free until {0}").format(wording.time(moment.time()))


def _blocked(evening, instructors: list[str]) -> list[tuple[datetime, datetime, str]]:
    """(from, to, sentence) of what is blocked for the instructor or for everybody."""
    block = frappe.qb.DocType("Evening Block")
    mine = (block.who_type == "Instructor") & block.who.isin(instructors or [""])
    rows = (
        frappe.qb.from_(block)
        .select(block.from_time, block.to_time, block.who_type, block.is_break, block.reason)
        .distinct()
        .where((block.evening == evening.name) & (mine | (block.who_type == "Everyone")))
        .orderby(block.from_time, block.to_time)
    ).run()
    return [
        (first, last, _why(bool(is_break) or (who_type == "Everyone" and not reason), reason, last))
        for first, last, who_type, is_break, reason in rows
    ]


def _why(is_break: bool, reason: str | None, last: datetime) -> str:
    until = wording.time(last.time())
    if is_break:
        return _("Break until {0}").format(until)
    if reason:
        return _("Blocked until {0}: {1}").format(until, reason)
    return _("Blocked until {0}").format(until)


def with_own(rows: list, instructors: list[str]) -> None:
    """Give conversations the instructor's own notes, and what was tapped at them."""
    names = [row.name for row in rows]
    noted, tapped = notes.of(instructors, names), taps.of(names)
    for row in rows:
        row.note = noted.get(row.name, "")
        row.taps = tapped.get(row.name, [])


def part(evening, rows: list, places: list, instructors: list[str]) -> dict:
    """What the page shows of an evening beside its title and dates.

    Returns:
        `timeline` and its `mark`, `times`, and whether there is something to `ask` about students.
    """
    days = timeline(evening, rows, places, instructors)
    return {
        "timeline": days,
        "mark": mark(days),
        "times": times(evening, instructors),
        "asks": evening.procedure != "Book Directly",
        "is_today": any(day["is_today"] for day in days),
        "now": now_datetime().strftime("%Y-%m-%dT%H:%M:%S"),
    }


def mark(days: list[dict]) -> str:
    """Another text whenever the page would show something else of the days; notes and taps aside."""
    shown = [
        [
            str(day["day"]),
            str(entry["start"]),
            str(entry["end"]),
            entry.get("sentence"),
            _shown(entry.get("row")),
        ]
        for day in days
        for entry in day["entries"]
    ]
    return frappe.utils.sha256_hash(frappe.as_json(shown))[:16]


def _shown(row) -> list | None:
    fields = ("name", "state", "student_name", "subject", "room_name", "table_label", "mode", "link")
    fields += ("remark",)
    return row and [row.get(field) for field in fields]


def times(evening, instructors: list[str]) -> dict:
    """What the form for own times needs: why it is not possible, the moments, and what was said before."""
    filters = {"evening": evening.name, "instructor": ("in", instructors or [""])}
    dates = frappe.get_all("Evening Instructor", filters, pluck="date")
    days = [
        {"date": day.date, "from": day.starts, "to": [*day.starts[1:], day.end]}
        for day in grid.slots(evening)
        if day.starts and day.date in dates
    ]
    own = own_blocks.of(evening.name, instructors)
    return {
        "why_not": own_blocks.why_not(evening),
        "dates": days,
        "own": [{"from": time.start, "to": time.end} for time in own],
    }
