"""Requesting in a real browser: invitations, times that do not suit, and choices that are not lost."""

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening import requests
from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.platform.school import make_evening

PORTAL = "/ouderavond"
SAVED = "ouderavond.api.guardian.save"


@pytest.fixture
def evening(site, school):
    return _offered(make_evening(school, maximum_per_student=2, mode="Household's Choice"))


def _offered(evening):
    by_course.offer(evening.name)
    frappe.db.commit()
    return evening


def _offer(evening, school, student, subject):
    filters = {"evening": evening.name, "student": school.student[student], "subject": subject}
    return frappe.db.get_value("Conversation Offer", filters)


def _ask(evening, school, subject, **wishes):
    """Anna asks for a conversation about Daan (s01)."""
    requests.request(
        _offer(evening, school, "s01", subject), guardian=school.guardian["anna.devries"], **wishes
    )
    frappe.db.commit()


def _status(page):
    return page.locator(".oa-form .oa-status")


def _save(page):
    page.get_by_role("button", name="Save my requests").click()


def _day(page, number):
    return page.locator(".oa-form .oa-absent-day").nth(number)


def _blocks(**filters):
    frappe.db.rollback()
    rows = frappe.get_all("Evening Block", filters, ["from_time", "to_time"], order_by="from_time")
    return [(f"{row.from_time:%H:%M}", f"{row.to_time:%H:%M}") for row in rows]


def test_invitations_photographs_times_and_a_reload(evening, school, page_as):
    _ask(evening, school, "Nederlands", source="Instructor", priority="Must See")
    photo = "/files/nothing-there.png"
    frappe.db.set_value("Instructor", school.instructor["wol"], "image", photo)
    frappe.db.commit()
    with page_as(school.user("anna.devries"), width=320, height=640) as page:
        page.goto(PORTAL)
        # What the school asks for comes first, and can't be taken away.
        invited = page.locator(".oa-form > :first-child")
        expect(invited.get_by_role("heading", name="The school asks for you")).to_be_visible()
        expect(invited).to_contain_text("Joke Jansma asks for this conversation.")
        expect(invited.get_by_role("button")).to_have_count(0)
        daan = page.get_by_role("group", name="Daan de Vries", exact=True)
        expect(daan.get_by_role("checkbox", name="Nederlands")).to_have_count(0)
        picture = daan.locator("li", has_text="Biologie").locator("img")
        expect(picture).to_have_attribute("src", photo)
        expect(picture).to_have_attribute("alt", "")
        # Times by keyboard: the end follows the start.
        _day(page, 0).get_by_role("button", name="Add a time").press("Enter")
        expect(_day(page, 0).get_by_label("From")).to_be_focused()
        _day(page, 0).get_by_label("Until").select_option(label="18:50")
        _day(page, 0).get_by_label("From").select_option(label="19:30")
        expect(_day(page, 0).get_by_label("Until").locator("option:checked")).to_have_text("19:40")
        _day(page, 1).get_by_role("button", name="Add a time").click()
        daan.get_by_role("checkbox", name="Wiskunde").check()
        invited.get_by_text("Remark").click()
        invited.get_by_role("textbox").fill("Graag samen")
        expect(_status(page)).to_have_text("Not saved yet")
        page.reload()
        expect(_status(page)).to_have_text("Your choices from before are back. They are not saved yet.")
        expect(daan.get_by_role("checkbox", name="Wiskunde")).to_be_checked()
        expect(page.locator(".oa-choices .oa-choice")).to_have_count(1)
        expect(invited.get_by_role("textbox")).to_have_value("Graag samen")
        _day(page, 1).get_by_role("button", name="Take this time away").click()
        expect(_day(page, 1).get_by_role("button", name="Add a time")).to_be_focused()
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert violations(page, ".oa-form") == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        _save(page)
        expect(_status(page)).to_have_text("Saved. 2 conversations are requested.")
        page.reload()
        expect(_day(page, 0).get_by_label("From").locator("option:checked")).to_have_text("19:30")
        expect(_status(page)).to_have_text("")
    frappe.db.set_value("Instructor", school.instructor["wol"], "image", None)
    frappe.db.commit()
    assert _blocks(who=school.guardian["anna.devries"]) == [("19:30", "19:40")]
    asked = frappe.get_all("Conversation Request", ["subject", "rank", "remark"], order_by="rank")
    assert [(row.subject, row.rank, row.remark or "") for row in asked] == [
        ("Nederlands", 1, "Graag samen"),
        ("Wiskunde", 2, ""),
    ]


def test_an_expired_session_a_busy_server_and_what_staff_set(evening, school, page_as, web):
    _ask(evening, school, "Engels", interpreter_language="Turks", preference="Early", step_free=1)
    _ask(evening, school, "Biologie")
    with page_as(school.user("anna.devries"), width=390, height=844) as page:
        page.goto(PORTAL)
        expect(page.get_by_text("It differs per conversation. What you fill in")).to_be_visible()
        page.get_by_role("group", name="Biologie (Daan de Vries)").get_by_role(
            "button", name="More important"
        ).click()
        page.get_by_role("radio", name="Online").check()
        cookies = page.context.cookies()
        page.context.clear_cookies()
        _save(page)
        expect(_status(page)).to_contain_text("You are no longer logged in, so nothing was saved.")
        expect(_status(page)).to_contain_text("also when you log in again in this tab")
        page.context.add_cookies(cookies)
        page.goto("about:blank")
        page.goto(PORTAL)
        expect(_status(page)).to_contain_text("Your choices from before are back.")
        expect(page.locator(".oa-choice [data-fill=subject]").first).to_have_text("Biologie")
        # A server that is too busy is asked again, without a finger being moved.
        busy = {"status": 503, "headers": {"Retry-After": "1"}, "body": "busy"}
        page.route(f"**/{SAVED}", lambda route: route.fulfill(**busy), times=1)
        _save(page)
        expect(_status(page)).to_contain_text("It is very busy now.")
        expect(_status(page)).to_have_text("Saved. 2 conversations are requested.")
        # Somebody else in the same tab sees nothing of it.
        page.get_by_role("radio", name="At school").check()
        assert page.evaluate("Object.keys(sessionStorage).length") == 1
        page.context.clear_cookies()
        session = web.session(school.user("rosa.mulder"))
        page.context.add_cookies(
            [{"name": row.name, "value": row.value or "", "url": web.url} for row in session.cookies]
        )
        page.goto(PORTAL)
        expect(page.get_by_role("group", name="Quinten Mulder", exact=True)).to_be_visible()
        assert page.evaluate("Object.keys(sessionStorage).length") == 0
    frappe.db.rollback()
    fields = ["subject", "interpreter_language", "preference", "step_free", "mode"]
    asked = frappe.get_all("Conversation Request", fields, order_by="rank", as_list=True)
    assert [(row[0], row[1] or "", row[2] or "", *row[3:]) for row in asked] == [
        ("Biologie", "", "", 0, "Online"),
        ("Engels", "Turks", "Early", 1, "Online"),
    ]


def test_what_the_student_asked_is_told_and_times_beside_booking(site, school, page_as):
    both = _offered(make_evening(school, contact_with="Guardians and Students"))
    offer = _offer(both, school, "s01", "Engels")
    requests.request(offer, student=school.student["s01"], source="Student")
    frappe.db.commit()
    _offered(make_evening(school, title="Vrij boeken", procedure="Book Directly"))
    with page_as(school.user("anna.devries"), width=1280) as page:
        page.goto(PORTAL)
        box = page.get_by_role("group", name="Daan de Vries", exact=True).get_by_role(
            "checkbox", name="Engels"
        )
        expect(box).to_be_disabled()
        expect(box).to_have_accessible_name(
            "Engels Willem Dekker This conversation has been requested already."
        )
        part = page.locator(".oa-absence-part")
        part.get_by_text("When we can't come").first.click()
        part.get_by_role("button", name="Add a time").first.click()
        part.get_by_label("Until").select_option(label="20:00")
        page.reload()
        expect(part.locator(".oa-status")).to_have_text(
            "Your choices from before are back. They are not saved yet."
        )
        part.get_by_role("button", name="Save these times").click()
        expect(part.locator(".oa-status")).to_have_text("Saved.")
        assert violations(page, ".oa-absence-part") == []
        page.reload()
        part.get_by_text("When we can't come").first.click()
        expect(part.get_by_label("Until").locator("option:checked")).to_have_text("20:00")
    assert _blocks(source="Guardian") == [("18:30", "20:00")]
    with page_as(school.user("s01"), width=390) as page:
        page.goto(PORTAL)
        expect(page.locator(".oa-choices")).to_contain_text("Engels")
        expect(page.get_by_role("group", name="When I can't come")).to_be_visible()
