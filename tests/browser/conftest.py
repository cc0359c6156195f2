"""Fixtures for tests in a real browser, on the test site served by gunicorn."""

import shutil
from contextlib import contextmanager

import pytest

from tests.harness.fixtures import *  # noqa: F403

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    if not CHROMIUM:
        pytest.skip("chromium is not installed")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield started
        started.close()


@pytest.fixture(scope="session")
def logged_in(web):
    """Sessions by user, each logged in once: logging in and what comes with it take half a second."""
    return {}


@pytest.fixture
def page_as(browser, web, logged_in, connected):
    """`with page_as(user, width=390, height=844, lang="nl") as page:` — a page of somebody logged in.

    Paths are enough as addresses. What the page writes to its console as an error is in `page.problems`.
    """

    @contextmanager
    def open_page(user=None, width=1280, height=800, lang="en"):
        context = browser.new_context(
            base_url=web.url,
            viewport={"width": width, "height": height},
            locale=lang,
            reduced_motion="reduce",
        )
        if user:
            _choose_language(user, lang)
            context.add_cookies(_cookies(web, logged_in, user))
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: _note(page, said))
        try:
            yield page
        finally:
            context.close()

    return open_page


def _choose_language(user: str, lang: str) -> None:
    """The platform takes the language of a user who is logged in from the user's record."""
    import frappe

    frappe.db.rollback()
    if frappe.db.get_value("User", user, "language") != lang:
        frappe.db.set_value("User", user, "language", lang, update_modified=False)
        frappe.db.commit()
        frappe.clear_cache(user=user)


def _cookies(web, logged_in: dict, user: str) -> list[dict]:
    """What a browser keeps of logging in."""
    session = logged_in.get(user)
    if not session or session.get("/api/method/frappe.auth.get_logged_user").status_code != 200:
        session = logged_in[user] = web.session(user)
    return [{"name": cookie.name, "value": cookie.value or "", "url": web.url} for cookie in session.cookies]


def _note(page, said) -> None:
    """Keep errors, but not that the realtime server is absent."""
    source = f"{said.text} {(said.location or {}).get('url', '')}"
    if said.type == "error" and "socket.io" not in source:
        page.problems.append(said.text)
