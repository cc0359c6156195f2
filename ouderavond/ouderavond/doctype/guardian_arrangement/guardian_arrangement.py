import frappe
from frappe import _
from frappe.model.document import Document


class GuardianArrangement(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        attends_separately: DF.Check
        contact_forbidden: DF.Check
        guardian: DF.Link
        guardian_name: DF.Data | None
        note: DF.SmallText | None
        student: DF.Link
        student_name: DF.Data | None

    # end: auto-generated types
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
