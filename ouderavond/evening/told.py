"""What people were told of a conversation, beside what staff plan for it now.

Calculating and publishing are separate. A conversation that people were told of keeps, in its `published_…`
fields, what they were told; `untold` says that staff changed or cancelled it since and did not publish that.
Until they do, families and instructors see the conversation as they were told of it. Who changes a
conversation of their own knows it from then on. `sequence` counts what they were told, `told_on` says when
that was last; both are in their calendars, so that neither changes before.
"""

from collections.abc import Iterable

import frappe
from frappe.utils import now_datetime
from pypika import Case
from pypika.terms import Criterion

# Field of a conversation -> the field that keeps what people were told of it.
FIELDS = {
    "start": "published_start",
    "end": "published_end",
    "room": "published_room",
    "table_label": "published_table_label",
    "mode": "published_mode",
}


def tell(doc) -> None:
    """People know an Evening Booking (a document or a row) as it is now, without being shown a change."""
    for field, told in FIELDS.items():
        doc.update({told: doc.get(field)})
    doc.untold, doc.changed_from, doc.told_on = 0, None, now_datetime()


def keep(doc) -> None:
    """Staff changed an Evening Booking (a document or a row): who was told of it still knows it as it was."""
    doc.untold = int(bool(doc.published_start) and (doc.state == "Cancelled" or differs(doc)))


def differs(row) -> bool:
    """Whether a conversation is planned otherwise now than people were told."""
    return any((row.get(field) or None) != (row.get(told) or None) for field, told in FIELDS.items())


def note_many(names: Iterable[str]) -> None:
    """These conversations, of which people knew, are told otherwise from now on."""
    booking = frappe.qb.DocType("Evening Booking")
    (
        frappe.qb.update(booking)
        .set(booking.sequence, booking.sequence + 1)
        .set(booking.told_on, now_datetime())
        .where(booking.name.isin(list(names) or [""]))
    ).run()


def criterion(booking) -> Criterion:
    """The conversations that people know of, as a condition on the table of Evening Bookings."""
    return (booking.state == "Published") | ((booking.state == "Cancelled") & (booking.untold == 1))


def value(booking, field: str):
    """A field as people were told of it, for a query on the table of Evening Bookings.

    `state` is Published for all that they know of.
    """
    if field == "state":
        return Case().when(booking.untold == 1, "Published").else_(booking.state)
    return Case().when(booking.untold == 1, booking[FIELDS[field]]).else_(booking[field])


def column(booking, field: str):
    """`value` under the field's own name, to select it."""
    return value(booking, field).as_(field)


def as_told(row) -> frappe._dict:
    """A row of an Evening Booking with its `published_…` fields, as people were told of it."""
    if row.untold:
        row.update({field: row.get(told) for field, told in FIELDS.items()}, state="Published")
    return row
