"""The waiting list in a real browser: getting in line on a phone, and accepting from the top of the page."""

import re

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening.waiting import serving
from tests.browser.axe import violations
from tests.browser.steps import PATIENCE, picture
from tests.platform.waiting import FullEvening

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def evening(site, school):
    return FullEvening(school)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_from_a_full_instructor_to_a_conversation(evening, school, page_as):
    """Anna waits with the keyboard alone, is offered a place, lets it pass, and accepts the next."""
    with page_as(school.user("anna.devries"), **PHONE) as page:
        page.set_default_timeout(PATIENCE)
        page.goto("/ouderavond")
        watch = page.get_by_role("button", name="Tell me when a place comes free Nederlands, Joke Jansma")
        watch.focus()
        page.keyboard.press("Enter")
        form = page.get_by_role("group", name="Wait for a place: Nederlands, Joke Jansma (Daan de Vries)")
        expect(form.get_by_label("Not before")).to_be_focused()
        picture(page, "waiting-form-390")
        assert violations(page, ".oa-booking") == []
        page.keyboard.press("Escape")
        expect(watch).to_be_focused()
        watch.press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        line = page.locator(".oa-waiting-list li")
        expect(line).to_contain_text("You are first in line. Only from 18:40.")
        expect(page.locator(".oa-booking-waiting > .oa-status")).to_contain_text("You are in line.")
        expect(page.get_by_role("button", name="Leave the line: Nederlands, Joke Jansma")).to_be_focused()
        expect(watch).to_have_count(0)
        picture(page, "waiting-in-line-390")
        assert fits(page)

        evening.free(1)
        serving.serve(evening.name)
        # As after a moment without connection: the table is read at once.
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page.locator(".oa-booking > .sr-only[role=status]")).to_contain_text("A place has come free")
        page.reload()
        top = page.locator(".oa-start .oa-offered")
        expect(top).to_contain_text("A place has come free")
        expect(top.locator(".oa-waiting-left")).to_have_text(re.compile(r"\d+ (h \d+ min|minutes) left"))
        panel = page.locator(".oa-booking .oa-waiting-offered")
        expect(panel).to_contain_text("It is held for you until")
        picture(page, "waiting-offered-390")
        assert violations(page, ".oa-portal") == []
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            picture(page, f"waiting-offered-{width}")
            assert fits(page)
        page.set_viewport_size(PHONE)
        panel.scroll_into_view_if_needed()
        picture(page, "waiting-offered-panel-390")
        panel.get_by_role("button", name="No thanks").press("Enter")
        picture(page, "waiting-sure-390")
        page.get_by_role("button", name="Let it go").click()
        expect(page.locator(".oa-booking-waiting > .oa-status")).to_have_text(
            "The place goes to the next in line."
        )
        expect(top.locator(".oa-status")).to_have_text("This place is not held for you any more.")

        evening.book("s04", "carla.bakker", evening.starts[1])
        evening.watch("anna.devries", "s01")
        evening.free(0)
        serving.serve(evening.name)
        page.reload()
        top.get_by_role("button", name="Accept: Nederlands, Joke Jansma").press("Enter")
        expect(top.locator(".oa-status")).to_have_text("Reserved. 1 conversation is yours.")
        expect(page.locator(".oa-mine-list")).to_contain_text("Nederlands")
        picture(page, "waiting-accepted-390")
        assert not page.problems
    assert frappe.db.count("Booking Claim", {"kind": "Hold"}) == 0
