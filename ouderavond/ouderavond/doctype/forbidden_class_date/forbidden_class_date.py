import frappe
from frappe.model.document import Document


class ForbiddenClassDate(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        date: DF.Date
        evening: DF.Link
        student_group: DF.Link
    # end: auto-generated types
    """A class whose conversations may not be on one of the evening's dates; written by `offering.classes`."""


def on_doctype_update():
    """A class is forbidden on a date once."""
    frappe.db.add_unique(
        "Forbidden Class Date", ["evening", "student_group", "date"], "one_row_per_class_and_date"
    )
