"""By hand in a browser: chosen with the keyboard, counted while choosing, warned, offered and removed."""

import frappe
import pytest

from ouderavond.evening import requests
from tests.browser import axe
from tests.browser.steps import open_offers, picture
from tests.platform.school import PLANNER, make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school, published=0)


def _open(page, evening, *mode: str):
    open_offers(page, evening, "by-hand", *mode, shows=".oa-hand-list")


def _list(page, number: int):
    return page.locator(".oa-hand-list").nth(number)


def _take(page, number: int, text: str) -> None:
    """Search for something and take the first that is found, with the keyboard alone."""
    search = _list(page, number).locator("input[type=search]")
    before = _list(page, number).locator(".oa-chips li").count()
    search.fill(text)
    page.wait_for_timeout(300)
    search.press("Enter")
    page.wait_for_function(
        "([number, before]) => document.querySelectorAll('.oa-hand-list')[number]"
        ".querySelectorAll('.oa-chips li').length > before",
        arg=[number, before],
    )


def _class_of(group: str) -> int:
    return frappe.db.count("Student Group Student", {"parent": group, "active": 1})


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_team_leader_for_a_class_with_the_keyboard(evening, school, page_as, width, height):
    with page_as(PLANNER, width=width, height=height) as page:
        _open(page, evening)
        _take(page, 0, "team")
        label = _list(page, 1).get_by_label("A subject of your own")
        label.fill("Afdelingsleider")
        label.press("Tab")
        page.keyboard.type("afd")
        page.keyboard.press("Enter")
        _take(page, 2, "bk1a")
        number = _class_of("bk1a")
        page.get_by_text(f"students: 1 × 1 × {number} = {number}").wait_for()
        page.get_by_text(f"{number} offers would be made.").wait_for()
        picture(page, f"offers-by-hand-chosen-{width}")
        assert axe.violations(page, ".oa-panel:not([hidden])") == []
        page.get_by_role("button", name="Offer", exact=True).click()
        page.get_by_text(f"{number} offers made.").first.wait_for()
        # Offered now, so there is nothing more to do; the label is there for the next time.
        page.get_by_text(f"{number} are there already.").wait_for()
        assert page.get_by_role("button", name="Offer", exact=True).is_disabled()
        assert page.problems == []
    frappe.db.rollback()
    made = {"evening": evening.name, "subject": "Afdelingsleider", "abbreviation": "afd"}
    assert frappe.db.count("Conversation Offer", made) == number


def test_lists_with_the_keyboard(evening, school, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening)
        search = _list(page, 0).locator("input[type=search]")
        search.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        for _times in range(3):
            page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Shift+Space")
        page.get_by_role("heading", name="Instructors: 4 chosen").wait_for()
        page.keyboard.press("Control+a")
        page.get_by_role("heading", name=f"Instructors: {len(school.instructor)} chosen").wait_for()
        page.keyboard.press("Control+a")
        page.get_by_role("heading", name="Instructors", exact=True).wait_for()
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Instructors: 1 chosen").wait_for()
        # Programs, classes and students are searched together, and each student counts once.
        _take(page, 2, "bk1a")
        _take(page, 2, "Daan")
        page.get_by_role("heading", name=f"Students: {_class_of('bk1a')} chosen").wait_for()


def test_the_well_known_mistake_is_asked_about(evening, school, page_as):
    with page_as(PLANNER) as page:
        _open(page, evening)
        for instructor, course in (("jansma", "nederlands"), ("dekker", "engels"), ("huisman", "wiskunde")):
            _take(page, 0, instructor)
            _take(page, 1, course)
        _take(page, 2, "bk1a")
        page.get_by_role("alert").get_by_text("By Course instead").wait_for()
        picture(page, "offers-by-hand-mistake")
        page.get_by_role("button", name="Offer", exact=True).click()
        dialog = page.locator(".modal.show")
        dialog.get_by_text("By Course instead").wait_for()
        dialog.get_by_role("button", name="Cancel").click()
        page.wait_for_selector(".modal.show", state="detached")
        assert page.problems == []
    frappe.db.rollback()
    assert not frappe.db.count("Conversation Offer")


def test_removing_names_what_was_requested(evening, school, page_as):
    from ouderavond.evening.offering import by_hand

    by_hand.offer(
        evening.name,
        instructors=[school.instructor["tea"]],
        subjects=[{"label": "Afdelingsleider"}],
        students={"classes": ["bk1a"]},
    )
    evening.db_set("published", 1)
    frappe.db.commit()
    offer = frappe.db.get_value("Conversation Offer", {"student": school.student["s01"]})
    requests.request(offer, guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    with page_as(PLANNER) as page:
        _open(page, evening, "remove")
        # All of everything is not removed here.
        page.get_by_text("everything at once is not removed here").wait_for()
        assert page.get_by_role("button", name="Remove", exact=True).is_disabled()
        page.get_by_label("All instructors").uncheck()
        _take(page, 0, "team")
        page.get_by_text("1 request would be withdrawn.").wait_for()
        picture(page, "offers-by-hand-remove")
        page.get_by_role("button", name="Remove", exact=True).click()
        dialog = page.locator(".modal.show")
        dialog.get_by_text("Daan de Vries").first.wait_for()
        dialog.get_by_role("button", name="Do It Anyway").click()
        page.get_by_text("1 request withdrawn.").first.wait_for()
        assert page.problems == []
    frappe.db.rollback()
    assert not frappe.db.count("Conversation Offer", {"offered": 1})
