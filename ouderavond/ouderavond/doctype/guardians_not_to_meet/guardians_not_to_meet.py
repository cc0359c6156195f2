from frappe.model.document import Document


class GuardiansNotToMeet(Document):
    pass
