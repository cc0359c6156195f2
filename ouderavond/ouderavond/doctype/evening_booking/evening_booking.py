from frappe.model.document import Document


class EveningBooking(Document):
    pass
