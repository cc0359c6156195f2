"""Mentor conversations: the classes with their mentors, and offering."""

import frappe

from ouderavond.api import callers, running
from ouderavond.evening.offering import mentors


@frappe.whitelist(methods=["GET", "POST"])
def classes(evening: str) -> dict:
    """{classes, subject, abbreviation}: see `evening.offering.mentors`."""
    callers.staff()
    doc = frappe.get_doc("Parent Evening", evening)
    return {"classes": mentors.classes(doc), **mentors.wording(doc)}


@frappe.whitelist(methods=["POST"])
def offer(
    evening: str,
    classes: str | list | None = None,
    subject: str | None = None,
    abbreviation: str | None = None,
    dry_run: int | bool = 0,
) -> dict:
    """Offer the students of classes a conversation with their mentors; no classes means all."""
    callers.staff()
    groups = running.names(classes)
    doc = frappe.get_doc("Parent Evening", evening)
    size = sum(row["students"] for row in mentors.classes(doc) if groups is None or row["group"] in groups)
    return running.answer(
        mentors.offer,
        evening,
        size,
        dry_run=dry_run,
        groups=groups,
        subject=subject,
        abbreviation=abbreviation,
    )
