"""The waiting list for guardians and students: getting in line, leaving it, answering an offered place."""

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.evening.reserving import keys, windows
from ouderavond.evening.waiting import answering, asking


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def watch(
    evening: str, role: str, offer: str, earliest: str | None = None, latest: str | None = None
) -> dict:
    """Tell me when a place with a full instructor comes free; between two times of the day, if I say so."""
    asker = callers.asker(role)
    entry = asking.watch(windows.open_evening(evening), asker, offer, earliest, latest)
    message = _("You are in line. You get an e-mail when a place comes free for you.")
    return {"status": "waiting", "entry": entry, "message": message}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def leave(entry: str, role: str) -> dict:
    """Leave the line."""
    asking.leave(entry, callers.asker(role))
    return {"status": "left", "message": _("You have left the line.")}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def accept(entry: str, role: str, key: str, accepted: bool = False) -> dict:
    """Take the place that is offered to me."""
    asker = callers.asker(role)
    answer = answering.accept(entry, asker, keys.check(key), accepted=accepted)
    if answer["status"] != "reserved":
        frappe.local.response["http_status_code"] = 409
    return answer


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def decline(entry: str, role: str) -> dict:
    """Let the place that is offered to me pass to the next in line."""
    answering.decline(entry, callers.asker(role))
    return {"status": "declined", "message": _("The place goes to the next in line.")}
