"""The test site behind a real web server, and people who are really logged in there."""

import json
import socket
import subprocess
from contextlib import contextmanager

import requests

from tests.harness.bench import environment, wait_until
from tests.platform.school import DOMAIN, PASSWORD


class Person(requests.Session):
    """A session of one user; a guest where there is none."""

    def __init__(self, address: str, site: str, user: str | None):
        super().__init__()
        self.address, self.user = address, user
        self.headers["X-Frappe-Site-Name"] = site
        self.headers["Accept"] = "application/json"
        if user:
            self.call("login", usr=user, pwd=PASSWORD).raise_for_status()

    def read(self, path: str, **parameters) -> requests.Response:
        """GET a path of the site; parameters that are no text are sent as JSON."""
        return self.get(f"{self.address}/{path.lstrip('/')}", params=_as_text(parameters), timeout=60)

    def call(self, method: str, **arguments) -> requests.Response:
        """POST to a whitelisted method."""
        return self.post(f"{self.address}/api/method/{method}", data=_as_text(arguments), timeout=60)

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


@contextmanager
def web_server(site):
    """Serve a site; gives a function that logs a user in (a code of the school, or an e-mail address)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [site.bench.path / "env/bin/gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    process = subprocess.Popen(
        [*map(str, command), "--log-level", "error", "frappe.app:application"],
        cwd=site.bench.sites,
        env=environment(),
        stdin=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    people: dict[str | None, Person] = {}

    def log_in(user: str | None) -> Person:
        if user and "@" not in user:
            user = f"{user}@{DOMAIN}"
        if user not in people:
            people[user] = Person(address, site.name, user)
        return people[user]

    try:
        wait_until(lambda: _up(address, site.name), 60, f"No web server at {address}.")
        yield log_in
    finally:
        process.terminate()
        process.wait(20)


def _up(address: str, site: str) -> bool:
    try:
        headers = {"X-Frappe-Site-Name": site}
        return requests.get(f"{address}/api/method/ping", headers=headers, timeout=30).ok
    except requests.RequestException:
        return False
