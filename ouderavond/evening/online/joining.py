"""Where people join their conversations: what pages, letters and calendars may show of an event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Max, Sum
from frappe.utils import now_datetime

from ouderavond.evening.online import rows

LONGEST = 2000


@dataclass(frozen=True)
class Joining:
    """How to join a conversation.

    Attributes:
        link: empty while there is none.
        changes: how often the link became another one, so that calendars see that the event is another.
        changed_on: when it did so last; None where it never did.
    """

    link: str = ""
    changes: int = 0
    changed_on: datetime | None = None


NOTHING = Joining()


def of(bookings: Iterable[str]) -> dict[str, Joining]:
    """How to join conversations, of those that have or had an event."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    # Where an event could not be changed, its meeting is there all the same.
    is_there = row.state.isin(("Made", "Failed"))
    is_live = (row.live_key == row.booking) & is_there & (row.online == 1)
    found = (
        frappe.qb.from_(row)
        .select(row.booking, Max(Case().when(is_live, row.link)), Sum(row.link_changes))
        .select(Max(row.link_changed_on))
        .where(row.booking.isin(list(bookings) or [""]))
        .groupby(row.booking)
    ).run()
    return {
        booking: Joining(link if is_link(link) else "", int(changes or 0), changed_on)
        for booking, link, changes, changed_on in found
    }


def changed_since(moment: datetime) -> list[str]:
    """The conversations still to come whose link became another one since a moment, and is there now."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    found = (
        frappe.qb.from_(row)
        .select(row.booking)
        .where(row.end > now_datetime())
        .groupby(row.booking)
        .having((Sum(row.link_changes) > 1) & (Max(row.link_changed_on) > moment))
    ).run(pluck=True)
    return [name for name, meeting in of(found).items() if meeting.link]


def is_link(text: str | None) -> bool:
    """Whether a text can be shown as a link: an address of the web and nothing else."""
    if not text or len(text) > LONGEST or any(one.isspace() or not one.isprintable() for one in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
