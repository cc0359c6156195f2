"""Tailored programs: listed from the lesson groups, offered without a file, and only ever added."""

import frappe
import pytest

from ouderavond.api.offers import tailored as calls
from ouderavond.evening.offering import by_course, journal, tailored
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

# Daan (s01, class bk1a) follows geography with v3a; German across v3 is in nobody's package.
GROUP = "v3a-ak"


@pytest.fixture
def evening(site, school, restored_afterwards):
    _join(GROUP, school.student["s01"])
    frappe.db.commit()
    return make_evening(school, published=0)


def _join(group: str, student: str) -> None:
    doc = frappe.get_doc("Student Group", group)
    row = doc.append("students", {"student": student, "active": 1})
    row.insert(ignore_permissions=True)


def listed(evening) -> dict[tuple, dict]:
    return {(row["student"], row["group"]): row for row in tailored.listed(evening)}


def test_who_follows_a_group_without_enrolment_is_listed(evening, school):
    found = listed(evening)
    row = found[(school.student["s01"], GROUP)]
    assert row["student_name"] == "Daan de Vries" and row["class"] == "bk1a"
    assert row["course"] == "Aardrijkskunde" and row["instructors"] == ["Fatima Pettinga"]
    assert row["offered"] == "no"
    in_package = [key for key, value in found.items() if value["course"] in ("Nederlands",)]
    assert not in_package


def test_by_course_passes_them_by_and_this_does_not(evening, school):
    by_course.offer(evening.name)
    mine = {"student": school.student["s01"], "course": "Aardrijkskunde"}
    report = tailored.offer(evening.name)
    offer = frappe.get_all("Conversation Offer", mine, ["source", "in_package", "offered", "subject"])
    assert offer == [{"source": "Course", "in_package": 0, "offered": 1, "subject": "Aardrijkskunde"}]
    assert report.created > 0 and report.removed == 0
    assert all(row["offered"] == "yes" for row in tailored.listed(evening))
    again = tailored.offer(evening.name)
    assert again.created == 0 and again.existing == report.created + report.existing
    journal.undo(evening.name, report.change)
    assert not frappe.get_all("Conversation Offer", mine)


def test_some_of_them(evening, school):
    report = tailored.offer(evening.name, [(school.student["s01"], GROUP)])
    assert report.created == 1
    assert listed(evening)[(school.student["s01"], GROUP)]["offered"] == "yes"
    report = tailored.offer(evening.name, [(school.student["s02"], GROUP)])
    assert report.created == 0 and report.skipped[0].code == "not_tailored_any_more"


def test_the_weeks_choice_decides_with_whom(evening, school):
    group = "v3a-gs"
    _join(group, school.student["s01"])
    frappe.db.commit()
    row = listed(evening)[(school.student["s01"], group)]
    assert row["instructors"] == ["Peter Kok, Fatima Pettinga"] or len(row["instructors"]) == 1
    frappe.get_doc(
        {
            "doctype": "Reference Week Choice",
            "evening": evening.name,
            "week": evening.reference_week,
            "student_group": group,
            "course": "Geschiedenis",
            "instructors": "\n".join(sorted([school.instructor["kok"], school.instructor["pet"]])),
            "together": 0,
        }
    ).insert(ignore_permissions=True)
    frappe.db.commit()
    row = listed(evening)[(school.student["s01"], group)]
    assert sorted(row["instructors"]) == ["Fatima Pettinga", "Peter Kok"]
    tailored.offer(evening.name, [(school.student["s01"], group)])
    assert frappe.db.count("Conversation Offer", {"student": school.student["s01"]}) == 2


def test_a_group_that_nobody_teaches_leads_to_itself(evening, school):
    frappe.db.delete("Student Group Instructor", {"parent": GROUP})
    frappe.db.delete("Course Schedule", {"student_group": GROUP})
    frappe.db.commit()
    assert listed(evening)[(school.student["s01"], GROUP)]["offered"] == "nobody"
    report = tailored.offer(evening.name, [(school.student["s01"], GROUP)])
    [skipped] = report.skipped
    assert (skipped.code, skipped.doctype, skipped.name) == ("no_instructor", "Student Group", GROUP)
    assert GROUP in skipped.sentence and report.created == 0


def test_members_who_are_not_active_or_do_not_take_part_are_not_listed(evening, school):
    filters = {"parent": GROUP, "student": school.student["s01"]}
    frappe.db.set_value("Student Group Student", filters, "active", 0)
    assert (school.student["s01"], GROUP) not in listed(evening)
    frappe.db.set_value("Student Group Student", filters, "active", 1)
    evening.append(
        "participants", {"participant_type": "Student", "participant": school.student["s01"], "left_out": 1}
    )
    evening.save()
    assert (school.student["s01"], GROUP) not in listed(evening)


def test_a_week_without_lessons_is_refused_with_a_sentence(evening):
    evening.db_set("reference_week", "2001-W05")
    with as_user(PLANNER):
        answer = calls.listed(evening.name)
        assert answer["rows"] == [] and "no lessons in the reference week" in answer["why_not"]
        assert not frappe.get_message_log()
        with pytest.raises(frappe.ValidationError, match="no lessons in the reference week"):
            calls.offer(evening.name)


@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(evening, school, who):
    refused_unless_staff(school, who, lambda: calls.listed(evening.name), lambda: calls.offer(evening.name))
    assert not frappe.db.count("Conversation Offer")


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
def test_staff_may(evening, school, user):
    with as_user(user):
        rows = calls.listed(evening.name)["rows"]
        chosen = [[school.student["s01"], GROUP]]
        assert calls.offer(evening.name, frappe.as_json(chosen), dry_run=1)["report"]["created"] == 1
        assert not frappe.db.count("Conversation Offer")
        assert calls.offer(evening.name, chosen)["report"]["created"] == 1
        # None chosen is not the same as all.
        with pytest.raises(frappe.ValidationError, match="at least one"):
            calls.offer(evening.name, [])
        with pytest.raises(frappe.ValidationError, match="students with their groups"):
            calls.offer(evening.name, ["s01"])
        assert calls.offer(evening.name)["report"]["created"] >= len(rows) - 1


def test_the_command(evening, school, run):
    dry = run("offers", "tailored", "--dry-run")
    assert dry.returncode == 0 and "would be made" in dry.stdout, dry.stderr
    done = run("offers", "tailored")
    assert done.returncode == 0 and "offers made" in done.stdout
    assert listed(evening)[(school.student["s01"], GROUP)]["offered"] == "yes"
