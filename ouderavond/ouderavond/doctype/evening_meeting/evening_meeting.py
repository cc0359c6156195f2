import frappe
from frappe.model.document import Document


class EveningMeeting(Document):
    """The event of a conversation in an instructor's calendar: see `evening.online`."""

    # begin: auto-generated types
    # end: auto-generated types


def on_doctype_update():
    """At most one event of a conversation is live; NULL for those that are over."""
    frappe.db.add_unique("Evening Meeting", ["live_key"], constraint_name="one_live_meeting")
