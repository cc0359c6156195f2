"""The views in a browser: from a group to its list, changing what is selected, a file, and the keyboard."""

from pathlib import Path

import frappe
import pytest

from ouderavond.evening.offering import by_course
from tests.browser.steps import open_offers, picture, settled
from tests.platform.school import PLANNER, make_evening

GROUPS, LIST = ".oa-views-groups", ".oa-views-list"


@pytest.fixture
def evening(site, school):
    evening = make_evening(school, published=0)
    by_course.offer(evening.name)
    return evening


def _open(page, evening, view: str, shows: str):
    open_offers(page, evening, "views", view, shows=f"{shows} tbody tr[data-row]")


def _cell(page, part: str, row: int, column: int = 0):
    return page.locator(f"{part} tbody tr[data-row='{row}'] td").nth(column)


def _offers(evening, **filters) -> int:
    frappe.db.rollback()
    return frappe.db.count("Conversation Offer", {"evening": evening.name, **filters})


def test_from_a_class_to_its_list_and_a_change(evening, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening, "class", GROUPS)
        _cell(page, GROUPS, 0).click()
        page.wait_for_selector(f"{LIST} tbody tr[data-row]")
        assert page.locator(".oa-views-title").inner_text() == "bk1a"
        for row in range(3):
            _cell(page, LIST, row).click()
        page.get_by_role("button", name="Change 3…").click()
        dialog = page.locator(".oa-change")
        dialog.get_by_text("Duration").click()
        dialog.locator("select").select_option("2")
        dialog.get_by_text("3 would change.").wait_for()
        picture(page, "offers-views-change")
        page.get_by_role("button", name="Change 3 Offers").click()
        page.locator(".alert-message", has_text="3 changed.").wait_for()
        assert _offers(evening, slots=2) == 3
        page.locator(".oa-views-head").get_by_text("Whole Evening").click()
        page.locator(".oa-views-figures").wait_for()
        picture(page, "offers-views-whole")
        assert page.problems == []


def test_by_keyboard_a_cell_changes_and_a_row_goes(evening, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening, "student", GROUPS)
        _cell(page, GROUPS, 0).focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{LIST} tbody tr[data-row]")
        settled(page)
        remark = page.locator(f"{LIST} tbody tr[data-row='0'] [aria-label^='Change Remark']")
        remark.focus()
        page.keyboard.press("F2")
        page.locator(".oa-change textarea").fill("Met tolk")
        page.keyboard.press("Control+Enter")
        page.locator(".oa-change").wait_for(state="detached")
        assert _offers(evening, remark="Met tolk") == 1
        page.wait_for_function("document.activeElement.ariaLabel?.startsWith('Change Remark')")
        before = _offers(evening)
        page.keyboard.press("Delete")
        page.get_by_role("button", name="Remove", exact=True).click()
        page.locator(".alert-message", has_text="1 offer removed.").wait_for()
        assert _offers(evening) == before - 1
        assert page.problems == []


def test_a_search_and_a_file(evening, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening, "household", GROUPS)
        page.get_by_placeholder("Name, code or subject").fill("vries")
        page.wait_for_function(
            "document.querySelector('.oa-views-groups .oa-table-count').innerText == '1 rows'"
        )
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Groups (CSV)").click()
        text = Path(download.value.path()).read_text("utf-8-sig")
        assert text.startswith('"Household"') and "Anna de Vries" in text
        picture(page, "offers-views-household")
        assert page.problems == []


def test_on_a_phone_groups_and_list_are_two_steps(evening, page_as):
    with page_as(PLANNER, width=390, height=844) as page:
        _open(page, evening, "instructor", GROUPS)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        _cell(page, GROUPS, 1).click()
        page.wait_for_selector(f"{LIST} tbody tr[data-row]")
        assert page.locator(GROUPS).is_hidden()
        picture(page, "offers-views-phone")
        page.get_by_role("button", name="Back to Instructor").click()
        page.locator(GROUPS).wait_for()
        assert page.locator(LIST).is_hidden()
        assert page.problems == []
