"""Overviews as rows: the same for the screen, a spreadsheet, a report of the platform and paper."""

import json
from collections import defaultdict

import frappe
from frappe import _
from frappe.query_builder.functions import Count

from ouderavond.evening import unplaced
from ouderavond.evening.overviews import labels, logins, occupied
from ouderavond.evening.overviews.reading import Facts

NAMED = ("student", "subject")


def by_instructor(facts: Facts) -> list[dict]:
    """The conversations of each instructor: what hangs on the door."""
    found = [
        {**_conversation(facts, row), "instructor": facts.instructors.get(name, name)}
        for row in facts.told
        for name in row.instructors
        if not facts.chosen.instructor or name in facts.chosen.instructor
    ]
    return sorted(found, key=lambda row: (row["date"], row["instructor"].casefold(), row["time"]))


def by_room(facts: Facts) -> list[dict]:
    """The conversations of each room."""
    found = [_conversation(facts, row) for row in facts.told if row.mode != "Online"]
    return sorted(found, key=lambda row: (row["date"], row["place"], row["time"]))


def by_class(facts: Facts) -> list[dict]:
    """The conversations about the students of each class."""
    found = [_conversation(facts, row) for row in facts.planned]
    return sorted(found, key=lambda row: (row["class"], row["student"], row["date"], row["time"]))


def by_household(facts: Facts) -> list[dict]:
    """The conversations of those who come together."""
    found = []
    for row in facts.told:
        values = _conversation(facts, row)
        found.append({**values, "household": values["guardians"] or values["student"]})
    return sorted(found, key=lambda row: (row["household"].casefold(), row["date"], row["time"]))


def roster(facts: Facts) -> list[dict]:
    """All conversations, by time."""
    return [_conversation(facts, row) for row in facts.planned]


def _conversation(facts: Facts, row) -> dict:
    return {
        "booking": row.name,
        "date": row.day,
        "time": labels.clock(row.start),
        "until": labels.clock(row.end),
        "instructor": facts.names_of(row),
        "place": facts.place(row),
        "class": facts.class_of(row.student),
        "student": row.student_name or "",
        "subject": row.subject or "",
        "guardians": facts.guardians_of(row),
        "state": _state(row),
    }


def _state(row) -> str:
    if row.state == "Published" and row.untold:
        return _("Changed, not published")
    return _(row.state)


def not_placed(facts: Facts) -> list[dict]:
    """The requests without a place, each with the scheduler's reason for staff."""
    return [{**_request(facts, row), "reason": _reason(facts, row)} for row in facts.requests("Not Placed")]


def _reason(facts: Facts, row) -> str:
    try:
        known = json.loads(row.reason_facts or "{}").get("facts") or {}
    except (AttributeError, ValueError):
        known = {}
    return unplaced.sentence(row.reason or "", known, facts.instructors)


def unanswered(facts: Facts) -> list[dict]:
    """The requests of which those who asked know nothing yet."""
    booking = frappe.qb.DocType("Evening Booking")
    planned = set(
        frappe.qb.from_(booking)
        .select(booking.request)
        .where((booking.evening == facts.evening.name) & (booking.state == "Planned"))
        .run(pluck=True)
    )
    found = []
    for row in facts.requests("Requested", "Placed"):
        if row.state == "Requested" or row.name in planned:
            waits = _("for a time") if row.state == "Requested" else _("for its publication")
            found.append({**_request(facts, row), "asked": row.creation.date(), "waits": waits})
    return found


def _request(facts: Facts, row) -> dict:
    return {
        "request": row.name,
        "class": facts.class_of(row.student),
        "student": row.student_name or "",
        "subject": row.subject or "",
        "instructor": facts.names_of(row),
        "guardian": row.guardian_name or "",
        "priority": _(row.priority),
    }


def never_logged_in(facts: Facts) -> list[dict]:
    """The guardians of participants who never were on the page."""
    return logins.never(facts)


def telephones(facts: Facts) -> list[dict]:
    """How to reach the guardians of everybody who takes part, with the first conversation of each."""
    first = defaultdict(list)
    for row in facts.planned:
        for name in row.guardians:
            first[name].append(row.start)
    found = logins.guardians(facts)
    for row in found:
        starts = first.get(row["name"])
        row["first"] = f"{min(starts):%d-%m %H:%M}" if starts else ""
    return found


def occupancy(facts: Facts) -> list[dict]:
    """Per instructor and date: slots, what stands on them, and what is free between."""
    return occupied.by_instructor(facts)


def slots(facts: Facts) -> list[dict]:
    """Per slot: how many instructors are there, and how many of them are booked."""
    return occupied.by_slot(facts)


def counted(evening: str) -> dict[str, int]:
    """How many conversations of an evening have each state, to say what there is to print."""
    booking = frappe.qb.DocType("Evening Booking")
    query = frappe.qb.from_(booking).select(booking.state, Count("*"))
    return dict(query.where(booking.evening == evening).groupby(booking.state).run())
