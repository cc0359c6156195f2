"""What the desk asks for beside the steps: for staff only, and what it answers."""

import inspect
from datetime import date, timedelta

import frappe
import pytest

from ouderavond.api import desk
from ouderavond.evening import requests
from ouderavond.evening.offering import by_course
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

CALLS = {
    name: function
    for name, function in inspect.getmembers(desk, inspect.isfunction)
    if function in frappe.whitelisted
}
FIRST = date.today() + timedelta(days=14)


@pytest.fixture
def evening(site, school):
    evening = make_evening(school)
    by_course.offer(evening.name)
    return evening


def _ask(evening, school, student="s01", guardian="anna.devries"):
    filters = {"evening": evening.name, "student": school.student[student]}
    offer = frappe.get_all("Conversation Offer", filters, pluck="name", limit=1)[0]
    frappe.db.commit()
    name = requests.request(offer, guardian=school.guardian[guardian])
    frappe.db.commit()
    return name


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"room_names"}))
@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(site, school, name, who):
    required = inspect.signature(CALLS[name]).parameters.values()
    arguments = {p.name: "something" for p in required if p.default is inspect.Parameter.empty}
    user = school.user(who) if who else "Guest"
    with as_user(user), pytest.raises(frappe.PermissionError, match="Only staff|log in"):
        CALLS[name](**arguments)


def test_rooms_have_names_for_those_who_see_conversations(site, school):
    for user in (MANAGER, PLANNER, school.user("jan")):
        with as_user(user):
            assert desk.room_names()[school.room["aula"]] == "Aula"
    with as_user(school.user("anna.devries")), pytest.raises(frappe.PermissionError):
        desk.room_names()


def test_whatever_writes_takes_post_only(site):
    for name, function in CALLS.items():
        methods = set(frappe.allowed_http_methods_for_whitelisted_func[function])
        writes = name in ("withdraw_request", "book_request")
        assert methods == ({"POST"} if writes else {"GET", "POST"}), name


def test_slots_to_choose_from(evening):
    with as_user(PLANNER):
        slots = desk.slots(evening.name)
    assert len(slots) == 30
    assert slots[0]["value"] == f"{FIRST} 18:30:00"
    assert slots[0]["end"] == f"{FIRST} 18:40:00"


def test_staff_withdraw_for_a_household_and_need_a_reason_after_the_deadline(evening, school):
    early, late = _ask(evening, school, "s01"), _ask(evening, school, "s02")
    with as_user(PLANNER):
        desk.withdraw_request(early)
        frappe.db.commit()
        past = frappe.utils.now_datetime() - timedelta(hours=1)
        frappe.db.set_value("Parent Evening", evening.name, "request_until", past)
        frappe.db.commit()
        with pytest.raises(frappe.ValidationError):
            desk.withdraw_request(late)
        desk.withdraw_request(late, "The child is ill")
        frappe.db.commit()
    for name in (early, late):
        assert frappe.db.get_value("Conversation Request", name, "state") == "Withdrawn"


def test_staff_give_a_request_a_time(evening, school):
    name = _ask(evening, school)
    frappe.db.set_value("Conversation Request", name, {"longer": 1, "mode": "Online"})
    frappe.db.commit()
    with as_user(PLANNER):
        made = desk.book_request(name, f"{FIRST} 19:00:00", "Asked by telephone")
    booking = frappe.get_doc("Evening Booking", made)
    assert (booking.request, booking.mode) == (name, "Online")
    assert booking.end - booking.start == timedelta(minutes=20)
    assert frappe.db.get_value("Conversation Request", name, "state") == "Placed"


def test_what_is_gone_is_said(site):
    with as_user(PLANNER), pytest.raises(frappe.DoesNotExistError, match="does not exist any more"):
        desk.withdraw_request("nothing")


def test_the_cards_count_evenings_that_are_not_archived(evening, school):
    _ask(evening, school)
    with as_user(PLANNER):
        assert desk.open_evenings()["value"] == 1
        assert desk.requests_waiting()["value"] == 1
        assert desk.requests_not_placed()["value"] == desk.bookings_to_publish()["value"] == 0
    evening.reload()
    evening.archived = 1
    evening.save()
    with as_user(PLANNER):
        assert desk.open_evenings()["value"] == desk.requests_waiting()["value"] == 0


def test_the_current_year_is_that_of_the_settings_or_of_today(site, school):
    with as_user(PLANNER):
        assert desk.current_year() == school.academic_year
