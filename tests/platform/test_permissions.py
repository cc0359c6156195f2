"""Instructors see what is theirs, students themselves, staff everything: by requests to a real web server."""

import pytest

from tests.harness.fixtures import _reset
from tests.platform import rights
from tests.platform.rights import OF_DEK, OF_INSTRUCTORS, OF_JAN, OURS, UNSHOWN, doors, make_world
from tests.platform.school import MANAGER, PLANNER
from tests.platform.web import people


@pytest.fixture(scope="module")
def world(connected, school):
    import frappe

    _reset(frappe)
    return make_world(school)


@pytest.fixture(scope="module")
def log_in(web, world):
    return people(web)


@pytest.mark.parametrize("doctype", OF_INSTRUCTORS)
def test_instructor_reads_the_own_record(log_in, world, doctype):
    jan = log_in("jan")
    listed = jan.message("frappe.client.get_list", doctype=doctype, fields=["name"])
    mine = {world.jan[doctype]}
    if doctype != "Evening Booking":
        mine.add(world.unshown[doctype])
    assert {row["name"] for row in listed} == mine
    assert (
        jan.message("frappe.client.get", doctype=doctype, name=world.jan[doctype])["evening"] == world.evening
    )
    assert jan.message("frappe.client.get_count", doctype=doctype) == len(mine)


def shows(door, response, name: str) -> bool:
    """Does an answer hold a record's name? Refusals, and the check of a link, only repeat the question."""
    return response.ok and door != "frappe.client.validate_link" and name in response.text


@pytest.mark.parametrize("doctype", OF_INSTRUCTORS)
def test_no_door_shows_an_instructor_a_colleagues_record(log_in, world, doctype):
    for door, response in doors(log_in("jan"), doctype, world.dek[doctype]):
        assert response.status_code < 500, (door, response.text[-800:])
        assert OF_DEK not in response.text, door
        assert not shows(door, response, world.dek[doctype]), (door, response.text[-800:])


def test_instructor_sees_a_booking_only_once_it_is_published_and_shown(log_in, world, connected):
    import frappe

    jan = log_in("jan")
    name = world.unshown["Evening Booking"]
    for door, response in doors(jan, "Evening Booking", name):
        assert UNSHOWN not in response.text, door
    frappe.db.set_value("Parent Evening", world.hidden_evening, "schedule_visible", 1)
    frappe.db.commit()
    assert jan.message("frappe.client.get", doctype="Evening Booking", name=name)["table_label"] == UNSHOWN
    for state in ("Planned", "Cancelled"):
        frappe.db.set_value("Evening Booking", name, "state", state)
        frappe.db.commit()
        assert jan.call("frappe.client.get", doctype="Evening Booking", name=name).status_code == 403
    frappe.db.set_value("Parent Evening", world.hidden_evening, "schedule_visible", 0)
    frappe.db.set_value("Evening Booking", name, "state", "Published")
    frappe.db.commit()


@pytest.mark.parametrize(
    "child, parent",
    [
        ("Conversation Offer Instructor", "Conversation Offer"),
        ("Evening Booking Guardian", "Evening Booking"),
        ("Evening Booking Instructor", "Evening Booking"),
    ],
)
def test_child_rows_follow_their_record(log_in, world, child, parent):
    jan = log_in("jan")
    rows = jan.message("frappe.client.get_list", doctype=child, parent=parent, fields=["parent"])
    assert world.jan[parent] in {row["parent"] for row in rows}
    assert world.dek[parent] not in {row["parent"] for row in rows}
    count = jan.call("frappe.client.get_count", doctype=child, filters={"parent": world.dek[parent]})
    assert count.status_code == 403


@pytest.mark.parametrize("doctype", OF_INSTRUCTORS)
@pytest.mark.parametrize("action", ["write", "create", "delete", "child"])
def test_instructor_only_reads(log_in, world, doctype, action):
    jan = log_in("jan")
    name = world.jan[doctype]
    url = f"/api/resource/{rights.requests_quote(doctype)}"
    if action == "write":
        response = jan.put(f"{url}/{name}", json={"remark": "x", "reason": "x", "table_label": "x"})
    elif action == "create":
        response = jan.post(url, json={"evening": world.evening})
    elif action == "delete":
        response = jan.delete(f"{url}/{name}")
    else:
        doc = {"doctype": doctype, "name": name, "evening": world.evening, "__islocal": 0}
        response = jan.call("frappe.desk.form.save.savedocs", doc=doc, action="Save")
    assert response.status_code in (403, 417), response.text[-500:]


def test_an_instructors_own_record_found_through_the_employee(connected, school):
    import frappe

    from ouderavond.evening import permissions

    user = school.user("jan")
    name = school.instructor["jan"]
    frappe.db.set_value("Instructor", name, "ouderavond_user", "")
    employee = frappe.generate_hash(length=8)
    frappe.db.sql(
        "insert into tabEmployee (name, employee_name, user_id) values (%s, 'Joke', %s)", (employee, user)
    )
    frappe.db.set_value("Instructor", name, "employee", employee)
    try:
        assert name in permissions.evening_instructor_conditions(user)
    finally:
        frappe.db.rollback()


def test_a_user_without_instructor_record_sees_nothing(connected):
    from ouderavond.evening import permissions

    for condition in (
        permissions.offer_conditions,
        permissions.request_conditions,
        permissions.block_conditions,
        permissions.booking_conditions,
        permissions.evening_instructor_conditions,
    ):
        assert condition("admin@school.test") == "1=0"
        assert condition("Administrator") == ""


@pytest.mark.parametrize("user", [MANAGER, PLANNER])
@pytest.mark.parametrize("doctype", OF_INSTRUCTORS)
def test_staff_see_everything(log_in, world, user, doctype):
    listed = log_in(user).message("frappe.client.get_list", doctype=doctype, fields=["name"])
    assert {world.jan[doctype], world.dek[doctype], world.unshown[doctype]} <= {row["name"] for row in listed}


def test_staff_see_everything_also_as_employee_and_instructor(log_in, world, school, connected):
    """ERPNext gives an employee User Permissions, which must not hide our records."""
    import frappe

    planner = log_in(PLANNER)
    permission = frappe.get_doc(
        {
            "doctype": "User Permission",
            "user": PLANNER,
            "allow": "Instructor",
            "for_value": school.instructor["kok"],
        }
    ).insert()
    others = [
        frappe.get_doc({"doctype": "User Permission", "user": PLANNER, "allow": allow, "for_value": value})
        for allow, value in (("Student", school.student["s09"]), ("Academic Year", school.academic_year))
    ]
    for doc in others:
        doc.insert()
    frappe.db.set_value("Instructor", school.instructor["kok"], "ouderavond_user", PLANNER)
    frappe.get_doc("User", PLANNER).add_roles("Instructor")
    frappe.db.commit()
    try:
        for doctype in OF_INSTRUCTORS:
            listed = planner.message("frappe.client.get_list", doctype=doctype, fields=["name"])
            assert {world.jan[doctype], world.dek[doctype]} <= {row["name"] for row in listed}, doctype
            found = planner.call("frappe.client.get", doctype=doctype, name=world.dek[doctype])
            assert found.status_code == 200, doctype
    finally:
        for doc in (permission, *others):
            doc.delete()
        frappe.db.set_value("Instructor", school.instructor["kok"], "ouderavond_user", school.user("kok"))
        frappe.get_doc("User", PLANNER).remove_roles("Instructor")
        frappe.db.commit()


@pytest.mark.parametrize("user", ["anna.devries", "s01", None])
@pytest.mark.parametrize("doctype", OURS)
def test_guardians_students_and_guests_reach_no_doctype_of_ours(log_in, world, user, doctype):
    names = {**world.confidential, **world.jan, "Parent Evening": world.evening}
    for door, response in doors(log_in(user), doctype, names.get(doctype, "x")):
        assert response.status_code < 500 or "search" in door, (door, response.text[-800:])
        for word in (OF_JAN, OF_DEK, UNSHOWN, rights.CONFIDENTIAL):
            assert word not in response.text, door
    assert log_in(user).call("frappe.client.get_count", doctype=doctype).status_code == 403


# Students


def test_student_reads_only_the_own_student(log_in, school):
    own, other = school.student["s01"], school.student["s02"]
    s01 = log_in("s01")
    listed = s01.message("frappe.client.get_list", doctype="Student", fields=["name"], limit_page_length=0)
    assert [row["name"] for row in listed] == [own]
    assert s01.message("frappe.client.get", doctype="Student", name=own)["name"] == own
    assert s01.message("frappe.client.get_count", doctype="Student") == 1
    other_mail = "s02@school.test"
    for door, response in doors(s01, "Student", other):
        assert other_mail not in response.text, door
        assert "Eva de Vries" not in response.text, door
    report = s01.message(
        "frappe.desk.reportview.get", doctype="Student", fields=["name", "student_email_id"], page_length=100
    )
    assert [row[0] for row in report["values"]] == [own]


@pytest.mark.parametrize(
    "doctype", ["Program Enrollment", "Assessment Result", "Student Attendance", "Student Leave Application"]
)
def test_records_about_students_do_not_tell_of_other_students(log_in, school, doctype):
    fields = ["name", "student", "student.student_email_id as mail"]
    rows = log_in("s01").message(
        "frappe.client.get_list", doctype=doctype, fields=fields, limit_page_length=0
    )
    assert {row["student"] for row in rows} <= {school.student["s01"]}
    if doctype == "Program Enrollment":
        assert len(rows) == 1
        assert log_in("s01").message("frappe.client.get_count", doctype=doctype) == 1


def test_search_everywhere_tells_a_student_nothing_of_others(log_in, school, connected):
    import frappe

    row = {"doctype": "Student", "name": school.student["s02"], "content": "Name : Geheimschrift"}
    frappe.db.sql(
        "replace into `__global_search` (doctype, name, content, published, title, route) "
        "values (%(doctype)s, %(name)s, %(content)s, 0, '', '')",
        row,
    )
    frappe.db.commit()
    search = "frappe.utils.global_search.search"
    assert "Geheimschrift" not in log_in("s01").call(search, text="Geheimschrift").text


def test_the_school_can_lift_the_restriction_of_students(log_in, school, connected):
    import frappe

    frappe.db.set_single_value("Ouderavond Settings", "restrict_students", 0)
    frappe.db.commit()
    try:
        s01 = log_in("s01")
        assert s01.message("frappe.client.get_count", doctype="Student") > 10
        assert s01.call("frappe.client.get", doctype="Student", name=school.student["s02"]).status_code == 200
    finally:
        frappe.db.set_single_value("Ouderavond Settings", "restrict_students", 1)
        frappe.db.commit()


@pytest.mark.parametrize("role", ["Instructor", "Academics User"])
def test_who_is_more_than_a_student_is_not_restricted(connected, school, role):
    import frappe

    from ouderavond.evening import permissions

    user = frappe.get_doc("User", school.user("s01"))
    assert permissions.student_conditions(user.name) != ""
    user.add_roles(role)
    try:
        assert permissions.student_conditions(user.name) == ""
    finally:
        user.remove_roles(role)
        frappe.db.commit()


def test_a_guardian_reads_no_student(log_in, school, connected):
    """Also where the school gave the role Guardian that permission."""
    import frappe
    from frappe.permissions import add_permission

    anna = log_in("anna.devries")
    assert anna.call("frappe.client.get_list", doctype="Student").status_code == 403
    add_permission("Student", "Guardian", 0)
    frappe.db.commit()
    try:
        assert anna.message("frappe.client.get_list", doctype="Student") == []
        for name in (school.student["s01"], school.student["s30"]):
            assert anna.call("frappe.client.get", doctype="Student", name=name).status_code == 403
    finally:
        frappe.db.delete("Custom DocPerm", {"parent": "Student"})
        frappe.db.commit()
        frappe.clear_cache(doctype="Student")


def test_values_in_a_condition_cannot_leave_it(connected):
    """A user's address is text, whatever stands in it."""
    import frappe

    from ouderavond.evening import permissions

    nasty = "a\\' or 1=1 -- %s'@school.test"
    condition = permissions._sql(permissions._of_user("Student", permissions._literals([nasty])[0]))
    assert frappe.db.sql(f"select count(*) from tabStudent where {condition}")[0][0] == 0
    condition = permissions._sql(permissions._own("Evening Booking", permissions._literals([nasty])))
    assert frappe.db.sql(f"select count(*) from `tabEvening Booking` where {condition}")[0][0] == 0


# What staff may not write through the platform


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
@pytest.mark.parametrize(
    "doctype, values",
    [
        ("Evening Booking", {"start": "2030-01-01 10:00:00"}),
        ("Evening Booking", {"state": "Cancelled"}),
        ("Evening Booking", {"instructors": []}),
        ("Evening Booking", {"pinned": 1}),
        ("Evening Block", {"reason": "x"}),
    ],
)
def test_what_goes_through_claims_is_refused_elsewhere(log_in, world, connected, user, doctype, values):
    import frappe

    before = frappe.get_doc(doctype, world.jan[doctype]).as_dict()
    person = log_in(user)
    url = f"/api/resource/{rights.requests_quote(doctype)}/{world.jan[doctype]}"
    flags = {"flags": {"through_claims": True}, "through_claims": True}
    answers = [
        person.put(url, json={**values, **flags}),
        person.call("frappe.client.set_value", doctype=doctype, name=world.jan[doctype], fieldname=values),
        person.call("frappe.client.save", doc={**_plain(before), **values, **flags}),
        person.call(
            "frappe.desk.form.save.savedocs", doc={**_plain(before), **values, **flags}, action="Save"
        ),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    frappe.db.rollback()
    assert frappe.get_doc(doctype, world.jan[doctype]).modified == before.modified


def _plain(doc) -> dict:
    return {key: value for key, value in doc.items() if key != "modified"} | {"modified": str(doc.modified)}


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
@pytest.mark.parametrize(
    "doctype", ["Evening Booking", "Evening Block", "Booking Claim", "Schedule Run Data"]
)
def test_what_goes_through_claims_is_not_made_elsewhere(log_in, world, connected, user, doctype):
    import frappe

    before = frappe.db.count(doctype)
    values = {
        "evening": world.evening,
        "start": str(world.start),
        "end": "2030-01-01 10:00",
        "who": "User:x",
        "tick": "2030-01-01 10:00",
        "who_type": "Everyone",
        "from_time": str(world.start),
        "to_time": str(world.start.replace(minute=50)),
        "run": "x",
    }
    person = log_in(user)
    url = f"/api/resource/{rights.requests_quote(doctype)}"
    docs = [{"doctype": doctype, **values}]
    for answer in (person.post(url, json=values), person.call("frappe.client.insert_many", docs=docs)):
        assert answer.status_code in (403, 404, 417), answer.text[-500:]
    frappe.db.rollback()
    assert frappe.db.count(doctype) == before


@pytest.mark.parametrize("user", [PLANNER, MANAGER])
@pytest.mark.parametrize("fieldname, value", [("state", "Finished"), ("placed", 999), ("objective", 1.0)])
def test_a_runs_result_is_not_written_by_hand(log_in, world, connected, user, fieldname, value):
    import frappe

    person = log_in(user)
    run = frappe.get_last_doc("Schedule Run").name
    person.put(f"/api/resource/Schedule%20Run/{run}", json={fieldname: value})
    person.call("frappe.client.set_value", doctype="Schedule Run", name=run, fieldname=fieldname, value=value)
    frappe.db.rollback()
    assert frappe.db.get_value("Schedule Run", run, fieldname) != value
