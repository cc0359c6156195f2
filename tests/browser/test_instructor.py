"""An instructor's phone: students before the evening, and the evening itself, at times without a network."""

import re

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.browser.steps import PATIENCE, picture
from tests.platform.live import make_live
from tests.platform.school import make_evening


@pytest.fixture
def live(site, school):
    return make_live(school)


def _fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _row(page, booking: str):
    return page.locator(f'.oa-i-conversation[data-booking="{booking}"]')


def _held(booking: str) -> tuple:
    frappe.db.rollback()
    row = frappe.db.get_value("Evening Booking", booking, ["started", "finished", "no_show"])
    return bool(row[0]), bool(row[1]), row[2]


def _until(page, check) -> None:
    """What the server has after a moment."""
    for _attempt in range(60):
        if check():
            return
        page.wait_for_timeout(250)
    raise AssertionError("it did not arrive")


def test_taps_wait_for_the_network_and_families_see_the_delay(live, school, page_as):
    with page_as(school.user("jan"), width=390, height=844) as page:
        page.set_default_timeout(PATIENCE)
        page.goto("/ouderavond")
        first, second = _row(page, live.now), _row(page, live.both)
        expect(first.get_by_text("Next", exact=True)).to_be_visible()
        first.get_by_role("button", name="Started").click()
        expect(first.get_by_text("Now", exact=True)).to_be_visible()
        _until(page, lambda: _held(live.now) == (True, False, 0))
        expect(page.locator(".oa-i-live")).to_contain_text(re.compile(r"You run \d+ minutes late"))
        assert violations(page, ".oa-sitting") == [] and _fits(page)
        picture(page, "instructor-live-390")

    with page_as(school.user("anna.devries"), width=320, height=844) as page:
        page.goto("/ouderavond")
        expect(page.locator(".oa-live")).to_contain_text("has started")
        expect(page.locator(".oa-live")).to_contain_text(re.compile(r"\d+ minutes later"))
        assert "Dekker" not in page.locator(".oa-live").inner_text()
        assert violations(page, ".oa-mine") == [] and _fits(page) and page.problems == []
        picture(page, "family-live-320")

    with page_as(school.user("jan"), width=320, height=844) as page:
        page.goto("/ouderavond")
        first, second = _row(page, live.now), _row(page, live.both)
        finish = first.get_by_role("button", name="Finished")
        expect(finish).to_be_visible()
        page.context.set_offline(True)
        finish.click()
        page.wait_for_timeout(1100)
        second.get_by_role("button", name="Did not come").click()
        expect(page.locator(".oa-i-live")).to_contain_text("2 taps are kept on this device")
        # What was typed without a network is kept too, also when the page is opened again.
        second.get_by_text("Note for myself").click()
        second.get_by_role("textbox").fill("Bellen over het rapport")
        expect(second.get_by_text("Your note is kept on this device")).to_be_visible()
        assert _held(live.now)[1] is False and _fits(page)
        picture(page, "instructor-offline-320")
        page.context.set_offline(False)
        _until(page, lambda: _held(live.now) == (True, True, 0) and _held(live.both) == (False, True, 1))
        expect(second.get_by_text("Noted.")).to_be_visible()
        second.get_by_role("button", name="Undo").click()
        _until(page, lambda: _held(live.both) == (False, False, 0))
        page.reload()
        expect(_row(page, live.both).get_by_role("textbox")).to_have_value("Bellen over het rapport")
        expect(_row(page, live.now)).to_contain_text("Finished at")
        # Somebody of the staff gave up a conversation: the page follows.
        page.emulate_media(media="print")
        expect(_row(page, live.both).locator(".oa-i-lines")).to_have_text("Bellen over het rapport")
        expect(page.locator(".oa-i-taps").first).to_be_hidden()


def test_students_are_found_and_invited(site, school, page_as):
    evening = make_evening(school, instructors_may_invite=1, instructors_may_block=1)
    by_course.offer(evening.name)
    frappe.db.commit()
    with page_as(school.user("jan"), width=320, height=844) as page:
        page.set_default_timeout(PATIENCE)
        page.goto("/ouderavond")
        page.get_by_text("My students and what was asked").click()
        page.get_by_label("Search by name").fill("daan")
        rows = page.locator(".oa-i-students-list > li:visible")
        expect(rows).to_have_count(1)
        wish = rows.get_by_role("button", name="Obligatory")
        wish.press("Enter")
        expect(page.locator(".oa-i-students-part > .oa-status")).to_contain_text("it must take place")
        expect(wish).to_have_attribute("aria-pressed", "true")
        rows.get_by_role("button", name="Not necessary").click()
        expect(page.locator(".oa-i-students-part > .oa-status")).to_contain_text("can ask all the same")
        assert violations(page, ".oa-sitting") == [] and _fits(page)
        picture(page, "instructor-students-320")
        page.locator("summary", has_text="When I am not available").click()
        page.get_by_role("button", name="Add a time").first.click()
        page.get_by_role("button", name="Save these times").click()
        expect(page.locator(".oa-absence-form .oa-status")).to_have_text("Saved.")
        assert page.problems == []
    frappe.db.rollback()
    assert frappe.db.count("Evening Block", {"evening": evening.name, "source": "Instructor"}) == 1
    with page_as(school.user("anna.devries"), width=390, height=844) as page:
        page.goto("/ouderavond")
        offer = page.locator(".oa-offer", has_text="Nederlands").first
        expect(offer).to_contain_text("a conversation is not necessary")
        expect(offer.get_by_role("checkbox")).to_be_enabled()
