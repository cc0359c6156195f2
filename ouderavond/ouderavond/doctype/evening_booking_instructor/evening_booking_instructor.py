from frappe.model.document import Document


class EveningBookingInstructor(Document):
    pass
