from frappe.model.document import Document


class ConversationRequest(Document):
    pass
