"""The day it goes wrong in a browser: from what happened to whom to phone, and back."""

from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening import booking
from ouderavond.evening.offering import by_course
from tests.browser import axe
from tests.browser.steps import PATIENCE, picture
from tests.platform.school import PLANNER, make_evening

WHO = {"s01": "anna.devries", "s04": "carla.bakker"}


@pytest.fixture
def evening(site, school):
    made = make_evening(school, maximum_per_student=0, schedule_visible=1, title="Oudercontact najaar")
    by_course.offer(made.name)
    frappe.db.commit()
    first = datetime.combine(frappe.utils.getdate(made.dates[0].date), datetime.min.time())
    sits = {"instructor": school.instructor["jan"]}
    for number, (student, guardian) in enumerate(WHO.items()):
        filters = {"evening": made.name, "student": school.student[student]}
        names = frappe.get_all("Conversation Offer", filters, pluck="name")
        offer = frappe.get_all(
            "Conversation Offer Instructor", {"parent": ("in", names), **sits}, pluck="parent"
        )[0]
        start = first + timedelta(hours=18, minutes=30 + 10 * number)
        booking.book(offer, start, guardians=[school.guardian[guardian]], source="Staff")
        frappe.db.commit()
    frappe.db.set_value("Guardian", school.guardian["anna.devries"], "mobile_number", "06-12345678")
    frappe.db.commit()
    return made


def test_an_ill_instructor_on_a_phone_by_keyboard(evening, school, page_as, worker):
    with page_as(PLANNER, width=390, height=844) as page:
        page.set_default_timeout(PATIENCE)
        ill = school.instructor["jan"]
        page.goto(f"/app/ouderavond-planning/{evening.name}/disruptions/ill/{ill}")
        page.get_by_text("2 conversations of 2 households are concerned.").wait_for()
        assert page.get_by_role("radio", name="An instructor is ill").is_checked()
        assert axe.violations(page, ".oa-disruptions") == []
        # Who is missing on all dates has no other times: somebody else is what is proposed first.
        assert page.get_by_role("radio", name="Give them to somebody else").is_checked()
        page.get_by_role("radio", name="Make them online").press("ArrowUp")
        assert page.get_by_role("radio", name="Give them to somebody else").is_checked()
        page.get_by_label("Substitute", exact=True).select_option(school.instructor["smi"])
        page.get_by_role("button", name="Look for a Proposal").press("Enter")
        page.get_by_role("heading", name="Joke Jansma is ill").wait_for()
        assert "2 go to somebody else." in page.locator(".oa-disruption-sentence").inner_text()
        assert page.evaluate("document.activeElement.textContent").startswith("Joke Jansma is ill")
        page.get_by_role("button", name="By Instructor").press("Enter")
        assert page.get_by_role("heading", name="Els Smit").is_visible()
        assert axe.violations(page, ".oa-disruptions") == []
        picture(page, "disruption-proposal")
        page.get_by_role("button", name="Carry Out…").press("Enter")
        page.locator(".modal.show").get_by_role("button", name="Carry Out").press("Enter")
        page.get_by_text("To phone (").wait_for()
        assert page.get_by_role("link", name="06-12345678").get_attribute("href") == "tel:0612345678"
        assert axe.violations(page, ".oa-disruptions") == []
        picture(page, "disruption-result")
        page.get_by_role("button", name="Undo…").press("Enter")
        page.locator(".modal.show").get_by_role("button", name="Undo").press("Enter")
        page.get_by_text("This was carried out, and has been undone.").wait_for()
        assert not page.problems
    frappe.db.rollback()
    rows = {"instructor": school.instructor["smi"], "parenttype": "Evening Booking"}
    live = [
        frappe.db.get_value("Evening Booking", name, "state")
        for name in frappe.get_all("Evening Booking Instructor", rows, pluck="parent")
    ]
    assert "Published" not in live
