"""Classes per date: counted, forbidden and allowed as one change, kept to by the scheduler and by booking."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.api.offers import classes as api
from ouderavond.evening import booking, grid, packed, requests, runs
from ouderavond.evening.offering import by_course, classes, journal
from ouderavond.evening.offering.changes import perform
from tests.platform.processes import at_once
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening


@pytest.fixture
def evening(site, school):
    """An evening whose requests are not open yet, with its offers."""
    soon = frappe.utils.now_datetime() + timedelta(days=1)
    doc = make_evening(school, request_from=soon, maximum_per_student=0)
    by_course.offer(doc.name)
    return doc


@pytest.fixture
def dates(evening):
    return classes.days(evening)


def place(evening, name, day):
    (one,) = [one for one in classes.read(evening) if one.name == name]
    return one.places[day]


def offers_of(evening, student):
    filters = {"evening": evening.name, "student": student, "offered": 1}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")


def ask(school, offer, guardian):
    name = requests.request(
        offer, guardian=school.guardian[guardian], source="Staff", override_reason="Telephone"
    )
    frappe.db.commit()
    return name


def book(evening, school, offer, guardian, start, request=None):
    student = frappe.db.get_value("Conversation Offer", offer, "student")
    party = booking.party_of(evening.name, student, school.guardian[guardian])
    name = booking.book(offer, start, guardians=party, source="Staff", request=request)
    frappe.db.commit()
    return name


# Counting


def test_classes_stand_by_program_with_students_and_offered_conversations(evening, school, dates):
    found = classes.read(evening)
    assert [one.name for one in found] == ["bk1a", "bk1b", "h2a", "h2b", "v3a", "v3b"]
    there = place(evening, "bk1a", dates[0])
    students = frappe.db.count("Student Group Student", {"parent": "bk1a", "active": 1})
    assert (there.students, there.students_free) == (students, students)
    assert there.offers == there.offers_free > students
    assert not there.forbidden


def test_a_forbidden_class_has_nobody_on_that_date_and_everybody_on_the_other(evening, school, dates):
    before = place(evening, "bk1a", dates[0])
    report = classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    assert (report.changed, report.needs_confirmation) == (1, False)
    assert report.more["what"].startswith("No conversations of bk1a on ")
    after = place(evening, "bk1a", dates[0])
    assert (after.students_free, after.offers_free, after.forbidden) == (0, 0, True)
    assert (after.students, after.offers) == (before.students, before.offers)
    assert place(evening, "bk1a", dates[1]) == before
    assert place(evening, "bk1b", dates[0]).students_free > 0


def test_the_dates_forbidden_to_single_offers_count_too(evening, school, dates):
    names = offers_of(evening, school.student["s01"])
    before = place(evening, "bk1a", dates[0])
    perform(evening.name, "Change Offers", lambda edit: edit.update(names[:1], forbidden=(dates[0],)))
    some = place(evening, "bk1a", dates[0])
    assert (some.students_free, some.offers_free) == (before.students, before.offers - 1)
    perform(evening.name, "Change Offers", lambda edit: edit.update(names, forbidden=(dates[0],)))
    none = place(evening, "bk1a", dates[0])
    assert (none.students_free, none.offers_free) == (before.students - 1, before.offers - len(names))


def test_who_left_the_class_is_not_held_by_its_dates(evening, school, dates):
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    row = {"parent": "bk1a", "student": school.student["s01"]}
    frappe.db.set_value("Student Group Student", row, "active", 0)
    assert school.student["s01"] not in classes.class_dates.of_students(evening.name)
    frappe.db.rollback()


# Changing


def test_it_is_one_change_that_is_undone_as_a_whole(evening, school, dates):
    classes.set_forbidden(evening.name, ["bk1a", "bk1b"], dates[0], True)
    last = journal.last(evening)
    assert (last["operation"], last["allowed"]) == ("Classes per Date", True)
    journal.undo(evening.name, last["change"])
    assert not frappe.db.count("Forbidden Class Date", {"evening": evening.name})


def test_allowing_again_is_undone_too(evening, school, dates):
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    report = classes.set_forbidden(evening.name, ["bk1a", "bk1b"], dates[0], False)
    assert report.changed == 1
    assert not place(evening, "bk1a", dates[0]).forbidden
    journal.undo(evening.name, journal.last(evening)["change"])
    assert place(evening, "bk1a", dates[0]).forbidden


def test_forbidding_twice_changes_nothing(evening, school, dates):
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    again = classes.set_forbidden(evening.name, ["bk1a", "bk1a"], str(dates[0]), True)
    assert (again.changed, again.change, again.sentence) == (0, None, "Nothing changes.")


def test_a_dry_run_writes_nothing(evening, school, dates):
    report = classes.set_forbidden(evening.name, ["bk1a"], dates[0], True, dry_run=True)
    assert report.changed == 1
    assert not frappe.db.count("Forbidden Class Date", {"evening": evening.name})


def test_what_is_no_date_or_class_of_the_evening_is_refused(evening, school, dates):
    with pytest.raises(frappe.ValidationError, match="is not a date of this evening"):
        classes.set_forbidden(evening.name, ["bk1a"], dates[0] + timedelta(days=300), True)
    with pytest.raises(frappe.ValidationError, match="bk1a-ne is not a class of this evening"):
        classes.set_forbidden(evening.name, ["bk1a-ne"], dates[0], True)
    with pytest.raises(frappe.ValidationError, match="Choose a class"):
        classes.set_forbidden(evening.name, [], dates[0], True)


# Warnings


def test_a_class_without_a_date_and_its_requests_are_told(evening, school, dates):
    ask(school, offers_of(evening, school.student["s01"])[0], "anna.devries")
    for day in dates:
        assert classes.warnings(evening).nowhere == []
        classes.set_forbidden(evening.name, ["bk1a"], day, True)
    found = classes.warnings(evening)
    assert (found.nowhere, found.requests_nowhere) == (["bk1a"], 1)


def test_households_whose_children_have_no_common_date_are_counted_and_named(evening, school, dates):
    assert classes.warnings(evening).households == 0
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    assert classes.warnings(evening).households == 0
    classes.set_forbidden(evening.name, ["h2a", "h2b"], dates[1], True)
    found = classes.warnings(evening)
    # de Vries (bk1a, h2a), Bakker, van Dijk and El Amrani (bk1a, h2b).
    assert found.households == 4
    named = {child.name for children in found.named for child in children}
    assert {"Daan de Vries", "Eva de Vries", "Gijs Bakker", "Hanna Bakker"} <= named


def test_conversations_on_the_date_stay_and_are_named_planned_ones_are_said_to_move(evening, school, dates):
    pinned, planned = offers_of(evening, school.student["s01"])[:2]
    starts = grid.slots(evening)[0].starts
    book(evening, school, pinned, "anna.devries", starts[0])
    request = ask(school, planned, "anna.devries")
    moving = book(evening, school, planned, "anna.devries", starts[3], request)
    frappe.db.set_value("Evening Booking", moving, {"state": "Planned", "pinned": 0})
    frappe.db.commit()
    assert place(evening, "bk1a", dates[0]).booked == 2
    report = classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    assert [row["student_name"] for row in report.more["staying"]] == ["Daan de Vries"]
    assert [row["name"] for row in report.more["planned"]] == [moving]
    assert frappe.db.count("Evening Booking", {"evening": evening.name, "state": ("!=", "Cancelled")}) == 2


# Scheduling and booking keep to it


def test_the_scheduler_puts_nobody_on_a_forbidden_date(evening, school, dates):
    for student, guardian in (("s01", "anna.devries"), ("s02", "anna.devries")):
        for offer in offers_of(evening, school.student[student])[:2]:
            ask(school, offer, guardian)
    classes.set_forbidden(evening.name, ["bk1a", "h2a"], dates[0], True)
    run = runs.start_run(evening.name, time_limit=5, now=True)
    runs.run_job(run)
    runs.apply_run(run)
    starts = frappe.get_all("Evening Booking", {"evening": evening.name, "state": "Planned"}, pluck="start")
    assert len(starts) == 4
    assert {start.date() for start in starts} == {dates[1]}


def test_a_run_made_before_is_out_of_date(evening, school, dates):
    ask(school, offers_of(evening, school.student["s01"])[0], "anna.devries")
    run = runs.start_run(evening.name, time_limit=5, now=True)
    runs.run_job(run)
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    with pytest.raises(frappe.ValidationError, match="have changed since this run"):
        runs.apply_run(run)


def test_booking_on_a_forbidden_date_is_refused_with_the_class(evening, school, dates):
    offer = offers_of(evening, school.student["s01"])[0]
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    days = grid.slots(evening)
    with pytest.raises(frappe.ValidationError, match="Conversations of class bk1a cannot be on "):
        book(evening, school, offer, "anna.devries", days[0].starts[0])
    frappe.db.rollback()
    assert book(evening, school, offer, "anna.devries", days[1].starts[0])


# The school's own records, and the evening


def test_a_class_with_forbidden_dates_can_be_deleted(evening, school, dates, restored_afterwards):
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    frappe.delete_doc("Student Group", "bk1a")
    assert not frappe.db.count("Forbidden Class Date", {"evening": evening.name})


def test_a_renamed_class_keeps_its_dates_and_a_merged_one_has_them_once(
    evening, school, dates, restored_afterwards
):
    classes.set_forbidden(evening.name, ["bk1a", "bk1b"], dates[0], True)
    frappe.rename_doc("Student Group", "bk1a", "bk1z", force=True)
    filters = {"evening": evening.name}
    names = frappe.get_all("Forbidden Class Date", filters, pluck="student_group")
    assert sorted(names) == ["bk1b", "bk1z"]
    frappe.rename_doc("Student Group", "bk1z", "bk1b", force=True, merge=True)
    assert frappe.get_all("Forbidden Class Date", filters, pluck="student_group") == ["bk1b"]


def test_an_evening_goes_with_its_dates_choices_and_journal(evening, school, dates):
    classes.set_forbidden(evening.name, ["bk1a"], dates[0], True)
    frappe.delete_doc("Parent Evening", evening.name)
    for doctype in ("Forbidden Class Date", "Reference Week Choice", "Offer Change"):
        assert not frappe.db.count(doctype, {"evening": evening.name})


def test_a_student_who_is_deleted_goes_from_the_journal(evening, school, restored_afterwards):
    student = school.student["s01"]
    last = journal.last(evening)["change"]
    assert student in str(packed.unpack(frappe.db.get_value("Offer Change", last, "records")))
    doc = frappe._dict(doctype="Student", name=student)
    from ouderavond.evening import departures

    departures.before_student_is_deleted(doc)
    assert student not in str(packed.unpack(frappe.db.get_value("Offer Change", last, "records")))


# The page's calls


@pytest.mark.parametrize("user", [MANAGER, PLANNER])
def test_staff_read_and_change_from_the_page(evening, school, dates, user):
    with as_user(user):
        answer = api.change(evening.name, '["bk1a", "bk1b"]', str(dates[0]), 1)
        assert answer["report"]["sentence"].startswith("No conversations of bk1a, bk1b on ")
        found = api.read(evening.name)
    assert [day["date"] for day in found["dates"]] == [str(day) for day in dates]
    (bk1,) = [program for program in found["programs"] if program["name"] == "bk1"]
    assert [one["places"][str(dates[0])]["forbidden"] for one in bk1["classes"]] == [True, True]


@pytest.mark.parametrize("person", ["anna.devries", "jan", "s01"])
def test_nobody_else_reads_or_changes(evening, school, dates, person):
    refused_unless_staff(
        school,
        person,
        lambda: api.read(evening.name),
        lambda: api.change(evening.name, '["bk1a"]', str(dates[0]), 1),
    )


# Two at once


def _forbid(evening, names, day):
    return classes.set_forbidden(evening, names, day, True).changed


def test_classes_forbidden_by_several_at_once_are_forbidden_once_and_none_is_lost(
    evening, school, dates, bench_site
):
    calls = [(evening.name, [name, "bk1a"], str(dates[0])) for name in ("bk1b", "h2a", "h2b", "v3a")]
    assert sum(at_once(bench_site, _forbid, calls)) == 5
    frappe.db.rollback()
    assert frappe.db.count("Forbidden Class Date", {"evening": evening.name}) == 5


# The command line


def test_a_program_is_forbidden_and_a_class_allowed_from_the_command_line(evening, dates, run):
    done = run("offers", "classes", "--date", str(dates[0]), "--forbid", "bk1", "--forbid", "h2a")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No conversations of bk1a, bk1b, h2a on ")
    assert "forbidden" in next(line for line in done.stdout.splitlines() if " bk1b " in line)
    assert run("offers", "classes", "--date", str(dates[0]), "--allow", "bk1a").returncode == 0
    left = frappe.get_all("Forbidden Class Date", {"evening": evening.name}, pluck="student_group")
    assert sorted(left) == ["bk1b", "h2a"]
    refused = run("offers", "classes", "--date", str(dates[0]), "--forbid", "nope")
    assert (refused.returncode, refused.stderr.strip()) == (1, "nope is not a class of this evening.")
