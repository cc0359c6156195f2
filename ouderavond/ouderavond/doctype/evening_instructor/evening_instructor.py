from frappe.model.document import Document


class EveningInstructor(Document):
    pass
