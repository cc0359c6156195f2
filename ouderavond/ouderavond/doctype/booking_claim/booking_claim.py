import frappe
from frappe import _
from frappe.model.document import Document


class BookingClaim(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        evening: DF.Data | None
        expires: DF.Datetime | None
        kind: DF.Literal["Booking", "Block", "Hold"]
        reference: DF.Data | None
        tick: DF.Datetime
        who: DF.Data
    # end: auto-generated types
    """A minute of a person or room. Written in bulk by `evening.claims` alone."""

    def validate(self):
        frappe.throw(
            _("Claims are kept by the system and cannot be written by hand."), frappe.PermissionError
        )


def on_doctype_update():
    """The key that makes a double booking impossible, and what every table of places is read from."""
    frappe.db.add_unique("Booking Claim", ["who", "tick"], constraint_name="one_claim_per_person_and_minute")
    columns = ["who", "tick", "kind", "reference", "evening", "expires"]
    frappe.db.add_index("Booking Claim", columns, "times_taken")
