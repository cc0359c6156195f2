"""Whom a letter told that the link of an online conversation follows, so that it does.

What was promised is a mark (`messages.mark`); `links_letter` keeps the promise. Instructors are promised
nothing: their events stand in their own calendars.
"""

import frappe
from frappe.utils import now_datetime

from ouderavond.evening import messages, people

DOCTYPE_OF = {"guardian": "Guardian", "student": "Student"}
# Marks, by the role in which somebody was promised links.
PROMISED = {"guardian": "Links promised to guardian", "student": "Links promised to student"}
TOLD = "Links of conversations"


def note(evening, role: str, records: list[str], found: list) -> None:
    """A letter about conversations is on its way: note what it says of links. In the letter's transaction.

    Args:
        evening: Parent Evening document. found: rows of `conversations`, with their links.
    """
    if role not in PROMISED or not evening.meeting_provider or not records:
        return
    person = people.person_key(DOCTYPE_OF[role], records[0])
    coming = online(found)
    if any(not row.link for row in coming):
        messages.mark(PROMISED[role], evening.name, person)
    elif coming:
        is_first(evening.name, role, person, coming)


def promise(evening: str, guardians: list[str], student: str | None) -> None:
    """Have the guardians of a conversation, or a student alone, told where to join it."""
    records = [("guardian", name) for name in guardians] or [("student", student)]
    for role, name in records:
        if name:
            messages.mark(PROMISED[role], evening, people.person_key(DOCTYPE_OF[role], name))


def online(found: list) -> list:
    """Those of these conversations that are online and still to come."""
    now = now_datetime()
    return [row for row in found if row.mode == "Online" and row.state != "Cancelled" and row.end > now]


def is_first(evening: str, role: str, person: str, coming: list) -> bool:
    """Whether somebody is told of these links for the first time; from then on it is not."""
    links = sorted((row.name, row.link) for row in coming if row.link)
    version = frappe.utils.sha256_hash(frappe.as_json(links))[:40]
    return messages.once(f"{TOLD} ({role})", evening, person, version)
