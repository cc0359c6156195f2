"""What instructors note for themselves at their conversations. Nobody else reads it, staff neither.

A note stands with the instructor's own row of the conversation and goes when that goes. It is written
encrypted with the site's key, so that no list, filter, report, version or copy of the database tells what
it says; the field is at a level of permissions that no role has.
"""

from contextlib import suppress

import frappe
from frappe import _
from frappe.utils import cstr
from frappe.utils.password import decrypt, encrypt

from ouderavond.evening import conversations

LENGTH = 2000
ROW = "Evening Booking Instructor"


def of(instructors: list[str], bookings: list[str]) -> dict[str, str]:
    """The notes of one person at conversations, by conversation."""
    filters = {
        "parent": ("in", bookings or [""]),
        "instructor": ("in", instructors or [""]),
        "note": ("is", "set"),
    }
    rows = frappe.get_all(ROW, filters, ["parent", "note"], order_by="idx")
    return {row.parent: text for row in rows if (text := _plain(row.note))}


def save(instructors: list[str], booking: str, text: str) -> str:
    """Note something at one of one's own conversations; an empty text takes the note away.

    Returns:
        The note as it is kept.

    Raises:
        frappe.PermissionError: it is not a conversation of this person.
        frappe.ValidationError: the text is too long.
    """
    # Also those that were told and cancelled since: what was noted there stays readable.
    own = {row.name for row in conversations.of_instructor(instructors, cancelled=True)}
    if booking not in own:
        frappe.throw(_("This conversation is not one of yours."), frappe.PermissionError)
    text = cstr(text).strip()
    if len(text) > LENGTH:
        frappe.throw(_("This text is too long; at most {0} characters are possible.").format(LENGTH))
    filters = {"parent": booking, "parenttype": "Evening Booking", "instructor": ("in", instructors)}
    for row in frappe.get_all(ROW, filters, pluck="name"):
        # Not through the document, which would keep a version with it.
        frappe.db.set_value(ROW, row, "note", encrypt(text) if text else None, update_modified=False)
    return text


def _plain(stored: str) -> str:
    """What a note says; nothing where it was written with the key of another site."""
    with suppress(frappe.ValidationError):
        return decrypt(stored)
    frappe.clear_last_message()
    return ""
