"""Find me times: the best free times for a family's conversations, held for two minutes."""

import json
from datetime import date as day
from datetime import time

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.evening.reserving import holding, reading
from ouderavond.evening.reserving.finding import Found, Wanted, Window

# More conversations than any family has.
MOST = 40


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(20, 60)
def find(
    evening: str,
    role: str,
    wanted: str | list,
    earliest: str | None = None,
    latest: str | None = None,
    date: str | None = None,
) -> dict:
    """Find the best free times for my conversations, and hold them for two minutes."""
    asker = callers.asker(role)
    wishes = _wanted(wanted)
    window = Window(_read(time, earliest), _read(time, latest), _read(day, date))
    doc = reading.evening_of(evening, asker)
    found, held = holding.find_and_hold(doc, asker, wishes, window)
    if not held:
        frappe.local.response["http_status_code"] = 409
        return {"status": "nothing", "message": _nothing(wishes, found)}
    return {
        "status": "found",
        "hold": held.as_dict(),
        "message": _found(found),
        "waiting_minutes": found.waiting_minutes,
    }


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def extend(hold: str, role: str) -> dict:
    """Hold my times two minutes longer."""
    asker = callers.asker(role)
    return {"hold": holding.extend(hold, asker).as_dict()}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def release(hold: str, role: str) -> dict:
    """Give up the times that are held for me."""
    callers.asker(role)
    holding.release(hold)
    return {"status": "released"}


def _wanted(wanted: str | list) -> list[Wanted]:
    try:
        rows = json.loads(wanted) if isinstance(wanted, str) else wanted
    except (RecursionError, ValueError):
        rows = None
    if not isinstance(rows, list) or not rows or not all(_is_wish(row) for row in rows):
        _unreadable()
    if len(rows) > MOST:
        frappe.throw(_("Times can be found for at most {0} conversations at once.").format(MOST))
    return [Wanted(row["offer"], bool(row.get("longer"))) for row in rows]


def _is_wish(row) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("offer"), str)
        and isinstance(row.get("longer"), bool | int | None)
        and set(row) <= {"offer", "longer"}
    )


def _read(kind: type, text: str | None):
    """A date or time of ISO 8601, or None."""
    if not text:
        return None
    try:
        found = kind.fromisoformat(text)
    except ValueError:
        _unreadable()
    return found.replace(tzinfo=None) if kind is time else found


def _unreadable() -> None:
    frappe.throw(_("This form could not be read. Please reload the page and try again."))


def _nothing(wishes: list[Wanted], found: Found) -> str:
    if found.picks:
        return _("Others took these times at the same moment. Please look again.")
    if len(wishes) == 1:
        return _("There is no free time for this conversation then. Choose other times or another date.")
    return _("There are no free times for these conversations then. Choose other times or another date.")


def _found(found: Found) -> str:
    """What was found, in sentences: how much of it, and the waiting in between."""
    sentences = [_count(len(found.picks)), _waiting(found.waiting_minutes)]
    if found.left_out:
        names = "; ".join(f"{column.subject} ({column.student_name})" for column in found.left_out)
        sentences.append(_("There is no free time left for: {0}.").format(names))
    return " ".join(sentences)


def _count(count: int) -> str:
    if count == 1:
        return _("A time was found for 1 conversation.")
    return _("Times were found for {0} conversations.").format(count)


def _waiting(minutes: int) -> str:
    if not minutes:
        return _("There is no waiting in between.")
    if minutes == 1:
        return _("There is 1 minute of waiting in between.")
    return _("There are {0} minutes of waiting in between.").format(minutes)
