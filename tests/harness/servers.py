"""Real processes for tests that need them: the web server and a worker, for the test site only."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from tests.harness.bench import BenchError, answers, environment, wait_until
from tests.harness.sites import TestSite

PORTS = range(8110, 8200)


@dataclass
class Web:
    """The test site, served on this machine."""

    site: TestSite
    port: int

    @property
    def url(self) -> str:
        """For a browser, which takes every *.localhost for this machine."""
        return f"http://{self.site.name}:{self.port}"

    def session(self, user: str | None = None, password: str | None = None):
        """A `requests.Session` on the site, logged in where a user is given; paths will do."""
        session = _session_class()(f"http://127.0.0.1:{self.port}", self.site.name)
        if user:
            session.log_in(user, password or default_password())
        return session


def default_password() -> str:
    """The password that all people of the test school have."""
    from tests.platform.school import PASSWORD

    return PASSWORD


@cache
def _session_class():
    """Made when it is needed, because `requests` is the bench's."""
    import requests

    class SiteSession(requests.Session):
        """A session that knows its site."""

        def __init__(self, base: str, site: str):
            super().__init__()
            self.base = base
            self.headers.update({"X-Frappe-Site-Name": site, "Accept": "application/json"})

        def request(self, method, url, *arguments, **options):
            full = f"{self.base}{url}" if url.startswith("/") else url
            options.setdefault("timeout", 60)
            return super().request(method, full, *arguments, **options)

        def log_in(self, user: str, password: str) -> None:
            """Log in; the session then has no CSRF token, and the platform asks for none."""
            answer = self.post("/api/method/login", data={"usr": user, "pwd": password})
            if answer.status_code != 200:
                raise AssertionError(f"{user} cannot log in: {answer.status_code} {answer.text[:200]}")

        def open_portal(self, path: str = "/ouderavond"):
            """Load a page as a browser does, and send its CSRF token from then on."""
            page = self.get(path)
            found = re.search(r"csrf_token\s*=\s*[\"']([^\"']+)", page.text)
            if found:
                self.headers["X-Frappe-CSRF-Token"] = found[1]
            return page

    return SiteSession


def free_port() -> int:
    """A port of ours on which nothing listens."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise BenchError(f"No port from {PORTS.start} to {PORTS.stop - 1} is free.")


@contextmanager
def web_server(site: TestSite, workers: int = 2, threads: int = 2):
    """gunicorn with the platform's own application, as in production but with the assets."""
    port = free_port()
    command = [site.bench.python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--timeout", "120"]
    command += ["--workers", workers, "--threads", threads, "frappe.app:application_with_statics()"]
    with process(site, "web", command):
        wait_until(lambda: answers("127.0.0.1", port), 60, "The web server did not start.")
        yield Web(site, port)


@contextmanager
def rq_worker(site: TestSite):
    """A worker that takes the jobs of this site only."""
    command = [site.bench.python, "-m", "frappe.utils.bench_helper", "frappe", "worker"]
    with process(site, "worker", [*command, "--queue", "long,default,short"]) as started:
        yield started


@contextmanager
def process(site: TestSite, name: str, command: list):
    """Run a process in the bench's sites folder, and end it with all its children."""
    log = site.path / "logs" / f"test-{name}.log"
    # The site's own queue: a worker reads the bench's configuration, not the site's.
    env = environment(FRAPPE_REDIS_QUEUE=site.queue)
    with log.open("wb") as output:
        started = subprocess.Popen(
            [str(part) for part in command],
            cwd=site.bench.sites,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        end(started)


def end(started: subprocess.Popen) -> None:
    """Ask a process to stop, and insist after ten seconds."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(started.pid, sign)
            started.wait(10)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
