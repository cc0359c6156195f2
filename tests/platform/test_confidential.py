"""*Attends separately*, *contact forbidden* and *not to meet* are read by managers only, at whatever door."""

import pytest

from tests.harness.fixtures import _reset
from tests.platform.rights import CONFIDENTIAL, CONFIDENTIAL_DOCTYPES, doors, make_world, requests_quote
from tests.platform.school import MANAGER, PLANNER
from tests.platform.web import people

OTHERS = ["jan", "s04", "els.smit", PLANNER, None]
# Who reads Student or Guardian records in Education, and so may ask what is linked to them.
READERS = ["jan", "s04", "secretary"]


@pytest.fixture(scope="module")
def world(connected, school):
    import frappe

    from tests.platform.school import make_user

    _reset(frappe)
    if not frappe.db.exists("User", "secretary@school.test"):
        make_user("secretary@school.test", "Secretary", ["Academics User"])
        _same_password(frappe, school.user("jan"), "secretary@school.test")
    return make_world(school)


def _same_password(frappe, known: str, other: str) -> None:
    frappe.db.sql(
        """insert into `__Auth` (doctype, name, fieldname, `password`, encrypted)
        select doctype, %s, fieldname, `password`, encrypted from `__Auth` where name = %s""",
        (other, known),
    )


@pytest.fixture(scope="module")
def log_in(web, world):
    return people(web)


@pytest.mark.parametrize("user", [*OTHERS, "secretary"])
@pytest.mark.parametrize("doctype", CONFIDENTIAL_DOCTYPES)
def test_no_door_shows_it(log_in, world, user, doctype):
    name = world.confidential[doctype]
    for door, response in doors(log_in(user), doctype, name):
        assert CONFIDENTIAL not in response.text, door
        if response.ok and door not in ("printview", "version", "comment"):
            # Lists that answer at all are empty.
            assert name not in response.text, (door, response.text[-800:])


@pytest.mark.parametrize("user", [*OTHERS, "secretary"])
@pytest.mark.parametrize("doctype", [*CONFIDENTIAL_DOCTYPES, "Booking Claim", "Evening Message"])
def test_no_count_tells_of_it(log_in, world, school, user, doctype):
    """Asked with filters, a count would tell everything, one question at a time."""
    person = log_in(user)
    for filters in ({}, {"owner": ["like", "A%"]}):
        for method in ("frappe.client.get_count", "frappe.desk.reportview.get_count"):
            answer = person.call(method, doctype=doctype, filters=filters, fields=["name"])
            assert answer.status_code == 403, (method, answer.text[-500:])
    quoted = requests_quote(doctype)
    assert person.read(f"/api/v2/doctype/{quoted}/count").status_code in (403, 404)


@pytest.mark.parametrize("user", READERS)
def test_linked_records_do_not_tell_of_it(log_in, world, school, user):
    person = log_in(user)
    student = school.student["s04"]
    opened = person.message(
        "frappe.desk.notifications.get_open_count",
        doctype="Student",
        name=student,
        items=["Guardian Arrangement", "Evening Booking", "Program Enrollment"],
    )
    counted = {row["doctype"]: row["count"] for row in opened["count"]["external_links_found"]}
    assert counted == {"Program Enrollment": 1}
    linked = person.call("frappe.desk.form.linked_with.get", doctype="Student", docname=student)
    assert world.confidential["Guardian Arrangement"] not in linked.text
    assert CONFIDENTIAL not in linked.text
    linkinfo = {
        "Guardian Arrangement": {"fieldname": ["student"], "add_fields": ["note", "contact_forbidden"]}
    }
    answer = person.call(
        "frappe.desk.form.linked_with.get_linked_docs", doctype="Student", name=student, linkinfo=linkinfo
    )
    assert not answer.ok


@pytest.mark.parametrize("user", ["jan", "s04", "secretary", PLANNER])
@pytest.mark.parametrize(
    "fields, filters",
    [
        (["`tabGuardian Arrangement`.note"], []),
        (["name"], [["Guardian Arrangement", "contact_forbidden", "=", 1]]),
        (["(select note from `tabGuardian Arrangement` limit 1) as note"], []),
        (["name, (select note from `tabGuardian Arrangement` limit 1)"], []),
    ],
)
def test_no_list_of_another_doctype_reaches_it(log_in, world, user, fields, filters):
    for method in ("frappe.client.get_list", "frappe.desk.reportview.get"):
        answer = log_in(user).call(method, doctype="Student", fields=fields, filters=filters)
        assert not answer.ok or CONFIDENTIAL not in answer.text
        assert not answer.ok or answer.json().get("message") == []


@pytest.mark.parametrize("user", [*OTHERS, "secretary"])
def test_a_share_or_a_permission_for_another_role_does_not_open_it(log_in, world, connected, user):
    import frappe

    name = world.confidential["Guardian Arrangement"]
    row = frappe.get_doc(
        {
            "doctype": "Custom DocPerm",
            "parent": "Guardian Arrangement",
            "role": "All",
            "permlevel": 0,
            "read": 1,
            "report": 1,
        }
    ).insert()
    frappe.clear_cache(doctype="Guardian Arrangement")
    frappe.db.commit()
    try:
        for door, response in doors(log_in(user), "Guardian Arrangement", name):
            assert CONFIDENTIAL not in response.text, door
    finally:
        frappe.db.delete("Custom DocPerm", {"name": row.name})
        frappe.clear_cache(doctype="Guardian Arrangement")
        frappe.db.commit()


def test_managers_read_it_and_may_not_share_it(log_in, world):
    manager = log_in(MANAGER)
    for doctype in CONFIDENTIAL_DOCTYPES:
        name = world.confidential[doctype]
        assert CONFIDENTIAL in manager.call("frappe.client.get", doctype=doctype, name=name).text
        shared = manager.call("frappe.share.add", doctype=doctype, name=name, user="jan@school.test", read=1)
        assert shared.status_code == 403
    form = manager.call(
        "frappe.desk.form.load.getdoc",
        doctype="Guardian Arrangement",
        name=world.confidential["Guardian Arrangement"],
    )
    assert CONFIDENTIAL in form.json()["docinfo"]["versions"][0]["data"]


def test_it_is_in_no_search_and_on_no_page(connected, world):
    import frappe

    assert not frappe.db.sql("select 1 from `__global_search` where content like %s", (f"%{CONFIDENTIAL}%",))
    for doctype in CONFIDENTIAL_DOCTYPES:
        meta = frappe.get_meta(doctype)
        assert not meta.get_global_search_fields()
        assert {perm.role for perm in meta.permissions} == {"Ouderavond Manager"}
        assert not meta.has_web_view and not meta.allow_guest_to_view


def test_families_have_no_permission_on_any_doctype_of_ours(connected):
    import frappe

    ours = frappe.get_all("DocType", {"module": "Ouderavond"}, pluck="name")
    for name in ours:
        roles = {perm.role for perm in frappe.get_meta(name).permissions}
        assert roles <= {"Ouderavond Manager", "Ouderavond Planner", "Instructor"}, name


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("get_student_guardians", {"student": "s04"}),
        ("get_current_enrollment", {"student": "s04"}),
        ("get_result", {"student": "s04", "assessment_plan": "x"}),
        ("get_student_group_students", {"student_group": "bk1a-ne"}),
        ("get_assessment_students", {"student_group": "bk1a-ne", "assessment_plan": "x"}),
    ],
)
def test_educations_own_calls_tell_families_nothing_of_others(log_in, school, call, arguments):
    names = {
        key: school.student.get(value) or school.group.get(value) or value for key, value in arguments.items()
    }
    path = f"/api/method/education.education.api.{call}"
    for user in ("anna.devries", "s01"):
        assert log_in(user).get(path, params=names).status_code == 403, user
    assert log_in("jan").get(path, params=names).status_code != 403
