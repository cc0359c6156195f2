"""Check in a browser: what is wrong is listed, opened, narrowed, and mended by row, selection and all."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import requests
from ouderavond.evening.offering import by_course, check
from ouderavond.evening.offering.changes import Draft, perform
from ouderavond.evening.offering.checks.kinds import Scope
from tests.browser import axe
from tests.browser.steps import PATIENCE, open_offers, picture, settled
from tests.platform.school import MANAGER, PLANNER, make_evening


@pytest.fixture
def evening(site, school):
    """An evening with three conversations offered twice, and a student left out who asked for one."""
    soon = frappe.utils.now_datetime() + timedelta(days=1)
    doc = make_evening(school, request_from=soon, maximum_per_student=0)
    by_course.offer(doc.name)
    both = (school.instructor["jan"], school.instructor["smi"])
    drafts = [
        Draft(school.student[code], "Nederlands samen", both, course="Nederlands", source="Manual")
        for code in ("s01", "s02", "s03")
    ]
    perform(doc.name, "Offer by Hand", lambda edit: edit.add(drafts))
    filters = {"evening": doc.name, "student": school.student["s04"]}
    offer = frappe.get_all("Conversation Offer", filters, pluck="name")[0]
    requests.request(
        offer, guardian=school.guardian["carla.bakker"], source="Staff", override_reason="Telephone"
    )
    frappe.db.commit()
    left_out = {"participant_type": "Student", "participant": school.student["s04"], "left_out": 1}
    doc.append("participants", left_out)
    doc.save(ignore_permissions=True)
    frappe.db.commit()
    return doc


def _open(page, evening, *args):
    open_offers(page, evening, "check", *args, shows=".oa-finding")
    _settled(page)


def _settled(page):
    page.wait_for_selector(".oa-check-list:not([aria-busy])")
    settled(page)


def _number(evening, code: str) -> int:
    frappe.db.rollback()
    (finding,) = check.overview(Scope(frappe.get_doc("Parent Evening", evening.name)), [code])
    return finding.number


def _section(page, code: str):
    return page.locator(f'.oa-finding[data-code="{code}"]')


def _mend(page, section, label: str):
    section.get_by_role("button", name=label).first.click()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_errors_stand_first_with_their_numbers_and_open_with_the_keyboard(evening, page_as, width, height):
    with page_as(PLANNER, width=width, height=height) as page:
        _open(page, evening)
        heads = page.locator(".oa-finding-head")
        assert heads.first.inner_text().split("\n")[:3] == [
            "Error",
            "1",
            "Students who left or no longer take part",
        ]
        heads.first.focus()
        page.keyboard.press("Enter")
        section = _section(page, "not_taking_part")
        section.get_by_role("link", name="Gijs Bakker").wait_for()
        assert heads.first.get_attribute("aria-expanded") == "true"
        picture(page, f"offers-check-opened-{width}")
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
        assert not page.problems


def test_rows_are_mended_by_one_by_selection_and_all(evening, page_as):
    with page_as(MANAGER) as page:
        _open(page, evening, "duplicates")
        section = _section(page, "duplicates")
        section.locator("tbody tr[data-row]").nth(2).wait_for()
        _mend(page, section, "Keep the Joint One: Daan de Vries")
        section.get_by_text("2 rows").wait_for()
        _settled(page)
        assert _number(evening, "duplicates") == 2
        section.locator('tr[data-row="0"] td').first.click()
        section.get_by_role("button", name="Keep the Single Ones: 1 selected").click()
        section.get_by_text("1 rows").wait_for()
        _settled(page)
        _mend(page, section, "Keep the Joint One: all 1")
        page.locator(".modal.show").get_by_role("button", name="Yes").click()
        section.wait_for(state="detached")
        assert _number(evening, "duplicates") == 0
        assert not page.problems


def test_what_was_asked_for_is_named_and_only_goes_when_confirmed(evening, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening, "not_taking_part")
        section = _section(page, "not_taking_part")
        section.get_by_role("link", name="Gijs Bakker").wait_for()
        _mend(page, section, "Remove: Gijs Bakker")
        dialog = page.locator(".modal.show")
        dialog.get_by_text("Carla Bakker").wait_for()
        picture(page, "offers-check-confirm")
        dialog.get_by_role("button", name="Cancel").click()
        dialog.wait_for(state="detached")
        assert _number(evening, "not_taking_part") == 1
        _mend(page, section, "Remove: Gijs Bakker")
        page.locator(".modal.show").get_by_role("button", name="Do It Anyway").click()
        section.wait_for(state="detached")
        assert _number(evening, "not_taking_part") == 0
        assert not page.problems


def test_narrowed_to_a_class_and_told_what_to_expect(evening, page_as):
    with page_as(MANAGER) as page:
        _open(page, evening)
        page.get_by_label("Class", exact=True).select_option("v3a")
        _section(page, "no_user").wait_for(state="detached")
        _settled(page)
        assert _section(page, "no_guardian").count() == 1
        page.get_by_role("button", name="Calculate").click()
        page.get_by_text("requests are expected").wait_for()
        picture(page, "offers-check-forecast")
        assert axe.violations(page, ".oa-panel:not([hidden])") == []
        with page.context.expect_event("page") as opened:
            page.get_by_role("button", name="Export to CSV").click()
        assert opened.value
        assert not page.problems


def test_all_in_order_is_said(site, school, page_as):
    students = {"participant_type": "Student Group", "participant": "bk1a"}
    evening = make_evening(school, participants=[students], contact_with="Students")
    by_course.offer(evening.name)
    with page_as(MANAGER) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"/app/ouderavond-offers/{evening.name}/check")
        page.get_by_text("All in order.").wait_for()
        picture(page, "offers-check-well")
        assert not page.problems
