"""The tab Publish in a browser: what people do not know yet, ticked, published; and the form's archive."""

from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves
from tests.browser import axe
from tests.platform.school import MANAGER, PLANNER, make_evening

WHO = ("s01", "s04", "s07")


@pytest.fixture
def evening(site, school):
    made = make_evening(school, maximum_per_student=0, title="Oudercontact najaar")
    by_course.offer(made.name)
    frappe.db.commit()
    first = datetime.combine(frappe.utils.getdate(made.dates[0].date), datetime.min.time())
    for number, student in enumerate(WHO):
        filters = {"evening": made.name, "student": school.student[student]}
        offer = frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[0]
        moves.book(offer, first + timedelta(hours=19, minutes=10 * number))
    frappe.db.commit()
    return made


def _states(evening) -> list[str]:
    frappe.db.rollback()
    return sorted(frappe.get_all("Evening Booking", {"evening": evening.name}, pluck="state"))


def test_some_then_the_rest_is_published(evening, page_as):
    with page_as(PLANNER) as page:
        page.goto(f"/app/ouderavond-planning/{evening.name}/publish")
        page.get_by_text("Nobody has been told a time yet: 3 conversations are planned.").wait_for()
        assert page.get_by_role("button", name="Publish All (3)…").is_enabled()
        assert page.get_by_role("button", name="Publish What Is Ticked…").is_disabled()
        assert axe.violations(page, ".oa-panel[data-tab='publish']") == []
        # By keyboard: to the first row, tick it, and publish what is ticked.
        page.locator("[data-tab='publish'] [role='grid']").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        page.get_by_role("button", name="Publish 1 Ticked…").press("Enter")
        dialog = page.locator(".modal.show")
        assert "not been confirmed" in dialog.inner_text()
        assert dialog.get_by_role("checkbox").is_disabled()
        dialog.get_by_role("button", name="Publish", exact=True).press("Enter")
        page.get_by_text("The schedule is shown: people know 1 conversations. 2 differ").wait_for()
        assert _states(evening) == ["Planned", "Planned", "Published"]

        page.get_by_text("Households", exact=True).click()
        page.get_by_role("button", name="Publish Changes (2)…").click()
        page.locator(".modal.show").get_by_role("button", name="Publish", exact=True).click()
        page.get_by_text("People know everything as it is planned.").wait_for()
        assert _states(evening) == ["Published"] * 3

        page.locator(".oa-publish-shown summary").click()
        page.get_by_label("Instructors read what guardians remarked").uncheck()
        page.get_by_text("no remarks to instructors").wait_for()
        frappe.db.rollback()
        assert not frappe.db.get_value("Parent Evening", evening.name, "show_remarks")
        assert page.problems == []


def test_the_form_archives_and_shows_what_is_kept(evening, page_as):
    with page_as(MANAGER) as page:
        page.goto(f"/app/parent-evening/{evening.name}")
        page.locator("[data-due]").wait_for()
        page.evaluate("() => frappe.ouderavond.archive(cur_frm)")
        assert "Its figures are kept." in page.locator(".modal.show").inner_text()
        page.locator(".modal.show").get_by_role("button", name="Yes").click()
        page.locator(".oa-archive").wait_for()
        said = page.locator(".oa-archive").inner_text()
        assert "Personal remarks are removed on" in said and "Conversations with a time" in said
        assert not page.get_by_role("button", name="Save").is_visible()
        assert page.problems == []
