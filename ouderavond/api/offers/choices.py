"""Finding students, instructors and courses to choose from."""

import frappe

from ouderavond.api import callers
from ouderavond.evening.offering import choices

# More than a list under a field can show.
MOST = 50


@frappe.whitelist(methods=["GET", "POST"])
def search(evening: str, doctype: str, text: str = "", limit: int = 20) -> list[dict]:
    """Records to choose from: {value, label, description} each."""
    callers.staff()
    return choices.search(frappe.get_doc("Parent Evening", evening), doctype, text, min(limit, MOST))
