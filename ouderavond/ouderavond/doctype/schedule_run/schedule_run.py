import frappe
from frappe import _
from frappe.model.document import Document

UNFINISHED = ("Queued", "Running")


class ScheduleRun(Document):
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
