"""Who somebody is inside a frame of another site, where the platform's own cookie does not come.

A code is made by somebody who is logged in, for a frame that keeps a secret of which only the hash is told.
It works once, and for less than a minute. What it is exchanged for hangs on the platform's session: it ends
with it, and opens our portal and nothing else. Only hashes of codes and cookies are kept.
"""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64encode

import frappe
from frappe.auth import LoginManager

from ouderavond.evening.online import framing
from ouderavond.framed.headers import PAGE

COOKIE = "ouderavond_frame"
# Seconds for which a code works, and for which somebody stays known in a frame.
CODE_FOR, KNOWN_FOR = 45, 12 * 3600
LENGTH = 32
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
CALLS = "/api/method/ouderavond.api."
# The files of calls that the portal makes; what staff do is done on the desk.
OF_THE_PORTAL = (
    *("guardian", "student", "instructor", "table", "holds", "waiting", "conversations", "feeds", "live"),
    *("photos", "unavailable", "frames"),
)


def is_possible() -> bool:
    """Whether anybody may show our pages inside theirs."""
    return bool(framing.origins())


# Codes


def code_for(challenge: str) -> str:
    """Make a code with which a frame becomes the session's user.

    Args:
        challenge: the hash of the frame's secret, as `_challenge` makes it.
    """
    # Else the platform would accept what the frame sends without a token.
    frappe.sessions.get_csrf_token()
    code = secrets.token_urlsafe(LENGTH)
    kept = {"sid": frappe.session.sid, "user": frappe.session.user, "challenge": challenge}
    frappe.cache.set(_key("code", code), json.dumps(kept), ex=CODE_FOR)
    return code


def exchange(code: str, verifier: str) -> str | None:
    """A cookie for a code and the frame's secret; None where they do not belong together, or any more."""
    kept = _take(_key("code", code))
    if not kept or not secrets.compare_digest(kept["challenge"], _challenge(verifier)):
        return None
    token = secrets.token_urlsafe(LENGTH)
    values = {"sid": kept["sid"], "user": kept["user"]}
    frappe.cache.set(_key("frame", token), json.dumps(values), ex=KNOWN_FOR)
    return token


def forget(token: str) -> None:
    """Let a cookie stop working."""
    frappe.cache.delete(_key("frame", token))


def _take(key: str) -> dict | None:
    """Read and remove at once: of two who come with the same code one gets nothing."""
    pipeline = frappe.cache.pipeline(transaction=True)
    pipeline.get(key)
    pipeline.delete(key)
    value, _removed = pipeline.execute()
    return json.loads(value) if value else None


def _key(kind: str, secret: str) -> str:
    return frappe.cache.make_key(f"ouderavond_{kind}:{_hash(secret).hex()}")


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(_hash(verifier)).decode().rstrip("=")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()


# The cookie


def cookie(token: str, seconds: int = KNOWN_FOR) -> str:
    """The header that has a browser keep a cookie for this site within the framing site alone."""
    return f"{COOKIE}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None; Partitioned"


def resume() -> None:
    """Who has the cookie is who they are, for what the portal shows and does. For every request."""
    token = frappe.request.cookies.get(COOKIE)
    if not token or frappe.session.user != "Guest" or not _is_of_portal() or not is_possible():
        return
    value = frappe.cache.get(_key("frame", token))
    if value:
        _become(json.loads(value))


def _is_of_portal() -> bool:
    path = frappe.request.path
    # With `cmd` the platform would do whatever is named there, at any path.
    if frappe.form_dict.get("cmd"):
        return False
    if path.startswith(CALLS):
        return path.removeprefix(CALLS).split(".")[0] in OF_THE_PORTAL
    return path.rstrip("/") == PAGE


def _become(kept: dict) -> None:
    """Go on in the platform's session, as long as it lasts; the platform checks it as its own cookie's."""
    frappe.form_dict.sid = kept["sid"]
    frappe.local.login_manager = LoginManager()
    frappe.form_dict.pop("sid", None)
    # The platform's own cookies are of no use here, and would carry the session.
    frappe.local.cookie_manager.cookies.clear()
    frappe.local.cookie_manager.to_delete.clear()
    if frappe.session.user == kept["user"]:
        frappe.flags.ouderavond_in_frame = True
        # Who the sender is was not known when the platform looked.
        frappe.local.http_request.validate_csrf_token()
