"""What the page Planning starts with, and taking a change back."""

import frappe
from frappe import _
from frappe.utils import cint, escape_html, format_date

from ouderavond.api import callers
from ouderavond.evening import counts, grid, versions
from ouderavond.evening.planning import changes


@frappe.whitelist(methods=["GET", "POST"])
def start(evening: str) -> dict:
    """The evening with its dates and slots, its counts, and the change that can be taken back."""
    doc = evening_of(evening)
    number = versions.current(doc.name)
    versions.read_anew()
    figures = counts.of(doc)
    keys = ("name", "title", "status", "archived", "published", "schedule_visible", "procedure", "mode")
    return {
        "version": number,
        "evening": {
            **{key: doc.get(key) for key in keys},
            "minutes": cint(doc.minutes_per_conversation),
            "pause": cint(doc.minutes_between),
            "dates": [_date(day) for day in grid.slots(doc)],
        },
        "counts": {
            "booked": figures.booked,
            "planned": figures.bookings.get("Planned", 0),
            "untold": figures.untold,
            "unplaced": figures.requests.get("Not Placed", 0) + figures.requests.get("Requested", 0),
            "instructors": figures.instructors,
            "requested": figures.asked,
        },
        "undo": changes.last(doc),
    }


def _date(day: grid.EveningDate) -> dict:
    return {
        "date": str(day.date),
        "label": format_date(day.date, "EEE d MMM"),
        "first": f"{day.first:%H:%M}",
        "end": f"{day.end:%H:%M}",
        "starts": [f"{start:%H:%M}" for start in day.starts],
        "place": day.place,
    }


@frappe.whitelist(methods=["GET", "POST"])
def version(evening: str) -> dict:
    """The number of the evening's schedule: it grows with every change."""
    callers.staff()
    return {"version": versions.current(evening)}


@frappe.whitelist(methods=["GET", "POST"])
def history(evening: str) -> list[dict]:
    """The latest changes, the last one first: what, who, when, and whether it can be taken back."""
    return changes.recent(evening_of(evening))


@frappe.whitelist(methods=["POST"])
def undo(evening: str, change: str) -> dict:
    """Take a change back, as a whole."""
    callers.staff()
    return {"report": changes.undo(evening, change).as_dict()}


def evening_of(name: str):
    """The Parent Evening document of a name that staff gave.

    Raises:
        frappe.PermissionError: the session's user is not staff.
        frappe.DoesNotExistError: there is no such evening.
    """
    callers.staff()
    if not frappe.db.exists("Parent Evening", name):
        # The name comes from the address, and the platform's own sentence shows it as HTML.
        frappe.throw(_("The evening {0} does not exist.").format(escape_html(name)), frappe.DoesNotExistError)
    return frappe.get_doc("Parent Evening", name)
