from dataclasses import asdict

import frappe
from frappe import _
from frappe.model.document import Document

from ouderavond.evening import doctor, identity
from ouderavond.evening.online import checking

NOTED = ("expiry_warned", "site_marker")


class OuderavondSettings(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        confirmed_database: DF.Data | None
        confirmed_url: DF.Data | None
        default_meeting_provider: DF.Literal["", "Microsoft Teams", "Google Meet", "Link Template"]
        expiry_warned: DF.SmallText | None
        frame_origins: DF.SmallText | None
        google_connection: DF.Literal["Service Account", "Google Calendar of Each Instructor"]
        google_key_expires: DF.Date | None
        google_service_account: DF.Password | None
        google_test_account: DF.Data | None
        guardians_as_attendees: DF.Check
        link_template: DF.Data | None
        maximum_per_student: DF.Int
        meeting_body: DF.Text | None
        meeting_lobby: DF.Literal["Everyone Waits", "Colleagues Enter", "Everyone Enters"]
        meeting_recording: DF.Check
        meeting_subject: DF.Data | None
        microsoft_certificate: DF.Password | None
        microsoft_client_id: DF.Data | None
        microsoft_client_secret: DF.Password | None
        microsoft_credential: DF.Literal["Client Secret", "Certificate"]
        microsoft_level: DF.Literal["Calendar Only", "With Lobby and Recording"]
        microsoft_secret_expires: DF.Date | None
        microsoft_tenant: DF.Data | None
        microsoft_test_account: DF.Data | None
        minutes_per_conversation: DF.Int
        restrict_students: DF.Check
        retention_days: DF.Int
        retention_kind: DF.Literal["Delete", "Anonymise"]
        site_marker: DF.Data | None
        threads: DF.Int
        time_limit: DF.Int

    # end: auto-generated types
    def validate(self):
        self.keep_noted()
        if int(self.minutes_per_conversation or 0) < 1:
            frappe.throw(_("Minutes per Conversation must be at least 1."))
        if int(self.time_limit or 0) < 1:
            frappe.throw(_("The time limit must be at least one second."))
        checking.check(self)

    def keep_noted(self):
        """What the program notes stays, however long ago the form that is saved was opened."""
        for field in NOTED:
            self.set(field, frappe.db.get_single_value(self.doctype, field, cache=False))

    def on_update(self):
        checking.saved(self)


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
