"""Ways past our rules that the platform and Education leave open, closed for records of ours."""

import frappe
import pytest

from ouderavond.api import education, platform
from ouderavond.evening.offering import by_course
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

RECORDS = "education.education.doctype"


@pytest.fixture
def evening(site, school):
    doc = make_evening(school)
    by_course.offer(doc.name)
    frappe.db.commit()
    return doc


@pytest.mark.parametrize("doctype", ["Version", "Comment", "Deleted Document", "Email Queue", "File"])
def test_nobody_counts_what_they_may_not_read(evening, school, doctype):
    """Filters on a count tell the text, letter by letter."""
    file = frappe.get_doc({"doctype": "File", "file_name": "geheim.txt", "content": "x", "is_private": 1})
    file.insert(ignore_permissions=True)
    for user in (school.user("anna.devries"), school.user("s01"), school.user("jan"), PLANNER):
        with as_user(user):
            try:
                assert platform.get_count(doctype, {"name": file.name} if doctype == "File" else None) == 0
            except frappe.PermissionError:
                pass
    assert platform.get_count("File", {"name": file.name}) == 1


def test_who_may_read_counts_what_they_see(evening, school):
    with as_user(PLANNER):
        assert platform.get_count("Conversation Offer") == frappe.db.count("Conversation Offer")
    with as_user(school.user("jan")):
        own = platform.get_count("Conversation Offer")
        assert 0 < own < frappe.db.count("Conversation Offer")


def test_a_student_does_not_learn_whose_parents_others_are(site, school):
    with as_user(school.user("s01")):
        rows = frappe.get_list("Student Guardian", parent_doctype="Student", fields=["parent"], limit=0)
        assert {row.parent for row in rows} == {school.student["s01"]}


def test_names_and_groups_of_students_are_for_who_may_read_them(site, school):
    for who in ("anna.devries", "s02"):
        with as_user(school.user(who)):
            with pytest.raises(frappe.PermissionError):
                education.get_students(school.academic_year, "Batch")
            with pytest.raises(frappe.PermissionError):
                education.get_student_groups(school.student["s01"])
    with as_user(school.user("s01")):
        assert education.get_student_groups(school.student["s01"])
    calls = frappe.get_hooks("override_whitelisted_methods")
    assert f"{RECORDS}.student_group.student_group.get_students" in calls


def test_nobody_follows_records_of_which_they_do_not_see_all(evening, school):
    offer = frappe.get_all("Conversation Offer", {"evening": evening.name}, pluck="name")[0]
    follow = {"doctype": "Document Follow", "ref_doctype": "Conversation Offer", "ref_docname": offer}
    for user in (school.user("jan"), MANAGER):
        frappe.get_doc({**follow, "user": user}).insert(ignore_permissions=True)
    # The platform follows what somebody made, where they said so: nothing fails, and nothing is mailed.
    assert frappe.get_all("Document Follow", pluck="user") == [MANAGER]
    theirs = frappe.get_doc("Document Follow", {"user": MANAGER})
    theirs.user = school.user("jan")
    with pytest.raises(frappe.PermissionError, match="cannot be followed"):
        theirs.save(ignore_permissions=True)


def test_an_archived_evening_is_only_read_by_whichever_way(evening, school):
    offer = frappe.get_doc("Conversation Offer", {"evening": evening.name})
    place = frappe.get_doc("Evening Instructor", {"evening": evening.name})
    frappe.db.set_value("Parent Evening", evening.name, "archived", 1)
    refused = pytest.raises(frappe.ValidationError, match="archived and can only be read")
    with as_user(PLANNER):
        for doc in (offer, place):
            with refused:
                doc.save()
            with refused:
                doc.delete()


def test_conversations_are_cancelled_and_never_deleted(site):
    """Deleting tells nobody, and leaves the request as if it had a time."""
    for user in (PLANNER, MANAGER):
        assert not frappe.has_permission("Evening Booking", "delete", user=user)


def test_a_form_tells_an_instructor_nothing_of_what_happened_to_it(evening, school):
    offer = frappe.get_doc("Conversation Offer", {"evening": evening.name, "subject": "Nederlands"})
    instructor = frappe.db.get_value("Instructor", offer.instructors[0].instructor, "ouderavond_user")
    offer.slots = 2
    offer.save()
    offer.add_comment("Info", "Vader mag dit niet weten")
    for call in (platform.getdoc, platform.get_docinfo):
        for user, number in ((PLANNER, 1), (instructor, 0)):
            frappe.local.response = frappe._dict(docs=[])
            with as_user(user):
                call(doctype="Conversation Offer", name=offer.name)
            around = frappe.response.docinfo
            assert (len(around["info_logs"]), len(around["versions"]) > 0) == (number, bool(number))
