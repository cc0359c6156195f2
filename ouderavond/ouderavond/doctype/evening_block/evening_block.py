import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime

from ouderavond.evening import claims


class EveningBlock(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        evening: DF.Link
        from_time: DF.Datetime
        is_break: DF.Check
        reason: DF.Data | None
        source: DF.Literal["Staff", "Instructor", "Guardian", "Student"]
        to_time: DF.Datetime
        who: DF.DynamicLink | None
        who_name: DF.Data | None
        who_type: DF.Literal["Instructor", "Guardian", "Student", "Student Group", "Room", "Everyone"]

    # end: auto-generated types
    def validate(self):
        if not self.flags.through_claims:
            frappe.throw(
                _("A time is blocked with the button Block Time, so that it cannot lie over a conversation."),
                frappe.PermissionError,
            )
        if self.who_type != "Everyone" and not (self.who and frappe.db.exists(self.who_type, self.who)):
            frappe.throw(
                _("Say who is blocked: {0} {1} does not exist.").format(_(self.who_type), self.who or "")
            )
        if get_datetime(self.to_time) <= get_datetime(self.from_time):
            frappe.throw(_("A block ends after it starts."))
        dates = {str(row.date) for row in frappe.get_doc("Parent Evening", self.evening).dates}
        if not {str(get_datetime(t).date()) for t in (self.from_time, self.to_time)} <= dates:
            frappe.throw(_("The block must lie on a date of the evening."))

    def before_rename(self, old, new, merge=False):
        frappe.throw(_("This record keeps its name: its claims carry it."), frappe.PermissionError)

    def after_delete(self):
        # Once the row is gone, so that other blocks over the same time take its minutes and it does not.
        claims.replace(self.evening, [self.name], [])
