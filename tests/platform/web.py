"""People who are logged in at the test site, and what they ask the platform over HTTP."""

import json
from collections.abc import Callable

from tests.platform.school import DOMAIN


class Person:
    """A session of one user; a guest where there is none. `put`, `post` and so on are the session's own."""

    def __init__(self, session, user: str | None):
        self.session, self.user = session, user

    def __getattr__(self, name: str):
        return getattr(self.session, name)

    def read(self, path: str, **parameters):
        """GET a path of the site; parameters that are no text are sent as JSON."""
        return self.session.get(path, params=_as_text(parameters))

    def call(self, method: str, **arguments):
        """POST to a whitelisted method."""
        return self.session.post(f"/api/method/{method}", data=_as_text(arguments))

    def message(self, method: str, **arguments):
        """What a whitelisted method returned to this user."""
        response = self.call(method, **arguments)
        assert response.status_code == 200, response.text[-2000:]
        return response.json().get("message")


def _as_text(values: dict) -> dict:
    return {
        key: value if isinstance(value, str) else json.dumps(value, default=str)
        for key, value in values.items()
    }


def people(web) -> Callable[[str | None], Person]:
    """A function that logs a user in once: by code of the school, by e-mail address, or None for a guest."""
    known: dict[str | None, Person] = {}

    def log_in(user: str | None) -> Person:
        if user and "@" not in user:
            user = f"{user}@{DOMAIN}"
        if user not in known:
            known[user] = Person(web.session(user), user)
        return known[user]

    return log_in
