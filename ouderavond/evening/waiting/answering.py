"""Accepting a place that is offered, or declining it."""

import frappe
from frappe import _
from frappe.utils import now_datetime

from ouderavond.evening import requests
from ouderavond.evening.reserving import basket, keys
from ouderavond.evening.reserving.table import iso
from ouderavond.evening.waiting import asking, entries, serving


def accept(entry: str, asker: requests.Asker, key: str, *, accepted: bool = False) -> dict:
    """Book the place that is held for an entry. Answers as `basket.reserve`.

    Args:
        key: what the page calls this submission; the same again has no second effect.
        accepted: whether warnings have been accepted.

    Raises:
        frappe.PermissionError: the entry is not one of this asker.
        frappe.ValidationError: nothing is offered, or not any more; the message says so.
    """
    row = asking.own(entry, asker)
    if row.state != "Offered" or row.expires <= now_datetime():
        return keys.answer(key) or _refuse(row)
    doc = frappe.get_doc("Parent Evening", row.evening)
    wishes = [{"offer": entries.first_offers([row])[entry], "start": iso(row.offered_start)}]
    answer = basket.reserve(doc, asker, wishes, key, accepted=accepted, entry_hold=entry)
    if answer["status"] == "reserved":
        # In the same transaction as the conversation.
        entries.close(entry, "Booked")
    elif answer["status"] == "refused":
        # Something came in between: the place in line is given back.
        serving.wake(row.evening)
    return answer


def decline(entry: str, asker: requests.Asker) -> None:
    """Let an offered place pass; it goes to the next in line. Declining again changes nothing.

    Raises:
        frappe.PermissionError: the entry is not one of this asker.
    """
    asking.end(entry, asker, "Passed")


def _refuse(row) -> None:
    if row.state == "Booked":
        frappe.throw(_("This conversation has been booked already."))
    if row.state == "Waiting":
        frappe.throw(_("The place is not there any more. You are still in line and get the next one."))
    frappe.throw(_("This place is not held for you any more. You can get in line again."))
