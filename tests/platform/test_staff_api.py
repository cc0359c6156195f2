"""The calls of the desk: only staff may make them, and they do what the desk promises."""

import inspect

import frappe
import pytest

from ouderavond.api import staff
from ouderavond.api.offers import by_course as offers
from ouderavond.evening import requests
from tests.platform.school import PLANNER, as_user, make_evening

CALLS = {
    name: function
    for name, function in inspect.getmembers(staff, inspect.isfunction)
    if function in frappe.whitelisted
}


@pytest.fixture
def evening(site, school):
    return make_evening(school)


def _arguments(function, evening) -> dict:
    """Something for each argument, so that a call fails for who asks and for nothing else."""
    wanted = inspect.signature(function).parameters.values()
    return {p.name: evening.name for p in wanted if p.default is inspect.Parameter.empty}


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(evening, school, name, who):
    user = school.user(who) if who else "Guest"
    with as_user(user), pytest.raises(frappe.PermissionError, match="Only staff|log in"):
        CALLS[name](**_arguments(CALLS[name], evening))


def test_whatever_writes_takes_post_only(site):
    for name, function in CALLS.items():
        methods = set(frappe.allowed_http_methods_for_whitelisted_func[function])
        reads = ("alternatives", "cant_come", "summary", "unplaced")
        assert methods == {"POST"} or name in reads, name


def test_a_planner_walks_the_whole_road(evening, school, jobs_at_once):
    with as_user(PLANNER):
        counts = offers.offer(evening.name, dry_run=1)["report"]
        assert counts["created"] > 0 and frappe.db.count("Conversation Offer") == 0
        offers.offer(evening.name)
        assert frappe.db.count("Conversation Offer") == counts["created"]
    student = school.student[school.students_of("anna.devries")[0]]
    offer = frappe.get_all("Conversation Offer", {"student": student}, pluck="name", order_by="subject")[0]
    requests.request(offer, guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    with as_user(PLANNER):
        run = staff.schedule(evening.name, time_limit=5)["run"]
        assert frappe.db.get_value("Schedule Run", run, "state") == "Finished"
        assert staff.apply_run(run)["booked"] == 1
        assert staff.unplaced(run) == []
        assert staff.publish(evening.name) == {"published": 1, "changed": 0, "cancelled": 0}
        name = frappe.get_all("Evening Booking", pluck="name")[0]
        staff.pin(name, 1)
        assert frappe.db.get_value("Evening Booking", name, "pinned") == 1
        staff.cancel_booking(name, "ill")
        assert frappe.db.get_value("Evening Booking", name, "state") == "Cancelled"
        staff.hide(evening.name)
    assert frappe.db.get_value("Parent Evening", evening.name, "schedule_visible") == 0
