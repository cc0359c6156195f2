"""`bench --site … ouderavond …`: the road from the command line, tables, dry runs, and exit codes."""

import frappe
import pytest

from ouderavond.evening import requests
from tests.platform.school import make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school)


def test_the_road_from_the_command_line(evening, school, run, run_alone):
    dry = run("offers", "--dry-run")
    assert dry.returncode == 0 and "offers would be made" in dry.stdout
    assert frappe.db.count("Conversation Offer") == 0
    made = run("offers")
    assert made.returncode == 0 and "offers made" in made.stdout
    student = school.student[school.students_of("anna.devries")[0]]
    offer = frappe.get_all("Conversation Offer", {"student": student}, pluck="name", order_by="subject")[0]
    requests.request(offer, guardian=school.guardian["anna.devries"])
    scheduled = run("schedule", "--time-limit", "5")
    assert scheduled.returncode == 0, scheduled.stderr
    assert "placed" in scheduled.stdout and "proven minimum 0" in scheduled.stdout
    assert frappe.db.count("Evening Booking") == 0
    assert run("apply").returncode == 0
    assert frappe.db.get_value("Evening Booking", {"offer": offer}, "state") == "Planned"
    published = run("publish")
    assert published.stdout.strip() == "Published: 1 new."
    assert frappe.db.get_value("Evening Booking", {"offer": offer}, "state") == "Published"
    status = run_alone("status")
    assert status.returncode == 0 and evening.title in status.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["offers", "--evening", "nope"], "There is no evening nope."),
        (["schedule"], "There are no requests to schedule."),
        (["apply"], "There is no run to apply. Run the scheduler first."),
        (["publish"], "There are no conversations to publish. Run the scheduler and apply its result."),
    ],
)
def test_a_refusal_is_a_sentence_and_exit_1(evening, run, arguments, sentence):
    done = run(*arguments)
    assert (done.returncode, done.stderr.strip()) == (1, sentence)
    assert "Traceback" not in done.stdout


def test_two_evenings_must_be_told_apart(evening, school, run):
    make_evening(school, title="Tweede oudercontact")
    done = run("status")
    assert done.returncode == 1 and "--evening" in done.stderr
    assert run("status", "--evening", "Tweede oudercontact").returncode == 0
