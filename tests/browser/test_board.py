"""The planning board in a browser: conversations are dragged, moved by key, swapped and placed."""

import frappe
import pytest

from ouderavond.evening import booking, grid, requests
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves
from tests.browser import axe
from tests.browser.steps import PATIENCE, picture, settled
from tests.platform.school import PLANNER, make_evening

BOARD = "frappe.pages['ouderavond-planning'].planning.tabs.get('board').module"


@pytest.fixture
def evening(site, school):
    doc = make_evening(school, maximum_per_student=0)
    by_course.offer(doc.name)
    frappe.db.commit()
    return doc


def _offer(evening, school, student: str, instructor: str) -> str:
    filters = {
        "evening": evening.name,
        "student": school.student[student],
        "instructors_key": school.instructor[instructor],
    }
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")[0]


def _book(evening, school, student: str, instructor: str, slot: int) -> str:
    offer = _offer(evening, school, student, instructor)
    party = booking.party_of(evening.name, school.student[student], None)
    name = booking.book(offer, grid.slots(evening)[0].starts[slot], guardians=party, source="Staff")
    frappe.db.commit()
    return name


def _at(name: str) -> str:
    frappe.db.rollback()
    return f"{frappe.db.get_value('Evening Booking', name, 'start'):%H:%M}"


def _open(page, evening):
    page.set_default_timeout(PATIENCE)
    page.goto(f"/app/ouderavond-planning/{evening.name}/board")
    page.wait_for_selector(".oa-block")
    settled(page)


def _block(page, name: str):
    return page.locator(f".oa-block[data-booking='{name}']")


def _slot(page, instructor: str, index: int) -> tuple[float, float]:
    """The middle of a slot of the date that is shown."""
    script = f"""([instructor, index]) => {{
        const row = {BOARD}.grid.need(instructor).getBoundingClientRect();
        const time = {BOARD}.grid.head.children[index + 1].getBoundingClientRect();
        return [time.left + time.width / 2, row.top + row.height / 2];
    }}"""
    return tuple(page.evaluate(script, [instructor, index]))


def _lift(page, name: str) -> None:
    box = _block(page, name).bounding_box()
    page.mouse.move(box["x"] + 15, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 20, steps=3)
    page.wait_for_function(f"{BOARD}.picking.hand?.fits")


def _saved(page, sentence: str) -> None:
    page.locator(".desk-alert").get_by_text(sentence).first.wait_for()
    page.evaluate("document.querySelectorAll('.desk-alert').forEach((alert) => alert.remove())")
    page.wait_for_function(f"{BOARD}.model.answer.bookings.every((row) => !row.saving)")
    settled(page)


def test_a_conversation_is_dragged_refused_undone_and_seen_by_another_planner(evening, school, page_as):
    jan = school.instructor["jan"]
    anna = _book(evening, school, "s01", "jan", 0)
    _book(evening, school, "s01", "dek", 4)
    with page_as(PLANNER) as page:
        _open(page, evening)
        _lift(page, anna)
        # Where the household is elsewhere, the reason is there before anything is dropped.
        page.mouse.move(*_slot(page, jan, 4), steps=2)
        tip = page.locator(".oa-board-tip")
        assert "household has a conversation" in tip.inner_text()
        assert tip.get_attribute("data-verdict") == "never"
        picture(page, "board-refused")
        page.mouse.up()
        page.locator(".desk-alert").get_by_text("household has a conversation").wait_for()
        assert _at(anna) == "18:30"

        _lift(page, anna)
        page.mouse.move(*_slot(page, jan, 2), steps=2)
        assert tip.inner_text() == "Fits."
        page.mouse.up()
        _saved(page, "instead of")
        assert _at(anna) == "18:50"

        page.locator(f".oa-slot[data-booking='{anna}']").focus()
        page.keyboard.press("Control+z")
        page.locator(".modal.show").get_by_role("button", name="Yes").click()
        page.wait_for_function(f"{BOARD}.model.booking('{anna}').start.endsWith('18:30')")
        assert _at(anna) == "18:30"

        # Somebody else moves what is in hand here.
        _lift(page, anna)
        moves.move(anna, grid.slots(evening)[0].starts[6])
        frappe.db.commit()
        page.evaluate("frappe.pages['ouderavond-planning'].planning.listening.look()")
        page.locator(".desk-alert").get_by_text("moved by somebody else").wait_for()
        assert page.evaluate(f"{BOARD}.picking.hand.subject.booking.start").endswith("19:30")
        page.keyboard.press("Escape")
        page.mouse.up()
        assert page.evaluate(f"{BOARD}.picking.hand") is None
        assert _at(anna) == "19:30"
        assert not axe.violations(page, ".oa-board")
        assert page.problems == []


def test_everything_goes_by_keyboard_and_what_is_not_placed_gets_a_time(evening, school, page_as):
    first = _book(evening, school, "s01", "jan", 0)
    other = next(
        name for name in ("s02", "s03", "s04", "s05", "s06", "s07", "s08") if _can(evening, school, name)
    )
    second = _book(evening, school, other, "jan", 3)
    party = booking.party_of(evening.name, school.student["s01"], None)
    asked = requests.request(
        _offer(evening, school, "s01", "dek"), guardian=party, source="Staff", priority="Must See"
    )
    frappe.db.set_value("Conversation Request", asked, {"state": "Not Placed", "reason": "time_limit"})
    frappe.db.commit()
    with page_as(PLANNER) as page:
        _open(page, evening)
        page.evaluate(f"{BOARD}.go_to({{booking: '{first}'}}, {{focus: true}})")
        page.keyboard.press(" ")
        page.wait_for_function(f"{BOARD}.picking.hand?.fits")
        for _step in range(2):
            page.keyboard.press("ArrowRight")
        assert "Fits." in page.locator(".oa-board [aria-live]").inner_text()
        page.keyboard.press("Enter")
        _saved(page, "instead of")
        assert _at(first) == "18:50"

        page.evaluate(f"{BOARD}.go_to({{booking: '{first}'}}, {{focus: true}})")
        page.keyboard.press("w")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        dialog = page.locator(".modal.show")
        dialog.get_by_role("button", name="Swap").click()
        page.wait_for_function(f"{BOARD}.model.booking('{second}')?.start.endsWith('18:50')")
        page.locator(".desk-alert").first.wait_for()
        settled(page)
        assert (_at(first), _at(second)) == ("19:00", "18:50")

        page.evaluate(f"{BOARD}.go_to({{booking: '{first}'}}, {{focus: true}})")
        page.keyboard.press("Enter")
        menu = page.get_by_role("dialog", name="Conversation of")
        menu.wait_for()
        assert not axe.violations(page, ".oa-menu")
        menu.get_by_role("button", name="Unpin").click()
        page.wait_for_function(f"{BOARD}.model.booking('{first}').pinned === 0")

        side = page.locator(".oa-unplaced")
        assert "No place was found within the time limit" in side.inner_text()
        side.get_by_role("button", name="Place", exact=False).first.click()
        side.wait_for(state="detached")
        settled(page)
        frappe.db.rollback()
        assert frappe.db.exists("Evening Booking", {"request": asked, "state": "Planned"})
        assert page.problems == []


def _can(evening, school, student: str) -> bool:
    filters = {"evening": evening.name, "student": school.student[student]}
    filters["instructors_key"] = school.instructor["jan"]
    anna = {"student": ("in", school.students_of("anna.devries"))}
    return bool(
        frappe.db.exists("Conversation Offer", filters) and school.student[student] not in anna["student"][1]
    )


def test_an_archived_evening_is_only_read_on_a_phone_too(evening, school, page_as):
    name = _book(evening, school, "s01", "jan", 0)
    frappe.db.set_value("Parent Evening", evening.name, "archived", 1)
    frappe.db.commit()
    with page_as(PLANNER) as page:
        _open(page, evening)
        assert page.get_by_role("button", name="Add a Conversation…").is_hidden()
        _block(page, name).click()
        menu = page.get_by_role("dialog", name="Conversation of")
        menu.wait_for()
        assert menu.get_by_role("button", name="Move…").count() == 0
        page.keyboard.press("Escape")
        page.keyboard.press(" ")
        assert page.evaluate(f"{BOARD}.picking.hand") is None
        page.set_viewport_size({"width": 390, "height": 844})
        page.locator(".oa-list-booking").first.click()
        menu.wait_for()
        assert menu.get_by_role("button", name="Move…").count() == 0
        page.keyboard.press("Escape")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert not axe.violations(page, ".oa-board")
        assert page.problems == []
