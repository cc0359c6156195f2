"""Publishing: planned conversations become the times that people have been told."""

import frappe
from frappe import _
from pypika.terms import Criterion

from ouderavond.evening import versions

# Where places are booked directly, who books one knows its time from then on.
TOLD_AT_ONCE = "Book Directly"


def is_visible(evening) -> bool:
    """Whether the published conversations of a Parent Evening document are shown to those who attend."""
    return bool(evening.schedule_visible) or evening.procedure == TOLD_AT_ONCE


def visible_criterion(evening) -> Criterion:
    """The same as a condition on the table of evenings."""
    return (evening.schedule_visible == 1) | (evening.procedure == TOLD_AT_ONCE)


def publish(evening: str) -> int:
    """Publish all planned conversations and show the schedule; what was published before stays.

    Returns:
        The number of conversations that are published now and were not before.

    Raises:
        frappe.ValidationError: there is nothing to publish, or the evening itself is not published.
    """
    doc = frappe.get_doc("Parent Evening", evening, for_update=True)
    if doc.archived:
        frappe.throw(_("This evening is archived."))
    if not doc.published:
        frappe.throw(_("Publish the evening itself first: guardians cannot see it yet."))
    live = {"evening": evening, "state": ("in", ("Planned", "Published"))}
    if not frappe.db.exists("Evening Booking", live):
        frappe.throw(_("There are no conversations to publish. Run the scheduler and apply its result."))
    booking = frappe.qb.DocType("Evening Booking")
    planned = (booking.evening == evening) & (booking.state == "Planned")
    count = frappe.db.count("Evening Booking", {"evening": evening, "state": "Planned"})
    frappe.qb.update(booking).set(booking.state, "Published").set(
        booking.published_start, booking.start
    ).where(planned).run()
    versions.bump(evening)
    _show(doc, 1)
    return count


def hide(evening: str) -> None:
    """Hide the schedule from guardians, students and instructors; the conversations stay as they are."""
    _show(frappe.get_doc("Parent Evening", evening, for_update=True), 0)


def _show(doc, visible: int) -> None:
    if doc.schedule_visible != visible:
        doc.schedule_visible = visible
        doc.save(ignore_permissions=True)
