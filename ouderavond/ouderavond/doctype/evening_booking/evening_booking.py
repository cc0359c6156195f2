import frappe
from frappe import _
from frappe.model.document import Document

from ouderavond.evening import claims


class EveningBooking(Document):
    def validate(self):
        if not self.flags.through_claims:
            frappe.throw(
                _("Book, move and cancel a conversation with its buttons, so that nobody is booked twice."),
                frappe.PermissionError,
            )
        if self.end <= self.start:
            frappe.throw(_("A conversation ends after it starts."))

    def after_delete(self):
        claims.replace(self.evening, [self.name], [])
