"""To wait for a place with a full instructor, and to leave the line."""

import frappe
from frappe import _

from ouderavond.evening import claims, requests
from ouderavond.evening.reserving import windows
from ouderavond.evening.reserving.table import Table
from ouderavond.evening.waiting import entries, wishes
from ouderavond.evening.waiting.deciding import within_maximum


def watch(
    evening, asker: requests.Asker, offer: str, earliest: str | None = None, latest: str | None = None
) -> str:
    """Wait for a place of a full column. Waiting already, the asker keeps their place and changes the times.

    Args:
        evening: Parent Evening document.
        earliest, latest: between which times of the day the asker can come; empty: any.

    Returns:
        The name of the Waiting List Entry.

    Raises:
        frappe.PermissionError: it is not a conversation of this asker.
        frappe.ValidationError: there is nothing to wait for, or booking is not open; the message says why.
    """
    groups = requests.groups_of(evening, asker)
    student = frappe.db.get_value("Conversation Offer", {"name": offer, "evening": evening.name}, "student")
    if student not in groups:
        refuse_offer()
    people = entries.people_of_offer(offer) + [("Guardian", name) for name in groups[student]]

    def work() -> str:
        table = Table(evening, asker)
        column = table.by_offer.get(offer)
        if column is None:
            refuse_offer()
        times = wishes.check(evening, column.slots, earliest, latest)
        own = [
            row for row in entries.of_asker(evening.name, groups, locking=True) if entries.is_of(row, column)
        ]
        if own:
            entries.change(own[0].name, earliest=times[0], latest=times[1])
            return own[0].name
        _check(table, column)
        return entries.add(evening.name, column, _guardian(asker, groups[student]), *times)

    return claims.transaction(evening.name, [*people, ("Student", student)], work)


def _check(table: Table, column) -> None:
    """Refuse what one cannot wait for."""
    state = windows.booking_state(table.evening, table.asker)
    if state["state"] != "open":
        frappe.throw(state["sentence"] or _("At this evening you cannot book by yourself."))
    people = frappe.utils.escape_html(", ".join(column.instructor_names))
    if column.booking:
        frappe.throw(_("You already have a conversation with {0}.").format(people))
    if column.exists:
        frappe.throw(frappe.utils.escape_html(table.exists_sentence(column)))
    if not within_maximum(table, column):
        frappe.throw(_("You have as many conversations as this evening allows."))
    if table.free_starts(column):
        frappe.throw(_("There are still free times with {0}: you can reserve one now.").format(people))


def _guardian(asker: requests.Asker, group: tuple[str, ...]) -> str | None:
    return next((name for name in asker.guardians if name in group), None)


def leave(entry: str, asker: requests.Asker) -> None:
    """Leave the line; what was offered is free for the next. Having left already changes nothing.

    Raises:
        frappe.PermissionError: the entry is not one of this asker.
    """
    end(entry, asker, "Left")


def end(entry: str, asker: requests.Asker, state: str) -> None:
    """End an asker's entry with a state, and give up what is held for it."""
    row = own(entry, asker)
    if row.state not in entries.OPEN:
        return
    people = entries.people_of_offer(row.offer) + ([("Guardian", row.guardian)] if row.guardian else [])

    def work() -> None:
        if entries.in_line(row.evening, only=[entry], locking=True):
            claims.replace(row.evening, [entry], [])
            entries.close(entry, state)

    claims.transaction(row.evening, people, work)


def own(entry: str, asker: requests.Asker) -> frappe._dict:
    """An entry, if it is this asker's.

    Raises:
        frappe.PermissionError: it is not, or there is none; in the same words.
    """
    row = frappe.db.get_value(entries.DOCTYPE, entry, entries.FIELDS, as_dict=True)
    evening = row and frappe.get_cached_doc("Parent Evening", row.evening)
    if not row or not entries.belongs(row, requests.groups_of(evening, asker)):
        frappe.throw(_("This place in line is not one of yours."), frappe.PermissionError)
    return row


def refuse_offer() -> None:
    """Refuse a conversation that is not there for this asker, in the same words whatever the cause."""
    frappe.throw(_("This conversation is not one that you can book."), frappe.PermissionError)
