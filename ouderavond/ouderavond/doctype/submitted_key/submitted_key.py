import frappe
from frappe import _
from frappe.model.document import Document


class SubmittedKey(Document):
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
