import frappe
from frappe import _
from frappe.model.document import Document


class GuardiansNotToMeet(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        guardian: DF.Link
        guardian_name: DF.Data | None
        minutes: DF.Int
        note: DF.SmallText | None
        other_guardian: DF.Link
        other_guardian_name: DF.Data | None

    # end: auto-generated types
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
