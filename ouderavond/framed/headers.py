"""What our answers say of frames. The platform's own pages are the platform's matter."""

import frappe

from ouderavond.evening.online import framing

OURS = ("/api/method/ouderavond.", "/ouderavond")
# The page of families and instructors, and the way to it with the school's account.
PAGE, SIGN_IN = "/ouderavond", "/ouderavond/with/"
IN_A_FRAME = ("iframe", "frame", "embed", "object")


def after_request(response=None, request=None) -> None:
    """Let only those show our pages inside theirs who are named in the settings."""
    if response is not None and request is not None and request.path.startswith(OURS):
        protect(response, request.path)


def protect(response, path: str) -> None:
    """Say of an answer of ours who may frame it.

    The portal: this site, and the origins that the settings name. The screen in the hall: this site; it is
    opened by its own address. Calls, and whatever else there is: nobody.
    """
    named = _named() if is_portal(path) else []
    response.headers["Content-Security-Policy"] = f"frame-ancestors {_who(path, named)}"
    # Browsers that know the first header do not look at this one.
    response.headers.pop("X-Frame-Options", None)
    if not named:
        response.headers["X-Frame-Options"] = "SAMEORIGIN" if _is_page(path) else "DENY"


def _named() -> list[str]:
    try:
        return framing.origins()
    except Exception:
        # Without a database nobody is named.
        frappe.logger("ouderavond").exception("Who may frame our pages could not be read")
        return []


def _who(path: str, named: list[str]) -> str:
    return " ".join(["'self'", *named]) if _is_page(path) else "'none'"


def _is_page(path: str) -> bool:
    return path == PAGE or path.startswith(f"{PAGE}/")


def is_portal(path: str) -> bool:
    """Whether a path is one of the pages that may be framed."""
    return path.rstrip("/") == PAGE or path.startswith(SIGN_IN)


def is_framed(request) -> bool:
    """Whether a page is asked for that will stand inside another; browsers say so."""
    return request.headers.get("Sec-Fetch-Dest", "") in IN_A_FRAME
