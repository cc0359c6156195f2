from frappe.model.document import Document


class OuderavondSettings(Document):
    pass
