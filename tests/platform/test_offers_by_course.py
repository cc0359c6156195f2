"""By course: the matrix, offering and removing by cells, and why something yields nothing."""

import json

import frappe
import pytest

from ouderavond.api.offers import by_course as api
from ouderavond.evening import requests
from ouderavond.evening.offering import by_course, journal, matrix, missing
from tests.platform.processes import at_once
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school)


def _cells(found) -> dict:
    """{(program, course or label): (total, offered, requested)}"""
    rows = [row["course"] or row["label"] for row in found["rows"]]
    programs = [column["name"] for column in found["programs"]]
    return {(programs[p], rows[r]): tuple(figures) for p, r, *figures in found["cells"]}


def _class(school, *names) -> set:
    groups = [school.group[name] for name in names]
    return set(frappe.get_all("Student Group Student", {"parent": ("in", groups)}, pluck="student"))


def _offers(evening, **filters) -> list:
    return frappe.get_all("Conversation Offer", {"evening": evening.name, **filters}, pluck="name")


def _ask(evening, school) -> str:
    """Anna de Vries asks for Dutch for Daan, who is in bk1a."""
    filters = {"student": school.student["s01"], "course": "Nederlands"}
    frappe.db.commit()
    name = requests.request(_offers(evening, **filters)[0], guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    return name


# The matrix


def test_a_cell_counts_who_has_the_course_who_is_offered_it_and_who_asked(evening, school):
    bk1 = len(_class(school, "bk1a", "bk1b"))
    assert _cells(matrix.to_offer(evening))["bk1", "Nederlands"] == (bk1, 0, 0)
    by_course.offer(evening.name)
    _ask(evening, school)
    cells = _cells(matrix.to_offer(evening))
    assert cells["bk1", "Nederlands"] == (bk1, bk1, 1)
    assert cells["bk1", "Engels"] == (bk1, bk1, 0)
    assert ("bk1", "Frans") not in cells, "not in the package"


def test_the_matrix_is_about_participants_only_and_counts_each_student_once(evening, school):
    by_course.offer(evening.name)
    one, other = sorted(_class(school, "bk1a"))[:2]
    frappe.get_doc(
        {
            "doctype": "Conversation Offer",
            "evening": evening.name,
            "student": one,
            "subject": "Nederlands",
            "course": "Nederlands",
            "instructors": [{"instructor": school.instructor["smi"]}],
        }
    ).insert()
    evening.append("participants", {"participant_type": "Student", "participant": other, "left_out": 1})
    evening.save()
    frappe.db.commit()
    total = len(_class(school, "bk1a", "bk1b")) - 1
    assert _cells(matrix.to_offer(evening))["bk1", "Nederlands"] == (total, total, 0)
    # What can be removed are offers, of which this student has two.
    assert _cells(matrix.to_remove(evening))["bk1", "Nederlands"][0] == total + 1


def test_who_is_in_no_program_has_a_column(evening, school, restored_afterwards):
    student = school.student["s01"]
    name = frappe.db.get_value("Program Enrollment", {"student": student})
    frappe.db.set_value("Program Enrollment", name, "docstatus", 2)
    evening.append("participants", {"participant_type": "Student", "participant": student})
    evening.save()
    frappe.db.commit()
    found = matrix.to_offer(evening)
    assert found["programs"][-1]["name"] is None and found["programs"][-1]["students"] == 1
    # Without an enrolment the lesson groups are the package.
    assert _cells(found)[None, "Nederlands"] == (1, 0, 0)
    report = by_course.offer(evening.name, cells=[[None, "Nederlands"]])
    assert report.created == 1
    frappe.db.commit()


# Offering


def test_offering_some_cells_at_once_and_taking_it_back(evening, school):
    cells = [["bk1", "Nederlands"], ["h2", "Engels"]]
    expected = len(_class(school, "bk1a", "bk1b")) + len(_class(school, "h2a", "h2b"))
    would = by_course.offer(evening.name, cells=cells, dry_run=True)
    assert would.created == expected and not _offers(evening)
    assert by_course.offer(evening.name, cells=cells).created == expected
    courses = frappe.get_all("Conversation Offer", pluck="course", distinct=True)
    assert set(courses) == {"Nederlands", "Engels"}
    evening.db_set("published", 0, commit=True)
    journal.undo(evening.name, journal.last(evening)["change"])
    assert not _offers(evening)


def test_a_cell_has_to_be_one(evening):
    for wrong in ("bk1", ["bk1"], [1, 2], ["a", "b", "c", "d"]):
        with pytest.raises(frappe.ValidationError, match="A cell is a program and a course"):
            by_course.offer(evening.name, cells=[wrong])


def _offer_cells(name: str, cells: list) -> int:
    return by_course.offer(name, cells=cells).created


def test_two_secretaries_at_once_lose_nothing(evening, school, bench_site):
    bk1, h2 = len(_class(school, "bk1a", "bk1b")), len(_class(school, "h2a", "h2b"))
    both = ["bk1", "Nederlands"]
    results = at_once(
        bench_site,
        _offer_cells,
        [(evening.name, [both, ["bk1", "Engels"]]), (evening.name, [both, ["h2", "Engels"]])],
    )
    frappe.db.rollback()
    assert sum(results) == 2 * bk1 + h2, results
    assert len(_offers(evening)) == 2 * bk1 + h2
    assert frappe.db.count("Offer Change", {"evening": evening.name}) == 2


# What yields nothing


def _reasons(evening, **chosen) -> dict:
    report = by_course.offer(evening.name, dry_run=True, **chosen)
    return {row.code: row for row in report.skipped}


def test_a_student_in_no_lesson_group(evening, school, restored_afterwards):
    student = school.student["s01"]
    frappe.db.delete("Student Group Student", {"parent": school.group["bk1a-ne"], "student": student})
    frappe.db.commit()
    row = _reasons(evening, cells=[["bk1", "Nederlands"]])["no_lesson_group"]
    assert (row.number, row.doctype, row.filters["course"]) == (1, "Student Group", "Nederlands")
    assert row.items[0][:2] == ("Student", student)
    assert "bk1, Nederlands" in row.sentence
    assert "no_lesson_group" not in _reasons(evening, cells=[["bk1", "Engels"]])


def test_a_group_without_an_instructor(evening, school, restored_afterwards):
    group = school.group["bk1a-en"]
    frappe.db.delete("Student Group Instructor", {"parent": group})
    frappe.db.delete("Course Schedule", {"student_group": group})
    frappe.db.commit()
    row = _reasons(evening)["no_instructor"]
    assert (row.doctype, row.name, row.number) == ("Student Group", group, len(_class(school, "bk1a")))
    assert "has no instructor" in row.sentence


def test_no_lesson_in_the_reference_week(evening, school, restored_afterwards):
    group = school.group["bk1a-en"]
    frappe.db.delete("Student Group Instructor", {"parent": group})
    frappe.db.sql(
        "update `tabCourse Schedule` set schedule_date = date_add(schedule_date, interval 7 day)"
        " where student_group = %s",
        (group,),
    )
    frappe.db.commit()
    row = _reasons(evening)["no_lesson"]
    assert (row.doctype, row.filters) == ("Course Schedule", {"student_group": group, "course": "Engels"})
    assert row.number == len(_class(school, "bk1a"))
    assert evening.reference_week in row.sentence


def test_a_course_that_is_not_in_the_package(evening, school):
    row = _reasons(evening)["not_in_package"]
    assert row.number == len(_class(school, "v3-du1"))
    assert {doctype for doctype, _name, _title in row.items} == {"Program Enrollment"}
    assert "v3-du1" in row.sentence and "Duits" in row.sentence
    assert "not_in_package" not in _reasons(evening, programs=["bk1"])


def test_everything_that_yields_nothing_for_the_check(evening, school):
    assert [row.code for row in missing.of(evening)] == ["not_in_package"]


# Removing


def test_removing_cells_leaves_the_rest_and_is_taken_back(evening, school):
    by_course.offer(evening.name)
    before = len(_offers(evening))
    bk1 = len(_class(school, "bk1a", "bk1b"))
    cells = [["bk1", "Nederlands"]]
    assert by_course.remove(evening.name, cells, dry_run=True).removed == bk1
    report = by_course.remove(evening.name, cells)
    assert (report.removed, report.students) == (bk1, bk1)
    assert len(_offers(evening)) == before - bk1
    assert ("bk1", "Nederlands") not in _cells(matrix.to_remove(evening))
    evening.db_set("published", 0, commit=True)
    journal.undo(evening.name, journal.last(evening)["change"])
    assert len(_offers(evening)) == before


def test_removing_what_somebody_asked_for_needs_a_confirmation(evening, school):
    by_course.offer(evening.name)
    request = _ask(evening, school)
    cells = [["bk1", "Nederlands"]]
    report = by_course.remove(evening.name, cells)
    assert report.needs_confirmation and report.concerned[0].request == request
    assert len(_offers(evening, course="Nederlands", offered=1)) > 0
    report = by_course.remove(evening.name, cells, confirmed=True)
    assert (report.withdrawn, report.switched_off) == (1, 1)
    assert frappe.db.get_value("Conversation Request", request, "state") == "Withdrawn"


def test_labels_have_rows_of_their_own(evening, school):
    frappe.get_doc(
        {
            "doctype": "Conversation Offer",
            "evening": evening.name,
            "student": school.student["s01"],
            "subject": "Afdelingsleider",
            "abbreviation": "afd",
            "instructors": [{"instructor": school.instructor["tea"]}],
        }
    ).insert()
    frappe.db.commit()
    found = matrix.to_remove(evening)
    assert found["rows"][-1] == {
        "course": None,
        "label": "Afdelingsleider",
        "code": "afd",
        "title": "Afdelingsleider",
    }
    assert _cells(found) == {("bk1", "Afdelingsleider"): (1, 1, 0)}
    assert by_course.remove(evening.name, [["bk1", "Afdelingsleider"]]).removed == 0, "a label is no course"
    assert by_course.remove(evening.name, [["bk1", None, "Afdelingsleider"]]).removed == 1


# Calls


@pytest.mark.parametrize("name", ["matrix", "offer", "remove"])
@pytest.mark.parametrize("who", ["anna.devries", "jan", "s01", None])
def test_nobody_but_staff_may_call(evening, school, name, who):
    arguments = {"cells": "[]"} if name == "remove" else {}
    refused_unless_staff(school, who, lambda: getattr(api, name)(evening.name, **arguments))


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
def test_staff_offer_and_remove_with_lists_as_json(evening, school, user):
    with as_user(user):
        cells = json.dumps([["bk1", "Nederlands"]])
        assert api.matrix(evening.name)["programs"][0]["name"] == "bk1"
        assert api.offer(evening.name, cells=cells, dry_run=1)["report"]["created"] > 0
        made = api.offer(evening.name, cells=cells)["report"]
        assert made["created"] == len(_class(school, "bk1a", "bk1b")) == len(_offers(evening))
        assert api.offer(evening.name, programs='["h2"]', courses='["Engels"]')["report"]["created"] > 0
        assert api.matrix(evening.name, remove=1)["cells"]
        assert api.remove(evening.name, cells=cells)["report"]["removed"] == made["created"]
        with pytest.raises(frappe.ValidationError, match="A list was expected"):
            api.offer(evening.name, cells='{"a": 1}')


def test_much_at_once_becomes_a_job(evening, jobs_at_once, monkeypatch):
    monkeypatch.setattr("ouderavond.api.running.MANY", 5)
    with as_user(PLANNER):
        assert api.offer(evening.name)["job"]
        made = len(_offers(evening))
        assert made > 5
        everything = [
            [program, course]
            for program in ("bk1", "h2", "v3")
            for course in frappe.get_all("Course", pluck="name")
        ]
        assert api.remove(evening.name, cells=everything)["job"]
    assert len(jobs_at_once.calls) == 2 and not _offers(evening)


@pytest.mark.parametrize("nothing", ["", "[]", "null"])
def test_nothing_said_removes_nothing(evening, nothing):
    by_course.offer(evening.name)
    with as_user(PLANNER):
        assert api.remove(evening.name, cells=nothing)["report"]["removed"] == 0
    assert _offers(evening)


def test_writing_takes_post_only():
    methods = frappe.allowed_http_methods_for_whitelisted_func
    assert set(methods[api.offer]) == set(methods[api.remove]) == {"POST"}


# Commands


def test_the_matrix_the_week_and_mentors_from_the_command_line(evening, school, run):
    assert "0/14" in run("offers", "matrix").stdout
    assert "ber (1, substitute)" in run("offers", "week").stdout
    chosen = run("offers", "week", "--choose", "bk1a-wi", "wi", "hui,ber", "each", "--all", "regular")
    assert chosen.returncode == 0, chosen.stderr
    assert "hui, ber (each)" in run("offers", "week").stdout
    made = run("offers", "mentors", "--class", "bk1a", "--subject", "Mentoraat", "--abbreviation", "men")
    assert made.returncode == 0 and "offers made" in made.stdout, made.stderr
    assert "jan" in run("offers", "mentors", "--list").stdout
    assert "men" in run("offers", "matrix", "--remove").stdout
    refused = run("offers", "week", "--choose", "bk1a-wi", "wi", "nobody", "each")
    assert refused.returncode == 1 and "There is no instructor nobody" in refused.stderr


def test_removing_by_course_from_the_command_line(evening, school, run):
    by_course.offer(evening.name)
    _ask(evening, school)
    before = len(_offers(evening, offered=1))
    bk1 = len(_class(school, "bk1a", "bk1b"))
    assert run("offers", "remove-by-course").returncode == 2, "it has to be said what"
    chosen = ("offers", "remove-by-course", "--program", "bk1", "--course", "Nederlands")
    refused = run(*chosen)
    assert refused.returncode == 1 and "--yes" in refused.stderr
    assert len(_offers(evening, offered=1)) == before
    assert run(*chosen, "--yes").returncode == 0
    assert len(_offers(evening, offered=1)) == before - bk1
    assert run("offers", "remove-by-course", "--all", "--dry-run").returncode == 0
