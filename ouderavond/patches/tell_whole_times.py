"""Published conversations know all that people were told, not only the start."""

import frappe


def execute():
    """Fill in what was told with the conversations that were published before it was kept."""
    booking = frappe.qb.DocType("Evening Booking")
    (
        frappe.qb.update(booking)
        .set(booking.published_end, booking.end)
        .set(booking.published_room, booking.room)
        .set(booking.published_table_label, booking.table_label)
        .set(booking.published_mode, booking.mode)
        .where(booking.published_start.notnull() & booking.published_end.isnull())
    ).run()
