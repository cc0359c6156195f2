from dataclasses import asdict

import frappe
from frappe import _
from frappe.model.document import Document

from ouderavond.evening import doctor, identity


class OuderavondSettings(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        confirmed_database: DF.Data | None
        confirmed_url: DF.Data | None
        maximum_per_student: DF.Int
        minutes_per_conversation: DF.Int
        restrict_students: DF.Check
        retention_days: DF.Int
        retention_kind: DF.Literal["Delete", "Anonymise"]
        threads: DF.Int
        time_limit: DF.Int

    # end: auto-generated types
    def validate(self):
        if int(self.minutes_per_conversation or 0) < 1:
            frappe.throw(_("Minutes per Conversation must be at least 1."))
        if int(self.time_limit or 0) < 1:
            frappe.throw(_("The time limit must be at least one second."))


@frappe.whitelist(methods=["POST"])
def confirm_site() -> str:
    """Let mail, meetings and webhooks leave this site; returns the confirmed address."""
    frappe.has_permission("Ouderavond Settings", "write", throw=True)
    return identity.confirm()[0]


@frappe.whitelist(methods=["POST"])
def check_site() -> list[dict]:
    """The doctor's findings, for the form."""
    frappe.has_permission("Ouderavond Settings", "read", throw=True)
    return [asdict(finding) for finding in doctor.check()]
