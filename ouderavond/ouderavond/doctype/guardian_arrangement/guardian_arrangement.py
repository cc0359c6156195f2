from frappe.model.document import Document


class GuardianArrangement(Document):
    pass
