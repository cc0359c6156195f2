"""Archiving an evening from its form, and what will be removed when."""

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.evening import runs
from ouderavond.evening.archiving import closing, figures, retention


@frappe.whitelist(methods=["POST"])
def archive(evening: str) -> dict:
    """Archive an evening: {waiting, holds, runs} that were ended with it."""
    callers.staff()
    return closing.archive(evening_of(evening).name)


@frappe.whitelist(methods=["GET", "POST"])
def before(evening: str) -> dict:
    """What archiving would end, before it is done."""
    doc = evening_of(evening)
    ahead = {"state": "Published", "start": (">", frappe.utils.now_datetime())}
    waiting = {"state": ("in", ("Waiting", "Offered"))}
    going = {"state": ("in", runs.LIVE)}
    return {
        "ahead": frappe.db.count("Evening Booking", {"evening": doc.name, **ahead}),
        "waiting": frappe.db.count("Waiting List Entry", {"evening": doc.name, **waiting}),
        "runs": frappe.db.count("Schedule Run", {"evening": doc.name, **going}),
        "removal": _removal(doc),
    }


@frappe.whitelist(methods=["GET", "POST"])
def state(evening: str) -> dict:
    """The kept figures of an archived evening, and when its remarks go or went."""
    doc = evening_of(evening)
    return {"lines": figures.lines(doc.archive_figures), "removal": _removal(doc)}


@frappe.whitelist(methods=["GET", "POST"])
def retention_sentences() -> list[str]:
    """What the retention does and when, for the form of the settings."""
    frappe.has_permission("Ouderavond Settings", "read", throw=True)
    return retention.sentences()


def evening_of(name: str):
    """The Parent Evening document of a name that staff gave.

    Raises:
        frappe.PermissionError: the session's user is not staff.
    """
    callers.staff()
    return frappe.get_doc("Parent Evening", name)


def _removal(doc) -> str:
    """A sentence: when remarks were removed, or will be."""
    removed = doc.anonymised_on
    if removed and not (doc.archived and doc.archived_on and doc.archived_on > removed):
        return _("Personal remarks were removed on {0}.").format(frappe.utils.format_date(removed))
    day = retention.day_of(doc)
    if not day:
        return _("Personal remarks are kept: the settings say no time after which they are removed.")
    return _("Personal remarks are removed on {0}.").format(frappe.utils.format_date(day))
