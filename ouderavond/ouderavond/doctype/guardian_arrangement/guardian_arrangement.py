import frappe
from frappe import _
from frappe.model.document import Document


class GuardianArrangement(Document):
    def validate(self):
        self.refuse_duplicate()
        self.check_guardian()

    def refuse_duplicate(self):
        """One arrangement per student and guardian; the database holds to it too."""
        same = {"student": self.student, "guardian": self.guardian, "name": ("!=", self.name or "")}
        if frappe.db.exists("Guardian Arrangement", same):
            frappe.throw(
                _("There is an arrangement for this student and guardian already."),
                frappe.DuplicateEntryError,
            )

    def check_guardian(self):
        """An arrangement for somebody who is no guardian of the student has no effect: say so."""
        link = {"parenttype": "Student", "parent": self.student, "guardian": self.guardian}
        if not frappe.db.exists("Student Guardian", link):
            frappe.msgprint(
                _("{0} is not among the guardians of {1}, so this has no effect yet.").format(
                    frappe.utils.escape_html(self.guardian_name or self.guardian),
                    frappe.utils.escape_html(self.student_name or self.student),
                ),
                indicator="orange",
            )


def on_doctype_update():
    """The database itself refuses two arrangements for one student and guardian."""
    frappe.db.add_unique("Guardian Arrangement", ["student", "guardian"], "unique_arrangement")
