"""Find me times in a real browser: on a phone, with the keyboard alone, and with the time running out."""

from datetime import datetime, timedelta

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening import versions
from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.browser.steps import picture
from tests.platform.school import make_evening

PORTAL = "/ouderavond"
ANNA = "anna.devries"


@pytest.fixture
def evening(site, school):
    """Two dates at which can be booked now; two conversations of each child."""
    now = frappe.utils.now_datetime()
    made = make_evening(
        school,
        procedure="Book Directly",
        booking_from=now - timedelta(days=1),
        booking_until=now + timedelta(days=7),
        maximum_per_student=2,
        walking_minutes=5,
    )
    by_course.offer(made.name)
    frappe.cache.delete_keys("ouderavond_calls:")
    frappe.db.commit()
    return made


def _seconds_left(evening, seconds):
    """Let what is held expire in so many seconds, as if the rest had passed."""
    frappe.db.rollback()
    expires = frappe.utils.now_datetime() + timedelta(seconds=seconds)
    frappe.db.set_value("Booking Claim", {"evening": evening.name, "kind": "Hold"}, "expires", expires)
    versions.bump(evening.name)
    frappe.db.commit()


def _look(page):
    """Have the page read the table now."""
    with page.expect_response("**/ouderavond.api.table.read*"):
        page.evaluate("window.dispatchEvent(new Event('online'))")


def _held(page):
    return page.get_by_role("region", name="Proposed times")


def _left(page):
    """The seconds that the page shows."""
    minutes, seconds = _held(page).get_by_role("timer").inner_text().split(" ")[-1].split(":")
    return int(minutes) * 60 + int(seconds)


def _fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_times_for_all_children_are_found_extended_and_accepted(evening, school, page_as, width):
    with page_as(school.user(ANNA), width=width, height=844) as page:
        page.goto(PORTAL)
        page.get_by_text("Find me times").click()
        # Four subjects and two to book: nothing is chosen for anybody.
        expect(page.get_by_text("0 of 2 chosen")).to_have_count(3)
        for child in page.locator(".oa-find-child").all():
            child.locator("summary").click()
            for number in range(2):
                child.get_by_role("checkbox").nth(number).check()
        expect(page.get_by_text("2 of 2 chosen")).to_have_count(3)
        page.get_by_label("Date").select_option(index=2)
        page.get_by_label("From").fill("19:00")
        page.get_by_label("Until").fill("21:00")
        picture(page, f"find-form-{width}")
        assert violations(page, ".oa-booking-find") == []
        page.get_by_role("button", name="Find times").click()
        held = _held(page)
        expect(held.get_by_role("heading", name="Proposed times")).to_be_focused()
        expect(held.get_by_text("Times were found for 6 conversations.")).to_be_visible()
        expect(held.get_by_text("These times are held for you for 2 minutes.")).to_be_visible()
        spoken = page.get_by_role("status")
        expect(spoken.filter(has_text="These times are held for you for 2 minutes.")).to_have_count(1)
        rows = held.get_by_role("listitem")
        expect(rows.filter(has_text="19:00 – 19:10")).to_have_count(1)
        assert "Daan de Vries" in rows.filter(has_text="Biologie").inner_text()
        assert 100 < _left(page) <= 120
        expect(page.get_by_text("Find me times")).to_be_hidden()
        assert violations(page, ".oa-booking-find") == []
        assert _fits(page)

        # Half a minute before the end there is a warning, and one tap extends it; it outlives a reload.
        _seconds_left(evening, 28)
        _look(page)
        expect(held.get_by_text("Less than 30 seconds left.")).to_be_visible()
        assert _left(page) < 30
        expect(spoken.filter(has_text="Less than 30 seconds left.")).to_have_count(1)
        picture(page, f"find-warning-{width}")
        assert violations(page, ".oa-booking-find") == []
        held.get_by_role("button", name="2 minutes longer").click()
        expect(held.get_by_text("Less than 30 seconds left.")).to_have_count(0)
        assert _left(page) > 120
        page.reload()
        expect(_held(page).get_by_role("button", name="Reserve these times")).to_be_visible()
        assert _left(page) > 90
        picture(page, f"find-held-{width}")

        _held(page).get_by_role("button", name="Reserve these times").click()
        expect(page.get_by_text("Reserved. 6 conversations are yours.")).to_be_visible()
        expect(_held(page)).to_be_hidden()
        expect(page.get_by_text("Find me times")).to_be_visible()
        frappe.db.rollback()
        starts = frappe.get_all("Evening Booking", {"evening": evening.name}, pluck="start")
        assert len(starts) == 6
        assert {start.date() for start in starts} == {frappe.utils.getdate(evening.dates[1].date)}
        assert min(starts).time() == datetime.min.replace(hour=19).time()
        assert not frappe.db.exists("Booking Claim", {"kind": "Hold"})
        assert page.problems == []


def test_with_the_keyboard_alone_left_and_run_out(evening, school, page_as):
    with page_as(school.user(ANNA), width=320, height=640) as page:
        page.goto(PORTAL)
        summary = page.locator(".oa-find > summary")
        expect(summary).to_be_visible()
        summary.focus()
        page.keyboard.press("Enter")
        assert _fits(page)
        child = page.locator(".oa-find-child > summary").first
        child.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Daan de Vries").get_by_role("checkbox").first).to_be_visible()
        for _conversation in range(2):
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
        expect(page.get_by_text("2 of 2 chosen")).to_have_count(1)
        page.get_by_label("From").focus()
        page.keyboard.press("Enter")
        held = _held(page)
        expect(held.get_by_role("heading")).to_be_focused()
        expect(held.get_by_text("Times were found for 2 conversations.")).to_be_visible()
        assert _fits(page)
        picture(page, "find-held-320")
        for name in ("Reserve these times", "2 minutes longer", "Leave them"):
            page.keyboard.press("Tab")
            expect(held.get_by_role("button", name=name)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("These times are free for others again.")).to_be_visible()
        expect(page.get_by_role("button", name="Find times")).to_be_focused()
        expect(held).to_be_hidden()
        frappe.db.rollback()
        assert not frappe.db.exists("Booking Claim", {"kind": "Hold"})

        page.keyboard.press("Enter")
        expect(held.get_by_role("heading")).to_be_focused()
        page.keyboard.press("Tab")
        expect(held.get_by_role("button", name="Reserve these times")).to_be_focused()
        # Enough that a slow machine still reads them as held: read later than that, somebody else ended them.
        # The page counts whole seconds: the server still holds them when the page's time is just over.
        _seconds_left(evening, 10.95)
        _look(page)
        over = held.get_by_text("The time is over: these times are no longer held for you.")
        expect(over).to_be_visible(timeout=20_000)
        again = held.get_by_role("button", name="Look again")
        expect(again).to_be_focused()
        expect(held.get_by_role("button", name="Reserve these times")).to_be_hidden()
        picture(page, "find-over-320")
        assert violations(page, ".oa-booking-find") == []
        page.keyboard.press("Enter")
        expect(held.get_by_text("These times are held for you for 2 minutes.")).to_be_visible()
        assert page.problems == []
