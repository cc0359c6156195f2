from frappe.model.document import Document


class ConversationOfferDate(Document):
    pass
