"""Telling somebody something once, whoever else tries at the same moment."""

import time

import frappe
import pytest

from ouderavond.evening import messages, people
from ouderavond.evening.messages import once
from tests.platform.processes import at_once
from tests.platform.school import make_evening


@pytest.fixture
def evening(site, school):
    made = make_evening(school)
    frappe.db.commit()
    return made.name


def told_at_once(evening: str) -> bool:
    """In a transaction that began before anybody was told; the first keeps the others waiting."""
    assert not frappe.db.count("Evening Message")
    time.sleep(0.5)
    first = once("test", evening, "User:a@school.test", "1")
    time.sleep(0.2 if first else 0)
    frappe.db.commit()
    return first


def test_once_is_once_and_again_for_another_version_or_person(evening):
    assert once("test", evening, "User:a@school.test", "1")
    assert not once("test", evening, "User:a@school.test", "1")
    assert once("test", evening, "User:a@school.test", "2")
    assert once("other", evening, "User:a@school.test", "1")
    assert once("test", evening, "User:b@school.test")
    assert not once("test", evening, "User:b@school.test")
    assert messages.last_version("test", evening, "User:b@school.test") == ""
    assert messages.last_version("test", evening, "User:c@school.test") is None


def test_what_was_not_committed_was_not_told(evening):
    assert once("test", evening, "User:a@school.test")
    frappe.db.rollback()
    assert once("test", evening, "User:a@school.test")


def test_of_real_processes_one_tells(evening, bench_site):
    results = at_once(bench_site, told_at_once, [(evening,)] * 4)
    assert sorted(results) == [False, False, False, True]
    frappe.db.rollback()
    assert frappe.db.count("Evening Message") == 1


def test_nobody_writes_one_by_hand(evening):
    with pytest.raises(frappe.PermissionError, match="cannot be written by hand"):
        frappe.get_doc(
            {"doctype": "Evening Message", "event": "test", "evening": evening, "person": "x"}
        ).insert()


def test_it_goes_with_the_evening(evening):
    once("test", evening, "User:a@school.test")
    frappe.delete_doc("Parent Evening", evening)
    assert not frappe.db.count("Evening Message")


def test_it_follows_the_person_and_goes_with_them(evening, school):
    sanne = school.guardian["sanne.post"]
    once("test", evening, f"Guardian:{sanne}", "1")
    new = frappe.rename_doc("Guardian", sanne, "EDU-GRD-NEW", force=True)
    assert messages.last_version("test", evening, f"Guardian:{new}") == "1"
    doc = frappe.get_doc("Guardian", new)
    doc.user = "planner@school.test"
    doc.save()
    assert people.person_key("Guardian", new) == "User:planner@school.test"
    assert messages.last_version("test", evening, "User:planner@school.test") == "1"
    assert frappe.db.count("Evening Message") == 1
    # Who is also an instructor stays the same person when the guardian goes.
    els = school.user("els.smit")
    once("test", evening, f"User:{els}")
    messages.forget_record("Guardian", school.guardian["els.smit"])
    assert messages.last_version("test", evening, f"User:{els}") == ""
    messages.forget_record("Guardian", new)
    assert messages.last_version("test", evening, "User:planner@school.test") is None
    frappe.db.rollback()
