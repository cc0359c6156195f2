"""The harness itself: the test site is what other tests take it for."""

import frappe
import pytest

from tests.platform.school import MANAGER, as_user, make_evening


def test_checks_of_permissions_are_not_hidden(site, school):
    assert not frappe.flags.in_test
    with as_user(school.user("anna.devries")), pytest.raises(frappe.PermissionError):
        frappe.only_for("Ouderavond Manager")


def test_the_school_has_what_tests_count_on(site, school):
    assert len(school.student) == 40
    assert len(school.instructor) == 12
    assert len(school.students_of("anna.devries")) == 3
    assert frappe.db.get_value("Guardian", school.guardian["els.smit"], "user") == school.user("smi")
    assert frappe.db.get_value("Instructor", school.instructor["smi"], "ouderavond_user") == school.user(
        "smi"
    )
    assert frappe.db.count("Course Schedule", {"student_group": "bk1a-wi"}) == 2
    taught = frappe.get_all("Course Schedule", {"student_group": "bk1a-wi"}, pluck="instructor")
    assert set(taught) == {school.instructor["hui"], school.instructor["ber"]}
    assert frappe.db.count("Student Group Instructor", {"parent": "v3a-gs"}) == 2
    assert "Ouderavond Manager" in frappe.get_roles(MANAGER)


def test_an_evening_of_one_test(site, school):
    evening = make_evening(school)
    assert len(evening.dates) == 2
    assert frappe.db.count("Parent Evening") == 1


def test_is_not_there_in_the_next(site):
    assert frappe.db.count("Parent Evening") == 0


def test_the_session_acts_as_the_user_only_inside_the_block(site, school):
    with as_user(school.user("dirk.bakker")):
        assert frappe.session.user == "dirk.bakker@school.test"
    assert frappe.session.user == "Administrator"
