"""Who sits where and blocks, in a browser: by keyboard, clipboard, mouse and finger."""

import frappe
import pytest

from ouderavond.evening import claims
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import places
from tests.browser import axe
from tests.browser.steps import PATIENCE, picture, settled
from tests.platform.school import PLANNER, make_evening
from tests.platform.test_blocks import at, book, where

PASTE = """([cell, text]) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def evening(site, school):
    evening = make_evening(school)
    by_course.offer(evening.name)
    frappe.db.commit()
    return evening


def open_tab(page, evening, tab: str, shows: str) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"/app/ouderavond-planning/{evening.name}/{tab}")
    page.wait_for_selector(shows)
    settled(page)


def place(evening, instructor: str, day: int = 0) -> places.Place:
    frappe.db.rollback()
    return places.of_evening(evening.name)[instructor, frappe.utils.getdate(evening.dates[day].date)]


def test_the_sheet_is_typed_filled_pasted_and_saved_as_one(evening, school, page_as):
    jan = school.instructor["jan"]
    early = book(evening, school, "s01", "jan", at(evening, "18:30"))
    with page_as(PLANNER) as page:
        open_tab(page, evening, "places", ".oa-sheet td")
        page.get_by_label("Show only rows with").fill("jansma")
        page.wait_for_function("document.querySelectorAll('.oa-sheet tbody tr').length === 2")
        first = page.locator(".oa-sheet tbody tr").first.locator("td")
        first.nth(1).click()
        page.keyboard.type("19:00")
        page.keyboard.press("Tab")
        page.keyboard.type("20:30")
        page.keyboard.press("Enter")
        # From the second row of Until up to both, filled down; then a block of a spreadsheet.
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Control+d")
        room = page.locator(".oa-sheet tbody tr").first.locator("td").nth(3)
        room.click()
        title = frappe.db.get_value("Room", school.room["jan"], "room_name")
        page.evaluate(PASTE, [room.element_handle(), f"{title}\tja\t7\n{title}\tja\t8\n"])
        assert page.locator(".oa-places-waiting").inner_text().startswith("2 rows are changed")
        assert page.locator(".oa-sheet-changed").count() == 9
        assert axe.violations(page, ".oa-places") == []
        picture(page, "places-changed")
        page.get_by_role("button", name="Check and Save…").click()
        dialog = page.locator(".modal.show")
        dialog.get_by_text("Daan de Vries").wait_for()
        assert axe.violations(page, ".modal.show .modal-body") == []
        dialog.get_by_label("They are cancelled").check()
        dialog.get_by_role("button", name="Save").click()
        page.locator(".oa-places-waiting").wait_for(state="hidden")
        settled(page)
        assert not page.problems
    saved = [place(evening, jan, day) for day in (0, 1)]
    assert [row.present_from for row in saved] == ["19:00", None]
    assert [row.present_until for row in saved] == ["20:30", "20:30"]
    assert [(row.room, row.shared_room, row.table_label) for row in saved] == [
        (school.room["jan"], 1, "7"),
        (school.room["jan"], 1, "8"),
    ]
    assert where(early)[0] == "Cancelled"


def test_blocks_are_dragged_chosen_by_keys_and_tapped(evening, school, page_as):
    name = book(evening, school, "s01", "jan", at(evening, "19:00"))
    with page_as(PLANNER) as page:
        open_tab(page, evening, "blocks", ".oa-blocks-grid td")
        page.get_by_label("Show only rows with").fill("jansma")
        page.wait_for_function("document.querySelectorAll('.oa-blocks-grid tbody tr').length === 1")
        cells = page.locator(".oa-blocks-grid tbody td")
        assert axe.violations(page, ".oa-blocks") == []
        first, last = cells.nth(2).bounding_box(), cells.nth(4).bounding_box()
        page.mouse.move(first["x"] + 8, first["y"] + 8)
        page.mouse.down()
        page.mouse.move(last["x"] + 8, last["y"] + 8, steps=6)
        page.mouse.up()
        dialog = page.locator(".modal.show")
        dialog.locator("[data-fieldname=reason] input").fill("Vergadering")
        dialog.get_by_role("button", name="Continue").click()
        dialog.get_by_text("Daan de Vries").wait_for()
        picture(page, "blocks-conversations")
        dialog.get_by_role("button", name="Continue").click()
        page.wait_for_selector("td[data-block]")
        settled(page)
        assert where(name)[1] not in ("18:50", "19:00", "19:10")
        assert cells.nth(2).get_attribute("aria-label").endswith("Vergadering")
        # By keys: the block is opened and removed, then another time is blocked.
        dialog.wait_for(state="hidden")
        cells.nth(3).focus()
        page.keyboard.press("Enter")
        dialog.get_by_role("button", name="Remove the Block").click()
        page.locator("td[data-block]").first.wait_for(state="detached")
        settled(page)
        dialog.wait_for(state="hidden")
        cells.nth(8).click()
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
        dialog.get_by_role("button", name="Continue").click()
        page.wait_for_selector("td[data-block]")
        settled(page)
        assert not page.problems
    frappe.db.rollback()
    times = frappe.get_all("Evening Block", ["who", "from_time", "to_time"])
    assert [(row.who, row.to_time - row.from_time) for row in times] == [
        (school.instructor["jan"], at(evening, "19:20") - at(evening, "19:00"))
    ]
    assert claims.check() == []


@pytest.mark.parametrize("tab", ["places", "blocks"])
def test_on_a_phone_only_the_rows_scroll_sideways(evening, page_as, tab):
    with page_as(PLANNER, width=390, height=844) as page:
        open_tab(page, evening, tab, "[role=grid] td")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(page, f"{tab}-phone")
