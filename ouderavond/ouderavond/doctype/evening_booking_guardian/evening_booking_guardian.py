from frappe.model.document import Document


class EveningBookingGuardian(Document):
    pass
