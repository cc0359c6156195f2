"""Links by a template, such as to a school's own Jitsi: a room for each conversation, in no calendar.

Whoever has the link can enter; nobody can guess it. The room exists as soon as somebody opens it, so nothing
is called and nothing can fail.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from ouderavond.meetings.protocol import Action, Failure, Finding, Found, Outcome, Step

ROOM = "{room}"


class LinkTemplate:
    """A provider that only makes links.

    Args:
        template: an https address with `{room}` in it.
        secret: what nobody else knows; the rooms follow from it and from the events' keys.
    """

    name = "Link Template"
    batch = 1000
    per_account = 1000

    def __init__(self, template: str, secret: str):
        self.template, self.secret = template.strip(), secret

    def perform(self, steps: Sequence[Step]) -> list[Outcome]:
        """The link of each event; there is nothing to take away."""
        if not is_template(self.template):
            return [Failure("wrong_settings") for _step in steps]
        return [None if step.action == Action.CANCEL else self._found(step) for step in steps]

    def _found(self, step: Step) -> Found:
        event = step.event
        link = self.template.replace(ROOM, room(event.key, self.secret))
        return Found(event.key, event.key, event.account, event.start, event.end, link)

    def look_up(
        self, accounts: Sequence[str], first: datetime, last: datetime, site: str, zone: str
    ) -> dict[str, list[Found] | Failure]:
        """Nothing: there are no calendars."""
        return {}

    def test(self, accounts: Sequence[str]) -> list[Finding]:
        """Whether the template can be used."""
        good = is_template(self.template)
        return [Finding("connected" if good else "wrong_settings", good)]


def is_template(text: str) -> bool:
    """Whether links can be made of a text: a secure address with a place for the room behind the host."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return False
    return (
        parts.scheme == "https" and bool(parts.hostname) and ROOM in parts.path + parts.query + parts.fragment
    )


def room(key: str, secret: str) -> str:
    """The name of a room: 26 letters and digits that nobody can guess, the same for the same event."""

    digest = hmac.new(secret.encode(), key.encode(), hashlib.sha256).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()
