"""Classes per date in a browser: by click and by keyboard, at a desk and on a phone; what stays is named."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import booking, grid
from ouderavond.evening.offering import by_course, classes
from tests.browser import axe
from tests.browser.steps import open_offers, picture, settled
from tests.platform.school import MANAGER, PLANNER, make_evening


@pytest.fixture
def evening(site, school):
    soon = frappe.utils.now_datetime() + timedelta(days=1)
    doc = make_evening(school, request_from=soon, maximum_per_student=0)
    by_course.offer(doc.name)
    return doc


def _open(page, evening, *args):
    open_offers(page, evening, "classes", *args, shows=".oa-class")
    settled(page)


def _class(page, name: str):
    return page.locator(f'[data-key="class {name}"]')


def _forbidden(evening) -> set:
    frappe.db.rollback()
    rows = frappe.get_all("Forbidden Class Date", {"evening": evening.name}, ["student_group", "date"])
    return {(row.student_group, row.date) for row in rows}


def _wait_for(page, name: str, pressed: bool):
    page.wait_for_selector(f'[data-key="class {name}"][aria-pressed="{str(pressed).lower()}"]')
    settled(page)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_click_forbids_and_allows_and_undo_takes_it_back(evening, page_as, width, height):
    first = classes.days(evening)[0]
    students = frappe.db.count("Student Group Student", {"parent": "bk1a", "active": 1})
    with page_as(PLANNER, width=width, height=height) as page:
        _open(page, evening)
        assert _class(page, "bk1a").inner_text().split("\n")[-1] == f"{students}/{students}"
        _class(page, "bk1a").click()
        _wait_for(page, "bk1a", True)
        assert _forbidden(evening) == {("bk1a", first)}
        assert f"0/{students}" in _class(page, "bk1a").inner_text()
        assert _class(page, "bk1a").get_attribute("title").startswith("None of ")
        assert "1 forbidden" in page.locator(".oa-date").first.inner_text()
        picture(page, f"offers-classes-forbidden-{width}")
        page.get_by_role("button", name="Undo: Classes per Date").click()
        page.locator(".modal.show").get_by_role("button", name="Yes").click()
        _wait_for(page, "bk1a", False)
        assert _forbidden(evening) == set()
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
        assert not page.problems


def test_all_of_it_works_with_the_keyboard(evening, page_as):
    first, second = classes.days(evening)
    with page_as(MANAGER) as page:
        _open(page, evening)
        page.locator(".oa-program-head").first.focus()
        page.keyboard.press("Space")
        _wait_for(page, "bk1b", True)
        assert _forbidden(evening) == {("bk1a", first), ("bk1b", first)}
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.dataset.key") == "class h2a"
        assert "may be scheduled on this evening" in page.locator(".oa-classes-tip").inner_text()
        page.keyboard.press("Space")
        _wait_for(page, "h2a", True)
        assert page.evaluate("document.activeElement.dataset.key") == "class h2a", "The focus stays."
        page.locator(".oa-date[aria-selected=true]").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f'[data-key="date {second}"][aria-selected="true"]')
        assert page.url.endswith(f"/classes/{second}")
        assert _class(page, "h2a").get_attribute("aria-pressed") == "false"
        assert not page.problems


def test_figures_of_conversations_and_what_is_warned(evening, page_as):
    first, second = classes.days(evening)
    classes.set_forbidden(evening.name, ["bk1a"], first, True)
    classes.set_forbidden(evening.name, ["h2a", "h2b", "v3b"], second, True)
    classes.set_forbidden(evening.name, ["v3b"], first, True)
    with page_as(MANAGER) as page:
        _open(page, evening, str(first))
        page.get_by_role("button", name="Show Conversations").click()
        offers = frappe.db.count("Conversation Offer", {"evening": evening.name, "offered": 1})
        assert 0 < int(_class(page, "bk1a").inner_text().split("/")[-1]) < offers
        warned = page.locator(".oa-classes-warnings")
        assert "Forbidden on all dates: v3b." in warned.inner_text()
        warned.locator("summary").click()
        assert "Daan de Vries" in warned.inner_text()
        picture(page, "offers-classes-warned")
        assert axe.violations(page, ".oa-panel:not([hidden])") == []


def test_conversations_on_the_date_are_named_before_it_is_forbidden(evening, school, page_as):
    student = school.student["s01"]
    offer = frappe.get_all("Conversation Offer", {"evening": evening.name, "student": student}, pluck="name")[
        0
    ]
    party = booking.party_of(evening.name, student, school.guardian["anna.devries"])
    booking.book(offer, grid.slots(evening)[0].starts[0], guardians=party, source="Staff")
    frappe.db.commit()
    with page_as(PLANNER) as page:
        _open(page, evening)
        _class(page, "bk1a").click()
        dialog = page.locator(".modal.show")
        dialog.get_by_text("They stay where they are").wait_for()
        assert "Daan de Vries" in dialog.inner_text() and "18:30" in dialog.inner_text()
        picture(page, "offers-classes-staying")
        dialog.get_by_role("button", name="Cancel").click()
        dialog.wait_for(state="detached")
        assert _forbidden(evening) == set()
        _class(page, "bk1a").click()
        page.locator(".modal.show").get_by_role("button", name="Forbid All the Same").click()
        _wait_for(page, "bk1a", True)
        assert len(_forbidden(evening)) == 1
        assert (
            frappe.db.count("Evening Booking", {"evening": evening.name, "state": ("!=", "Cancelled")}) == 1
        )
        assert not page.problems
