"""Per student in a browser: from program to student by keyboard, switching, who phoned, and on a phone."""

import frappe
import pytest

from ouderavond.evening.offering import by_course
from tests.browser import axe
from tests.browser.steps import open_offers, picture
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening, mark_separated

ROW = ".oa-students-possibilities tbody tr[data-row='{}'] td[data-column='{}']"
OFFERED, REQUESTED = 2, 3


@pytest.fixture
def evening(site, school):
    doc = make_evening(school)
    by_course.offer(doc.name)
    # What the browser changes goes to the user's own settings.
    for user in (MANAGER, PLANNER):
        with as_user(user):
            frappe.model.utils.user_settings.save("Conversation Offer", "{}")
    frappe.db.commit()
    return doc


def open_tab(page, evening, *place):
    waits_for = ".oa-students-possibilities" if len(place) == 3 else ".oa-students-programs"
    open_offers(page, evening, "students", *place, shows=f"{waits_for} tbody tr[data-row] td")


def cell(page, row, column):
    return page.locator(ROW.format(row, column))


def says(page, row, column, text):
    page.wait_for_function(
        "([where, text]) => document.querySelector(where)?.innerText.trim() === text",
        arg=[ROW.format(row, column), text],
    )


def offered(evening, school, code) -> int:
    frappe.db.rollback()
    filters = {"evening": evening.name, "student": school.student["s01"], "subject": school.course[code]}
    return frappe.db.get_value("Conversation Offer", filters, "offered")


def focused(page) -> str:
    return page.evaluate("document.activeElement.innerText")


def wait_focus(page, text):
    page.wait_for_function("text => document.activeElement.innerText.trim() === text", arg=text)


def test_all_by_keyboard(evening, school, page_as):
    with page_as(PLANNER) as page:
        open_tab(page, evening)
        page.locator(".oa-students-programs td[data-column='0']").first.focus()
        page.keyboard.press("Enter")
        wait_focus(page, "bk1a")
        page.keyboard.press("Enter")
        page.wait_for_selector(".oa-students-students tbody tr[data-row='2']")
        names = page.locator(".oa-students-students tbody td[data-column='0']").all_inner_texts()
        wait_focus(page, names[0])
        for _step in range(names.index("Daan")):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector(".oa-students-possibilities .oa-grid")
        wait_focus(page, "Yes")
        assert page.locator(".oa-students-name").inner_text() == "Daan de Vries"
        assert "Anna de Vries (3), Bram de Vries (3)" in page.locator(".oa-students-about").inner_text()
        # Biology, by the space bar: text, state, record and the pane's figure follow; the focus stays.
        with page.expect_response("**students.possibilities**"):
            page.keyboard.press(" ")
        says(page, 0, OFFERED, "No")
        assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "false"
        assert offered(evening, school, "bi") == 0
        page.wait_for_function(
            "document.querySelector('.oa-students-students tr[aria-selected=true]').innerText.includes('3')"
        )
        with page.expect_response("**students.possibilities**"):
            page.keyboard.press(" ")
        says(page, 0, OFFERED, "Yes")
        wait_focus(page, "Yes")
        assert offered(evening, school, "bi") == 1
        picture(page, "students")
        assert axe.violations(page, within=".oa-students") == []
        assert not page.problems


def test_several_at_once_and_a_confirmation(evening, school, page_as):
    with page_as(MANAGER) as page:
        open_tab(page, evening, "bk1", "bk1a", school.student["s01"])
        cell(page, 0, REQUESTED).click()
        page.wait_for_selector(".oa-students-dialog.show #oa-party-0:focus")
        picture(page, "students-phoned")
        page.locator(".oa-students-dialog .btn-modal-primary").click()
        says(page, 0, REQUESTED, "Yes")
        page.wait_for_selector("text=Biologie is requested for Anna de Vries, Bram de Vries.")
        for row in (0, 1):
            cell(page, row, 0).click()
        page.locator(".oa-students-possibilities button", has_text="Do Not Offer").click()
        page.wait_for_selector(".modal.show >> text=Requested or Booked Already")
        page.locator(".modal.show .btn-modal-secondary").click()
        says(page, 1, OFFERED, "Yes")
        assert offered(evening, school, "bi") == 1
        page.locator(".oa-students-possibilities button", has_text="Do Not Offer").click()
        page.locator(".modal.show .btn-modal-primary").click()
        page.wait_for_selector("text=1 request withdrawn")
        says(page, 0, OFFERED, "No")
        says(page, 0, REQUESTED, "No")
        assert (offered(evening, school, "bi"), offered(evening, school, "en")) == (0, 0)
        assert not page.problems


def test_separated_guardians_and_an_exception(evening, school, page_as):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    evening.db_set("request_until", frappe.utils.add_to_date(None, hours=-1))
    frappe.db.commit()
    with page_as(PLANNER) as page:
        open_tab(page, evening, "bk1", "bk1a", school.student["s04"])
        cell(page, 0, REQUESTED).click()
        dialog = page.locator(".oa-students-dialog")
        page.wait_for_selector(".oa-students-dialog.show")
        assert dialog.locator(".oa-students-party label > span:first-child").all_inner_texts() == [
            "Carla Bakker",
            "Dirk Bakker",
        ]
        dialog.locator("#oa-party-1").check()
        dialog.locator(".btn-modal-primary").click()
        page.wait_for_selector("text=Give a reason to make an exception.")
        assert not frappe.db.count("Conversation Request")
        dialog.locator("[data-fieldname='override_reason'] textarea").fill("Was ziek")
        dialog.locator(".btn-modal-primary").click()
        says(page, 0, REQUESTED, "Yes")
        frappe.db.rollback()
        kept = frappe.db.get_value("Conversation Request", {}, ["guardian_name", "override_reason"])
        assert kept == ("Dirk Bakker", "Was ziek")
        assert not page.problems


def test_names_are_text(evening, school, page_as):
    bad = "<img src=x onerror=document.title='evil'>"
    frappe.db.set_value("Student", school.student["s01"], {"last_name": bad, "student_name": f"Daan {bad}"})
    frappe.db.commit()
    try:
        with page_as(PLANNER) as page:
            open_tab(page, evening, "bk1", "bk1a", school.student["s01"])
            cell(page, 0, REQUESTED).click()
            page.wait_for_selector(".oa-students-dialog.show")
            assert "evil" not in page.title() and bad in page.locator(".oa-students-name").inner_text()
            assert page.locator(".oa-students img, .oa-students-dialog img").count() == 0
    finally:
        values = {"last_name": "de Vries", "student_name": "Daan de Vries"}
        frappe.db.set_value("Student", school.student["s01"], values)
        frappe.db.commit()


def test_a_phone_goes_step_by_step(evening, school, page_as):
    with page_as(PLANNER, width=390, height=844) as page:
        open_tab(page, evening)
        page.locator(".oa-students-programs td", has_text="bk1").first.click()
        page.wait_for_selector(".oa-students-classes td:visible")
        assert not page.locator(".oa-students-programs").is_visible()
        page.locator(".oa-students-classes td", has_text="bk1a").click()
        page.locator(".oa-students-students td", has_text="Daan").click()
        says(page, 0, OFFERED, "Yes")
        picture(page, "students-phone")
        cell(page, 0, OFFERED).click()
        says(page, 0, OFFERED, "No")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator(".oa-students-back").click()
        page.wait_for_selector(".oa-students-students td:visible")
        # Whoever knows a parent's name need not walk there.
        for pane in ("classes", "programs"):
            page.locator(".oa-students-back").click()
            page.wait_for_selector(f".oa-students-{pane} td:visible")
        page.locator(".oa-students-students input[type=search]").fill("karim")
        page.wait_for_selector(".oa-students-students td:has-text('Leyla')")
        page.locator(".oa-students-students td", has_text="Mert").click()
        page.wait_for_selector(".oa-students-name:has-text('Mert Yilmaz')")
        assert not page.problems
