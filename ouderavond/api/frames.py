"""Signing in inside a frame of another site: the window makes a code, the frame exchanges it for a cookie."""

from urllib.parse import urlsplit

import frappe
from frappe import _
from werkzeug.wrappers import Response

from ouderavond.api import callers
from ouderavond.framed import sessions

# Codes that are none, within an hour and from one place: a whole school shares one.
STRAY = 100
HOUR = 3600


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(20, 600)
def code(challenge: str) -> dict:
    """Make a code for the frame that opened this window, which it alone can use, once and at once."""
    callers.user_of_session()
    if not sessions.is_possible() or not sessions.CHALLENGE.fullmatch(challenge):
        _refuse_page()
    return {"status": "made", "code": sessions.code_for(challenge)}


@frappe.whitelist(allow_guest=True, methods=["POST"])
def enter(code: str, verifier: str) -> Response:
    """Exchange a code for a cookie, in the frame that has the secret to it."""
    token = sessions.exchange(code, verifier) if _is_own_page() and sessions.is_possible() else None
    if not token:
        return _refused()
    response = _answer(200, {"status": "entered"})
    response.headers.add("Set-Cookie", sessions.cookie(token))
    return response


@frappe.whitelist(methods=["POST"])
def leave() -> Response:
    """Be nobody in this frame any more; elsewhere nothing changes."""
    if not frappe.flags.ouderavond_in_frame:
        _refuse_page()
    sessions.forget(frappe.request.cookies.get(sessions.COOKIE) or "")
    response = _answer(200, {"status": "left"})
    response.headers.add("Set-Cookie", sessions.cookie("", 0))
    return response


def _refuse_page() -> None:
    frappe.throw(_("This page is not known here. Please reload it."), frappe.PermissionError)


def _is_own_page() -> bool:
    """Whether a page of this site asks; browsers say so of every POST."""
    request = frappe.request
    origin = urlsplit(request.headers.get("Origin") or "")
    return origin.netloc == request.host and request.headers.get("Sec-Fetch-Site") in (None, "same-origin")


def _refused() -> Response:
    if callers.too_often(f"ouderavond_stray_code:{frappe.local.request_ip}", STRAY, HOUR):
        return Response(status=429, headers={"Retry-After": str(HOUR)})
    return _answer(403, {"status": "refused", "message": _("That took too long. Please try again.")})


def _answer(status: int, message: dict) -> Response:
    return Response(frappe.as_json({"message": message}), status=status, mimetype="application/json")
