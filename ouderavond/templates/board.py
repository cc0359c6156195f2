"""How the platform finds the screen in the hall, and its page: without the site's own frame.

It never reaches the platform's templates or its page cache: what it shows depends on a secret address.
"""

from functools import cache

import frappe
from frappe import _
from frappe.utils import now_datetime
from frappe.utils.jinja_globals import bundled_asset
from frappe.website.page_renderers.base_renderer import BaseRenderer
from werkzeug.wrappers import Response

from ouderavond.evening import lobby, wording
from ouderavond.evening.offering.letters import speaking
from ouderavond.templates import environment

HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow"}
PREFIX = lobby.PATH.strip("/") + "/"


class BoardPage(BaseRenderer):
    """The page of `/ouderavond/board/<token>`."""

    def can_render(self):
        """Whatever lies below our path."""
        return self.path.startswith(PREFIX)

    def render(self):
        """The screen, or in plain words that there is none at this address."""
        evening = lobby.find(self.path.removeprefix(PREFIX))
        chosen = lobby.language(frappe.form_dict.get("lang"))
        with speaking(chosen):
            html = _render("board/page.html" if evening else "board/gone.html", evening, chosen)
        headers = {**HEADERS, "Referrer-Policy": "no-referrer"}
        return Response(html, status=200 if evening else 404, headers=headers, mimetype="text/html")


def _render(template: str, evening, chosen: str) -> str:
    now = now_datetime()
    return (
        _environment()
        .get_template(template)
        .render(
            evening=evening,
            lang=chosen,
            languages=lobby.LANGUAGES,
            now=now.strftime("%Y-%m-%dT%H:%M:%S"),
            day=wording.day(now.date()),
            texts=texts(),
            style=bundled_asset("ouderavond_board.bundle.css"),
            script=bundled_asset("ouderavond_board.bundle.js"),
        )
    )


def texts() -> dict[str, str]:
    """The sentences of the screen's script."""
    return {
        "on_time": _("On time"),
        "late": _("+ {0} min."),
        "unknown": _("Not known"),
        "page": _("Page {0} of {1}"),
        "offline": _("No connection since {0}. The times may have changed."),
        "gone": _("This screen has been closed. Ask the school for the new address."),
        "pause": _("Stop turning pages"),
        "resume": _("Turn pages"),
        "none": "–",
    }


@cache
def _environment():
    return environment.make()
