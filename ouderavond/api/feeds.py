"""Conversations for calendars: to download with a session, and by a secret address without one."""

import frappe
from frappe import _
from werkzeug.wrappers import Response

from ouderavond.api import callers
from ouderavond.evening import calendars, conversations, my_calendar
from ouderavond.evening import feeds as addresses

# Readings of one address within an hour: calendars look a few times, some every minute.
READINGS = 120
# What is asked for with addresses that are nobody's, within an hour and from one place.
STRAY = 60
HOUR = 3600


@frappe.whitelist(methods=["GET"])
@callers.limit_per_user(60, 60)
def conversation(booking: str, role: str) -> Response:
    """One of my conversations as a file for a calendar."""
    callers.records(role)
    found = [row for row in conversations.of(role, frappe.session.user) if row.name == booking]
    if not found:
        frappe.throw(_("This conversation is not one of yours."), frappe.PermissionError)
    return _file(found, role)


@frappe.whitelist(methods=["GET"])
@callers.limit_per_user(60, 60)
def evening(role: str, evening: str | None = None) -> Response:
    """My conversations, of one evening or of all, as a file for a calendar."""
    callers.records(role)
    found = [row for row in conversations.of(role, frappe.session.user) if evening in (None, "", row.evening)]
    return _file(found, role)


def _file(found: list, role: str) -> Response:
    return Response(
        my_calendar.ics(found, role),
        content_type=calendars.CONTENT_TYPE,
        headers={"Content-Disposition": 'attachment; filename="ouderavond.ics"'},
    )


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(10, 600)
def subscribe(role: str) -> dict:
    """Make me a secret address for my calendar, or a new one in place of the old."""
    callers.records(role)
    address = addresses.subscribe(frappe.session.user, role)
    message = _("Copy your address now. It is not shown again.")
    return {"status": "made", "address": address, "message": message}


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(10, 600)
def revoke(role: str) -> dict:
    """Let my secret address stop working."""
    callers.records(role)
    addresses.revoke(frappe.session.user, role)
    return {"status": "revoked", "message": _("The address no longer works.")}


@frappe.whitelist(allow_guest=True, methods=["GET"])
def personal(token: str | None = None) -> Response:
    """The calendar of whoever made this address, as they would see it now."""
    feed = addresses.find(token or "")
    if not feed:
        return _stray()
    if callers.too_often(f"ouderavond_feed:{feed.name}", READINGS, HOUR):
        return Response(status=429, headers={"Retry-After": str(HOUR)})
    body = addresses.read(feed)
    headers = {"ETag": f'"{frappe.utils.sha256_hash(body)[:32]}"', "Cache-Control": "private, max-age=0"}
    addresses.note_use(feed)
    if headers["ETag"] in (frappe.get_request_header("If-None-Match") or ""):
        return Response(status=304, headers=headers)
    return Response(body, content_type=calendars.CONTENT_TYPE, headers=headers)


def _stray() -> Response:
    """Nobody's address: the same answer for one that never was, was revoked, or whose person left."""
    if callers.too_often(f"ouderavond_stray:{frappe.local.request_ip}", STRAY, HOUR):
        return Response(status=429, headers={"Retry-After": str(HOUR)})
    return Response(_("There is no calendar at this address."), status=404, content_type="text/plain")
