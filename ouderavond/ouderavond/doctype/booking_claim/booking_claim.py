from frappe.model.document import Document


class BookingClaim(Document):
    pass
