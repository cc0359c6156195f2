"""Logging in with the school's account: `/ouderavond/with/<provider>`, and a card where we are in a frame.

Nothing of where to go afterwards comes from the address: it leads to our own page, always.
"""

from functools import cache

import frappe
from frappe import _
from frappe.utils.jinja_globals import bundled_asset
from frappe.utils.oauth import get_oauth2_authorize_url
from frappe.website.page_renderers.base_renderer import BaseRenderer
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from ouderavond.framed import headers, providers, sessions
from ouderavond.templates import environment

PREFIX = headers.SIGN_IN.strip("/") + "/"
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow"}
# The instructors' part of the page.
AFTERWARDS = f"{headers.PAGE}#oa-instructor"


class SignInPage(BaseRenderer):
    """The page of `/ouderavond/with/<provider>`."""

    def can_render(self):
        """Whatever lies below our path."""
        return self.path.startswith(PREFIX)

    def render(self):
        """On to the school's account, to our page, or in plain words that there is no such account here."""
        provider = providers.find(self.path.removeprefix(PREFIX))
        challenge = _challenge()
        if frappe.session.user != "Guest":
            return _window(challenge) if challenge else _to(AFTERWARDS)
        if not provider:
            return unknown()
        if headers.is_framed(frappe.request):
            return card([provider])
        here = f"/{PREFIX}{provider['name']}?window={challenge}"
        return _to(get_oauth2_authorize_url(provider["name"], here if challenge else AFTERWARDS))


def _challenge() -> str:
    """The hash of the secret of the frame that opened this window; empty where none did."""
    given = frappe.request.args.get("window", "")
    return given if sessions.CHALLENGE.fullmatch(given) and sessions.is_possible() else ""


def _to(address: str) -> Response:
    response = redirect(address)
    response.headers.update(HEADERS)
    return response


def card(found: list[dict] | None = None) -> Response:
    """Inside a frame, for who is not known there: log in here, or open a window.

    Args:
        found: the ways of logging in; by default all that are set up.
    """
    found = providers.enabled() if found is None else found
    return _page("card.html", providers=found, texts=_texts(), may_enter=sessions.is_possible())


def _window(challenge: str) -> Response:
    """In the window that a frame opened: who has logged in hands it a code."""
    token = frappe.sessions.get_csrf_token()
    texts = {"done": _("You are logged in. You can close this window."), "failed": _("That did not work.")}
    return _page("window.html", challenge=challenge, token=token, texts=texts, afterwards=AFTERWARDS)


def unknown() -> Response:
    """There is no such way of logging in."""
    return _page("unknown.html", status=404)


def _texts() -> dict[str, str]:
    return {
        "waiting": _("Log in in the window that opened…"),
        "blocked": _("The window could not be opened. Choose Open in a New Window."),
        "entering": _("One moment…"),
        "failed": _("That did not work. Choose Open in a New Window."),
        "no_cookie": _("This browser does not keep you logged in here. Choose Open in a New Window."),
    }


def _page(template: str, status: int = 200, **context) -> Response:
    html = (
        _environment()
        .get_template(f"sign_in/{template}")
        .render(
            lang=frappe.local.lang or "en",
            script=bundled_asset("ouderavond_sign_in.bundle.js"),
            style=bundled_asset("ouderavond_sign_in.bundle.css"),
            **context,
        )
    )
    return Response(html, status=status, headers=HEADERS, mimetype="text/html")


@cache
def _environment():
    return environment.make()
