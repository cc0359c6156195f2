"""What a run proposes, beside what there is now: for the board, the summary before applying, and publishing.

A conversation is named as elsewhere on the board: by its request, or by its booking where it answers none.
"""

import json
from collections import Counter

import frappe
from frappe import _

from ouderavond.evening.planning.run_options import RunOptions
from ouderavond.evening.problem import BOOKING_PREFIX, build_problem, fingerprint, text

KINDS = ("kept", "moved", "added", "lost")


def of_run(run: str) -> dict:
    """The proposal of a run, compared with the bookings of this moment. Writes nothing.

    Returns:
        {"run", "evening", "state", "applied_on",
         "placements": {key: "YYYY-MM-DDTHH:MM"}: everything that would have a time, also what stays,
         "changes": {key: {"change": "kept|moved|added|lost", "from", "to", "booking", "published": bool}},
             where `from` is the start of now (None: no time now), `to` that of the run (None: lost),
             `booking` the live Evening Booking, `published` whether people were told a time,
         "unplaced": {key: {"reason", "facts", "alternatives"}}, as the engine says it (see `unplaced.rows`),
         "figures": {"kept", "moved", "added", "lost", "unplaced", "published_moved", "published_lost"}}
        where a key is the name of a Conversation Request, or of an Evening Booking that answers none.

    Raises:
        frappe.ValidationError: the run has no schedule.
    """
    doc = frappe.get_doc("Schedule Run", run)
    schedule = stored_schedule(run)
    placements = {key_of(item["conversation"]): item["start"] for item in schedule["placements"]}
    bookings = live_bookings(doc.evening)
    changes = {
        key: _change(bookings.get(key), placements.get(key)) for key in {**bookings, **placements}.keys()
    }
    unplaced = {key_of(item["conversation"]): _why(item) for item in schedule["unplaced"]}
    return {
        "run": run,
        "evening": doc.evening,
        "state": doc.state,
        "applied_on": doc.applied_on,
        "placements": placements,
        "changes": changes,
        "unplaced": unplaced,
        "figures": _figures(changes, unplaced),
    }


def key_of(conversation: str) -> str:
    """The request or booking behind the id of a conversation in a problem."""
    return conversation.removeprefix(BOOKING_PREFIX)


def stored_schedule(run: str) -> dict:
    """The schedule document of a run.

    Raises:
        frappe.ValidationError: there is none (yet).
    """
    document = frappe.db.get_value("Schedule Run Data", run, "schedule")
    if not document:
        frappe.throw(_("This run has no schedule."))
    return json.loads(document)


def live_bookings(evening: str) -> dict:
    """The bookings of an evening that are not cancelled, by request or else by their own name."""
    fields = ["name", "request", "offer", "start", "state", "pinned", "published_start"]
    rows = frappe.get_all("Evening Booking", {"evening": evening, "state": ("!=", "Cancelled")}, fields)
    return {row.request or row.name: row for row in rows}


def is_out_of_date(run: str) -> bool:
    """Whether requests, offers or times have changed since a run was made, so that it cannot be applied."""
    doc = frappe.get_doc("Schedule Run", run)
    evening = frappe.get_doc("Parent Evening", doc.evening)
    return fingerprint(build_problem(evening, RunOptions.of_run(doc))) != doc.input_hash


def _change(booking, start: str | None) -> dict:
    before = text(booking.start) if booking else None
    if before and start:
        kind = "kept" if before == start else "moved"
    else:
        kind = "added" if start else "lost"
    return {
        "change": kind,
        "from": before,
        "to": start,
        "booking": booking.name if booking else None,
        "published": bool(booking and booking.state == "Published"),
    }


def _why(item: dict) -> dict:
    return {
        "reason": item["reason"],
        "facts": item.get("facts") or {},
        "alternatives": item.get("alternatives") or [],
    }


def _figures(changes: dict, unplaced: dict) -> dict[str, int]:
    number = Counter(row["change"] for row in changes.values())
    told = Counter(row["change"] for row in changes.values() if row["published"])
    return {
        **{kind: number[kind] for kind in KINDS},
        "unplaced": len(unplaced),
        "published_moved": told["moved"],
        "published_lost": told["lost"],
    }
