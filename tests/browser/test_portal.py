"""The portal in a real browser: on a phone, on a desk, with the keyboard alone, and without script."""

from datetime import datetime, timedelta

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening import booking, publishing, requests
from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.harness import messages
from tests.platform.school import make_evening

PHONE = {"width": 390, "height": 844}
PORTAL = "/ouderavond"


@pytest.fixture
def evening(site, school):
    made = make_evening(school, maximum_per_student=2, longer_conversation=1, mode="Household's Choice")
    by_course.offer(made.name)
    frappe.db.commit()
    return made


@pytest.fixture
def published(evening, school):
    """Anna's request about s01 has a time at half past six; the one about s02 has none."""
    place = {"room": school.room["aula"], "shared_room": 1, "table_label": "Tafel 7"}
    frappe.db.set_value("Evening Instructor", {"evening": evening.name}, place)
    frappe.db.commit()
    first = min(frappe.utils.getdate(row.date) for row in evening.dates)
    start = datetime.combine(first, datetime.min.time()) + timedelta(hours=18, minutes=30)
    anna = school.guardian["anna.devries"]
    asked = [requests_of(evening, school, student, anna) for student in ("s01", "s02")]
    party = booking.party_of(evening.name, school.student["s01"], anna)
    offer = frappe.db.get_value("Conversation Request", asked[0], "offer")
    booking.book(offer, start, guardians=party, source="Staff", request=asked[0])
    frappe.db.set_value(
        "Conversation Request", asked[1], {"state": "Not Placed", "reason": "instructor_full"}
    )
    frappe.db.commit()
    publishing.publish(evening.name)
    frappe.db.commit()
    return evening


def requests_of(evening, school, student, guardian):
    offer = frappe.get_all(
        "Conversation Offer",
        {"evening": evening.name, "student": school.student[student]},
        pluck="name",
        order_by="subject",
    )[0]
    name = requests.request(offer, guardian=guardian, remark="Graag over rekenen")
    frappe.db.commit()
    return name


def fits(page):
    """Nothing sticks out sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def child(page, name):
    return page.get_by_role("group", name=name, exact=True)


def choices(page):
    return page.locator(".oa-choice [data-fill=subject]").all_inner_texts()


def save(page, sentence):
    page.get_by_role("button", name="Save my requests").click()
    expect(page.locator(".oa-form .oa-status")).to_have_text(sentence)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_guardian_chooses_orders_and_finds_it_again(evening, school, page_as, width):
    with page_as(school.user("anna.devries"), width=width, height=844) as page:
        page.goto(PORTAL)
        daan = child(page, "Daan de Vries")
        daan.get_by_role("checkbox", name="Engels").check()
        daan.get_by_role("checkbox", name="Wiskunde").check()
        expect(daan.locator(".oa-count")).to_have_text("2 of 2 chosen")
        expect(page.locator(".oa-form .oa-status")).to_have_text("Not saved yet")
        first = page.get_by_role("group", name="Wiskunde (Daan de Vries)")
        first.get_by_role("button", name="More important").click()
        expect(page.locator(".oa-form .oa-status")).to_have_text(
            "Wiskunde (Daan de Vries) is now number 1 of 2."
        )
        first.get_by_text("Remark").click()
        first.get_by_role("textbox").fill("Graag over <b>breuken</b>")
        first.get_by_role("checkbox", name="A longer conversation").check()
        page.get_by_role("radio", name="Rather late").check()
        save(page, "Saved. 2 conversations are requested.")
        assert fits(page)
        page.reload()
        assert choices(page) == ["Wiskunde", "Engels"]
        first = page.get_by_role("group", name="Wiskunde (Daan de Vries)")
        # What could be markup somewhere else is none, and is still read as it was meant.
        expect(first.get_by_role("textbox")).to_have_value("Graag over < b>breuken< /b>")
        expect(first.get_by_role("checkbox", name="A longer conversation")).to_be_checked()
        expect(page.get_by_role("radio", name="Rather late")).to_be_checked()
        assert page.problems == []


def test_over_the_maximum_is_told_at_once_and_nothing_changes(evening, school, page_as):
    with page_as(school.user("anna.devries"), **PHONE) as page:
        page.goto(PORTAL)
        daan = child(page, "Daan de Vries")
        for subject in ("Engels", "Wiskunde"):
            daan.get_by_role("checkbox", name=subject).check()
        daan.get_by_role("checkbox", name="Nederlands").click()
        expect(daan.locator(".oa-count")).to_have_text(
            "At most 2 can be chosen for Daan de Vries. First take one away."
        )
        expect(daan.get_by_role("checkbox", name="Nederlands")).not_to_be_checked()
        assert choices(page) == ["Engels", "Wiskunde"]


def test_withdrawing_is_taking_away_and_saving(evening, school, page_as):
    requests_of(evening, school, "s01", school.guardian["anna.devries"])
    with page_as(school.user("anna.devries"), **PHONE) as page:
        page.goto(PORTAL)
        page.locator(".oa-choice").get_by_role("button", name="Withdraw").click()
        expect(page.get_by_text("Nothing is chosen yet.")).to_be_visible()
        save(page, "Saved. No conversations are requested.")
        page.reload()
        assert choices(page) == []
    frappe.db.rollback()
    assert frappe.get_all("Conversation Request", pluck="state") == ["Withdrawn"]


def test_a_refusal_by_the_server_and_a_lost_connection_are_said(evening, school, page_as):
    with page_as(school.user("anna.devries"), **PHONE) as page:
        page.goto(PORTAL)
        child(page, "Daan de Vries").get_by_role("checkbox", name="Engels").check()
        page.context.set_offline(True)
        save(page, "There is no connection, so nothing was saved. Your choices are still here; try again.")
        page.context.set_offline(False)
        evening.db_set("request_until", "2026-03-05 17:00:00")
        frappe.db.commit()
        save(
            page,
            "Conversations could be requested, changed and withdrawn until Thursday, March 5, 2026 at 17:00.",
        )
        assert choices(page) == ["Engels"]


def test_after_logging_in_again_elsewhere_the_page_still_saves(evening, school, page_as, web):
    with page_as(school.user("anna.devries"), **PHONE) as page:
        page.goto(PORTAL)
        child(page, "Daan de Vries").get_by_role("checkbox", name="Engels").check()
        session = web.session(school.user("anna.devries"))
        session.open_portal()
        page.context.add_cookies(
            [{"name": row.name, "value": row.value or "", "url": web.url} for row in session.cookies]
        )
        save(page, "Saved. 1 conversation is requested.")


def test_the_keyboard_alone_is_enough(evening, school, page_as):
    with page_as(school.user("anna.devries"), width=1280) as page:
        page.goto(PORTAL)
        box = child(page, "Daan de Vries").get_by_role("checkbox", name="Engels")
        _tab_to(page, box)
        page.keyboard.press("Space")
        _tab_to(page, child(page, "Eva de Vries").get_by_role("checkbox", name="Frans"))
        page.keyboard.press("Space")
        up = page.get_by_role("group", name="Frans (Eva de Vries)").get_by_role(
            "button", name="More important"
        )
        _tab_to(page, up)
        page.keyboard.press("Enter")
        assert choices(page) == ["Frans", "Engels"]
        # The button has come to its end and is off; the focus stays with the choice.
        focused = page.evaluate("document.activeElement.closest('.oa-choice')?.innerText || ''")
        assert "Frans" in focused
        _tab_to(page, page.get_by_role("button", name="Save my requests"))
        page.keyboard.press("Enter")
        expect(page.locator(".oa-form .oa-status")).to_have_text("Saved. 2 conversations are requested.")


def _tab_to(page, locator):
    for _step in range(150):
        page.keyboard.press("Tab")
        if locator.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("The keyboard does not reach it.")


def test_conversations_with_a_time_and_without_are_shown(published, school, page_as):
    with page_as(school.user("bram.devries"), **PHONE) as page:
        page.goto(PORTAL)
        row = page.locator(".oa-times li")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("18:30 – 18:40")
        expect(row).to_contain_text("Daan de Vries")
        expect(row).to_contain_text("Aula, Tafel 7")
        expect(page.get_by_role("heading", name="Without a time")).to_be_visible()
        expect(page.locator(".oa-requests")).to_contain_text("There was no free time left")
        assert page.locator("form.oa-form").count() == 0
        assert fits(page)


def test_the_instructor_sees_who_comes_when(published, school, page_as):
    name = frappe.get_all("Evening Booking Instructor", pluck="instructor")[0]
    code = next(code for code, instructor in school.instructor.items() if instructor == name)
    with page_as(school.user(code), **PHONE) as page:
        page.goto(PORTAL)
        row = page.locator(".oa-i-conversation")
        for text in ("18:30", "– 18:40", "Daan de Vries", "bk1a", "Anna de Vries", "Graag over rekenen"):
            expect(row).to_contain_text(text)
        expect(page.locator(".oa-sitting")).to_contain_text("Aula, Tafel 7")
        expect(page.get_by_role("button", name="Print")).to_be_visible()
        assert fits(page)
        page.emulate_media(media="print")
        expect(page.get_by_role("button", name="Print")).to_be_hidden()
        expect(row).to_be_visible()


def test_without_script_everything_can_be_read(evening, school, browser, web):
    requests_of(evening, school, "s01", school.guardian["anna.devries"])
    context = browser.new_context(base_url=web.url, java_script_enabled=False, viewport=PHONE)
    session = web.session(school.user("anna.devries"))
    context.add_cookies([{"name": row.name, "value": row.value, "url": web.url} for row in session.cookies])
    page = context.new_page()
    page.goto(PORTAL)
    expect(page.get_by_text("You can read everything here.")).to_be_visible()
    expect(page.locator(".oa-choice")).to_contain_text("Daan de Vries")
    expect(page.locator(".oa-deadline")).to_contain_text("You can request, change and withdraw")
    assert page.locator(".oa-offers input:enabled").count() == 0
    expect(page.get_by_role("button", name="Save my requests")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("state", ["open", "published"])
def test_axe_finds_nothing(request, school, page_as, width, state):
    evening = request.getfixturevalue("evening" if state == "open" else "published")
    if state == "open":
        requests_of(evening, school, "s01", school.guardian["anna.devries"])
    with page_as(school.user("anna.devries"), width=width) as page:
        page.goto(PORTAL)
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert violations(page, ".oa-portal") == []


def test_the_page_reads_in_the_language_of_its_reader(evening, school, page_as):
    messages.compile_all()
    for lang, words in {
        "nl": ("Gesprekken aanvragen", "opslaan"),
        "fr": ("Demander des entretiens", "Enregistrer"),
        "de": ("Gespräche anfragen", "speichern"),
    }.items():
        with page_as(school.user("anna.devries"), lang=lang, **PHONE) as page:
            page.goto(PORTAL)
            expect(page.get_by_role("heading", name=words[0])).to_be_visible()
            expect(page.locator(".oa-bar button")).to_contain_text(words[1])
            assert page.locator("html").get_attribute("lang") == lang
