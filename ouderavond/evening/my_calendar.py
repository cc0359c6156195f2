"""Somebody's conversations as calendar events, in the reader's language, with no more than the page tells."""

from datetime import timezone
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.utils import get_system_timezone, get_url

from ouderavond.evening import calendars, grid, identity


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


def _places(evenings: set[str]) -> dict[tuple, str | None]:
    documents = [frappe.get_cached_doc("Parent Evening", name) for name in evenings]
    return {(doc.name, day.date): day.place for doc in documents for day in grid.slots(doc)}


def _event(row, role: str, zone: str, site: str | None) -> calendars.Event:
    changed = row.modified.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
    return calendars.Event(
        uid=f"{row.name}@{_host()}",
        start=row.start,
        end=row.end,
        changed=changed,
        summary=_summary(row, role),
        description=_description(row, role),
        location=_location(row, site),
        link=row.link or get_url("/ouderavond"),
        sequence=row.sequence or 0,
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
