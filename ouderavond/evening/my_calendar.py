"""Somebody's conversations as calendar events, in the reader's language, with no more than the page tells.

Files and subscriptions carry no METHOD: nobody was invited, so nothing is to be answered, and every calendar
takes such a file. That a conversation of which somebody had a file does not take place is a message of its
own, with METHOD:CANCEL: a program that knows the event takes it away, and others do not put it in.
"""

from collections.abc import Iterable
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.utils import get_system_timezone, get_url

from ouderavond.evening import calendars, grid, identity
from ouderavond.evening.offering.letters import Attachment, sender

FILE_NAME = "ouderavond.ics"
# A letter with more files would look like something else.
MOST_CANCELLED = 10


def ics(found: list, role: str, name: str = "") -> bytes:
    """These conversations as an iCalendar file.

    Args:
        found: rows of `conversations`, also cancelled ones.
        role: the role in which the reader sees them.
        name: what a calendar that subscribes calls it.
    """
    zone = get_system_timezone()
    places = _places({row.evening for row in found})
    events = [_event(row, role, zone, places.get((row.evening, row.day))) for row in found]
    return calendars.calendar(events, zone, name)


def attachments(found: list, role: str, address: str, gone: Iterable = ()) -> list[Attachment]:
    """What goes with a letter about conversations, for the calendar of who reads it.

    Args:
        found: rows of `conversations`; those that are cancelled are left out.
        address: to whom the letter goes. gone: rows of those of which it says that they are cancelled.
    """
    live = [row for row in found if row.state != "Cancelled"]
    files = [Attachment(FILE_NAME, ics(live, role).decode())] if live else []
    return files + _cancellations(list(gone)[:MOST_CANCELLED], role, address)


def about_cancelled() -> str:
    """What a letter says of the files about what is cancelled."""
    return _("A file named cancelled takes what no longer takes place out of your calendar.")


def _cancellations(gone: list, role: str, address: str) -> list[Attachment]:
    organizer = sender() if gone else ""
    if not organizer:
        return []
    zone, sent = get_system_timezone(), datetime.now(timezone.utc)
    places = _places({row.evening for row in gone})
    files = []
    for number, row in enumerate(gone, start=1):
        event = _event(row, role, zone, places.get((row.evening, row.day)))
        content = calendars.cancellation(event, zone, organizer, address, sent)
        files.append(Attachment(f"cancelled-{number}.ics", content.decode()))
    return files


def _places(evenings: set[str]) -> dict[tuple, str | None]:
    documents = [frappe.get_cached_doc("Parent Evening", name) for name in evenings]
    return {(doc.name, day.date): day.place for doc in documents for day in grid.slots(doc)}


def _event(row, role: str, zone: str, site: str | None) -> calendars.Event:
    # What is in the calendar is another event also where only its link came or changed.
    changed = max(filter(None, (row.told_on, row.link_changed_on)))
    return calendars.Event(
        uid=f"{row.name}@{_host()}",
        start=row.start,
        end=row.end,
        changed=changed.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc),
        summary=_summary(row, role),
        description=_description(row, role),
        location=_location(row, site),
        link=row.link or get_url("/ouderavond"),
        join=row.link or "",
        sequence=(row.sequence or 0) + row.link_changes,
        cancelled=row.state == "Cancelled",
    )


def _host() -> str:
    """The part of an event's identity that is this site's; it stays when the address changes."""
    return f"{frappe.utils.sha256_hash(identity.identity()[1])[:12]}.ouderavond"


def _summary(row, role: str) -> str:
    """Without last names: calendars are shown to colleagues and on screens."""
    about = (row.first_name or "").strip()
    if role == "student" or not about:
        return row.subject
    return f"{row.subject} ({about})"


def _description(row, role: str) -> str:
    lines = [frappe.get_cached_value("Parent Evening", row.evening, "title")]
    if role != "instructor":
        lines.append(", ".join(row.instructors))
    if row.mode == "Online":
        lines.append(row.link or _("Online, the link follows"))
    return "\n".join(line for line in lines if line)


def _location(row, site: str | None) -> str:
    if row.mode == "Online":
        return row.link or _("Online")
    return ", ".join(part for part in (row.room_name, row.table_label, site) if part)
