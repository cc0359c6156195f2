"""Mentor conversations: the classes and their mentors, and offering them whatever the lessons."""

import frappe
import pytest

from ouderavond.api.offers import mentors as api
from ouderavond.evening.offering import journal, mentors
from tests.platform.processes import at_once
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, MENTORS, PLANNER, as_user, make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school)


def _classes(evening) -> dict:
    return {row["group"]: row for row in mentors.classes(evening)}


def _students(group) -> set:
    return set(frappe.get_all("Student Group Student", {"parent": group}, pluck="student"))


def _offers(evening, **filters) -> list:
    fields = ["student", "subject", "abbreviation", "source", "course", "instructors_key"]
    return frappe.get_all("Conversation Offer", {"evening": evening.name, **filters}, fields)


def test_the_classes_with_their_mentors(evening, school):
    found = _classes(evening)
    assert {name: row["mentors"][0]["code"] for name, row in found.items()} == MENTORS
    assert all(row["marked"] and not row["offered"] for row in found.values())
    assert found["bk1a"]["students"] == len(_students("bk1a"))


def test_each_student_of_the_class_gets_one_without_any_lessons(evening, school):
    evening.db_set("reference_week", None, commit=True)
    report = mentors.offer(evening.name, ["bk1a"], "Mentoraat", "men")
    offers = _offers(evening)
    assert {row.student for row in offers} == _students("bk1a") and report.created == len(offers)
    assert {(row.subject, row.abbreviation, row.source, row.course) for row in offers} == {
        ("Mentoraat", "men", "Mentor", None)
    }
    assert _classes(evening)["bk1a"]["offered"] == len(offers)
    again = mentors.offer(evening.name, ["bk1a"], "Mentoraat", "men")
    assert (again.created, again.existing) == (0, len(offers))
    evening.db_set("published", 0, commit=True)
    journal.undo(evening.name, journal.last(evening)["change"])
    assert not _offers(evening)


def test_the_words_are_remembered_with_the_evening(evening):
    assert mentors.wording(evening) == {"subject": "Mentor", "abbreviation": "men"}
    mentors.offer(evening.name, ["bk1a"], "Mentoraat", "mtr")
    assert mentors.wording(evening) == {"subject": "Mentoraat", "abbreviation": "mtr"}
    mentors.offer(evening.name, ["bk1b"])
    assert {row.subject for row in _offers(evening)} == {"Mentoraat"}


def test_two_mentors_are_in_one_conversation(evening, school, restored_afterwards):
    group = frappe.get_doc("Student Group", "bk1a")
    group.append("instructors", {"instructor": school.instructor["tea"], "ouderavond_mentor": 1})
    group.save()
    frappe.db.commit()
    mentors.offer(evening.name, ["bk1a"], "Mentoraat")
    assert len(_offers(evening)) == len(_students("bk1a"))
    name = frappe.get_all("Conversation Offer", pluck="name", limit=1)[0]
    people = frappe.get_all("Conversation Offer Instructor", {"parent": name}, pluck="instructor")
    assert set(people) == {school.instructor["jan"], school.instructor["tea"]}


def test_the_only_instructor_stands_in_and_with_several_there_is_no_mentor(
    evening, school, restored_afterwards
):
    frappe.db.set_value(
        "Student Group Instructor", {"parent": ("in", ("bk1a", "bk1b"))}, "ouderavond_mentor", 0
    )
    group = frappe.get_doc("Student Group", "bk1b")
    group.append("instructors", {"instructor": school.instructor["tea"]})
    group.save()
    frappe.db.commit()
    found = _classes(evening)
    assert (found["bk1a"]["marked"], len(found["bk1a"]["mentors"])) == (0, 1)
    assert found["bk1b"]["mentors"] == []
    report = mentors.offer(evening.name, ["bk1a", "bk1b"], "Mentoraat")
    assert report.created == len(_students("bk1a"))
    (row,) = report.skipped
    assert (row.code, row.doctype, row.name) == ("no_mentor", "Student Group", "bk1b")
    assert row.number == len(_students("bk1b")) and "no mentor" in row.sentence


def test_who_is_in_two_classes_gets_two_only_where_the_mentors_differ(evening, school, restored_afterwards):
    student = school.student["s01"]
    for name in ("bk1b", "h2a"):
        group = frappe.get_doc("Student Group", name)
        group.append("students", {"student": student, "active": 1})
        group.flags.ignore_validate = True
        group.save()
    frappe.db.set_value("Student Group Instructor", {"parent": "h2a"}, "instructor", school.instructor["jan"])
    frappe.db.commit()
    mentors.offer(evening.name, subject="Mentoraat")
    keys = {row.instructors_key for row in _offers(evening, student=student)}
    assert len(_offers(evening, student=student)) == len(keys) == 2


def test_what_is_no_class_or_no_name_is_refused(evening, school):
    with pytest.raises(frappe.ValidationError, match="is no class of this evening's participants"):
        mentors.offer(evening.name, [school.group["bk1a-ne"]], "Mentoraat")
    with pytest.raises(frappe.ValidationError, match="Write the full name"):
        mentors.offer(evening.name, subject=" ")
    with pytest.raises(frappe.ValidationError, match="at most"):
        mentors.offer(evening.name, subject="Mentoraat", abbreviation="m" * 21)


def test_a_name_that_is_a_course_is_said(evening):
    assert mentors.offer(evening.name, subject="Nederlands", dry_run=True).more["course"] == "Nederlands"
    assert mentors.offer(evening.name, subject="Mentoraat", dry_run=True).more["course"] is None


def _offer(name: str, group: str) -> int:
    return mentors.offer(name, [group, "bk1b"], "Mentoraat", "men").created


def test_two_secretaries_at_once_lose_nothing(evening, bench_site):
    results = at_once(bench_site, _offer, [(evening.name, "bk1a"), (evening.name, "h2a")])
    frappe.db.rollback()
    students = _students("bk1a") | _students("bk1b") | _students("h2a")
    assert sum(results) == len(_offers(evening)) == len(students), results


@pytest.mark.parametrize("name", ["classes", "offer"])
@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(evening, school, name, who):
    refused_unless_staff(school, who, lambda: getattr(api, name)(evening.name))


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
def test_staff_offer_with_lists_as_json(evening, user):
    with as_user(user):
        answer = api.classes(evening.name)
        assert len(answer["classes"]) == 6 and answer["subject"]
        would = api.offer(evening.name, classes='["bk1a"]', subject="Mentoraat", dry_run=1)["report"]
        assert would["created"] and not _offers(evening)
        made = api.offer(evening.name, classes='["bk1a"]', subject="Mentoraat", abbreviation="men")["report"]
        assert made["created"] == would["created"] == len(_offers(evening))
