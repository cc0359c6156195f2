"""What instructors can call: the instructor is found by the session's user. Only own conversations."""

import frappe

from ouderavond.api import callers
from ouderavond.evening import overview


@frappe.whitelist(methods=["GET"])
def conversations() -> list:
    """The evenings at which I sit, each with my conversations in order of time."""
    return overview.for_instructor(callers.instructor())
