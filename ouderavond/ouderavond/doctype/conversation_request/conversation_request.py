import frappe
from frappe.model.document import Document

from ouderavond.evening import archived, request_rules, requests


class ConversationRequest(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        evening: DF.Link
        guardian: DF.Link | None
        guardian_name: DF.Data | None
        interpreter_language: DF.Data | None
        longer: DF.Check
        mode: DF.Literal["In Person", "Online"]
        offer: DF.Link
        override_reason: DF.SmallText | None
        party: DF.Data | None
        preference: DF.Literal["", "Early", "Late"]
        priority: DF.Literal["Wanted", "Must See"]
        rank: DF.Int
        reason: DF.Data | None
        reason_facts: DF.JSON | None
        remark: DF.SmallText | None
        source: DF.Literal["Guardian", "Student", "Instructor", "Staff", "Integration"]
        state: DF.Literal["Requested", "Withdrawn", "Placed", "Not Placed"]
        step_free: DF.Check
        student: DF.Link | None
        student_name: DF.Data | None
        subject: DF.Data | None
    # end: auto-generated types

    def validate(self):
        if not self.flags.checked:
            self.keep_outcome()
            requests.complete(self)
        self.student_name = frappe.db.get_value("Student", self.student, "student_name")
        self.guardian_name = frappe.db.get_value("Guardian", self.guardian, "guardian_name")

    def keep_outcome(self):
        """State, reason and who asked follow from what was done, never from what a form or a call says."""
        before = self.get_doc_before_save() or frappe._dict(state="Requested", source="Staff")
        for field in ("state", "reason", "reason_facts", "source"):
            self.set(field, before.get(field))

    def on_update(self):
        if self.flags.exceptions:
            request_rules.note_exceptions(self, self.flags.exceptions)

    def on_trash(self):
        archived.refuse_with_a_time(self)


def on_doctype_update():
    """One request per offer and party, and the way from a student to the requests of an evening."""
    frappe.db.add_unique("Conversation Request", ["offer", "party"])
    frappe.db.add_index("Conversation Request", ["evening", "student"])
