"""The screen in the school's hall: where, with which instructor and how late, but not whom it is about.

It is opened by a secret address that staff make for an evening, from three hours before the first
conversation of a date until two hours after the last. Nothing on it names a child or a guardian.
"""

import secrets
from collections import defaultdict
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import get_url, now_datetime

from ouderavond.evening import grid, publishing, wording
from ouderavond.evening.live import following
from ouderavond.evening.live.rule import OVER, WAITING

PATH = "/ouderavond/board/"
# Bytes of chance in an address.
LENGTH = 24
BEFORE, AFTER = timedelta(hours=3), timedelta(hours=2)
# Conversations that begin within this time are shown.
SOON = timedelta(minutes=45)
# Seconds between two readings of a screen while it shows something, and while it waits.
OFTEN, SELDOM = 15, 120


LANGUAGES = ("nl", "fr", "de", "en")


def language(wanted: str | None) -> str:
    """The language of a screen: the one that is asked for, otherwise the school's."""
    own = (frappe.get_system_settings("language") or "en")[:2]
    return wanted if wanted in LANGUAGES else own if own in LANGUAGES else "en"


# The address, for staff


def address(evening: str) -> str | None:
    """The address of the screen of an evening, where it has one."""
    token = frappe.db.get_value("Parent Evening", evening, "board_token")
    return get_url(PATH + token) if token else None


def make(evening: str) -> str:
    """The address of the screen of an evening, made if it has none.

    Raises:
        frappe.ValidationError: the evening is archived.
    """
    return address(evening) or renew(evening)


def renew(evening: str) -> str:
    """A new address for the screen of an evening; the old one stops working.

    Raises:
        frappe.ValidationError: the evening is archived.
    """
    if frappe.get_doc("Parent Evening", evening, for_update=True).archived:
        frappe.throw(_("This evening is archived."))
    _store(evening, secrets.token_urlsafe(LENGTH))
    return address(evening)


def close(evening: str) -> None:
    """Let the address of the screen of an evening stop working."""
    _store(evening, None)


def _store(evening: str, token: str | None) -> None:
    # Past the document: its versions would keep the address.
    frappe.db.set_value("Parent Evening", evening, "board_token", token, update_modified=False)
    frappe.clear_document_cache("Parent Evening", evening)


def find(token: str):
    """The Parent Evening document whose screen an address opens; None where it opens none."""
    if not token or len(token) > 100:
        return None
    filters = {"board_token": token, "published": 1, "archived": 0}
    # Compared again, since the database does not tell capitals from small letters.
    rows = frappe.get_all("Parent Evening", filters, ["name", "board_token"])
    name = next((row.name for row in rows if secrets.compare_digest(row.board_token, token)), None)
    return frappe.get_cached_doc("Parent Evening", name) if name else None


# What is on it


def shown(evening, room: str | None = None) -> dict:
    """What the screen of a Parent Evening document shows now.

    Args:
        room: only rooms and tables whose name begins with this.

    Returns:
        {title, now, state "open" or "closed", sentence, every, rows}: a row is {room, instructor, now, next,
        delay, is_known}, times as they were told; without `state` "open" no rows.
    """
    now = now_datetime()
    answer = {"title": evening.title, "now": now.strftime("%Y-%m-%dT%H:%M:%S"), "rows": []}
    if sentence := _why_closed(evening, now):
        return {**answer, "state": "closed", "sentence": sentence, "every": SELDOM}
    rows = _rows(following.of(evening.name, now), now)
    if room:
        rows = [row for row in rows if row["room"].casefold().startswith(room.casefold())]
    sentence = "" if rows else _("There are no conversations now or soon.")
    return {**answer, "state": "open", "sentence": sentence, "every": OFTEN, "rows": rows}


def _why_closed(evening, now: datetime) -> str | None:
    days = grid.slots(evening)
    if any(day.first - BEFORE <= now <= day.end + AFTER for day in days):
        return None if publishing.is_visible(evening) else _("The times have not been published yet.")
    coming = next((day for day in days if now < day.first - BEFORE), None)
    if coming:
        return _("This screen shows conversations from {0}.").format(wording.moment(coming.first - BEFORE))
    return _("This evening is over.")


def _rows(conversations: list, now: datetime) -> list[dict]:
    by_instructor = defaultdict(list)
    names = {}
    for row in conversations:
        for record, name in row.instructors:
            by_instructor[record].append(row)
            names[record] = name
    found = [_row(names[record], own, now) for record, own in by_instructor.items()]
    found = [row for row in found if row]
    return sorted(found, key=lambda row: (row["instructor"].casefold(), row["room"]))


def _row(name: str, own: list, now: datetime) -> dict | None:
    going_on, coming = following.going_on(own, now), following.next_of(own, now)
    if coming and coming.start > now + SOON:
        coming = None
    if not (going_on or coming):
        return None
    return {"room": _where(going_on or coming), "instructor": name, **_times(going_on, coming)}


def _times(going_on, coming) -> dict:
    delay = coming.outlook.delay if coming else None
    return {
        "now": going_on and going_on.start.strftime("%H:%M"),
        "next": coming and coming.start.strftime("%H:%M"),
        "delay": delay,
        "is_known": not coming or delay is not None,
    }


def _where(row) -> str:
    if row.mode == "Online":
        return _("Online")
    return ", ".join(filter(None, (row.room_name, row.table_label)))


# For the desk


def instructors(evening: str) -> list[dict]:
    """How late everybody runs today, for staff: all instructors with conversations, in order of name.

    Returns:
        {instructor, name, room, now, next, delay, is_known, over, left, no_show, last}: how many are over, to
        come and did not come; `last` is the last tap, as time of day.
    """
    now = now_datetime()
    own = defaultdict(list)
    names = {}
    for row in following.of(evening, now):
        for record, name in row.instructors:
            own[record].append(row)
            names[record] = name
    found = [_for_staff(record, names[record], rows, now) for record, rows in own.items()]
    return sorted(found, key=lambda row: (row["name"].casefold(), row["instructor"]))


def _for_staff(record: str, name: str, own: list, now: datetime) -> dict:
    going_on, coming = following.going_on(own, now), following.next_of(own, now)
    tapped = [moment for row in own for moment in (row.started, row.finished) if moment]
    return {
        "instructor": record,
        "name": name,
        "room": _where(going_on or coming or own[-1]),
        **_times(going_on, coming),
        "over": sum(row.outlook.state == OVER for row in own),
        "left": sum(row.outlook.state == WAITING for row in own),
        "no_show": sum(bool(row.no_show) for row in own),
        "last": max(tapped).strftime("%H:%M") if tapped else None,
    }
