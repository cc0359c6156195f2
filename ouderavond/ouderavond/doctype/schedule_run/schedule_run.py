from frappe.model.document import Document


class ScheduleRun(Document):
    pass
