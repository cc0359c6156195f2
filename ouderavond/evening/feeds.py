"""Secret addresses under which a person's own calendar reads their conversations.

The address is shown once; only its hash is kept. Every reading decides anew what the person may see.
"""

import secrets
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import add_to_date, get_url, now_datetime

from ouderavond.evening import conversations, my_calendar
from ouderavond.evening.offering.letters import speaking

DOCTYPE = "Calendar Feed"
# Bytes of chance in an address.
LENGTH = 32
PATH = "/api/method/ouderavond.api.feeds.personal"
# How often at most the time of last use is written down.
MINUTES_BETWEEN_NOTES = 60


@dataclass(frozen=True)
class Feed:
    """Whose feed it is, and in which role."""

    name: str
    person: str
    role: str


def subscribe(user: str, role: str) -> str:
    """Make a user's address in a role, and return it; one made before stops working."""
    token = secrets.token_urlsafe(LENGTH)
    values = {"token_hash": _hash(token), "revoked": 0, "last_used": None}
    name = frappe.db.get_value(DOCTYPE, {"person": user, "role": role}, "name", for_update=True)
    if name:
        frappe.db.set_value(DOCTYPE, name, values)
    else:
        doc = frappe.get_doc({"doctype": DOCTYPE, "person": user, "role": role, **values})
        doc.flags.by_feeds = True
        doc.insert(ignore_permissions=True)
    return get_url(f"{PATH}?token={token}")


def revoke(user: str, role: str) -> None:
    """Let a user's address in a role stop working."""
    values = {"token_hash": None, "revoked": 1}
    frappe.db.set_value(DOCTYPE, {"person": user, "role": role}, values)


def roles_with_address(user: str) -> set[str]:
    """The roles in which a user has an address that works."""
    return set(frappe.get_all(DOCTYPE, {"person": user, "revoked": 0}, pluck="role"))


def find(token: str) -> Feed | None:
    """Whose address this is; None where nobody's, or nobody's any more."""
    user, feed = frappe.qb.DocType("User"), frappe.qb.DocType(DOCTYPE)
    found = (
        frappe.qb.from_(feed)
        .join(user)
        .on(user.name == feed.person)
        .select(feed.name, feed.person, feed.role)
        .where((feed.token_hash == _hash(token)) & (feed.revoked == 0) & (user.enabled == 1))
    ).run()
    if not found:
        return None
    read = Feed(*found[0])
    return read if conversations.records_of(read.role, read.person) else None


def read(feed: Feed) -> bytes:
    """The calendar of a feed as it is now, with what was cancelled as cancelled."""
    language = frappe.db.get_value("User", feed.person, "language")
    with speaking(language or frappe.get_system_settings("language") or "en"):
        found = conversations.of(feed.role, feed.person, cancelled=True)
        return my_calendar.ics(found, feed.role, name=_("Parent Evenings"))


def note_use(feed: Feed) -> None:
    """Write down that a feed was read, not at every reading. Commits."""
    last = frappe.db.get_value(DOCTYPE, feed.name, "last_used")
    if last and last > add_to_date(now_datetime(), minutes=-MINUTES_BETWEEN_NOTES):
        return
    frappe.db.set_value(DOCTYPE, feed.name, "last_used", now_datetime(), update_modified=False)
    frappe.db.commit()


def _hash(token: str) -> str:
    return frappe.utils.sha256_hash(token)


def before_user_is_deleted(doc, method=None) -> None:
    """A person's addresses go with the person."""
    frappe.db.delete(DOCTYPE, {"person": doc.name})


def before_user_is_renamed(doc, method, old: str, new: str, merge: bool = False) -> None:
    """Addresses follow a user's new name; of two users who become one, those of the first stop."""
    if merge:
        frappe.db.delete(DOCTYPE, {"person": old})
