"""What guardians, students and instructors do with their own conversations: read, mail, give up."""

import json

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.evening import cant_come as giving_up
from ouderavond.evening import conversations_letter, start
from ouderavond.evening.offering import letters
from ouderavond.templates import portal


@frappe.whitelist(methods=["GET"])
@callers.limit_per_user(60, 60)
def read(role: str, alone: bool = True) -> dict:
    """My conversations in one role, as the page shows them.

    Args:
        alone: whether the page shows this role only.
    """
    callers.asker(role)
    part = start.part(role, callers.records(role))
    return {"html": portal.render_mine(part, alone), "counted": start.counted(part["conversations"])}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(5, 600)
def mail(role: str, evening: str | None = None) -> dict:
    """Mail my conversations, of one evening or of all, to my own address."""
    records = callers.records(role)
    found = conversations_letter.of_evening(role, frappe.session.user, evening)
    if not found:
        return _not_sent(_("You have no conversations with a time, so there is nothing to send."))
    told = letters.tell(
        found[0].evening, lambda doc: conversations_letter.letters_to(doc, role, records, found)
    )
    if told.sent:
        return {"status": "sent", "message": _("Sent. It arrives within a few minutes.")}
    if any(reason for _name, reason in told.not_told):
        return _not_sent(_("The school's system cannot send e-mail now. You can print the overview instead."))
    return _not_sent(
        _("The school has no e-mail address that is yours alone. You can print the overview instead.")
    )


def _not_sent(sentence: str) -> dict:
    frappe.local.response["http_status_code"] = 409
    return {"status": "not_sent", "message": sentence}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(20, 60)
def cant_come(booking: str, role: str, wish: str | None = None, choices: str | list | None = None) -> dict:
    """Give up one of my conversations until it starts, with what would suit instead."""
    callers.records(role)
    evening = giving_up.say(frappe.session.user, role, booking, wish or "", _ticked(choices))
    # Letters are about what is there: the platform would commit only after this call.
    frappe.db.commit()
    giving_up.tell_instructors(evening, booking)
    message = _("Your time has been given up. The instructor and the school are told.")
    return {"status": "given_up", "message": message}


def _ticked(choices: str | list | None) -> list[str]:
    try:
        found = json.loads(choices) if isinstance(choices, str) and choices else choices or []
    except (RecursionError, ValueError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        frappe.throw(_("This form could not be read. Please reload the page and try again."))
    return found
