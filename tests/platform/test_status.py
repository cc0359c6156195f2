"""Where an evening stands: the status by the clock, the step that is due, and the figures."""

from datetime import date, datetime, time, timedelta

import frappe
import pytest

from ouderavond.evening import counts, publishing, requests, runs, status
from ouderavond.evening.offering import by_course
from tests.platform.school import make_evening

FIRST = date.today() + timedelta(days=14)
EVENING = datetime.combine(FIRST, time(19, 0))
NOW = datetime.combine(date.today(), time(12, 0))


def _record(**values):
    """The fields that a status follows from."""
    return frappe._dict(
        {
            "procedure": "Request and Schedule",
            "published": 1,
            "schedule_visible": 0,
            "archived": 0,
            "request_from": NOW,
            "request_until": NOW + timedelta(days=7),
            "booking_from": None,
            "booking_until": None,
            "dates": [frappe._dict(date=FIRST, first_time="18:30:00", end_time="21:00:00")],
            **values,
        }
    )


@pytest.mark.parametrize(
    ("values", "now", "booked", "expected"),
    [
        ({"archived": 1}, NOW, 5, "Archived"),
        ({"published": 0}, NOW, 0, "Draft"),
        ({"published": 0}, NOW, 5, "Scheduled"),
        ({}, NOW - timedelta(minutes=1), 0, "Announced"),
        ({"request_from": None}, NOW - timedelta(days=100), 0, "Requesting"),
        ({}, NOW, 0, "Requesting"),
        ({}, NOW + timedelta(days=7), 0, "Requesting"),
        ({}, NOW + timedelta(days=7, seconds=1), 0, "To Schedule"),
        ({}, NOW + timedelta(days=8), 5, "Scheduled"),
        ({"schedule_visible": 1}, NOW + timedelta(days=8), 5, "Published"),
        ({"schedule_visible": 1}, EVENING, 5, "Today"),
        ({"schedule_visible": 1}, EVENING.replace(hour=0), 5, "Today"),
        ({}, EVENING, 0, "To Schedule"),
        ({"schedule_visible": 1}, EVENING.replace(hour=21), 5, "Today"),
        ({"schedule_visible": 1}, EVENING.replace(hour=21, minute=1), 5, "Held"),
    ],
)
def test_status_of_an_evening_with_requests(site, values, now, booked, expected):
    assert status.derive(_record(**values), now, booked) == expected


@pytest.mark.parametrize(
    ("days", "visible", "expected"),
    [
        (-1, 0, "Announced"),
        (0, 0, "Booking"),
        (5, 1, "Booking"),
        (6, 1, "Published"),
    ],
)
def test_status_of_an_evening_that_is_booked_directly(site, days, visible, expected):
    record = _record(
        procedure="Book Directly",
        schedule_visible=visible,
        booking_from=NOW,
        booking_until=NOW + timedelta(days=5),
    )
    assert status.derive(record, NOW + timedelta(days=days), 3) == expected


def test_the_third_procedure_opens_for_booking_once_the_schedule_is_visible(site):
    record = _record(
        procedure="Request, Schedule, then Book",
        schedule_visible=1,
        booking_from=NOW + timedelta(days=8),
        booking_until=NOW + timedelta(days=10),
    )
    assert status.derive(record, NOW + timedelta(days=7, hours=12), 9) == "Published"
    assert status.derive(record, NOW + timedelta(days=9), 9) == "Booking"
    record.schedule_visible = 0
    assert status.derive(record, NOW + timedelta(days=9), 9) == "Scheduled"


def test_refresh_follows_the_clock_without_touching_the_record(site, school):
    evening = make_evening(school)
    archived = make_evening(school, title="Old", archived=1)
    modified = frappe.db.get_value("Parent Evening", evening.name, "modified")
    frappe.db.set_value(
        "Parent Evening", evening.name, "request_until", NOW - timedelta(days=1), update_modified=False
    )
    status.refresh_all()
    stored = frappe.db.get_value("Parent Evening", evening.name, ["status", "modified"])
    assert stored == ("To Schedule", modified)
    assert frappe.db.get_value("Parent Evening", archived.name, "status") == "Archived"


def test_refresh_asks_as_often_for_many_evenings_as_for_one(site, school):
    def queries():
        asked = []
        real = frappe.db.sql
        frappe.db.sql = lambda *args, **options: asked.append(args) or real(*args, **options)
        try:
            status.refresh_all()
        finally:
            frappe.db.sql = real
        return len(asked)

    make_evening(school)
    one = queries()
    for number in range(4):
        make_evening(school, title=f"Evening {number}")
    assert queries() == one


# The step that is due, along the whole road


def _step(evening, **at):
    return status.due_step(evening.name, **at).key


def test_the_steps_follow_each_other(site, school):
    evening = make_evening(school, published=0, participants=[], reference_week=None, request_until=None)
    assert _step(evening) == "participants"
    evening.append("participants", {"participant_type": "Program", "participant": school.program["bk1"]})
    evening.save()
    assert _step(evening) == "reference_week"
    evening.reference_week = school.reference_week
    evening.save()
    frappe.db.commit()
    assert _step(evening) == "offers"
    by_course.offer(evening.name)
    assert _step(evening) == "deadline"
    evening.request_until = NOW + timedelta(days=7)
    evening.save()
    assert _step(evening) == "publish_evening"
    evening.published = 1
    evening.save()
    frappe.db.commit()
    assert _step(evening) == "wait"

    offer = frappe.get_all(
        "Conversation Offer", {"evening": evening.name, "student": school.student["s01"]}, pluck="name"
    )[0]
    frappe.db.commit()
    requests.request(offer, guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    assert "1 requests of 1 households" in status.due_step(evening.name).sentence

    after = NOW + timedelta(days=8)
    assert _step(evening, now=after) == "schedule"
    run = runs.start_run(evening.name, time_limit=5, now=True)
    assert _step(evening, now=after) == "run"
    runs.run_job(run)
    step = status.due_step(evening.name, now=after)
    assert (step.key, step.doctype, step.docname) == ("apply", "Schedule Run", run)
    runs.apply_run(run)
    assert _step(evening, now=after) == "publish"
    publishing.publish(evening.name)
    frappe.db.commit()
    assert _step(evening, now=after) == "held"
    assert _step(evening, now=EVENING + timedelta(days=30)) == "archive"
    evening.reload()
    evening.archived = 1
    evening.save()
    assert _step(evening) == "done"


def test_a_run_made_before_the_last_change_is_not_the_step_that_is_due(site, school):
    evening = make_evening(school)
    figures = counts.Counts(
        participants=9,
        offers=9,
        requests={"Requested": 3},
        run=frappe._dict(name="RUN-1", state="Finished", applied_on=None, placed=3, total=3),
    )
    after = NOW + timedelta(days=8)
    assert status.due_step(evening, figures, after).key == "apply"
    figures.changed_since_run = True
    assert status.due_step(evening, figures, after).key == "schedule"


def test_direct_booking_needs_no_schedule(site, school):
    evening = make_evening(school, procedure="Book Directly", published=0)
    figures = counts.Counts(participants=9, offers=9)
    assert status.due_step(evening, figures, NOW).key == "booking_window"
    evening.booking_from, evening.booking_until = NOW, NOW + timedelta(days=5)
    assert status.due_step(evening, figures, NOW).key == "publish_evening"
    evening.published = 1
    assert status.due_step(evening, figures, NOW - timedelta(days=1)).waits_for == "nobody"
    assert status.due_step(evening, figures, NOW).key == "wait_booking"
    assert status.due_step(evening, figures, NOW + timedelta(days=6)).key == "held"


# Figures


def test_the_summary_counts_what_is_there(site, school):
    evening = make_evening(school)
    by_course.offer(evening.name)
    for guardian, students in {"anna.devries": ["s01", "s02"], "bram.devries": ["s03"]}.items():
        for student in students:
            offer = frappe.get_all(
                "Conversation Offer",
                {"evening": evening.name, "student": school.student[student]},
                pluck="name",
            )[0]
            frappe.db.commit()
            requests.request(offer, guardian=school.guardian[guardian])
            frappe.db.commit()
    facts = status.summary(evening.name)
    assert facts["participants"] == len(school.student)
    assert facts["classes"] == 6
    assert facts["offers"] == frappe.db.count("Conversation Offer", {"evening": evening.name})
    assert facts["requests"] == {"Requested": 3}
    assert facts["households"] == 1
    assert [station["key"] for station in facts["strip"]] == [
        "offers",
        "requests",
        "schedule",
        "publication",
        "evening",
    ]
    assert [station["state"] for station in facts["strip"]][:3] == ["done", "current", "todo"]
    rows = dict(status.table(evening.name))
    assert rows["Requests: Requested"] == "3"


def test_households_are_closed_over_people_who_attend_together(site, school):
    """Nadia and Karim have Leyla, Karim and Olga have Mert: one household, though two parties."""
    evening = make_evening(school)
    by_course.offer(evening.name)
    students = frappe.get_all("Student", {"last_name": "Yilmaz"}, pluck="name")
    for student, guardian in zip(sorted(students), ("nadia.yilmaz", "olga.bos"), strict=True):
        offer = frappe.get_all(
            "Conversation Offer", {"evening": evening.name, "student": student}, pluck="name"
        )[0]
        frappe.db.commit()
        requests.request(offer, guardian=school.guardian[guardian])
        frappe.db.commit()
    assert counts.of(evening).households == 1
