from frappe.model.document import Document


class ConversationOfferInstructor(Document):
    pass
