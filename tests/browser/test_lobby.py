"""The screen in the hall: a guest's page that reads by itself, turns pages, and says when it cannot."""

import re

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening import lobby
from ouderavond.evening.live import taps
from tests.browser.axe import violations
from tests.browser.steps import picture
from tests.platform.live import make_live


@pytest.fixture
def screen(site, school):
    """The path of the screen of an evening that goes on; Jansma runs five minutes late."""
    made = make_live(school)
    row = {"booking": made.now, "id": "a", "kind": "started", "of": None, "age": 0.0}
    taps.keep([school.instructor["jan"]], [row])
    path = "/" + lobby.make(made.evening).split("/", 3)[3]
    frappe.db.commit()
    return made.evening, path


def test_the_screen_follows_the_evening(screen, page_as):
    evening, path = screen
    with page_as(None, width=1920, height=1080) as page:
        page.goto(path)
        jansma = page.locator("tbody tr", has_text="Joke Jansma")
        expect(jansma).to_contain_text(re.compile(r"\+ \d+ min\."))
        expect(jansma).to_contain_text("Lokaal jan")
        for word in ("Vries", "Daan", "Anna"):
            assert word not in page.content()
        assert violations(page, "body") == []
        picture(page, "lobby-1920")
        page.context.set_offline(True)
        expect(page.locator(".ob-notice")).to_contain_text("No connection since")
        expect(jansma).to_be_visible()
        page.context.set_offline(False)
        expect(page.locator(".ob-notice")).to_be_hidden()

        page.get_by_role("link", name="NL").click()
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        page.goto(f"{path}?room=lokaal+x&lang=en")
        expect(page.locator(".ob-sentence")).to_have_text("There are no conversations now or soon.")

        # Many rows, on a screen with room for few of them.
        page.goto(f"{path}?lang=en")
        expect(jansma).to_be_visible()
        page.set_viewport_size({"width": 800, "height": 320})
        assert page.locator("tbody tr").count() >= 1
        page.evaluate("document.documentElement.style.fontSize = '60px'")
        page.set_viewport_size({"width": 800, "height": 330})
        expect(page.locator(".ob-page")).to_contain_text("Page 1 of 2")
        page.get_by_role("button", name="Stop turning pages").click()
        expect(page.get_by_role("button", name="Turn pages")).to_be_visible()

        lobby.renew(evening)
        frappe.db.commit()
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no screen at this address")
        assert violations(page, "body") == []
    assert page.problems == [
        "Failed to load resource: the server responded with a status of 404 (NOT FOUND)"
    ] or any("ERR_INTERNET_DISCONNECTED" in said for said in page.problems)
