from frappe.model.document import Document


class ScheduleRunData(Document):
    pass
