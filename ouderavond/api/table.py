"""The table of places for guardians and students: reading it, reserving, moving and cancelling."""

import json

import frappe
from frappe import _
from frappe.utils import cint
from werkzeug.wrappers import Response

from ouderavond import busy
from ouderavond.api import callers
from ouderavond.evening import requests, versions, waiting
from ouderavond.evening.reserving import basket as baskets
from ouderavond.evening.reserving import keys, reading, windows
from ouderavond.evening.reserving.table import Table

# More conversations than any family has; a longer list is not read.
MOST = 40
KEYS = {"offer", "start", "longer", "mode", "remark"}


@frappe.whitelist(methods=["GET"])
def read(evening: str, role: str) -> Response:
    """The table of an evening; answered 304 while nothing has changed since the caller's ETag."""
    asker = callers.asker(role)
    doc = windows.open_evening(evening)
    state = windows.booking_state(doc, asker)["state"]
    # Whom they reach, and with whom: it may have changed although nothing at the evening did.
    groups = sorted(requests.groups_of(doc, asker).items())
    tag = f'"{versions.tag(doc, frappe.session.user, f"{role}:{state}:{groups}")}"'
    if frappe.get_request_header("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    versions.read_anew()
    table = Table(doc, asker, own_holds=waiting.holds(doc, asker))
    if not table.groups:
        windows.refuse_evening()
    shown = table.as_dict() | {"slower": busy.seconds_to_spare()}
    answer = json.dumps({"message": shown}, separators=(",", ":"))
    return Response(answer, headers={"ETag": tag}, mimetype="application/json")


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def reserve(
    evening: str,
    role: str,
    basket: str | list,
    key: str,
    accepted: bool = False,
    hold: str | None = None,
) -> dict:
    """Reserve the places of a basket: all of them, or none and why."""
    asker = callers.asker(role)
    wishes = _parse(basket)
    doc = reading.evening_of(evening, asker)
    return _answer(baskets.reserve(doc, asker, wishes, keys.check(key), accepted=accepted, hold=hold))


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def move(booking: str, role: str, start: str, key: str, accepted: bool = False) -> dict:
    """Give one of my conversations another time."""
    asker = callers.asker(role)
    return _answer(baskets.move(booking, asker, start, keys.check(key), accepted=accepted))


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def cancel(booking: str, role: str) -> dict:
    """Cancel one of my conversations."""
    return _answer(baskets.cancel(booking, callers.asker(role)))


def _answer(outcome: dict) -> dict:
    """What is refused is answered as a conflict; nothing was written then."""
    if outcome["status"] in ("refused", "warning"):
        frappe.local.response["http_status_code"] = 409
    return outcome


def _parse(basket: str | list) -> list[dict]:
    try:
        rows = json.loads(basket) if isinstance(basket, str) else basket
    except (RecursionError, ValueError):
        rows = None
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST or not all(map(_is_wish, rows)):
        frappe.throw(_("This form could not be read. Please reload the page and try again."))
    return [{**row, "longer": bool(cint(row.get("longer")))} for row in rows]


def _is_wish(row) -> bool:
    if not isinstance(row, dict) or not set(row) <= KEYS:
        return False
    texts = (row.get("mode"), row.get("remark"))
    return (
        isinstance(row.get("offer"), str)
        and isinstance(row.get("start"), str)
        and isinstance(row.get("longer"), bool | int | None)
        and all(isinstance(text, str | None) for text in texts)
    )
