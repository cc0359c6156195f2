"""The booking panel in a real browser: choosing, reserving, moving, refreshing, and what goes wrong."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import frappe
import pytest
from playwright.sync_api import expect

from ouderavond.evening import booking
from ouderavond.evening.offering import by_course
from tests.browser.axe import violations
from tests.browser.steps import picture
from tests.platform.school import make_evening

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
PORTAL = "/ouderavond"
READ = "**/api/method/ouderavond.api.table.read*"
ANNA = "anna.devries"
# Reserve reaches the server, which does it; the answer is lost on the way back.
LOSE_ANSWERS = """
window.lose = { answers: true, keys: [], fetch: window.fetch };
window.fetch = async (url, options) => {
    const answer = await lose.fetch.call(window, url, options);
    if (!String(url).endsWith("table.reserve")) return answer;
    lose.keys.push(JSON.parse(options.body).key);
    if (lose.answers) throw new TypeError("lost");
    return answer;
};
"""


@pytest.fixture
def evening(site, school):
    return _evening(school)


def _evening(school, **values):
    """An evening of one date at which can be booked now."""
    now = frappe.utils.now_datetime()
    day = (now + timedelta(days=14)).date()
    made = make_evening(
        school,
        **{
            "procedure": "Book Directly",
            "dates": [{"date": day, "first_time": "18:30:00", "end_time": "21:00:00"}],
            "booking_from": now - timedelta(days=1),
            "booking_until": now + timedelta(days=7),
            "maximum_per_student": 2,
            "longer_conversation": 1,
            "guardian_remarks": 1,
            "walking_minutes": 0,
            **values,
        },
    )
    by_course.offer(made.name)
    frappe.db.commit()
    return made


def _offer(evening, school, student: str, subject: str) -> str:
    student = school.student[student]
    return frappe.db.get_value(
        "Conversation Offer", {"evening": evening.name, "student": student, "subject": subject}
    )


def _start(evening, time: str) -> datetime:
    return datetime.combine(frappe.utils.getdate(evening.dates[0].date), datetime.min.time()) + timedelta(
        hours=int(time[:2]), minutes=int(time[3:])
    )


def _taken(evening, school, subject: str, time: str) -> None:
    """Another family, of Daan's class, takes a place."""
    party = booking.party_of(evening.name, school.student["s04"], school.guardian["carla.bakker"])
    offer = _offer(evening, school, "s04", subject)
    booking.book(offer, _start(evening, time), guardians=party, source="Staff")
    frappe.db.commit()


def _booked(evening) -> list[tuple]:
    """(subject, time) of what is booked, in order."""
    frappe.db.rollback()
    rows = frappe.get_all(
        "Evening Booking",
        {"evening": evening.name, "state": ("!=", "Cancelled"), "source": ("!=", "Staff")},
        ["subject", "start", "student_name"],
        order_by="start",
    )
    return [(row.student_name.split()[0], row.subject, f"{row.start:%H:%M}") for row in rows]


@contextmanager
def _open(page_as, school, who=ANNA, view=None, **size):
    with page_as(school.user(who), **size) as page:
        if view:
            page.add_init_script(f"localStorage.setItem('oa-booking-view', '{view}')")
        page.goto(PORTAL)
        expect(page.locator(".oa-tabs")).to_be_attached()
        yield page


def _cell(page, name: str):
    """What a time is called in the table and in the list alike."""
    return page.locator("td:visible, .oa-time-button:visible").and_(page.get_by_label(name, exact=True))


def _child(page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def _status(page):
    return page.locator(".oa-booking-status")


def _connection(page):
    return page.locator(".oa-connection")


def _reserve(page) -> None:
    page.get_by_role("button", name="Reserve", exact=True).click()


def _read_now(page) -> int:
    """Have the page read the table, as it does when it is looked at again; the status of the answer."""
    with page.expect_response(READ) as answer:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    return answer.value.status


def _errors(page) -> list[str]:
    """What went wrong in the page; an answer 409 is one of the panel's own."""
    return [problem for problem in page.problems if "409" not in problem]


def _fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("view", "size"), [("list", PHONE), ("table", DESK)])
def test_several_children_are_chosen_for_and_reserved_at_once(evening, school, page_as, view, size):
    """Also: the maximum, clashes with what is chosen, another start in a column, keeping it over a reload."""
    slots = {"evening": evening.name, "subject": "Biologie"}
    frappe.db.set_value("Conversation Offer", slots, "slots", 2)
    frappe.db.commit()
    with _open(page_as, school, **size) as page:
        assert page.evaluate("localStorage.getItem('oa-booking-view')") is None
        _cell(page, "19:00, Biologie, free").click()
        expect(_cell(page, "19:10, Biologie, chosen")).to_be_visible()
        _cell(page, "20:00, Biologie, free").click()
        for time, state in (("19:10", "free"), ("20:00", "chosen"), ("20:10", "chosen")):
            expect(_cell(page, f"{time}, Biologie, {state}")).to_be_visible()
        _cell(page, "18:30, Engels, free").click()
        expect(page.locator(".oa-booking-tools .oa-count")).to_have_text(
            "Daan de Vries: 2 of at most 2 conversations."
        )
        _cell(page, "18:50, Nederlands, free").click()
        expect(_status(page)).to_have_text("At most 2 can be booked for Daan de Vries. First take one away.")
        _child(page, "Eva de Vries")
        clashing = "18:30, Engels, at the same time as Daan de Vries, Engels"
        if view == "table":
            _cell(page, clashing).click(force=True)
            expect(_status(page)).to_contain_text("You chose 18:30 already for Daan de Vries, Engels.")
        else:
            # What can't be chosen is below, in words.
            row = page.locator(".oa-booking-row:visible", has_text="Frans")
            row.get_by_text("Times that can't be chosen").click()
            expect(row.locator(".oa-other-times")).to_contain_text("Clashes: 18:30")
        _cell(page, "18:40, Frans, free").click()
        page.locator(".oa-basket summary").click()
        row = page.locator(".oa-basket-row", has_text="Frans")
        row.get_by_label("A longer conversation").check()
        row.get_by_label("Remark").fill("Graag over <b>werkwoorden</b>")
        expect(_cell(page, "18:50, Frans, chosen")).to_be_visible()
        assert violations(page, ".oa-booking") == []
        assert _fits(page)
        picture(page, f"booking-chosen-{view}")
        page.reload()
        expect(page.locator(".oa-basket summary strong")).to_have_text("3 chosen, not reserved yet:")
        _reserve(page)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("you would wait")
        picture(page, f"booking-warned-{view}")
        assert violations(page, ".oa-dialog") == []
        dialog.get_by_role("button", name="Back").click()
        assert _booked(evening) == []
        _reserve(page)
        dialog.get_by_role("button", name="Reserve all the same").click()
        expect(_status(page)).to_have_attribute("data-kind", "done")
        expect(_status(page)).to_be_focused()
        expect(page.locator(".oa-basket")).to_be_hidden()
        expect(page.locator(".oa-mine")).to_contain_text("Frans")
        expect(_status(page)).to_be_in_viewport()
        expected = [("Daan", "Engels", "18:30"), ("Eva", "Frans", "18:40"), ("Daan", "Biologie", "20:00")]
        assert _booked(evening) == expected
        if view == "table":
            expect(_cell(page, "18:30, Engels, booked for Daan de Vries")).to_be_visible()
            _child(page, "Eva de Vries")
            # The same instructor: booked for the other child.
            expect(_cell(page, "18:30, Engels, booked for Daan de Vries")).to_be_visible()
            expect(_cell(page, "18:50, Frans, booked for Eva de Vries")).to_be_visible()
        picture(page, f"booking-reserved-{view}")
        assert _errors(page) == []
    frappe.db.rollback()
    ends = frappe.db.get_value("Evening Booking", {"evening": evening.name, "subject": "Frans"}, "end")
    assert f"{ends:%H:%M}" == "19:00"


@pytest.mark.parametrize(("view", "size"), [("list", PHONE), ("table", DESK)])
def test_moving_and_cancelling(evening, school, page_as, view, size):
    with _open(page_as, school, **size) as page:
        _cell(page, "19:00, Wiskunde, free").click()
        _reserve(page)
        expect(_status(page)).to_have_attribute("data-kind", "done")
        _change(page, view, "Choose another time")
        expect(page.locator(".oa-moving")).to_contain_text("Choose another free time for 19:00, Wiskunde")
        _cell(page, "18:30, Nederlands, free").click()
        expect(_status(page)).to_contain_text("First choose another time for 19:00, Wiskunde")
        _cell(page, "20:20, Wiskunde, free").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Move 19:00, Wiskunde (Daan de Vries) to 20:20?")
        dialog.get_by_role("button", name="Move").click()
        expect(page.locator(".oa-column-notes", has_text="Booked: 20:20")).to_be_visible()
        expect(_status(page)).to_have_attribute("data-kind", "done")
        expect(page.locator(".oa-moving")).to_be_hidden()
        assert _booked(evening) == [("Daan", "Wiskunde", "20:20")]
        name = frappe.get_all("Evening Booking", {"evening": evening.name}, pluck="name")[0]
        page.evaluate(f"location.hash = '#move={name}'")
        expect(page.locator(".oa-moving")).to_contain_text("20:20, Wiskunde")
        page.get_by_role("button", name="Leave it where it is").click()
        _change(page, view, "Cancel this conversation")
        page.get_by_role("dialog").get_by_role("button", name="Cancel the conversation").click()
        expect(_cell(page, "20:20, Wiskunde, free")).to_be_visible()
        expect(_status(page)).to_have_attribute("data-kind", "done")
        assert _booked(evening) == []
        assert page.problems == []


def _change(page, view: str, what: str) -> None:
    if view == "list":
        page.get_by_role("button", name="Move or cancel").click()
    else:
        page.locator("td[data-kind=mine]:visible").click()
    page.get_by_role("dialog").get_by_role("button", name=what).click()


def test_the_keyboard_alone_is_enough(evening, school, page_as):
    _taken(evening, school, "Engels", "18:30")
    with _open(page_as, school, **DESK) as page:
        grid = page.get_by_role("grid", name="Daan de Vries")
        first = grid.get_by_role("gridcell").first
        _tab_to(page, page.get_by_role("tab", name="Daan de Vries"))
        _tab_to(page, first)
        assert _focused(page) == "18:30, Biologie, free"
        for key, name in (
            ("ArrowRight", "18:30, Engels, Others"),
            ("ArrowDown", "18:40, Engels, free"),
            ("End", "18:40, Wiskunde, free"),
            ("PageDown", "19:30, Wiskunde, free"),
            ("ArrowUp", "19:20, Wiskunde, free"),
            ("ArrowUp", "19:10, Wiskunde, free"),
        ):
            page.keyboard.press(key)
            assert _focused(page) == name
        cell = grid.get_by_role("gridcell", name="19:10, Wiskunde, free")
        expect(cell).to_have_attribute("aria-selected", "false")
        page.keyboard.press("Space")
        chosen = grid.get_by_role("gridcell", name="19:10, Wiskunde, chosen", selected=True)
        expect(chosen).to_be_focused()
        page.keyboard.press("Control+Home")
        assert _focused(page) == "18:30, Biologie, free"
        page.keyboard.press("Enter")
        expect(grid.get_by_role("gridcell", name="18:30, Biologie, chosen")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        assert _focused(page) != "18:30, Biologie, chosen", "One stop with the tab key per table."
        tab = page.get_by_role("tab", name="Daan de Vries")
        expect(tab).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Eva de Vries", selected=True)).to_be_focused()
        expect(page.get_by_role("grid", name="Eva de Vries")).to_be_visible()
        _tab_to(page, page.get_by_role("button", name="Reserve", exact=True))
        page.keyboard.press("Enter")
        expect(_status(page)).to_have_attribute("data-kind", "done")
        expect(_status(page)).to_be_focused()
    assert _booked(evening) == [("Daan", "Biologie", "18:30"), ("Daan", "Wiskunde", "19:10")]


def _tab_to(page, locator):
    for _step in range(60):
        page.keyboard.press("Tab")
        if locator.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("The keyboard does not reach it.")


def _focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_what_was_just_taken_is_said_and_the_rest_stays_chosen(evening, school, page_as):
    with _open(page_as, school, view="table", **DESK) as page:
        _cell(page, "19:00, Wiskunde, free").click()
        _cell(page, "19:20, Engels, free").click()
        _taken(evening, school, "Wiskunde", "19:00")
        _reserve(page)
        expect(_status(page)).to_contain_text(
            "19:00 with Marit Huisman has just been taken by somebody else."
        )
        expect(_status(page)).to_be_focused()
        assert _booked(evening) == []
        expect(_cell(page, "19:00, Wiskunde, Others")).to_be_visible()
        expect(_cell(page, "19:20, Engels, chosen")).to_be_visible()
        _reserve(page)
        expect(_status(page)).to_have_attribute("data-kind", "done")
        assert _booked(evening) == [("Daan", "Engels", "19:20")]


def test_refreshing_keeps_selection_focus_and_scroll(evening, school, page_as):
    with _open(page_as, school, view="table", width=800, height=500) as page:
        _cell(page, "20:00, Wiskunde, free").click()
        _cell(page, "20:20, Engels, free").click()
        _cell(page, "20:30, Nederlands, free").focus()
        where = "[scrollY, ...[...document.querySelectorAll('.oa-grid-scroll')].map((one) => one.scrollTop)]"
        before = page.evaluate(where)
        assert sum(before) > 0
        page.evaluate("window.kept = document.activeElement")
        # Once in two minutes it is read whole although nothing has changed.
        assert 304 in (_read_now(page), _read_now(page))
        _taken(evening, school, "Nederlands", "20:30")
        assert _read_now(page) == 200
        # What is not chosen is shown, and not read out.
        expect(page.get_by_role("gridcell", name="20:30, Nederlands, Others")).to_be_focused()
        expect(_status(page)).to_have_text("")
        expect(page.locator("td[data-kind=chosen]:visible")).to_have_count(2)
        _taken(evening, school, "Wiskunde", "20:00")
        assert _read_now(page) == 200
        expect(_status(page)).to_have_text(
            "20:00, Wiskunde (Daan de Vries) has just been taken and is no longer chosen."
        )
        assert _status(page).get_attribute("role") == "status"
        expect(_cell(page, "20:00, Wiskunde, Others")).to_be_visible()
        expect(_cell(page, "20:20, Engels, chosen")).to_be_visible()
        expect(page.get_by_role("gridcell", name="20:30, Nederlands, Others")).to_be_focused()
        assert page.evaluate(where) == before
        assert page.evaluate("kept === document.activeElement"), "Cells are changed, not made anew."
        assert page.problems == []


def test_nothing_chosen_is_lost_offline_or_logged_out_or_without_an_answer(evening, school, page_as, web):
    """And what was sent again after an answer was lost is booked once."""
    with _open(page_as, school, **PHONE) as page:
        chosen = _cell(page, "19:00, Wiskunde, chosen")
        _cell(page, "19:00, Wiskunde, free").click()
        page.context.set_offline(True)
        expect(_connection(page)).to_contain_text("There is no connection.")
        expect(chosen).to_be_visible()
        page.context.set_offline(False)
        expect(_connection(page)).to_have_text("")

        cookies = page.context.cookies()
        page.context.clear_cookies()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(_connection(page)).to_contain_text("You are no longer logged in.")
        expect(chosen).to_be_visible()
        assert violations(page, ".oa-booking") == []
        page.context.add_cookies(cookies)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(_connection(page)).to_have_text("")

        page.evaluate(LOSE_ANSWERS)
        _reserve(page)
        # The table itself tells what has become of it.
        expect(_status(page)).to_contain_text("19:00, Wiskunde (Daan de Vries) is booked.")

        page.route(READ, lambda route: route.abort())
        _cell(page, "19:20, Engels, free").click()
        _reserve(page)
        expect(_status(page)).to_contain_text("Choose Reserve again: nothing is booked twice.")
        page.evaluate("lose.answers = false")
        _reserve(page)
        expect(_status(page)).to_have_attribute("data-kind", "done")
        keys = page.evaluate("lose.keys")
        assert keys[0] != keys[1] == keys[2]
        assert _booked(evening) == [("Daan", "Wiskunde", "19:00"), ("Daan", "Engels", "19:20")]


def test_it_opens_by_itself_and_tells_when_it_is_closed_or_empty(evening, school, page_as, browser, web):
    soon = frappe.utils.now_datetime() + timedelta(seconds=8)
    _set(evening, booking_from=soon)
    with page_as(school.user(ANNA), **PHONE) as page:
        page.goto(PORTAL)
        expect(page.get_by_role("timer")).to_contain_text("The table opens by itself in 0:0")
        assert violations(page, ".oa-booking") == []
        expect(page.get_by_role("tab", name="Daan de Vries")).to_be_visible(timeout=15_000)
        expect(page.get_by_role("timer")).to_have_text("")
        _cell(page, "19:00, Wiskunde, free").click()
        _set(evening, booking_until=frappe.utils.now_datetime())
        assert _read_now(page) == 200
        expect(page.locator(".oa-booking-sentence")).to_contain_text("You could book until")
        expect(page.get_by_role("tab", name="Daan de Vries")).to_have_count(0)
        _set(evening, booking_until=None)
        frappe.db.set_value("Conversation Offer", {"evening": evening.name}, "offered", 0)
        frappe.db.commit()
        page.reload()
        expect(page.get_by_text("No conversations are offered yet.")).to_be_visible()
    context = browser.new_context(base_url=web.url, java_script_enabled=False, viewport=PHONE)
    session = web.session(school.user(ANNA))
    context.add_cookies([{"name": row.name, "value": row.value, "url": web.url} for row in session.cookies])
    page = context.new_page()
    page.goto(PORTAL)
    expect(page.locator(".oa-booking-sentence")).to_have_text("You can book now.")
    expect(page.locator(".oa-booking .oa-notice")).to_contain_text("the school can also book for you")
    context.close()


def _set(evening, **values) -> None:
    evening.db_set(values)
    frappe.db.commit()
