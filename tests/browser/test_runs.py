"""The tab Runs in a browser: weights in words, a run to its end, its figures, applying it, and going back."""

import frappe

from ouderavond.evening import requests
from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.browser.steps import PATIENCE, picture, settled
from tests.platform.school import PLANNER, make_evening


def _asked(school):
    evening = make_evening(school, title="Ouderavond rapport 1")
    by_course.offer(evening.name)
    for student in school.students_of("anna.devries"):
        filters = {"evening": evening.name, "student": school.student[student]}
        for offer in frappe.get_all("Conversation Offer", filters, pluck="name", limit=2):
            requests.request(offer, guardian=school.guardian["anna.devries"])
            frappe.db.commit()
    return evening


def _live() -> int:
    frappe.db.rollback()
    return frappe.db.count("Evening Booking", {"state": ("!=", "Cancelled")})


def test_scenarios_from_sliders_to_the_schedule_and_back(site, school, page_as, worker):
    evening = _asked(school)
    with page_as(PLANNER) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"/app/ouderavond-planning/{evening.name}/runs")
        form = page.get_by_role("form", name="Start a run")
        form.wait_for()
        settled(page)
        slider = form.get_by_role("slider", name="Early or late")
        slider.focus()
        page.keyboard.press("End")
        assert "missed wish counts as much as" in slider.get_attribute("aria-valuetext")
        assert "Unusual:" in form.get_by_role("status").inner_text()
        form.get_by_label("Start from").select_option(label="Little waiting")
        assert form.get_by_role("status").is_hidden()
        form.get_by_role("radio", name="Only conversations of chosen instructors").check()
        form.get_by_role("button", name="Start", exact=True).click()
        page.get_by_text("Choose the instructors whose conversations may move.").first.wait_for()
        form.get_by_role("radio", name="Nothing that has a time").check()
        form.get_by_label("Time limit").select_option(value="15")
        for name in ("Usual", "Other"):
            form.get_by_label("Name").fill(name)
            form.get_by_role("button", name="Add as a Scenario").click()
        form.get_by_role("button", name="Start 2 Scenarios").click()
        compared = page.get_by_role("region", name="Comparison")
        compared.get_by_role("columnheader", name="Other").wait_for(timeout=2 * PATIENCE)
        settled(page)
        assert violations(page, ".oa-panel:not([hidden])") == []
        picture(page, "planning-runs")
        placed = compared.get_by_role("row", name="Conversations placed")
        asked = frappe.db.count("Conversation Request")
        assert placed.get_by_role("cell", name=str(asked)).count() == 2
        compared.get_by_role("button", name="Apply…").last.click()
        dialog = page.locator(".modal.show")
        dialog.get_by_text(f"{asked} conversations get a time.").wait_for()
        dialog.get_by_role("button", name="Apply", exact=True).click()
        page.get_by_text("“Other” was applied by").wait_for()
        assert _live() == asked
        page.get_by_role("button", name="Go Back to the State Before").click()
        page.locator(".modal.show").get_by_role("button", name="Yes").click()
        page.get_by_text("“Other” was applied by").wait_for(state="hidden")
        assert _live() == 0
        assert not page.problems
