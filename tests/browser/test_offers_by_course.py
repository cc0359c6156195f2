"""By course in a browser: the matrix with mouse and keyboard, the reference week's dialog, and mentors."""

import frappe
import pytest

from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.browser.steps import open_offers, picture, settled
from tests.platform.school import PLANNER, SUBSTITUTE_GROUP, make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school, published=0, title="Ouderavond rapport 1")


def _open(page, evening, tab: str, shows: str = ".oa-matrix td"):
    open_offers(page, evening, tab, shows=shows)
    settled(page)


def _cell(page, course: str, program: str):
    return page.locator(f'.oa-matrix td[aria-label*="{course}"][aria-label*=", {program}:"]')


def _label(page, course: str, program: str) -> str:
    return _cell(page, course, program).get_attribute("aria-label")


def _offers(evening, **filters) -> int:
    frappe.db.rollback()
    return frappe.db.count("Conversation Offer", {"evening": evening.name, "offered": 1, **filters})


def _go_on(page) -> None:
    page.locator(".modal.show .btn-modal-primary").click()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_offering_with_the_choice_of_the_week_and_undoing(evening, page_as, width, height):
    with page_as(PLANNER, width=width, height=height) as page:
        _open(page, evening, "by-course")
        assert "0/" in _label(page, "Wiskunde", "bk1")
        assert "not in the package" in _label(page, "Frans", "bk1")
        _cell(page, "Wiskunde", "bk1").click()
        assert _cell(page, "Wiskunde", "bk1").get_attribute("aria-selected") == "true"
        picture(page, f"offers-selected-{width}")
        page.get_by_role("button", name="Offer Selected").click()
        case = page.locator(".modal.show .oa-case", has_text=SUBSTITUTE_GROUP)
        assert "Substitute" in case.inner_text()
        assert page.locator(".modal.show .oa-case").count() == 1
        page.locator('.modal.show [data-all="each"]').click()
        picture(page, f"offers-week-{width}")
        _go_on(page)
        page.wait_for_selector(".modal.show .oa-would")
        picture(page, f"offers-would-{width}")
        _go_on(page)
        page.wait_for_selector(".oa-matrix .oa-cell-all")
        settled(page)
        students = frappe.db.count("Student Group Student", {"parent": ("in", ("bk1a-wi", "bk1b-wi"))})
        substituted = frappe.db.count("Student Group Student", {"parent": SUBSTITUTE_GROUP})
        assert _offers(evening) == students + substituted
        assert f"{students}/{students} offered, 0 requested" in _label(page, "Wiskunde", "bk1")
        page.locator(".oa-undo").click()
        page.locator(".modal.show").get_by_role("button", name="Yes").click()
        page.wait_for_function("!document.querySelector('.oa-matrix .oa-cell-all')")
        settled(page)
        assert _offers(evening) == 0
        assert not page.problems


def test_everything_with_the_keyboard_and_what_yields_nothing(evening, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening, "by-course")
        page.locator('.oa-matrix [tabindex="0"]').focus()
        for key in ("Space", "Shift+ArrowDown", "ArrowDown", "Escape"):
            page.keyboard.press(key)
        assert page.locator('.oa-matrix [aria-selected="true"]').count() == 0
        for key in ("Control+Home", "ArrowUp", "Enter"):
            page.keyboard.press(key)
        column = page.locator('.oa-matrix td[data-column="0"][aria-selected="true"]').count()
        assert column == 4, "the courses of the first program"
        for key in ("ArrowLeft", "Enter"):
            page.keyboard.press(key)
        assert page.locator('.oa-matrix td[aria-selected="false"]').count() == 0
        page.get_by_role("button", name="Offer Selected").click()
        page.wait_for_selector(".modal.show .oa-case")
        _go_on(page)
        page.wait_for_selector(".modal.show .oa-would")
        page.wait_for_function("!document.querySelector('.modal.show .oa-case')")
        dialog = page.locator(".modal.show")
        assert "v3-du1" in dialog.inner_text()
        assert dialog.locator('a[href*="program-enrollment"]').count()
        _go_on(page)
        page.wait_for_selector(".oa-matrix .oa-cell-all")
        settled(page)
        assert _offers(evening) > 100
        assert not violations(page, "#oa-panel-by-course")
        assert not page.problems


def test_removing_a_row_and_what_it_says_before(evening, school, page_as):
    by_course.offer(evening.name)
    before, gone = _offers(evening), _offers(evening, course="Nederlands")
    with page_as(PLANNER) as page:
        _open(page, evening, "by-course/remove", ".oa-cell-some-offers")
        page.locator(".oa-matrix th[role=rowheader]", has_text="Nederlands").click()
        assert f"{gone} offers" in page.locator(".oa-matrix-count").inner_text()
        picture(page, "offers-remove")
        page.get_by_role("button", name="Remove Selected").click()
        page.locator(".modal.show .oa-would").wait_for()
        assert f"{gone} offers would be removed" in page.locator(".modal.show").inner_text()
        _go_on(page)
        page.wait_for_function("!document.querySelector('.oa-matrix').innerText.includes('Nederlands')")
        settled(page)
        assert _offers(evening) == before - gone
        assert not page.problems


def test_mentors_of_chosen_classes(evening, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening, "mentors", "#oa-panel-mentors .oa-check")
        panel = page.locator("#oa-panel-mentors")
        panel.get_by_label("Full name").fill("Nederlands")
        panel.locator("tr", has_text="bk1a").locator(".oa-check").click()
        panel.get_by_role("button", name="Offer Selected").click()
        page.locator(".modal.show .oa-notice").wait_for()
        page.keyboard.press("Escape")
        page.wait_for_selector(".modal.show", state="detached")
        panel.get_by_label("Full name").fill("Mentoraat")
        panel.get_by_role("button", name="Offer Selected").click()
        page.locator(".modal.show .oa-would").wait_for()
        picture(page, "offers-mentors")
        _go_on(page)
        panel.locator(".oa-tone-green").wait_for()
        settled(page)
        assert _offers(evening, subject="Mentoraat", source="Mentor") == frappe.db.count(
            "Student Group Student", {"parent": "bk1a"}
        )
        assert not violations(page, "#oa-panel-mentors")
        assert not page.problems
