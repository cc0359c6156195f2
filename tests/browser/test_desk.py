"""The desk in a browser: from the list of evenings to a published schedule, at a desk and on a phone."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import requests
from ouderavond.evening.offering import by_course
from tests.browser.steps import PATIENCE, picture, settled
from tests.platform.school import MANAGER, PLANNER, make_evening


def _open(page, path: str, shows: str):
    """Open a page of the desk and wait for a part of it."""
    page.set_default_timeout(PATIENCE)
    page.goto(f"/app/{path}")
    page.wait_for_selector(shows)
    settled(page)


def _due(page) -> str:
    return page.locator("[data-due]").get_attribute("data-due")


def _wait_for_step(page, key: str) -> None:
    page.wait_for_selector(f'[data-due="{key}"]')


def _say_yes(page) -> None:
    page.locator(".modal.show").get_by_role("button", name="Yes").click()


def _ask(evening, school) -> None:
    for student, guardian in {"s01": "anna.devries", "s02": "anna.devries", "s04": "carla.bakker"}.items():
        filters = {"evening": evening.name, "student": school.student[student]}
        offer = frappe.get_all("Conversation Offer", filters, pluck="name", limit=1)[0]
        frappe.db.commit()
        requests.request(offer, guardian=school.guardian[guardian])
        frappe.db.commit()


def _close_requests(evening) -> None:
    past = frappe.utils.now_datetime() - timedelta(hours=1)
    frappe.db.set_value("Parent Evening", evening.name, "request_until", past)
    frappe.db.commit()


@pytest.fixture
def draft(site, school):
    """An evening with participants and windows, not yet published and without offers."""
    return make_evening(school, published=0, title="Ouderavond rapport 1")


def test_from_the_list_to_a_published_schedule(draft, school, page_as, worker):
    form = f"parent-evening/{draft.name}"
    with page_as(MANAGER) as page:
        _open(page, "parent-evening", "text=Ouderavond rapport 1")
        picture(page, "desk-list")
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector(".oa-tabs")
        assert page.url.endswith(f"/ouderavond-offers/{draft.name}/by-course")
        by_course.offer(draft.name)
        page.get_by_role("link", name="Ouderavond rapport 1").click()
        _wait_for_step(page, "publish_evening")
        assert _fresh(draft) > 0

        page.locator("[data-due]").click()
        _say_yes(page)
        _wait_for_step(page, "wait")
        frappe.db.rollback()
        _ask(draft, school)
        _close_requests(draft)

        _open(page, form, '[data-due="schedule"]')
        assert "3 requests" in page.locator(".oa-due-text").inner_text()
        picture(page, "desk-form")
        page.locator("[data-due]").click()
        dialog = page.locator(".modal.show")
        dialog.locator('[data-fieldname="time_limit"] input').fill("5")
        dialog.get_by_role("button", name="Start").click()
        page.get_by_role("button", name="Apply Schedule").click()
        _say_yes(page)
        page.get_by_text("conversations booked").wait_for()
        picture(page, "desk-run")

        _open(page, form, '[data-due="publish"]')
        page.locator("[data-due]").click()
        page.get_by_role("button", name="Publish All (3)…").click()
        page.locator(".modal.show").get_by_role("button", name="Publish").click()
        page.get_by_text("Published: 3 new.").wait_for()
        _open(page, form, '[data-due="held"]')
        picture(page, "desk-published")
        assert page.problems == []
    frappe.db.rollback()
    assert frappe.db.get_value("Parent Evening", draft.name, "schedule_visible")
    assert frappe.db.count("Evening Booking", {"evening": draft.name, "state": "Published"}) == 3


def _fresh(evening) -> int:
    frappe.db.rollback()
    return frappe.db.count("Conversation Offer", {"evening": evening.name})


def test_a_new_evening_shows_its_slots_and_what_is_missing(site, school, page_as):
    with page_as(MANAGER) as page:
        _open(page, "parent-evening/new", '[data-fieldname="title"] input')
        page.wait_for_function("cur_frm.doc.minutes_per_conversation === 10")
        page.evaluate(
            """() => cur_frm.set_value({title: "Nieuw", dates: [
                {date: frappe.datetime.add_days(frappe.datetime.get_today(), 20),
                 first_time: "18:30:00", end_time: "19:05:00"}]})"""
        )
        page.evaluate(f"() => cur_frm.set_value('academic_year', '{school.academic_year}')")
        page.get_by_role("tab", name="Dates and Times").click()
        page.evaluate("() => cur_frm.set_value('minutes_between', 1)")
        page.wait_for_selector("text=3 slots")
        shown = page.locator(".oa-slots span").all_inner_texts()
        assert shown == ["18:30", "18:41", "18:52"]
        page.get_by_role("button", name="Save").click()
        _wait_for_step(page, "participants")
        assert page.problems == []


def test_the_time_of_an_instructor_is_blocked_and_given_back(site, school, page_as):
    evening = make_evening(school)
    with page_as(PLANNER) as page:
        _open(page, f"evening-block/new?evening={evening.name}", '[data-fieldname="who"] input')
        page.wait_for_function("cur_frm.doc.from_time && cur_frm.doc.to_time")
        page.evaluate(f"() => cur_frm.set_value('who', '{school.instructor['jan']}')")
        page.get_by_role("button", name="Block Time").click()
        page.get_by_role("button", name="Take Away").click()
        frappe.db.rollback()
        assert frappe.db.count("Booking Claim", {"evening": evening.name, "kind": "Block"})
        _say_yes(page)
        page.wait_for_url("**/app/evening-block**evening=**")
        frappe.db.rollback()
        assert not frappe.db.count("Booking Claim", {"evening": evening.name, "kind": "Block"})
        assert page.problems == []


def test_an_archived_evening_cannot_be_edited(site, school, page_as):
    evening = make_evening(school, archived=1)
    with page_as(MANAGER) as page:
        _open(page, f"parent-evening/{evening.name}", '[data-due="done"]')
        assert not page.get_by_role("button", name="Save").is_visible()
        page.get_by_role("button", name="Take Out of Archive").click()
        _say_yes(page)
        _wait_for_step(page, "offers")


def test_a_planner_finds_no_settings_and_no_agreements(site, school, page_as):
    make_evening(school)
    with page_as(PLANNER) as page:
        _open(page, "ouderavond", "text=Manage Evenings")
        page.wait_for_selector("text=Conversation Request")
        picture(page, "desk-workspace")
        for hidden in ("Ouderavond Settings", "Guardian Arrangement", "Guardians Not To Meet"):
            assert page.get_by_role("link", name=hidden).count() == 0, hidden
        page.wait_for_selector(".number-widget-box .number")
        assert page.problems == []


def test_an_instructor_sees_the_own_parts_of_the_workspace(site, school, page_as):
    with page_as(school.user("jan")) as page:
        _open(page, "ouderavond", "text=My Conversations")
        assert page.get_by_text("Manage Evenings").count() == 0
        assert page.locator(".number-widget-box").count() == 0
        assert page.problems == []


@pytest.mark.parametrize(
    "path", ["evening-booking", "conversation-request", "conversation-offer", "evening-block"]
)
def test_an_instructor_opens_the_lists_of_the_own_records(site, school, page_as, path):
    by_course.offer(make_evening(school).name)
    with page_as(school.user("jan")) as page:
        # The head of an empty list is hidden, so it is the list itself that shows that the page is there.
        _open(page, path, ".frappe-list")
        page.wait_for_selector(
            ".list-row-container .list-subject >> nth=0" if path == "conversation-offer" else ".no-result"
        )
        assert page.problems == []


def test_the_settings_confirm_and_check_the_site(site, page_as):
    with page_as(MANAGER) as page:
        _open(page, "ouderavond-settings", '[data-fieldname="restrict_students"]')
        page.get_by_role("button", name="Check This Site").click()
        page.wait_for_selector("text=Unique key of Booking Claim")
        picture(page, "desk-doctor")
        page.get_by_role("button", name="Confirm This Site").click()
        _say_yes(page)
        page.wait_for_selector("text=Confirmed:")
    frappe.db.rollback()
    from ouderavond.evening import identity

    assert identity.is_confirmed()


@pytest.mark.parametrize("path", ["ouderavond", "parent-evening", "form", "evening-booking", "schedule-run"])
def test_on_a_phone_nothing_sticks_out(site, school, page_as, path):
    evening = make_evening(school)
    by_course.offer(evening.name)
    address, shows = {
        "ouderavond": ("ouderavond", "text=Manage Evenings"),
        "form": (f"parent-evening/{evening.name}", "[data-due]"),
    }.get(path, (path, ".frappe-list"))
    with page_as(MANAGER, width=390, height=844) as page:
        _open(page, address, shows)
        picture(page, f"desk-phone-{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        if path == "form":
            box = page.locator("[data-due]").bounding_box()
            assert 0 <= box["x"] and box["x"] + box["width"] <= 390
            last = page.locator(".oa-strip li").last.bounding_box()
            assert last["x"] + last["width"] <= 390
        assert page.problems == []
