"""An archived evening can only be read."""

import frappe
from frappe import _


def refuse(evening: str) -> None:
    """Refuse to change or delete records of an archived evening, whoever would.

    Raises:
        frappe.ValidationError: the evening is archived.
    """
    if frappe.db.get_value("Parent Evening", evening, "archived"):
        frappe.throw(_("This evening is archived and can only be read."))
