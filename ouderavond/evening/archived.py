"""An archived evening can only be read."""

import frappe
from frappe import _


def refuse_with_a_time(doc) -> None:
    """Refuse to delete an offer or request, of an archived evening or of a conversation that has a time.

    Raises:
        frappe.ValidationError: one of these.
    """
    refuse(doc.evening)
    field = {"Conversation Offer": "offer", "Conversation Request": "request"}[doc.doctype]
    if frappe.db.exists("Evening Booking", {field: doc.name, "state": ("!=", "Cancelled")}):
        frappe.throw(_("This conversation has a time. Cancel it first."))


def refuse(evening: str) -> None:
    """Refuse to change or delete records of an archived evening, whoever would.

    Raises:
        frappe.ValidationError: the evening is archived.
    """
    if frappe.db.get_value("Parent Evening", evening, "archived"):
        frappe.throw(_("This evening is archived and can only be read."))
