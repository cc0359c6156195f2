from frappe.model.document import Document


class ConversationOffer(Document):
    pass
