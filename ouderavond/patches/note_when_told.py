"""Published conversations know when people were last told of them."""

import frappe


def execute():
    """Take their last change for it, of those that were published before it was kept."""
    booking = frappe.qb.DocType("Evening Booking")
    (
        frappe.qb.update(booking)
        .set(booking.told_on, booking.modified)
        .where(booking.published_start.notnull() & booking.told_on.isnull())
    ).run()
