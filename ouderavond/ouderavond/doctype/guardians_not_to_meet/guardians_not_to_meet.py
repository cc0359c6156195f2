import frappe
from frappe import _
from frappe.model.document import Document


class GuardiansNotToMeet(Document):
    def validate(self):
        if self.guardian == self.other_guardian:
            frappe.throw(_("Choose two different guardians."))
        self.refuse_duplicate()

    def refuse_duplicate(self):
        """One record per pair, whichever of the two comes first."""
        for one, other in ((self.guardian, self.other_guardian), (self.other_guardian, self.guardian)):
            same = {"guardian": one, "other_guardian": other, "name": ("!=", self.name or "")}
            if frappe.db.exists("Guardians Not To Meet", same):
                frappe.throw(_("This pair of guardians is there already."), frappe.DuplicateEntryError)


def on_doctype_update():
    """The database itself refuses the same pair twice."""
    frappe.db.add_unique("Guardians Not To Meet", ["guardian", "other_guardian"], "unique_pair")
