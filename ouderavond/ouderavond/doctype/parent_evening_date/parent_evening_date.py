from frappe.model.document import Document


class ParentEveningDate(Document):
    pass
