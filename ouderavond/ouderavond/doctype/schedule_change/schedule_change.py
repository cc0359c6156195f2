from frappe.model.document import Document


class ScheduleChange(Document):
    # begin: auto-generated types
    # end: auto-generated types
    """One change of conversations by staff, with the records before and after: see `planning.changes`."""
