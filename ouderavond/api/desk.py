"""What the desk's forms, lists and cards ask for, beside the steps of an evening that `staff` takes."""

import frappe
from frappe import _
from frappe.utils import format_datetime, getdate

from ouderavond.api import callers
from ouderavond.evening import grid, requests
from ouderavond.evening.planning import moves
from ouderavond.ouderavond.doctype.parent_evening.parent_evening import defaults_for_a_new_evening


@frappe.whitelist(methods=["GET", "POST"])
def new_evening() -> dict:
    """What a new evening starts with, from the settings."""
    callers.staff()
    return defaults_for_a_new_evening()


@frappe.whitelist(methods=["GET", "POST"])
def current_year() -> str | None:
    """The academic year of the education settings, or else the one that it is today."""
    callers.staff()
    today = getdate()
    return frappe.db.get_single_value("Education Settings", "current_academic_year") or frappe.db.get_value(
        "Academic Year", {"year_start_date": ("<=", today), "year_end_date": (">=", today)}
    )


@frappe.whitelist(methods=["GET", "POST"])
def slots(evening: str) -> list[dict]:
    """The slots of an evening, to choose from."""
    callers.staff()
    doc = frappe.get_doc("Parent Evening", evening)
    return [
        {
            "value": str(start),
            "end": str(start + grid.duration(doc, 1)),
            "label": format_datetime(start, "EEE d MMM HH:mm"),
        }
        for evening_date in grid.slots(doc)
        for start in evening_date.starts
    ]


@frappe.whitelist(methods=["GET", "POST"])
def room_names() -> dict:
    """What people call each room, for whoever sees conversations in them."""
    frappe.has_permission("Evening Booking", "read", throw=True)
    return dict(frappe.get_all("Room", fields=["name", "room_name"], as_list=True))


@frappe.whitelist(methods=["POST"])
def withdraw_request(request: str, reason: str | None = None) -> None:
    """Withdraw a request for its household; after the deadline with a reason."""
    callers.staff()
    asked = _request(request)
    requests.withdraw(
        request,
        guardian=asked.guardian,
        student=None if asked.guardian else asked.student,
        source="Staff",
        override_reason=reason or None,
    )


@frappe.whitelist(methods=["POST"])
def book_request(request: str, start: str, reason: str | None = None) -> str:
    """Give one request a time; a reason overrides every rule but a double booking."""
    callers.staff()
    asked = _request(request)
    slots = frappe.db.get_value("Conversation Offer", asked.offer, "slots") or 1
    report = moves.book(
        asked.offer,
        start,
        guardian=asked.guardian,
        request=request,
        slots=slots * (2 if asked.longer else 1),
        mode=asked.mode,
        reason=reason or None,
    )
    return report.more["booking"]


def _request(name: str):
    fields = ["evening", "offer", "student", "guardian", "longer", "mode"]
    found = frappe.db.get_value("Conversation Request", name, fields, as_dict=True)
    if not found:
        frappe.throw(_("This request does not exist any more."), frappe.DoesNotExistError)
    return found


# Number cards of the workspace


@frappe.whitelist(methods=["GET", "POST"])
def open_evenings(filters: str | list | dict | None = None) -> dict:
    """Evenings that are not over."""
    callers.staff()
    wanted = {"archived": 0, "status": ("!=", "Held")}
    return _card(frappe.db.count("Parent Evening", wanted), "Parent Evening", wanted)


@frappe.whitelist(methods=["GET", "POST"])
def requests_waiting(filters: str | list | dict | None = None) -> dict:
    """Requests that have no time yet."""
    return _of_open_evenings("Conversation Request", "Requested")


@frappe.whitelist(methods=["GET", "POST"])
def requests_not_placed(filters: str | list | dict | None = None) -> dict:
    """Requests for which the scheduler found no time."""
    return _of_open_evenings("Conversation Request", "Not Placed")


@frappe.whitelist(methods=["GET", "POST"])
def bookings_to_publish(filters: str | list | dict | None = None) -> dict:
    """Conversations with a time that nobody has been told."""
    return _of_open_evenings("Evening Booking", "Planned")


def _of_open_evenings(doctype: str, state: str) -> dict:
    callers.staff()
    evenings = frappe.get_all("Parent Evening", {"archived": 0}, pluck="name")
    number = frappe.db.count(doctype, {"state": state, "evening": ("in", evenings or [""])})
    return _card(number, doctype, {"state": state, "evening": ("in", evenings)})


def _card(number: int, doctype: str, filters: dict) -> dict:
    return {"value": number, "fieldtype": "Int", "route": ["List", doctype], "route_options": filters}
