import frappe
from frappe import _
from frappe.model.document import Document

UNFINISHED = ("Waiting", "Queued", "Running")


class ScheduleRun(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        applied_on: DF.Datetime | None
        batch: DF.Data | None
        bound: DF.Float
        breaks_missed: DF.Int
        evening: DF.Link
        extra_dates: DF.Int
        households_with_nothing: DF.Int
        input_hash: DF.Data | None
        instructor_waiting_minutes: DF.Int
        message: DF.SmallText | None
        moved: DF.Int
        must_unplaced: DF.Int
        must_unplaced_bound: DF.Int
        objective: DF.Float
        options: DF.JSON | None
        phase: DF.Data | None
        placed: DF.Int
        preferences_missed: DF.Int
        scenario: DF.Data | None
        seconds: DF.Float
        seed: DF.Int
        state: DF.Literal["Waiting", "Queued", "Running", "Finished", "Cancelled", "Interrupted", "Failed"]
        status: DF.Data | None
        time_limit: DF.Int
        total: DF.Int
        waiting_minutes: DF.Int
        wanted_unplaced: DF.Int
        wanted_unplaced_bound: DF.Int
        weights: DF.JSON | None

    # end: auto-generated types
    def validate(self):
        if int(self.time_limit or 0) < 1:
            frappe.throw(_("The time limit must be at least one second."))

    def on_trash(self):
        """A run that is busy or applied stays; its stored problem and schedule go with it."""
        if self.state in UNFINISHED:
            frappe.throw(_("This run is busy. Cancel it first."))
        if frappe.db.exists("Evening Booking", {"run": self.name, "state": ("!=", "Cancelled")}):
            frappe.throw(_("Conversations of this run are booked, so the run stays as their record."))
        frappe.db.delete("Schedule Run Data", {"run": self.name})
