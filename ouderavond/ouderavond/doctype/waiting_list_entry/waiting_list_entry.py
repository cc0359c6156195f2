import frappe
from frappe import _
from frappe.model.document import Document


class WaitingListEntry(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        earliest: DF.Time | None
        evening: DF.Link
        expires: DF.Datetime | None
        guardian: DF.Link | None
        guardian_name: DF.Data | None
        instructor_names: DF.Data | None
        instructors_key: DF.Data | None
        latest: DF.Time | None
        offer: DF.Link | None
        offered_at: DF.Datetime | None
        offered_start: DF.Datetime | None
        slots: DF.Int
        state: DF.Literal["Waiting", "Offered", "Booked", "Passed", "Left"]
        student: DF.Link | None
        student_name: DF.Data | None
        subject: DF.Data | None
    # end: auto-generated types
    """Somebody waits for a place. Written by `evening.waiting` alone, under the locks of a booking."""

    def validate(self):
        frappe.throw(_("The waiting list is kept by the system."), frappe.PermissionError)


def on_doctype_update():
    """Found by evening and state after every change of an evening's places."""
    frappe.db.add_index("Waiting List Entry", ["evening", "state", "creation"], "waiting_in_order")
