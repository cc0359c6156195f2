"""What instructors tap while the evening goes on: started, finished, did not come, undo.

Phones in a school lose the network. A tap therefore says how long ago it was made, not when: their clock
may be wrong. It is kept once, whatever is sent how often, and the conversation's own figures follow from
all of its taps.
"""

import json
from collections import defaultdict
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from ouderavond.evening import conversations
from ouderavond.evening.live import numbers
from ouderavond.evening.live.tapping import Tap, fold

# More than anybody taps at one conversation; what is more is not kept.
MOST = 40
# A phone that was off all evening may still send what was tapped on it.
OLDEST = timedelta(hours=12)


def keep(instructors: list[str], sent: list[dict]) -> dict[str, list]:
    """Keep taps on one's own conversations of today.

    Args:
        instructors: the Instructor records of one person.
        sent: {booking, id, kind, of, age}: `age` in seconds before now.

    Returns:
        `kept`: the ids of taps that need not be sent again; `refused`: {id, sentence}.
    """
    own = {row.name: row for row in conversations.of_instructor(instructors)}
    kept, refused, now = [], [], now_datetime()
    wanted = defaultdict(list)
    for row in sent:
        at = now - timedelta(seconds=min(OLDEST.total_seconds(), max(0.0, row["age"])))
        sentence = _why_not(own.get(row["booking"]), at, now)
        if sentence:
            refused.append({"id": row["id"], "sentence": sentence})
        else:
            kept.append(row["id"])
            wanted[row["booking"]].append(Tap(row["id"], row["kind"], at.replace(microsecond=0), row["of"]))
    # In one order for everybody, so that two who tap at the same conversations do not wait for each other.
    for booking in sorted(wanted):
        _add(booking, wanted[booking])
    for evening in {own[booking].evening for booking in wanted}:
        numbers.bump(evening)
    return {"kept": kept, "refused": refused}


def _why_not(row, at: datetime, now: datetime) -> str | None:
    if not row or row.state != "Published":
        return _("This conversation is not one of yours.")
    if now.date() != row.start.date() or at.date() != row.start.date():
        return _("This can be noted on the date of the conversation only.")
    return None


def _add(booking: str, new: list[Tap]) -> None:
    found = frappe.db.get_value("Evening Booking", booking, "taps", for_update=True)
    there = read(found)
    known = {tap.id for tap in there}
    taps = (there + [tap for tap in new if tap.id not in known])[:MOST]
    held = fold(taps)
    values = {"started": held.started, "finished": held.finished, "no_show": int(held.no_show)}
    frappe.db.set_value("Evening Booking", booking, {**values, "taps": _text(taps)}, update_modified=False)


def read(text: str | None) -> list[Tap]:
    """The taps of a conversation as they are stored."""
    return [
        Tap(row["id"], row["kind"], get_datetime(row["at"]), row.get("of"))
        for row in json.loads(text or "[]")
    ]


def _text(taps: list[Tap]) -> str:
    return json.dumps([{"id": tap.id, "kind": tap.kind, "at": str(tap.at), "of": tap.of} for tap in taps])


def of(bookings: list[str]) -> dict[str, list[dict]]:
    """The taps at conversations as plain values {id, kind, at, of}, for the page to go on with."""
    filters = {"name": ("in", bookings or [""]), "taps": ("is", "set")}
    rows = frappe.get_all("Evening Booking", filters, ["name", "taps"])
    return {row.name: json.loads(row.taps) for row in rows}
