"""Times at which a guardian's household or a student can't come."""

import frappe
from frappe import _

from ouderavond.api import callers, times_form
from ouderavond.evening import unavailable


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def save(evening: str, role: str, times: str | list) -> dict:
    """Make the times at which I can't come to an evening exactly these: all of them or nothing.

    Args:
        role: "guardian" or "student".
        times: a list of {from, to}, as 2027-02-09T18:30.
    """
    stored = unavailable.save(evening, callers.asker(role), times_form.parse(times))
    return {"times": times_form.rows(stored), "message": _("Saved.")}
