"""The demo school: what is in it, that it is the same again, that it refuses, that nothing stays behind."""

from collections import Counter
from types import SimpleNamespace

import frappe
import pytest

from ouderavond.demo import create, remove
from ouderavond.demo.manifest import Manifest, counters
from ouderavond.demo.records import SchoolWriter
from ouderavond.demo.users import PASSWORD, Login, write_users

STUDENTS, SEED = 60, 4
# As few as there can be, where it does not matter who they are.
FEW = 40
SETTINGS = "select field, value from `tabSingles` where doctype = 'Education Settings' order by field"
# Fields that differ from row to row.
UNIQUE = ("name", "creation", "modified", "userid", "parent", "username")
# What any piece of work leaves, whatever it does.
OF_ITS_OWN_ACCORD = {"tabError Log", "tabScheduled Job Log", "tabActivity Log"}


@pytest.fixture(scope="module")
def demo(connected):
    """The state before, and a demo school among the test site's own students."""
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.utils.global_search.sync_global_search()
    before = state()
    report = create(STUDENTS, SEED, force=True)
    yield SimpleNamespace(before=before, report=report, records=Manifest.records())
    frappe.db.rollback()
    if Manifest.exists():
        remove()


@pytest.fixture(autouse=True)
def as_administrator(connected):
    frappe.db.rollback()
    frappe.set_user("Administrator")
    yield
    frappe.db.rollback()


def state() -> SimpleNamespace:
    """Rows per table, the naming series and the settings."""
    tables = [name for (name,) in frappe.db.sql("show tables")]
    rows = {table: frappe.db.sql(f"select count(*) from `{table}`")[0][0] for table in tables}
    return SimpleNamespace(
        rows={table: count for table, count in rows.items() if table not in OF_ITS_OWN_ACCORD},
        counters=counters(),
        settings=frappe.db.sql(SETTINGS),
        defaults=frappe.db.sql("select parent, defkey, defvalue from `tabDefaultValue` order by 1, 2, 3"),
    )


def refusal(call) -> str:
    with pytest.raises(frappe.ValidationError) as raised:
        call()
    return str(raised.value)


def portrait(records: dict[str, list[str]]) -> dict:
    """The school without its records' names: who is who, in which groups, taught by whom, asking what."""
    of_demo = {doctype: tuple(names) for doctype, names in records.items()}
    instructors = frappe.db.sql(
        "select ouderavond_code, instructor_name from tabInstructor where name in %s order by 1",
        [of_demo["Instructor"]],
    )
    return {
        "instructors": instructors,
        "guardians": frappe.db.sql(
            """select s.ouderavond_code, s.student_name, s.date_of_birth, g.guardian_name, g.relation, g.idx
            from tabStudent s left join `tabStudent Guardian` g on g.parent = s.name
            where s.name in %s order by 1, 6""",
            [of_demo["Student"]],
        ),
        "members": frappe.db.sql(
            """select m.parent, s.ouderavond_code from `tabStudent Group Student` m
            join tabStudent s on s.name = m.student where m.parent in %s order by 1, 2""",
            [of_demo["Student Group"]],
        ),
        "lessons": frappe.db.sql(
            """select l.student_group, i.ouderavond_code, r.room_name, l.schedule_date, l.from_time
            from `tabCourse Schedule` l join tabInstructor i on i.name = l.instructor
            join tabRoom r on r.name = l.room where l.name in %s order by 1, 4, 5""",
            [of_demo["Course Schedule"]],
        ),
        "requests": frappe.db.sql(
            """select s.ouderavond_code, r.subject, r.guardian_name, r.`rank`, r.priority, r.longer,
            r.preference, r.remark
            from `tabConversation Request` r join tabStudent s on s.name = r.student
            where r.evening in %s order by 1, 2, 3""",
            [of_demo["Parent Evening"]],
        ),
    }


# What is there


def test_report_counts_what_was_made(demo):
    counted = {title: count for title, count, _seconds in demo.report.rows()}
    assert counted["Students"] == STUDENTS == len(demo.records["Student"])
    assert counted["Offers"] > 14 * STUDENTS
    assert demo.report.evening == demo.records["Parent Evening"][0]
    assert demo.report.password == PASSWORD
    assert "Lesson groups" in str(demo.report)


def test_every_student_is_enrolled_in_a_class_and_in_the_groups_of_the_package(demo):
    students = tuple(demo.records["Student"])
    packages, groups, classes = Counter(), Counter(), Counter()
    for student, count in frappe.db.sql(
        """select e.student, count(*) from `tabProgram Enrollment` e
        join `tabProgram Enrollment Course` c on c.parent = e.name
        where e.student in %s and e.docstatus = 1 and c.docstatus = 1 group by 1""",
        [students],
    ):
        packages[student] = count
    for student, based_on, count in frappe.db.sql(
        """select m.student, g.group_based_on, count(*) from `tabStudent Group Student` m
        join `tabStudent Group` g on g.name = m.parent where m.student in %s group by 1, 2""",
        [students],
    ):
        (classes if based_on == "Batch" else groups)[student] = count
    assert set(packages) == set(students)
    assert groups == packages
    assert set(classes.values()) == {1} and len(classes) == STUDENTS
    assert 13 <= min(packages.values()) and max(packages.values()) <= 18
    enrolled = frappe.db.sql(
        "select student, count(*) from `tabCourse Enrollment` where student in %s group by 1", [students]
    )
    assert Counter(dict(enrolled)) == packages


def test_names_and_codes_of_a_dutch_school(demo):
    names = frappe.get_all("Student", {"name": ("in", demo.records["Student"])}, pluck="student_name")
    assert any(" van " in name or " de " in name for name in names)
    assert max(map(len, names)) > 100
    codes = frappe.get_all("Student", {"name": ("in", demo.records["Student"])}, pluck="ouderavond_code")
    assert len(set(codes)) == STUDENTS
    short = frappe.get_all(
        "Instructor", {"name": ("in", demo.records["Instructor"])}, pluck="ouderavond_code"
    )
    assert len(set(short)) == len(short) and all(code.isalnum() and len(code) <= 6 for code in short)


def test_mentors_teach_their_class(demo):
    mentors = frappe.db.sql(
        """select i.parent, i.instructor from `tabStudent Group Instructor` i
        join `tabStudent Group` g on g.name = i.parent
        where i.ouderavond_mentor = 1 and g.group_based_on = 'Batch' and g.name in %s""",
        [tuple(demo.records["Student Group"])],
    )
    classes = frappe.get_all(
        "Student Group",
        {"name": ("in", demo.records["Student Group"]), "group_based_on": "Batch"},
        pluck="name",
    )
    assert {group for group, _instructor in mentors} == set(classes)
    for group, instructor in mentors:
        taught = frappe.db.sql(
            """select 1 from `tabCourse Schedule` l
            join `tabStudent Group Student` m on m.parent = l.student_group
            join `tabStudent Group Student` c on c.student = m.student
            where l.instructor = %s and c.parent = %s""",
            (instructor, group),
        )
        assert taught


def test_the_week_has_a_substitute_and_groups_with_two_instructors(demo):
    regular = {}
    for row in frappe.get_all(
        "Student Group Instructor",
        {"parent": ("in", demo.records["Student Group"])},
        ["parent", "instructor"],
    ):
        regular.setdefault(row.parent, set()).add(row.instructor)
    lessons = {}
    fields = ["student_group", "instructor"]
    for row in frappe.get_all("Course Schedule", {"name": ("in", demo.records["Course Schedule"])}, fields):
        lessons.setdefault(row.student_group, []).append(row.instructor)
    substituted = [group for group, given in lessons.items() if set(given) - regular[group]]
    assert substituted
    by_two = [
        group for group, given in lessons.items() if len(regular[group]) == 2 and set(given) == regular[group]
    ]
    assert by_two


def test_no_student_has_two_lessons_at_once(demo):
    clashes = frappe.db.sql(
        """select m.student from `tabCourse Schedule` l
        join `tabStudent Group Student` m on m.parent = l.student_group
        where l.name in %s group by m.student, l.schedule_date, l.from_time having count(*) > 1""",
        [tuple(demo.records["Course Schedule"])],
    )
    assert not clashes


def test_families_in_all_kinds(demo):
    rows = frappe.get_all(
        "Student Guardian", {"parent": ("in", demo.records["Student"])}, ["parent", "guardian"]
    )
    children = Counter(row.guardian for row in rows)
    assert max(children.values()) >= 3
    marks = frappe.get_all(
        "Guardian Arrangement",
        {"name": ("in", demo.records["Guardian Arrangement"])},
        ["attends_separately", "contact_forbidden"],
    )
    assert sum(mark.attends_separately for mark in marks) >= 2
    assert any(mark.contact_forbidden for mark in marks)
    assert len(demo.records["Guardians Not To Meet"]) == 1


def test_one_person_is_guardian_and_instructor(demo):
    both = frappe.db.sql(
        """select g.user from tabGuardian g join tabInstructor i on i.ouderavond_user = g.user
        where g.name in %s""",
        [tuple(demo.records["Guardian"])],
    )
    assert len(both) == 1
    assert {"Guardian", "Instructor"} <= set(frappe.get_roles(both[0][0]))


def test_logins(demo):
    from frappe.utils.password import check_password

    assert len(demo.report.logins["Instructor"]) == len(demo.records["Instructor"])
    assert len(demo.report.logins["Student"]) == 20
    for role in ("Guardian", "Instructor", "Student", "Ouderavond Planner"):
        user = demo.report.logins[role][-1]
        assert check_password(user, PASSWORD) == user
        assert role in frappe.get_roles(user)
    guardian = demo.report.logins["Guardian"][-1]
    assert frappe.db.get_value("User", guardian, "user_type") == "Website User"


def test_the_evening_is_open_for_requests(demo):
    evening = frappe.get_doc("Parent Evening", demo.report.evening)
    now = frappe.utils.now_datetime()
    assert evening.published and evening.request_from < now < evening.request_until
    assert len(evening.dates) == 2
    assert frappe.db.count("Evening Block", {"evening": evening.name}) > 3
    assert not frappe.db.exists("Evening Instructor", {"evening": evening.name, "room": ("is", "not set")})


def test_requests_are_such_as_the_portal_would_accept(demo):
    """Each group's requests can be saved again, as they are, by the guardian who made them."""
    from ouderavond.evening import requests

    fields = ["guardian", "offer", "priority", "longer", "preference", "remark"]
    rows = frappe.get_all(
        "Conversation Request",
        {"evening": demo.report.evening},
        [*fields, "name", "party"],
        order_by="`rank`",
    )
    assert len(rows) > STUDENTS * 0.7
    assert max(Counter(row.guardian for row in rows).values()) > 1
    parties = {}
    for row in rows:
        parties.setdefault(row.guardian, []).append(row)
    for guardian, own in list(parties.items())[:8]:
        wishes = [{field: row[field] for field in fields if field != "guardian"} for row in own]
        assert requests.save(demo.report.evening, wishes, guardian=guardian) == [row.name for row in own]
    frappe.db.rollback()


def test_rows_written_in_bulk_are_those_of_the_platform(demo, monkeypatch):
    # What is rolled back here would stay in the search's queue.
    monkeypatch.setitem(frappe.local.conf, "disable_global_search", 1)
    monkeypatch.setattr("frappe.core.doctype.user.user.throttle_user_creation", lambda: None)
    monkeypatch.setattr("frappe.contacts.doctype.contact.contact.has_gravatar", lambda email: "")
    assert user_rows(*users_of_both_kinds("Instructor")) == []
    assert user_rows(*users_of_both_kinds("Guardian")) == []
    assert enrollment_rows(demo.records) == []


def users_of_both_kinds(role: str) -> tuple[str, str]:
    from frappe.core.doctype.user.user import create_contact

    ours, theirs = f"ours-{role}@x.example".lower(), f"theirs-{role}@x.example".lower()
    write_users([Login(ours, "Ada", "Twee", "Female", (role,))], Manifest())
    user = frappe.new_doc("User")
    user.update({"email": theirs, "first_name": "Ada", "last_name": "Twee", "gender": "Female"})
    user.send_welcome_email = 0
    user.append("roles", {"role": role})
    user.insert()
    create_contact(user, ignore_mandatory=True)
    return ours, theirs


def user_rows(ours: str, theirs: str) -> list:
    """Differences between what belongs to the two users."""
    places = {
        "User": "name",
        "Has Role": "parent",
        "User Social Login": "parent",
        "Notification Settings": "name",
        "DocShare": "user",
        "Contact": "user",
        "Contact Email": "email_id",
    }
    found = []
    for doctype, field in places.items():
        one, other = (frappe.get_all(doctype, {field: user}, ["*"]) for user in (ours, theirs))
        found += differences(doctype, one, other, {ours, theirs})
    return found


def enrollment_rows(records: dict) -> list:
    """Differences between an enrollment of the demo and one that the platform submits for its student."""
    ours = frappe.get_doc("Program Enrollment", records["Program Enrollment"][-1])
    theirs = frappe.new_doc("Program Enrollment")
    fields = ("student", "program", "student_batch_name", "enrollment_date")
    theirs.update({field: ours.get(field) for field in fields})
    theirs.academic_year = (
        frappe.get_doc(
            {
                "doctype": "Academic Year",
                "academic_year_name": "Ander jaar",
                "year_start_date": "2001-08-01",
                "year_end_date": "2002-07-31",
            }
        )
        .insert()
        .name
    )
    for row in ours.courses:
        theirs.append("courses", {"course": row.course})
    theirs.insert().submit()
    same = {ours.name, theirs.name, ours.academic_year, theirs.academic_year}
    found = differences(
        "Program Enrollment",
        frappe.get_all("Program Enrollment", {"name": ours.name}, ["*"]),
        frappe.get_all("Program Enrollment", {"name": theirs.name}, ["*"]),
        same,
    )
    for doctype, field in (
        ("Program Enrollment Course", "parent"),
        ("Course Enrollment", "program_enrollment"),
    ):
        one, other = (
            frappe.get_all(doctype, {field: name}, ["*"], order_by="course")
            for name in (ours.name, theirs.name)
        )
        found += differences(doctype, one, other, same)
    return found


def differences(doctype: str, ours: list, theirs: list, same: set) -> list:
    """Fields with other values, except for what has to differ."""
    found = [] if len(ours) == len(theirs) else [(doctype, len(ours), len(theirs))]
    for one, other in zip(ours, theirs, strict=False):
        found += [
            (doctype, key, one[key], value)
            for key, value in other.items()
            if key not in UNIQUE and one[key] != value and not {one[key], value} <= same
        ]
    return found


def test_no_mail(demo):
    assert frappe.db.count("Email Queue") == demo.before.rows["tabEmail Queue"]


# Refusals


def test_refuses_a_second_demo(demo):
    assert "already" in refusal(lambda: create(STUDENTS, SEED))
    assert "already" in refusal(lambda: create(STUDENTS, SEED, force=True))


def test_refuses_strange_arguments(demo):
    assert "40" in refusal(lambda: create(3))
    assert "some" in refusal(lambda: create(STUDENTS, logins="none"))


# From here on the demo is removed and made again.


def test_nothing_stays_behind(demo):
    demo.portrait = portrait(demo.records)
    use_the_demo(demo)
    told = []
    remove(progress=lambda done, total, title: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert_as_before(demo)


def use_the_demo(demo) -> None:
    """What people leave behind who look around in a demo."""
    user = demo.report.logins["Instructor"][0]
    frappe.get_doc("Guardian", demo.records["Guardian"][0]).add_comment("Comment", "Belt terug")
    frappe.get_doc(
        {
            "doctype": "ToDo",
            "description": "x",
            "reference_type": "Student",
            "reference_name": demo.records["Student"][0],
        }
    ).insert()
    frappe.defaults.set_user_default("company", "x", user)
    frappe.get_doc({"doctype": "Schedule Run", "evening": demo.report.evening}).insert()
    instructor = frappe.get_doc("Evening Instructor", {"evening": demo.report.evening})
    instructor.break_after = 4
    instructor.save()
    frappe.db.commit()


def assert_as_before(demo) -> None:
    after = state()
    assert {t: n for t, n in after.rows.items() if n != demo.before.rows.get(t)} == {}
    # A counter of ours that other records use too rightly stays where it is.
    assert _of_the_school(after.counters) == _of_the_school(demo.before.counters)
    assert after.settings == demo.before.settings
    assert after.defaults == demo.before.defaults


def _of_the_school(counters: dict) -> dict:
    return {name: number for name, number in counters.items() if not name.startswith(("OA-", "RUN-"))}


def test_refuses_to_remove_what_is_not_there(demo):
    assert "no demo school" in refusal(remove)


def test_refuses_a_site_with_other_students(demo):
    assert "--force" in refusal(lambda: create(STUDENTS, SEED))
    assert not Manifest.exists()


def test_an_interrupted_demo_can_be_removed(demo, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(SchoolWriter, "_lessons", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create(FEW, SEED, force=True)
    assert Manifest.exists()
    assert (
        frappe.db.get_single_value("Education Settings", "instructor_created_by")
        == dict(demo.before.settings)["instructor_created_by"]
    )
    remove()
    assert_as_before(demo)


def test_a_changed_setting_is_left_as_it_is(demo):
    create(STUDENTS, SEED, force=True)
    demo.records = Manifest.records()
    other = dict(demo.before.settings).get("attendance_freeze_date")
    frappe.db.set_single_value("Education Settings", "current_academic_term", "")
    assert portrait(demo.records) == demo.portrait
    remove()
    assert not frappe.db.get_single_value("Education Settings", "current_academic_term")
    assert dict(frappe.db.sql(SETTINGS)).get("attendance_freeze_date") == other


def test_a_demo_at_which_families_book_themselves_is_open_now(demo):
    from ouderavond.evening.requests import Asker
    from ouderavond.evening.reserving.table import Table
    from ouderavond.evening.reserving.windows import open_evening

    evening = create(FEW, SEED, force=True, direct=True).evening
    student = frappe.db.get_value("Conversation Offer", {"evening": evening}, "student")
    guardian = frappe.db.get_value("Student Guardian", {"parent": student}, "guardian")
    shown = Table(open_evening(evening), Asker("Guardian", (guardian,))).as_dict()
    assert shown["booking"]["state"] == "open"
    assert "f" in "".join(shown["children"][0]["columns"][0]["cells"].values())
    assert not frappe.db.count("Conversation Request", {"evening": evening})
    remove()
