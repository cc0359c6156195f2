import frappe
from frappe import _
from frappe.model.document import Document


class BookingClaim(Document):
    """A minute of a person or room. Written in bulk by `evening.claims` alone."""

    def validate(self):
        frappe.throw(
            _("Claims are kept by the system and cannot be written by hand."), frappe.PermissionError
        )


def on_doctype_update():
    """The key that makes a double booking impossible."""
    frappe.db.add_unique("Booking Claim", ["who", "tick"], constraint_name="one_claim_per_person_and_minute")
