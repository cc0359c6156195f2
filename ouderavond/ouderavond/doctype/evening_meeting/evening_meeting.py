import frappe
from frappe.model.document import Document


class EveningMeeting(Document):
    """The event of a conversation in an instructor's calendar: see `evening.online`."""

    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        account: DF.Data | None
        attempts: DF.Int
        booking: DF.Link | None
        checked_on: DF.Datetime | None
        code: DF.Data | None
        detail: DF.Data | None
        end: DF.Datetime | None
        evening: DF.Link
        event_id: DF.SmallText | None
        fingerprint: DF.Data | None
        instructor: DF.Link | None
        key: DF.Data | None
        link: DF.SmallText | None
        link_changed_on: DF.Datetime | None
        link_changes: DF.Int
        live_key: DF.Data | None
        next_attempt: DF.Datetime | None
        online: DF.Check
        pending: DF.Check
        provider: DF.Literal["Microsoft Teams", "Google Meet", "Link Template"]
        start: DF.Datetime | None
        state: DF.Literal["Wanted", "Made", "Failed", "Cancelling", "Cancelled"]
        uncertain: DF.Check
        unset: DF.Data | None
    # end: auto-generated types


def on_doctype_update():
    """At most one event of a conversation is live; NULL for those that are over."""
    frappe.db.add_unique("Evening Meeting", ["live_key"], constraint_name="one_live_meeting")
