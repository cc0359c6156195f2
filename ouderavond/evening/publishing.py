"""Publishing: what is planned becomes what people have been told. Calculating and changing never publish."""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe import _
from pypika import Case
from pypika.terms import Criterion

from ouderavond.evening import claims, told

# Where places are booked directly, who books one knows its time from then on.
TOLD_AT_ONCE = "Book Directly"


@dataclass
class Publication:
    """How many conversations are told for the first time now, otherwise than before, and as cancelled."""

    published: int = 0
    changed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """How many conversations people know now otherwise than before."""
        return self.published + self.changed + self.cancelled


def is_visible(evening) -> bool:
    """Whether the published conversations of a Parent Evening document are shown to those who attend."""
    return bool(evening.schedule_visible) or evening.procedure == TOLD_AT_ONCE


def visible_criterion(evening) -> Criterion:
    """The same as a condition on the table of evenings."""
    return (evening.schedule_visible == 1) | (evening.procedure == TOLD_AT_ONCE)


def publish(evening: str, bookings: Iterable[str] | None = None) -> Publication:
    """Publish what is planned otherwise than people were told, and show the schedule.

    What was published before and has not been changed since stays. Whatever was written before in this
    transaction is rolled back first. Commits.

    Args:
        bookings: only these conversations; one that stands instead of another is published together with it.

    Raises:
        frappe.ValidationError: there is nothing to publish, or the evening itself is not published.
    """
    found = claims.transaction(evening, [], lambda: publish_within(evening, bookings), exclusive=True)
    frappe.db.commit()
    return found


def publish_within(evening: str, bookings: Iterable[str] | None = None) -> Publication:
    """As `publish`, within `claims.transaction` with the evening locked as a whole."""
    doc = frappe.get_doc("Parent Evening", evening)
    _check(doc)
    changes = untold(evening, bookings)
    found = Publication(
        published=len([row for row in changes if row.state == "Planned" and not row.replaces]),
        changed=len([row for row in changes if row.state == "Published" or _stands_instead(row)]),
        cancelled=len([row for row in changes if row.state == "Cancelled"]),
    )
    replaced = {row.replaces for row in changes if row.replaces}
    found.cancelled -= len([row for row in changes if row.state == "Cancelled" and row.name in replaced])
    _write([row.name for row in changes])
    _show(doc, 1)
    return found


def _stands_instead(row) -> bool:
    return row.state == "Planned" and bool(row.replaces)


def untold(evening: str, bookings: Iterable[str] | None = None) -> list[frappe._dict]:
    """The conversations that people were not told of as they are, in order of time: all, or some of them.

    Returns:
        rows with name, state, start, replaces and the `published_…` fields.
    """
    booking = frappe.qb.DocType("Evening Booking")
    rows = (
        frappe.qb.from_(booking)
        .select(booking.name, booking.state, booking.start, booking.replaces, booking.untold)
        .select(*(booking[field] for field in told.FIELDS.values()))
        .where(booking.evening == evening)
        .where((booking.state == "Planned") | (booking.untold == 1))
        .orderby(booking.start, booking.name)
    ).run(as_dict=True)
    if bookings is None:
        return rows
    names = set(bookings)
    instead = {row.replaces: row.name for row in rows if row.replaces}
    names |= {row.replaces for row in rows if row.name in names and row.replaces}
    names |= {instead[name] for name in names & instead.keys()}
    return [row for row in rows if row.name in names]


def _write(names: list[str]) -> None:
    """People know these conversations as they are; from when they knew one otherwise before is kept."""
    if not names:
        return
    booking = frappe.qb.DocType("Evening Booking")
    these = booking.name.isin(names)
    live = these & (booking.state != "Cancelled")
    # In this order: the server sets one column after the other.
    moved = (booking.untold == 1) & (booking.published_start != booking.start)
    query = frappe.qb.update(booking).set(
        booking.changed_from, Case().when(moved, booking.published_start).else_(booking.changed_from)
    )
    for field, known in told.FIELDS.items():
        query = query.set(booking[known], booking[field])
    query.set(booking.state, "Published").where(live).run()
    # What the school cancels is marked too, unlike what somebody gave up themselves.
    gone = these & (booking.state == "Cancelled")
    frappe.qb.update(booking).set(booking.changed_from, booking.published_start).where(gone).run()
    frappe.qb.update(booking).set(booking.untold, 0).where(these).run()
    told.note_many(names)
    _remember_replaced(names)


def _remember_replaced(names: list[str]) -> None:
    """Who has another instructor now knew the conversation at the time of the one before."""
    booking, before = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking").as_("before")
    rows = (
        frappe.qb.from_(booking)
        .join(before)
        .on(before.name == booking.replaces)
        .select(booking.name, before.published_start)
        .where(booking.name.isin(names) & booking.changed_from.isnull())
    ).run()
    for name, start in rows:
        frappe.db.set_value("Evening Booking", name, "changed_from", start)


def hide(evening: str) -> None:
    """Hide the schedule from guardians, students and instructors; the conversations stay as they are."""
    _show(frappe.get_doc("Parent Evening", evening, for_update=True), 0)


def show(evening: str) -> None:
    """Show the schedule again as people were told of it; what was changed since stays unpublished.

    Raises:
        frappe.ValidationError: nothing was ever published, or the evening itself is not published.
    """
    doc = frappe.get_doc("Parent Evening", evening, for_update=True)
    _check_open(doc)
    if not frappe.db.exists("Evening Booking", {"evening": evening, "published_start": ("is", "set")}):
        frappe.throw(_("Nothing has been published yet."))
    _show(doc, 1)


def _check_open(doc) -> None:
    if doc.archived:
        frappe.throw(_("This evening is archived."))
    if not doc.published:
        frappe.throw(_("Publish the evening itself first: guardians cannot see it yet."))


def _check(doc) -> None:
    _check_open(doc)
    live = {"evening": doc.name, "state": ("in", ("Planned", "Published"))}
    gone = {"evening": doc.name, "untold": 1}
    if not frappe.db.exists("Evening Booking", live) and not frappe.db.exists("Evening Booking", gone):
        frappe.throw(_("There are no conversations to publish. Run the scheduler and apply its result."))


def _show(doc, visible: int) -> None:
    if doc.schedule_visible != visible:
        doc.schedule_visible = visible
        doc.save(ignore_permissions=True)
