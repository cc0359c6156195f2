import frappe
from frappe import _
from frappe.model.document import Document

from ouderavond.evening import claims


class EveningBooking(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        from ouderavond.ouderavond.doctype.evening_booking_guardian.evening_booking_guardian import (
            EveningBookingGuardian,
        )
        from ouderavond.ouderavond.doctype.evening_booking_instructor.evening_booking_instructor import (
            EveningBookingInstructor,
        )

        cant_come: DF.Check
        cant_come_at: DF.Datetime | None
        cant_come_by: DF.Data | None
        cant_come_choices: DF.Data | None
        cant_come_wish: DF.SmallText | None
        changed_from: DF.Datetime | None
        end: DF.Datetime
        evening: DF.Link
        finished: DF.Datetime | None
        guardians: DF.Table[EveningBookingGuardian]
        household: DF.Data | None
        instructors: DF.Table[EveningBookingInstructor]
        mode: DF.Literal["In Person", "Online"]
        no_show: DF.Check
        offer: DF.Link | None
        override_reason: DF.SmallText | None
        pinned: DF.Check
        published_end: DF.Datetime | None
        published_mode: DF.Literal["", "In Person", "Online"]
        published_room: DF.Link | None
        published_start: DF.Datetime | None
        published_table_label: DF.Data | None
        remark: DF.SmallText | None
        replaces: DF.Link | None
        request: DF.Link | None
        room: DF.Link | None
        run: DF.Link | None
        sequence: DF.Int
        source: DF.Literal["Scheduler", "Guardian", "Student", "Staff", "Integration"]
        start: DF.Datetime
        started: DF.Datetime | None
        state: DF.Literal["Planned", "Published", "Cancelled"]
        student: DF.Link | None
        student_attends: DF.Check
        student_name: DF.Data | None
        subject: DF.Data | None
        table_label: DF.Data | None
        taps: DF.JSON | None
        told_on: DF.Datetime | None
        untold: DF.Check

    # end: auto-generated types
    def validate(self):
        if not self.flags.through_claims:
            frappe.throw(
                _("Book, move and cancel a conversation with its buttons, so that nobody is booked twice."),
                frappe.PermissionError,
            )
        if self.end <= self.start:
            frappe.throw(_("A conversation ends after it starts."))

    def before_rename(self, old, new, merge=False):
        frappe.throw(_("This record keeps its name: its claims carry it."), frappe.PermissionError)

    def after_delete(self):
        claims.replace(self.evening, [self.name], [])
