import frappe
from frappe import _
from frappe.model.document import Document


class EveningMessage(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        evening: DF.Link
        event: DF.Data
        person: DF.Data
        version: DF.Data | None
    # end: auto-generated types
    """That somebody has been told of something. Written by `evening.messages` alone."""

    def validate(self):
        frappe.throw(
            _("What people were told is kept by the system and cannot be written by hand."),
            frappe.PermissionError,
        )


def on_doctype_update():
    """The key by which nobody is told the same twice."""
    frappe.db.add_unique(
        "Evening Message",
        ["event", "evening", "person", "version"],
        constraint_name="told_once",
    )
