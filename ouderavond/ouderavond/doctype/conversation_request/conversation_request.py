import frappe
from frappe.model.document import Document

from ouderavond.evening import request_rules, requests


class ConversationRequest(Document):
    def validate(self):
        if not self.flags.checked:
            requests.complete(self)
        self.student_name = frappe.db.get_value("Student", self.student, "student_name")
        self.guardian_name = frappe.db.get_value("Guardian", self.guardian, "guardian_name")

    def on_update(self):
        if self.flags.exceptions:
            request_rules.note_exceptions(self, self.flags.exceptions)


def on_doctype_update():
    """One request per offer and party, and the way from a student to the requests of an evening."""
    frappe.db.add_unique("Conversation Request", ["offer", "party"])
    frappe.db.add_index("Conversation Request", ["evening", "student"])
