from frappe.model.document import Document


class ParentEveningParticipant(Document):
    pass
