import frappe
from frappe import _
from frappe.model.document import Document


class CalendarFeed(Document):
    """A secret address under which a calendar reads one person's conversations in one role.

    Only the hash of the address is kept; written by `evening/feeds.py`.
    """

    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        last_used: DF.Datetime | None
        person: DF.Link
        revoked: DF.Check
        role: DF.Literal["guardian", "student", "instructor"]
        token_hash: DF.Data | None
    # end: auto-generated types

    def validate(self):
        if not self.flags.by_feeds:
            sentence = _("This record is kept by the system and cannot be written by hand.")
            frappe.throw(sentence, frappe.PermissionError)


def on_doctype_update():
    """One address per person and role: renewing it makes the one before worthless."""
    frappe.db.add_unique("Calendar Feed", ["person", "role"], constraint_name="unique_person_and_role")
    frappe.db.add_unique("Calendar Feed", ["token_hash"], constraint_name="unique_token_hash")
