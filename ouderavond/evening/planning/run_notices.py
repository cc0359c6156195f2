"""The engine's warnings about a schedule, in sentences for staff, with names."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import format_date

from ouderavond.evening.problem import BOOKING_PREFIX

MOST = 5


def sentences(warnings: list[dict], most: int = MOST) -> list[str]:
    """A sentence per warning, of weights first; what is too many is counted."""
    warnings = sorted(warnings, key=lambda notice: notice["code"] != "weights_order")
    names = _names(warnings[:most])
    found = [_sentence(notice, names) for notice in warnings[:most]]
    if len(warnings) > most:
        found.append(_("And {0} more.").format(len(warnings) - most))
    return found


def _sentence(notice: dict, names: dict[str, str]) -> str:
    facts = notice["facts"]
    if notice["code"] == "weights_order":
        return _("Unusual: “{0}” does not always count for more than “{1}”.").format(
            _criterion(facts["weight"]), _criterion(facts["other"])
        )
    if notice["code"] == "pin_unavailable":
        return _("The time of {0} stays, although somebody it needs is not available then.").format(
            names.get(facts["conversation"], facts["conversation"])
        )
    if notice["code"] == "pin_walking":
        return _("{0} and {1} stay, although {2} minutes are needed between them and there are {3}.").format(
            names.get(facts["conversation"], facts["conversation"]),
            names.get(facts["next"], facts["next"]),
            facts["needed"],
            facts["minutes"],
        )
    if notice["code"] == "pin_apart":
        return _(
            "Conversations that stay bring two families who are not to meet nearer than {0} minutes on {1}."
        ).format(facts["minutes"], format_date(facts["date"]))
    return notice["text"]


def _criterion(name: str) -> str:
    return {
        "must": _("a conversation that must take place"),
        "wanted": _("a conversation that was asked for"),
        "moved": _("a conversation that moves"),
        "date": _("a further date"),
        "waiting and preference": _("waiting or a missed wish"),
    }.get(name, name)


def _names(warnings: Iterable[dict]) -> dict[str, str]:
    """What a conversation in the facts is called: of whom, and about what."""
    ids = {item["facts"].get(key) for item in warnings for key in ("conversation", "next")} - {None}
    found = {}
    for doctype, wanted in (
        ("Conversation Request", {name: name for name in ids if not name.startswith(BOOKING_PREFIX)}),
        ("Evening Booking", {name.removeprefix(BOOKING_PREFIX): name for name in ids}),
    ):
        filters = {"name": ("in", list(wanted) or [""])}
        for row in frappe.get_all(doctype, filters, ["name", "student_name", "subject"]):
            found[wanted[row.name]] = _("{0} ({1})").format(row.student_name, row.subject)
    return found
