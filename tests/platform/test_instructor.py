"""What instructors say of conversations before the evening, what they note, and the times they find."""

import json
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from ouderavond.api import guardian, instructor
from ouderavond.evening import instructing, notes, requests
from ouderavond.evening.offering import by_course
from tests.harness.fixtures import _reset
from tests.platform.rights import insert
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening, mark_separated

SECRET = "GEHEIMPJE van jan"


@pytest.fixture(scope="module")
def asking(connected, school):
    """Requests are open; everything is on offer."""
    _reset(frappe)
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    made = make_evening(
        school,
        separated_guardians="Attend separately where marked",
        instructors_may_invite=1,
        guardian_remarks=1,
    )
    by_course.offer(made.name)
    frappe.db.commit()
    return made


@pytest.fixture
def evening(asking):
    """Nothing was asked or said yet."""
    frappe.db.rollback()
    frappe.db.delete("Conversation Request")
    frappe.db.sql("update `tabConversation Offer` set instructor_wish = null, instructor_wish_raised = null")
    frappe.db.commit()
    return asking


def offer_of(school, student: str, code: str) -> str:
    rows = frappe.get_all(
        "Conversation Offer Instructor", {"instructor": school.instructor[code]}, pluck="parent"
    )
    filters = {"student": school.student[student], "name": ("in", rows)}
    return frappe.get_all("Conversation Offer", filters, pluck="name")[0]


def say(school, code: str, offer: str, wish: str) -> str:
    with as_user(school.user(code)):
        message = instructor.wish(offer, wish)["message"]
    frappe.db.commit()
    return message


def asked(offer: str) -> list[tuple]:
    frappe.db.rollback()
    fields = ["source", "priority", "state"]
    filters = {"offer": offer}
    return sorted(frappe.get_all("Conversation Request", filters, fields, as_list=True))


def seen_by(school, code: str, evening: str) -> dict:
    with as_user(school.user(code)):
        found = guardian.evenings()
    return next(row for row in found if row["evening"] == evening)


def test_invited_and_taken_back(evening, school):
    mine = offer_of(school, "s01", "jan")
    say(school, "jan", mine, "Wished")
    assert asked(mine) == [("Instructor", "Wanted", "Requested")]
    row = seen_by(school, "anna.devries", evening.name)["requests"][0]
    assert (row["invitation"], row["invited_by"]) == (True, "Joke Jansma asks for this conversation.")
    # What the family writes in the invitation survives that it is taken back and made again.
    requests.request(mine, guardian=school.guardian["anna.devries"], remark="Graag")
    frappe.db.commit()
    say(school, "jan", mine, "Obligatory")
    assert asked(mine) == [("Instructor", "Must See", "Requested")]
    say(school, "jan", mine, "")
    assert asked(mine) == [("Instructor", "Must See", "Withdrawn")]
    say(school, "jan", mine, "Wished")
    assert asked(mine) == [("Instructor", "Wanted", "Requested")]
    assert frappe.get_all("Conversation Request", {"offer": mine}, pluck="remark") == ["Graag"]


def test_what_families_asked_stays_theirs(evening, school):
    mine = offer_of(school, "s01", "jan")
    requests.request(mine, guardian=school.guardian["anna.devries"], remark="Zelf", rank=1)
    frappe.db.commit()
    say(school, "jan", mine, "Wished")
    assert asked(mine) == [("Guardian", "Wanted", "Requested")]
    # The family gives it up; the instructor wishes it all the same.
    requests.save(evening.name, [], guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    assert asked(mine) == [("Instructor", "Wanted", "Requested")]
    frappe.db.delete("Conversation Request")
    frappe.db.commit()
    requests.request(mine, guardian=school.guardian["anna.devries"], remark="Zelf", rank=1)
    frappe.db.commit()
    say(school, "jan", mine, "Obligatory")
    assert asked(mine) == [("Guardian", "Must See", "Requested")]
    say(school, "jan", mine, "Not Necessary")
    assert asked(mine) == [("Guardian", "Wanted", "Requested")]
    assert frappe.get_all("Conversation Request", {"offer": mine}, pluck="remark") == ["Zelf"]
    # What staff made obligatory is not the instructor's to take back.
    frappe.db.set_value("Conversation Request", {"offer": mine}, "priority", "Must See")
    frappe.db.commit()
    say(school, "jan", mine, "Obligatory")
    say(school, "jan", mine, "")
    assert asked(mine) == [("Guardian", "Must See", "Requested")]


def test_not_necessary_is_read_and_can_be_asked_all_the_same(evening, school):
    mine = offer_of(school, "s01", "jan")
    say(school, "jan", mine, "Not Necessary")
    assert asked(mine) == []
    offers = seen_by(school, "anna.devries", evening.name)["children"][0]["offers"]
    assert {row["offer"] for row in offers if row["not_necessary"]} == {mine}
    requests.request(mine, guardian=school.guardian["anna.devries"])
    frappe.db.commit()
    assert asked(mine) == [("Guardian", "Wanted", "Requested")]


def test_each_party_is_invited_and_who_has_none_cannot_be(evening, school):
    say(school, "jan", offer_of(school, "s04", "jan"), "Obligatory")
    assert len(asked(offer_of(school, "s04", "jan"))) == 2
    alone = next(
        code
        for code, name in school.student.items()
        if "Kim" in frappe.db.get_value("Student", name, "first_name")
    )
    theirs = offer_of(school, alone, "jan")
    with pytest.raises(frappe.ValidationError, match="knows no parent or guardian of Kim Alleman"):
        say(school, "jan", theirs, "Wished")
    assert frappe.db.get_value("Conversation Offer", theirs, "instructor_wish") is None


def test_only_own_offers_and_only_until_the_deadline(evening, school):
    mine = offer_of(school, "s01", "jan")
    for code in ("dek", "ver"):
        with pytest.raises(frappe.PermissionError, match="not one of yours"):
            say(school, code, mine, "Wished")
    for code in ("anna.devries", "s01"):
        with pytest.raises(frappe.PermissionError, match="not linked to an instructor"):
            say(school, code, mine, "Wished")
    with pytest.raises(frappe.PermissionError, match="not one of yours"):
        say(school, "jan", "nothing", "Wished")
    with pytest.raises(frappe.ValidationError, match="not a possible choice"):
        say(school, "jan", mine, "Must")
    past = now_datetime() - timedelta(minutes=1)
    for values, sentence in (
        ({"request_until": past}, "could be requested, changed and withdrawn until"),
        ({"request_from": now_datetime() + timedelta(hours=1)}, "can be requested from"),
        ({"schedule_visible": 1}, "has been published; it is too late"),
        ({"instructors_may_invite": 0}, "only the school invites"),
        ({"archived": 1}, "archived"),
        ({"published": 0}, "not one of yours"),
    ):
        before = {field: evening.get(field) for field in values}
        frappe.db.set_value("Parent Evening", evening.name, values)
        frappe.db.commit()
        with pytest.raises((frappe.ValidationError, frappe.PermissionError), match=sentence):
            say(school, "jan", mine, "Wished")
        frappe.db.set_value("Parent Evening", evening.name, before)
        frappe.db.commit()
    assert asked(mine) == []


def test_the_students_list_is_ones_own_and_shows_remarks_where_allowed(evening, school):
    mine = offer_of(school, "s01", "jan")
    requests.request(mine, guardian=school.guardian["anna.devries"], remark="Over lezen")
    frappe.db.commit()
    with as_user(school.user("jan")):
        found = instructor.students(evening.name)
    assert (found["may"]["state"], found["counts"]) == (
        "open",
        {"asked": 1, "placed": None, "not_placed": None},
    )
    rows = {row["offer"]: row for row in found["rows"]}
    assert mine in rows and offer_of(school, "s02", "dek") not in rows
    assert (rows[mine]["name"], rows[mine]["class"]) == ("Daan de Vries", "bk1a")
    assert rows[mine]["asked"][0]["remark"] == "Over lezen"
    frappe.db.set_value("Parent Evening", evening.name, "show_remarks", 0)
    frappe.clear_document_cache("Parent Evening", evening.name)
    with as_user(school.user("jan")):
        rows = {row["offer"]: row for row in instructor.students(evening.name)["rows"]}
    assert rows[mine]["asked"][0]["remark"] == ""
    frappe.db.set_value("Parent Evening", evening.name, "show_remarks", 1)
    frappe.clear_document_cache("Parent Evening", evening.name)
    frappe.db.commit()
    with as_user(school.user("tea")), pytest.raises(frappe.PermissionError, match="not one of yours"):
        instructor.students(evening.name)


# Notes


@pytest.fixture(scope="module")
def booked(asking, school):
    """A conversation of jan with dek, and what jan noted there; told, at an evening of its own."""
    made = make_evening(school, schedule_visible=1)
    start = datetime.combine(frappe.utils.getdate(made.dates[0].date), datetime.min.time()).replace(hour=19)
    name = insert(
        "Evening Booking",
        evening=made.name,
        student=school.student["s01"],
        subject="Nederlands",
        start=start,
        end=start + timedelta(minutes=10),
        published_start=start,
        state="Published",
        instructors=[
            {"instructor": school.instructor[code], "instructor_name": code} for code in ("jan", "dek")
        ],
        guardians=[{"guardian": school.guardian["anna.devries"]}],
    )
    with as_user(school.user("jan")):
        assert instructor.note(name, f" {SECRET} ")["message"] == "Noted."
    frappe.db.commit()
    return name


def test_a_note_is_read_by_who_wrote_it_alone(booked, school):
    def noted(code):
        with as_user(school.user(code)):
            rows = [row for one in instructor.conversations() for row in one["conversations"]]
        return [row.note for row in rows if row.name == booked]

    assert (noted("jan"), noted("dek")) == ([SECRET], [""])
    with as_user(school.user("dek")):
        instructor.note(booked, "van dek")
    assert (noted("jan"), noted("dek")) == ([SECRET], ["van dek"])
    for code, sentence in (
        ("ver", "not one of yours"),
        ("anna.devries", "not linked"),
        ("s01", "not linked"),
    ):
        with as_user(school.user(code)), pytest.raises(frappe.PermissionError, match=sentence):
            instructor.note(booked, "x")
    with as_user(school.user("jan")), pytest.raises(frappe.ValidationError, match="too long"):
        instructor.note(booked, "x" * (notes.LENGTH + 1))
    # What was written with another site's key is nothing, and no error.
    frappe.db.set_value(
        "Evening Booking Instructor", {"parent": booked, "instructor_name": "dek"}, "note", "x"
    )
    assert noted("dek") == [""]


def test_no_list_report_form_or_version_of_staff_shows_a_note(booked):
    child = "Evening Booking Instructor"
    for user in (PLANNER, MANAGER):
        with as_user(user):
            doc = frappe.get_doc("Evening Booking", booked)
            doc.apply_fieldlevel_read_permissions()
            told = [doc.as_dict()]
            for fields in (["*"], ["note"], ["name", "instructors.note"], [f"`tab{child}`.note"]):
                for doctype, parent in (("Evening Booking", None), (child, "Evening Booking")):
                    with_parent = {"parent_doctype": parent} if parent else {}
                    try:
                        told.append(frappe.get_list(doctype, fields=fields, **with_parent))
                    except Exception as refused:
                        told.append(str(refused))
            probed = []
            for part in ("%GEHEIM%", "%zzz%"):
                try:
                    filters = [[child, "note", "like", part]]
                    probed.append(len(frappe.get_list("Evening Booking", filters=filters)))
                except frappe.PermissionError:
                    probed.append(0)
        assert SECRET not in json.dumps(told, default=str)
        assert all(not row.get("note") for row in told[0]["instructors"])
        assert probed == [0, 0]
    assert SECRET not in frappe.as_json(frappe.db.sql(f"select * from `tab{child}`"))
    assert not frappe.db.exists("Version", {"docname": booked, "data": ("like", "%note%")})


# Times


def test_gaps_and_breaks_stand_between_the_conversations(school, connected):
    evening = frappe.get_doc("Parent Evening", make_evening(school, schedule_visible=1).name)
    day = frappe.utils.getdate(evening.dates[0].date)

    def at(hour, minute):
        return datetime.combine(day, datetime.min.time()).replace(hour=hour, minute=minute)

    jan = school.instructor["jan"]
    insert(
        "Evening Block",
        evening=evening.name,
        who_type="Everyone",
        from_time=at(19, 30),
        to_time=at(19, 40),
    )
    rows = [
        frappe._dict(name=str(start), day=day, start=start, end=start + timedelta(minutes=10), state=state)
        for start, state in ((at(18, 30), "Published"), (at(19, 0), "Published"), (at(20, 0), "Cancelled"))
    ]
    sits = frappe._dict(date=day, present_from=None, present_until=timedelta(hours=20, minutes=30))
    entries = instructing.timeline(evening, rows, [sits], [jan])[0]["entries"]
    shown = [(entry["kind"], entry["start"].strftime("%H:%M"), entry.get("sentence")) for entry in entries]
    assert [(kind, start) for kind, start, _sentence in shown] == [
        ("conversation", "18:30"),
        ("free", "18:40"),
        ("conversation", "19:00"),
        ("free", "19:10"),
        ("blocked", "19:30"),
        ("free", "19:40"),
        ("conversation", "20:00"),
    ]
    assert (shown[3][2], shown[4][2], shown[5][2]) == (
        "Free until 19:30",
        "Break until 19:40",
        "Free until 20:30",
    )
