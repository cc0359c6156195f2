"""The start of the portal, somebody's conversations there, and what staff see of who can't come."""

import re
from datetime import datetime, timedelta

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening import booking
from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.browser.steps import PATIENCE, picture
from tests.platform.school import PLANNER, make_evening

PORTAL = "/ouderavond"
WISH = "Liever na half negen"


@pytest.fixture
def evening(site, school):
    """Booking is open; Anna has two conversations, about two children, the second one online."""
    made = make_evening(
        school,
        title="Oudercontact najaar",
        procedure="Request, Schedule, then Book",
        schedule_visible=1,
        request_from=None,
        request_until=frappe.utils.now_datetime() - timedelta(days=2),
        booking_from=frappe.utils.now_datetime() - timedelta(days=1),
        booking_until=frappe.utils.now_datetime() + timedelta(days=7),
        change_until_hours=24,
    )
    by_course.offer(made.name)
    frappe.db.commit()
    first = min(frappe.utils.getdate(row.date) for row in made.dates)
    start = datetime.combine(first, datetime.min.time()) + timedelta(hours=18, minutes=30)
    for student, minutes, mode in (("s02", 20, "Online"), ("s01", 0, "In Person")):
        filters = {"evening": made.name, "student": school.student[student]}
        offer = frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[0]
        party = booking.party_of(made.name, school.student[student], school.guardian["anna.devries"])
        booking.book(offer, start + timedelta(minutes=minutes), guardians=party, source="Staff", mode=mode)
        frappe.db.commit()
    return made


def _rows(page):
    return page.locator(".oa-mine .oa-conversation")


def _fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_start_says_what_i_can_do_and_gives_up_one_conversation(evening, school, page_as):
    with page_as(school.user("anna.devries"), width=320, height=844) as page:
        page.goto(PORTAL)
        start = page.get_by_role("region", name="My evenings")
        expect(start).to_contain_text("You can book until")
        expect(start).to_contain_text("until 24 hours before it starts")
        expect(start.get_by_role("link", name="Book conversations (Oudercontact najaar)")).to_be_visible()
        expect(_rows(page)).to_have_count(2)
        expect(_rows(page).nth(0)).to_contain_text("Daan de Vries")
        expect(_rows(page).nth(1)).to_contain_text("Online, the link follows")
        assert _fits(page)

        row = _rows(page).nth(0)
        row.get_by_text("Change or calendar").click()
        expect(row.get_by_role("link", name="Move")).to_be_visible()
        row.get_by_role("button", name="I can't come").click()
        row.get_by_label("Later in the evening").check()
        row.get_by_label("Your wish, in your own words").fill(WISH)
        assert violations(page, ".oa-start") == [] and _fits(page)
        picture(page, "cant-come-320")
        row.get_by_role("button", name="Give up this time").click()
        expect(page.locator(".oa-mine > .oa-status")).to_contain_text("Your time has been given up.")
        expect(_rows(page)).to_have_count(1)
        assert page.problems == []
    frappe.db.rollback()
    given_up = frappe.get_last_doc("Evening Booking", {"cant_come": 1})
    assert (given_up.cant_come_wish, given_up.cant_come_choices) == (WISH, "Late")

    with page_as(PLANNER, width=1280) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"/app/parent-evening/{evening.name}")
        page.get_by_role("button", name="Schedule", exact=True).click()
        page.get_by_role("link", name="Can't Come", exact=True).click()
        dialog = page.locator(".modal.show")
        expect(dialog).to_contain_text(WISH)
        dialog.get_by_role("button", name="Show Free Times").click()
        fitting = dialog.get_by_role("button", name="(suits)").first
        expect(fitting).to_be_visible()
        picture(page, "cant-come-staff")
        fitting.click()
        expect(dialog).to_contain_text("Placed:")
    frappe.db.rollback()
    again = frappe.get_all("Evening Booking", {"offer": given_up.offer, "state": "Published"}, pluck="start")
    assert [start.strftime("%H:%M") >= "19:40" for start in again] == [True]


def test_the_keyboard_cancels_and_the_overview_prints_and_becomes_an_address(evening, school, page_as):
    with page_as(school.user("anna.devries"), width=1280) as page:
        page.goto(PORTAL)
        row = _rows(page).nth(1)
        row.locator("summary").focus()
        page.keyboard.press("Enter")
        button = row.get_by_role("button", name="Cancel")
        button.focus()
        page.keyboard.press("Enter")
        expect(row.get_by_text("Cancel this conversation?")).to_be_focused()
        row.get_by_role("button", name="Keep it").press("Enter")
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        row.get_by_role("button", name="Cancel the conversation").press("Enter")
        expect(_rows(page)).to_have_count(1)
        expect(page.locator(".oa-mine > .oa-status")).to_contain_text("no longer takes place")

        page.get_by_text("Subscribe with my calendar").click()
        page.get_by_role("button", name="Make my address").click()
        address = page.get_by_label("Your address: copy it now")
        expect(address).to_have_value(re.compile(r"feeds\.personal\?token=[\w-]{43}$"))
        expect(page.get_by_role("link", name="Open in my calendar")).to_have_attribute(
            "href", re.compile("^webcal:")
        )
        page.get_by_role("button", name="Stop the address").click()
        expect(page.locator(".oa-feed > .oa-status")).to_have_text("The address no longer works.")
        expect(address).to_be_hidden()
        assert violations(page, ".oa-start") == [] and page.problems == []

        page.emulate_media(media="print")
        expect(page.locator(".oa-print-only")).to_contain_text("Oudercontact najaar")
        expect(_rows(page)).to_be_visible()
        for hidden in (".oa-todo", ".oa-tools", ".oa-actions", ".oa-feed", ".oa-role", ".navbar"):
            expect(page.locator(hidden).first).to_be_hidden()
        picture(page, "overview-print")


def test_somebody_who_is_guardian_and_instructor_sees_both_apart(evening, school, page_as):
    with page_as(school.user("els.smit"), width=390, height=844) as page:
        page.goto(PORTAL)
        start = page.get_by_role("region", name="My evenings")
        for name in ("For my children", "Conversations with Me"):
            expect(start.get_by_role("heading", name=name)).to_be_visible()
        assert _fits(page) and violations(page, ".oa-start") == []
