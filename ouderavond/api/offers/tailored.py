"""Tailored programs: who follows a lesson group without enrolment for its course, and offering to them."""

import frappe
from frappe import _

from ouderavond.api import callers, running
from ouderavond.evening.offering import tailored


@frappe.whitelist(methods=["GET", "POST"])
def listed(evening: str) -> dict:
    """The memberships of lesson groups outside the package: {rows, why_not}, each whether it is offered.

    `why_not` says why they cannot be listed, where the evening has no reference week with lessons.
    """
    callers.staff()
    doc = frappe.get_doc("Parent Evening", evening)
    try:
        return {"rows": tailored.listed(doc), "why_not": None}
    except frappe.ValidationError as error:
        frappe.clear_messages()
        return {"rows": [], "why_not": str(error)}


@frappe.whitelist(methods=["POST"])
def offer(evening: str, chosen: str | list | None = None, dry_run: int = 0) -> dict:
    """Offer what the chosen memberships, [[student, student group], …], make possible; all without a list."""
    callers.staff()
    if chosen == []:
        frappe.throw(_("Choose at least one student."))
    pairs = running.parsed(chosen)
    if pairs is not None and not all(_is_pair(pair) for pair in pairs):
        frappe.throw(_("A list of students with their groups was expected."))
    meant = tailored.memberships(frappe.get_doc("Parent Evening", evening)) if pairs is None else pairs
    return running.answer(tailored.offer, evening, size=len(meant), dry_run=dry_run, chosen=pairs)


def _is_pair(value) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(name, str) for name in value)
