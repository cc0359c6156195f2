"""The screen in the hall and how late everybody runs, for staff."""

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.evening import lobby
from ouderavond.evening.live import following


@frappe.whitelist(methods=["GET"])
def read(evening: str) -> dict:
    """The address of the screen, and how late everybody runs today."""
    callers.staff()
    return {
        "address": lobby.address(evening),
        "version": following.number(evening),
        "instructors": lobby.instructors(evening),
    }


@frappe.whitelist(methods=["POST"])
def make(evening: str) -> dict:
    """The address of the screen, made if there is none."""
    callers.staff()
    return {"address": lobby.make(evening)}


@frappe.whitelist(methods=["POST"])
def renew(evening: str) -> dict:
    """A new address for the screen; screens with the old one stop."""
    callers.staff()
    return {
        "address": lobby.renew(evening),
        "message": _("The screen has a new address. Open it on each screen; the old one stopped working."),
    }


@frappe.whitelist(methods=["POST"])
def close(evening: str) -> dict:
    """Let the address of the screen stop working."""
    callers.staff()
    lobby.close(evening)
    return {"address": None, "message": _("The screen is closed; its address stopped working.")}
