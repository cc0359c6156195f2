"""The whole road on a small school: offers, requests, schedule, apply, publish."""

import json

import frappe
import pytest

from ouderavond.evening import claims, publishing, requests, runs, unplaced
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves
from ouderavond.evening.problem import build_problem
from ouderavond.scheduler import load, load_schedule, verify
from tests.platform.school import PLANNER, as_user, make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school)


def _offers_of(evening, student, **filters):
    return frappe.get_all(
        "Conversation Offer",
        {"evening": evening.name, "student": student, **filters},
        pluck="name",
        order_by="subject",
    )


def _ask(evening, school, guardian, student, count=2):
    asked = []
    for name in _offers_of(evening, student)[:count]:
        asked.append(requests.request(name, guardian=school.guardian[guardian]))
        frappe.db.commit()
    return asked


def _run(evening, **options):
    run = runs.start_run(evening.name, time_limit=5, now=True, **options)
    runs.run_job(run)
    return frappe.get_doc("Schedule Run", run)


def _ask_three(evening, school):
    by_course.offer(evening.name)
    asked = []
    for student in school.students_of("anna.devries"):
        asked += _ask(evening, school, "anna.devries", school.student[student])
    return asked


def test_offers_follow_package_and_lessons(evening, school):
    report = by_course.offer(evening.name)
    assert report.created > 0
    assert report.created == frappe.db.count("Conversation Offer", {"evening": evening.name})
    student = school.student["s01"]
    package = frappe.get_all(
        "Program Enrollment Course",
        {"parent": frappe.db.get_value("Program Enrollment", {"student": student, "docstatus": 1})},
        pluck="course",
    )
    offered = frappe.get_all(
        "Conversation Offer", {"evening": evening.name, "student": student}, pluck="course"
    )
    assert set(offered) <= set(package)
    assert frappe.db.count("Evening Instructor", {"evening": evening.name}) == 2 * report.instructors


def test_making_offers_again_makes_no_second_ones_and_offers_again_what_was_switched_off(evening, school):
    first = by_course.offer(evening.name)
    one = _offers_of(evening, school.student["s01"])[0]
    frappe.db.set_value("Conversation Offer", one, "offered", 0)
    frappe.db.commit()
    second = by_course.offer(evening.name)
    assert (second.created, second.switched_on, second.existing) == (0, 1, first.created - 1)
    assert frappe.db.get_value("Conversation Offer", one, "offered") == 1


def test_a_dry_run_writes_nothing(evening):
    report = by_course.offer(evening.name, dry_run=True)
    assert report.created > 0
    assert frappe.db.count("Conversation Offer", {"evening": evening.name}) == 0


def test_offers_of_one_program_and_course_only(evening, school):
    by_course.offer(evening.name, [school.program["bk1"]], [school.course["ne"]])
    rows = frappe.get_all("Conversation Offer", {"evening": evening.name}, ["student", "course"])
    assert rows and {row.course for row in rows} == {school.course["ne"]}
    programs = frappe.get_all(
        "Program Enrollment", {"student": ("in", [row.student for row in rows])}, pluck="program"
    )
    assert set(programs) == {school.program["bk1"]}


def test_a_week_without_lessons_is_refused_with_a_sentence(evening):
    evening.db_set("reference_week", "2019-W30", commit=True)
    with pytest.raises(frappe.ValidationError, match="no lessons in the reference week 2019-W30"):
        by_course.offer(evening.name)


def test_the_regular_instructor_is_offered_and_not_the_substitute(evening, school):
    by_course.offer(evening.name, None, [school.course["wi"]])
    students = frappe.get_all("Student Group Student", {"parent": school.group["bk1a-wi"]}, pluck="student")
    rows = frappe.get_all("Conversation Offer", {"student": ("in", students)}, pluck="name")
    taught = set(
        frappe.get_all(
            "Conversation Offer Instructor", {"parent": ("in", rows)}, pluck="instructor", distinct=True
        )
    )
    assert school.instructor["ber"] not in taught


def test_a_group_with_two_instructors_gives_one_offer_with_both(evening, school):
    by_course.offer(evening.name, None, [school.course["gs"]])
    student = frappe.get_all("Student Group Student", {"parent": school.group["v3a-gs"]}, pluck="student")[0]
    (offer,) = _offers_of(evening, student, course=school.course["gs"])
    people = frappe.get_all("Conversation Offer Instructor", {"parent": offer}, pluck="instructor")
    assert set(people) == {school.instructor["kok"], school.instructor["pet"]}


def test_requests_become_bookings_that_the_checker_accepts(evening, school):
    asked = _ask_three(evening, school)
    run = _run(evening)
    assert (run.state, run.placed, run.total) == ("Finished", len(asked), len(asked))
    data = frappe.get_doc("Schedule Run Data", run.name)
    assert verify(load(json.loads(data.problem)), load_schedule(json.loads(data.schedule))) == []
    report = runs.apply_run(run.name)
    assert report.booked == len(asked)
    assert claims.check() == []
    states = set(frappe.get_all("Conversation Request", {"evening": evening.name}, pluck="state"))
    assert states == {"Placed"}


def test_the_stored_input_of_a_run_holds_ids_only(evening, school):
    _ask_three(evening, school)
    problem = json.dumps(build_problem(evening))
    names = frappe.get_all("Student", pluck="student_name") + frappe.get_all(
        "Guardian", pluck="guardian_name"
    )
    assert not [name for name in names if name in problem]


def test_a_run_whose_input_has_changed_is_not_applied(evening, school):
    asked = _ask_three(evening, school)
    run = _run(evening)
    requests.withdraw(asked[0], guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="changed since this run"):
        runs.apply_run(run.name)
    assert frappe.db.count("Evening Booking") == 0


def test_applying_twice_changes_nothing_and_keeps_each_bookings_name(evening, school):
    _ask_three(evening, school)
    run = _run(evening)
    runs.apply_run(run.name)
    before = frappe.get_all("Evening Booking", fields=["name", "request", "start"], order_by="name")
    report = runs.apply_run(run.name)
    assert report.moved == 0
    assert before == frappe.get_all("Evening Booking", fields=["name", "request", "start"], order_by="name")
    assert claims.check() == []


def test_published_conversations_stay_where_they_are_in_the_next_run(evening, school):
    _ask_three(evening, school)
    runs.apply_run(_run(evening).name)
    publishing.publish(evening.name)
    frappe.db.commit()
    before = dict(frappe.get_all("Evening Booking", fields=["name", "start"], as_list=True))
    publishing.hide(evening.name)
    frappe.db.commit()
    _ask(evening, school, "nadia.yilmaz", school.student[school.students_of("nadia.yilmaz")[0]])
    report = runs.apply_run(_run(evening, seed=7).name)
    assert report.kept == len(before)
    now = dict(frappe.get_all("Evening Booking", fields=["name", "start"], as_list=True))
    assert {name: now[name] for name in before} == before


def test_publishing_shows_the_schedule_and_counts_what_is_new(evening, school):
    asked = _ask_three(evening, school)
    runs.apply_run(_run(evening).name)
    assert publishing.publish(evening.name).published == len(asked)
    assert publishing.publish(evening.name).total == 0
    assert frappe.db.get_value("Parent Evening", evening.name, "schedule_visible") == 1
    publishing.hide(evening.name)
    assert frappe.db.get_value("Parent Evening", evening.name, "schedule_visible") == 0


def test_publishing_without_conversations_is_refused(evening):
    with pytest.raises(frappe.ValidationError, match="no conversations to publish"):
        publishing.publish(evening.name)


def test_scheduling_without_requests_is_refused(evening):
    by_course.offer(evening.name)
    with pytest.raises(frappe.ValidationError, match="no requests"):
        runs.start_run(evening.name, now=True)


def test_one_run_at_a_time(evening, school):
    _ask_three(evening, school)
    first = runs.start_run(evening.name, now=True)
    with pytest.raises(frappe.ValidationError, match=first):
        runs.start_run(evening.name, now=True)
    runs.cancel_run(first)
    frappe.db.commit()
    assert runs.start_run(evening.name, now=True)


def test_a_run_whose_worker_is_gone_is_interrupted(evening, school):
    _ask_three(evening, school)
    run = runs.start_run(evening.name, now=True)
    frappe.cache.delete_value(f"ouderavond_run:{run}:alive")
    runs.mark_interrupted()
    assert frappe.db.get_value("Schedule Run", run, "state") == "Interrupted"


@pytest.mark.parametrize(
    ("state", "job", "then"),
    [
        ("Running", "started", "Interrupted"),
        ("Queued", "queued", "Queued"),
        ("Queued", "started", "Interrupted"),
        ("Queued", None, "Interrupted"),
    ],
)
def test_only_a_run_that_still_waits_in_the_queue_may_be_silent(
    evening, school, monkeypatch, state, job, then
):
    """Of a killed worker's job the queue says for ever that it has started."""
    _ask_three(evening, school)
    run = runs.start_run(evening.name, time_limit=5, now=True)
    frappe.db.set_value("Schedule Run", run, "state", state)
    frappe.cache.delete_value(f"ouderavond_run:{run}:alive")
    monkeypatch.setattr(runs, "get_job_status", lambda job_id: job)
    runs.mark_interrupted()
    assert frappe.db.get_value("Schedule Run", run, "state") == then


def test_what_cannot_be_placed_says_why(evening, school):
    _ask_three(evening, school)
    for row in frappe.get_all("Evening Instructor", {"evening": evening.name}, pluck="name"):
        frappe.delete_doc("Evening Instructor", row)
    frappe.db.commit()
    run = _run(evening)
    assert run.placed == 0
    rows = unplaced.rows(run.name)
    assert {row["reason"] for row in rows} == {"no_common_time"}
    assert all("can be there" in row["sentence"] for row in rows)
    runs.apply_run(run.name)
    states = frappe.get_all("Conversation Request", {"evening": evening.name}, ["state", "reason"])
    assert {(row.state, row.reason) for row in states} == {("Not Placed", "no_common_time")}


def test_a_cancelled_conversation_gives_its_time_back(evening, school):
    _ask_three(evening, school)
    runs.apply_run(_run(evening).name)
    name = frappe.get_all("Evening Booking", pluck="name")[0]
    moves.cancel([name], reason="phoned")
    frappe.db.commit()
    assert frappe.db.count("Booking Claim", {"reference": name}) == 0
    request = frappe.db.get_value("Evening Booking", name, "request")
    assert frappe.db.get_value("Conversation Request", request, "state") == "Requested"
    assert claims.check() == []


def test_a_killed_run_leaves_its_best_schedule_to_apply(evening, school, monkeypatch):
    """Rule 5: never *running* for ever, and what was found until then is not lost."""
    asked = _ask_three(evening, school)
    run = runs.start_run(evening.name, time_limit=5, now=True)
    monkeypatch.setattr("ouderavond.scheduler.session.SNAPSHOT_SECONDS", 0.0)
    # The process dies after the last snapshot and before anything is finished.
    monkeypatch.setattr(runs._Job, "_finish", lambda self: frappe.db.rollback())
    runs.run_job(run)
    assert frappe.db.get_value("Schedule Run", run, "state") == "Running"
    frappe.cache.delete_value(f"ouderavond_run:{run}:alive")
    runs.mark_interrupted()
    frappe.db.commit()
    assert "can be applied" in frappe.db.get_value("Schedule Run", run, "message")
    assert runs.apply_run(run).booked == len(asked)
    assert claims.check() == []


def test_nobody_writes_the_outcome_of_a_request_by_hand(evening, school):
    """A planner who may change wishes cannot say that a request was placed."""
    asked = _ask_three(evening, school)
    with as_user(PLANNER):
        doc = frappe.get_doc("Conversation Request", asked[0])
        doc.update({"state": "Placed", "reason": "room_full", "source": "Guardian", "preference": "Early"})
        doc.save()
        doc.reload()
    assert (doc.state, doc.reason, doc.preference) == ("Requested", None, "Early")
