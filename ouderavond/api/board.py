"""What the screen in the hall reads, without logging in: by the secret address that staff made."""

import json

import frappe
from frappe import _
from werkzeug.wrappers import Response

from ouderavond.api import callers
from ouderavond.evening import lobby
from ouderavond.evening.offering.letters import speaking

# Readings of the screens of one evening within a minute, and of addresses that open nothing within an hour
# from one place: a school with all of its screens is one place.
READINGS, STRAY = 1_200, 120
MINUTE, HOUR = 60, 3600


@frappe.whitelist(allow_guest=True, methods=["GET"])
def read(token: str | None = None, room: str | None = None, lang: str | None = None) -> Response:
    """The screen of an evening as it is now; 304 while nothing has changed."""
    evening = lobby.find(token or "")
    with speaking(lobby.language(lang)):
        if not evening:
            return _stray()
        if callers.too_often(f"ouderavond_board:{evening.name}", READINGS, MINUTE):
            return Response(status=429, headers={"Retry-After": str(MINUTE)})
        return _answer(lobby.shown(evening, room))


def _answer(shown: dict) -> Response:
    tag = f'"{frappe.utils.sha256_hash(json.dumps({**shown, "now": None}))[:24]}"'
    if frappe.get_request_header("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    body = json.dumps({"message": shown}, separators=(",", ":"))
    return Response(body, headers={"ETag": tag}, mimetype="application/json")


def _stray() -> Response:
    """An address that opens nothing: the same answer for one that never was and one that was renewed."""
    if callers.too_often(f"ouderavond_stray_board:{frappe.local.request_ip}", STRAY, HOUR):
        return Response(status=429, headers={"Retry-After": str(HOUR)})
    body = json.dumps({"message": {"message": _("There is no screen at this address.")}})
    return Response(body, status=404, mimetype="application/json")
