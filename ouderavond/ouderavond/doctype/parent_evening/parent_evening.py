from frappe.model.document import Document


class ParentEvening(Document):
    pass
