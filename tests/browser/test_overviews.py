"""Overviews in a browser: from one to another, a filter, a file; the charts of the evening's form."""

from datetime import datetime, timedelta
from pathlib import Path

import frappe
import pytest

from ouderavond.evening import booking, requests
from ouderavond.evening.offering import by_course
from tests.browser import axe
from tests.browser.steps import PATIENCE, picture, settled
from tests.platform.school import PLANNER, make_evening


@pytest.fixture
def evening(site, school):
    made = make_evening(school, maximum_per_student=0)
    by_course.offer(made.name)
    start = datetime.combine(made.dates[0].date, datetime.min.time()) + timedelta(hours=18, minutes=30)
    for student, guardian, minutes in (("s01", "anna.devries", 0), ("s05", "carla.bakker", 10)):
        filters = {"evening": made.name, "student": school.student[student]}
        offers = frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")
        who = school.guardian[guardian]
        frappe.db.commit()
        booking.book(offers[0], start + timedelta(minutes=minutes), guardians=[who], source="Scheduler")
        frappe.db.commit()
        requests.request(offers[1], guardian=who)
        frappe.db.commit()
    return made


def _rows(page) -> list[str]:
    settled(page)
    page.wait_for_selector(".oa-overviews tbody tr[data-row]")
    return page.locator(".oa-overviews tbody tr[data-row]").all_inner_texts()


def test_from_an_overview_to_a_file_and_the_charts(evening, page_as):
    with page_as(PLANNER) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"/app/ouderavond-planning/{evening.name}/overviews")
        page.locator("[data-kind=roster]").click()
        page.get_by_text("Everybody's times on a few pages").wait_for()
        assert len(_rows(page)) == 2 and "Daan" not in "".join(_rows(page))
        page.get_by_label("With the names of students").check()
        page.locator(".oa-overviews tbody", has_text="Daan").wait_for()
        page.get_by_label("Class", exact=True).select_option("bk1a")
        page.wait_for_function("document.querySelectorAll('.oa-overviews tbody tr[data-row]').length === 1")
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        content = Path(download.value.path()).read_text()
        assert "Daan" in content and len(content.splitlines()) == 2
        assert not axe.violations(page, ".oa-overviews")
        picture(page, "planning-overviews")
        page.goto(f"/app/parent-evening/{evening.name}")
        page.locator(".oa-figures figure", has_text="Instructors per Slot").wait_for()
        page.locator(".oa-figures summary").last.click()
        assert page.locator(".oa-figures table").last.is_visible()
        assert not page.problems
