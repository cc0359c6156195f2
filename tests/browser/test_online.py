"""The tab Online Meetings in a browser: how far it is, why some failed, trying again, and all of them."""

import frappe
import pytest

from ouderavond.evening import identity
from tests.browser import axe
from tests.browser.steps import picture
from tests.platform.meeting_rows import TEAMS, add, failed
from tests.platform.school import PLANNER, make_evening

# As if the platform's live message of the job came in.
HEAR = """(evening) => frappe.realtime.socket
    .listeners("ouderavond_meetings")
    .forEach((hear) => hear({ evening }))"""
TAB = ".oa-panel[data-tab='online']"


@pytest.fixture
def evening(site, school):
    identity.confirm()
    made = make_evening(school, mode="Online", meeting_provider=TEAMS)
    jan, kok = school.instructor["jan"], school.instructor["kok"]
    add(made, 12, jan, student="Milan de Boer")
    add(made, 4, jan, student="Noor Bakker", state="Wanted", link=None, event_id=None)
    add(made, 3, kok, student="Sem Visser", **failed("licence_missing"))
    add(made, 2, jan, student="Tess Mulder", **failed("not_allowed", detail="ErrorAccessDenied"))
    return made


def test_what_failed_is_tried_again_and_progress_is_followed(evening, page_as):
    with page_as(PLANNER, width=390, height=844) as page:
        page.goto(f"/app/ouderavond-planning/{evening.name}/online")
        _wait(page, "12 of 21 meetings are there; 4 follow, 5 failed.")
        reason = page.locator(".oa-online-reason", has_text="has no licence for meetings")
        assert reason.get_by_role("link", name=_name("kok")).is_visible()
        reason.get_by_text("Conversations: 3").click()
        reason.get_by_role("button", name="Try again: Sem Visser 1").wait_for()
        assert axe.violations(page, TAB) == []
        picture(page, "online-390")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # One of them, then the other reason as a whole.
        reason.get_by_role("button", name="Try again: Sem Visser 1").press("Enter")
        reason.get_by_text("Conversations: 2").wait_for()
        page.get_by_role("button", name="Try These 2 Again").last.click()
        _wait(page, "12 of 21 meetings are there; 7 follow, 2 failed.")

        # The job goes on elsewhere: the live message makes it be read again.
        _make(evening)
        page.evaluate(HEAR, evening.name)
        _wait(page, "19 of 21 meetings are there; 2 failed.")
        page.get_by_role("button", name="2 Failed").click()
        page.get_by_text("2 rows").wait_for()
        page.get_by_label("Only those that are").select_option("")
        page.get_by_role("searchbox", name="Search").last.fill("noor 3")
        page.get_by_text("1 rows").wait_for()
        opens = page.get_by_role("link", name="Open the meeting of Noor Bakker 3")
        assert opens.get_attribute("href") == "https://meet.example/x"
        assert page.problems == []


def _wait(page, text: str) -> None:
    page.locator(".oa-online-state", has_text=text).wait_for()


def _name(code: str) -> str:
    return frappe.db.get_value("Instructor", {"ouderavond_code": code}, "instructor_name")


def _make(evening) -> None:
    """Make what waits to be made, as the job would."""
    frappe.db.rollback()
    there = {"state": "Made", "link": "https://meet.example/x", "event_id": "x"}
    frappe.db.set_value("Evening Meeting", {"evening": evening.name, "state": "Wanted"}, there)
    frappe.db.commit()
