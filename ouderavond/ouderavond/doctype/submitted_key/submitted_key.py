import frappe
from frappe import _
from frappe.model.document import Document


class SubmittedKey(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        caller: DF.Data
        response: DF.JSON | None
        submission: DF.Data
    # end: auto-generated types
    """What a caller submitted under a key of their own, and the answer. Written by `reserving.keys` alone."""

    def validate(self):
        frappe.throw(
            _("This record is kept by the system and cannot be written by hand."), frappe.PermissionError
        )


def on_doctype_update():
    """The same submission, sent twice, is one."""
    frappe.db.add_unique(
        "Submitted Key", ["caller", "submission"], constraint_name="one_answer_per_submission"
    )
