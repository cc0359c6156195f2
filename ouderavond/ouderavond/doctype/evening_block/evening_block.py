from frappe.model.document import Document


class EveningBlock(Document):
    pass
