"""Events of an evening as the job would leave them, written as rows."""

from datetime import timedelta
from types import SimpleNamespace

import frappe
from frappe.utils import now_datetime

from ouderavond.evening import grid
from ouderavond.evening.bulk import insert_rows
from ouderavond.evening.online import rows

TEAMS = "Microsoft Teams"


def add(evening, number: int, instructor: str = "", student: str = "", **values) -> list[str]:
    """So many events of one instructor, each with its conversation, made unless `values` say otherwise.

    Returns:
        The names of the Evening Meetings.
    """
    start = grid.slots(evening)[0].starts[0]
    wanted = [_wanted(instructor, start + timedelta(minutes=10 * at), values) for at in range(number)]
    bookings = [
        {
            "name": one.booking,
            "evening": evening.name,
            "student_name": f"{student or 'Student'} {at}",
            "subject": "Wiskunde",
            "start": one.start,
            "end": one.end,
            "mode": "Online",
            "state": "Published",
        }
        for at, one in enumerate(wanted)
    ]
    insert_rows("Evening Booking", bookings)
    rows.add(evening.name, wanted)
    filters = {"booking": ("in", [one.booking for one in wanted])}
    names = frappe.get_all("Evening Meeting", filters, pluck="name", order_by="start")
    there = {"state": "Made", "code": None, "link": "https://meet.example/x", "event_id": "x"}
    frappe.db.set_value("Evening Meeting", {"name": ("in", names)}, {**there, **values})
    frappe.db.commit()
    return names


def _wanted(instructor: str, start, values: dict) -> SimpleNamespace:
    return SimpleNamespace(
        booking=frappe.generate_hash(length=10),
        provider=values.get("provider", TEAMS),
        instructor=instructor,
        account=values.get("account", "jan@school.example"),
        online=True,
        start=start,
        end=start + timedelta(minutes=10),
        fingerprint="x",
    )


def failed(code: str, **values) -> dict:
    """The values of an event that failed for a reason."""
    return {"state": "Failed", "code": code, "link": None, "event_id": None, **values}


def waits(minutes: int = 5) -> dict:
    """The values of an event that is tried again in so many minutes."""
    later = now_datetime() + timedelta(minutes=minutes)
    return {"state": "Wanted", "code": "throttled", "next_attempt": later, "link": None, "event_id": None}
