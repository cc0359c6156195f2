"""Per student: panes and counts, every possibility, switching, requests for who phoned, and the listing."""

import json
from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from ouderavond.api.offers import students as calls
from ouderavond.evening.offering import by_course, journal, listing, phoned, student_panes
from ouderavond.evening.offering import students as per_student
from ouderavond.evening.offering.listing_orders import ORDERS
from ouderavond.evening.offering.students import Possible
from tests.platform.processes import at_once
from tests.platform.rights import refused_unless_staff
from tests.platform.school import (
    MANAGER,
    PLANNER,
    as_user,
    forbid_contact,
    make_evening,
    mark_separated,
)

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def evening(site, school):
    doc = make_evening(school)
    by_course.offer(doc.name)
    return doc


def rows_of(evening, school, student="s01"):
    return per_student.possibilities(evening.name, school.student[student])


def row_of(evening, school, code, student="s01"):
    return next(row for row in rows_of(evening, school, student) if row["possibility"] == code)


def possible(row) -> Possible:
    return Possible(row["name"], row["student"], row["subject"], row["course"], tuple(row["instructor_list"]))


def sent(row) -> dict:
    """The row as the page sends it."""
    return {
        "offer": row["name"],
        "student": row["student"],
        "subject": row["subject"],
        "course": row["course"],
        "instructors": row["instructor_list"],
    }


def offered(evening, school, code, student="s01") -> int:
    filters = {"evening": evening.name, "student": school.student[student], "subject": school.course[code]}
    frappe.db.rollback()
    return frappe.db.get_value("Conversation Offer", filters, "offered")


def request_of(answer):
    fields = ["state", "guardian", "source", "override_reason", "longer", "preference", "remark"]
    return frappe.db.get_value("Conversation Request", answer.request, fields, as_dict=True)


# Panes


def test_panes_count_as_the_records_do(evening, school):
    programs = {row["program"]: row for row in student_panes.programs(evening.name)}
    assert set(programs) == {"bk1", "h2", "v3"} and programs["bk1"]["classes"] == 2
    assert sum(row["offered"] for row in programs.values()) == frappe.db.count("Conversation Offer")
    classes = student_panes.classes(evening.name, "bk1")
    assert [row["group"] for row in classes] == ["bk1a", "bk1b"]
    members = frappe.db.count("Student Group Student", {"parent": "bk1a", "active": 1})
    assert classes[0]["students"] == members
    found = student_panes.students(evening.name, program="bk1", group="bk1a")
    assert len(found) == members
    daan = next(row for row in found if row["student"] == school.student["s01"])
    assert (daan["first_name"], daan["last_name"], daan["offered"], daan["requested"]) == (
        "Daan",
        "de Vries",
        4,
        0,
    )
    assert [(row["name"], row["children"]) for row in daan["guardians"]] == [
        ("Anna de Vries", 3),
        ("Bram de Vries", 3),
    ]


def test_a_student_in_two_classes_counts_once_in_the_program(evening, school, restored_afterwards):
    group = frappe.get_doc("Student Group", "bk1b")
    group.append("students", {"student": school.student["s01"], "active": 1})
    group.save()
    frappe.db.commit()
    program = next(row for row in student_panes.programs(evening.name) if row["program"] == "bk1")
    enrolled = frappe.db.count("Program Enrollment", {"program": "bk1", "docstatus": 1})
    assert program["students"] == enrolled
    assert row_of(evening, school, "ne")["classes"] == "bk1a, bk1b"


def test_who_is_in_no_class_and_no_program_is_found(site, school, restored_afterwards):
    student = school.student["s01"]
    doc = make_evening(school, participants=[{"participant_type": "Student", "participant": student}])
    frappe.db.delete("Student Group Student", {"student": student})
    frappe.db.set_value("Program Enrollment", {"student": student}, "docstatus", 2)
    frappe.db.commit()
    assert [row["program"] for row in student_panes.programs(doc.name)] == [""]
    assert [row["group"] for row in student_panes.classes(doc.name, "")] == [""]
    assert [row["student"] for row in student_panes.students(doc.name, program="", group="")] == [student]


def test_students_are_found_by_their_own_and_their_guardians_names(evening, school):
    def found(text):
        return {row["first_name"] for row in student_panes.students(evening.name, search=text)}

    assert found("karim") == {"Leyla", "Mert"}
    assert found("s01") == {"Daan"}
    assert found("daan vries") == {"Daan"}
    assert not found("100%") and not found("_") and not found("\\' or 1=1 -- ")


def test_a_student_with_nobody_to_talk_with(evening, school):
    forbid_contact(school, "s07", "pieter.mulder")
    forbid_contact(school, "s07", "rosa.mulder")
    [row] = student_panes.students(evening.name, names=[school.student["s07"]])
    assert row["guardians"] == []
    facts = phoned.asking(evening.name, possible(rows_of(evening, school, "s07")[0]))
    assert facts["refused"] == "There is no guardian with whom the school may be in contact."


# Every possibility, and switching


def test_what_was_never_offered_is_listed_and_can_be_switched_on(site, school):
    doc = make_evening(school)
    rows = rows_of(doc, school)
    assert [(row["possibility"], row["offered"], row["name"]) for row in rows] == [
        ("bi", 0, None),
        ("en", 0, None),
        ("ne", 0, None),
        ("wi", 0, None),
    ]
    assert rows[0]["instructors"] == "wol" and rows[0]["instructor_names"] == "Jeroen Wolters"
    report = per_student.switch(doc.name, [possible(rows[0])], True)
    assert report.created == 1
    row = row_of(doc, school, "bi")
    assert row["name"] and (row["offered"], row["source"], row["in_package"]) == (1, "Individual", 1)
    # Whoever read the list before finds the same offer.
    assert per_student.switch(doc.name, [possible(rows[0])], True).existing == 1
    journal_of = frappe.db.get_value("Offer Change", report.change, "operation")
    assert journal_of == "Offer per Student"


def test_by_course_and_per_student_make_the_same_offers(evening, school):
    assert all(row["name"] for row in rows_of(evening, school))
    assert len(rows_of(evening, school)) == 4


def test_the_weeks_choice_decides_what_is_listed(site, school):
    doc = make_evening(school)
    assert row_of(doc, school, "wi")["instructors"] == "hui"
    choice = {
        "evening": doc.name,
        "week": doc.reference_week,
        "student_group": "bk1a-wi",
        "course": "Wiskunde",
    }
    names = sorted([school.instructor["hui"], school.instructor["ber"]])
    frappe.get_doc(
        {"doctype": "Reference Week Choice", **choice, "instructors": "\n".join(names), "together": 0}
    ).insert()
    rows = [row for row in rows_of(doc, school) if row["possibility"] == "wi"]
    assert sorted(row["instructors"] for row in rows) == ["ber", "hui"]


def test_a_course_that_nobody_teaches_is_listed_and_says_why_not(evening, school, restored_afterwards):
    enrollment = frappe.db.get_value("Program Enrollment", {"student": school.student["s01"]})
    frappe.get_doc(
        {
            "doctype": "Course Enrollment",
            "student": school.student["s01"],
            "course": school.course["du"],
            "program_enrollment": enrollment,
            "enrollment_date": frappe.utils.today(),
        }
    ).insert()
    frappe.db.commit()
    row = row_of(evening, school, "du")
    assert (row["instructors"], row["in_package"], row["offered"]) == ("", 1, 0)
    report = per_student.switch(evening.name, [possible(row)], True)
    assert not report.change
    assert [one.sentence for one in report.skipped] == [
        "Nobody is known who teaches Duits to Daan de Vries. Offer it by hand, with an instructor."
    ]


def test_lessons_outside_the_package_are_listed_as_such(evening, school):
    row = row_of(evening, school, "du", "s03")
    assert (row["offered"], row["in_package"], row["instructors"]) == (0, 0, "duy")
    assert per_student.switch(evening.name, [possible(row)], True).created == 1
    assert row_of(evening, school, "du", "s03")["in_package"] == 0


def test_on_and_off_as_often_as_one_likes(evening, school):
    row = row_of(evening, school, "ne")
    report = per_student.switch(evening.name, [possible(row)], False)
    assert (report.switched_off, offered(evening, school, "ne")) == (1, 0)
    assert per_student.switch(evening.name, [possible(row)], False).change is None
    report = per_student.switch(evening.name, [possible(row)], True)
    assert (report.switched_on, offered(evening, school, "ne")) == (1, 1)
    both = [possible(row_of(evening, school, code)) for code in ("en", "wi")]
    assert per_student.switch(evening.name, both, False).switched_off == 2
    assert per_student.switch(evening.name, both, True, dry_run=True).switched_on == 2
    assert offered(evening, school, "wi") == 0


def test_what_was_removed_meanwhile_is_offered_again(evening, school):
    row = row_of(evening, school, "ne")
    frappe.db.delete("Conversation Offer", {"name": row["name"]})
    frappe.db.commit()
    assert per_student.switch(evening.name, [possible(row)], False).change is None
    assert per_student.switch(evening.name, [possible(row)], True).created == 1


def test_what_was_requested_is_switched_off_only_when_confirmed(evening, school):
    row = possible(row_of(evening, school, "ne"))
    answer = phoned.request(evening.name, row, guardian=school.guardian["anna.devries"])
    with as_user(PLANNER):
        asked = calls.switch(evening.name, json.dumps([sent(row_of(evening, school, "ne"))]), 0)["report"]
        assert asked["needs_confirmation"] and offered(evening, school, "ne") == 1
        assert [one["household"] for one in asked["concerned"]] == ["Anna de Vries"]
        done = calls.switch(evening.name, [sent(row_of(evening, school, "ne"))], 0, confirmed=1)["report"]
    assert done["withdrawn"] == 1 and offered(evening, school, "ne") == 0
    assert request_of(answer).state == "Withdrawn"


def test_who_does_not_take_part_is_offered_nothing(evening, school):
    row = possible(row_of(evening, school, "ne"))
    per_student.switch(evening.name, [row], False)
    evening.append("participants", {"participant_type": "Student", "participant": row.student, "left_out": 1})
    evening.save()
    frappe.db.commit()
    report = per_student.switch(evening.name, [row], True)
    assert [one.sentence for one in report.skipped] == ["Daan de Vries does not take part in this evening."]
    assert offered(evening, school, "ne") == 0


@pytest.mark.parametrize(
    "rows",
    [
        "{",
        "[]",
        '["x"]',
        '[{"offer": 3}]',
        '[{"student": "x", "instructors": "jan"}]',
        '[{"instructors": [1]}]',
    ],
)
def test_what_is_no_row_is_refused(evening, rows):
    with as_user(PLANNER), pytest.raises(frappe.ValidationError):
        calls.switch(evening.name, rows, 1)


def test_unknown_records_are_refused_or_named(evening, school):
    student = school.student["s01"]
    with pytest.raises(frappe.ValidationError, match="could not be read"):
        per_student.switch(evening.name, [Possible(None, student, "x", "Astrologie", ("a",))], True)
    row = Possible(None, student, "", school.course["gs"], ("EDU-INS-none",))
    assert per_student.switch(evening.name, [row], True).skipped[0].code == "instructor_left"
    row = Possible(None, "EDU-STU-none", "", school.course["gs"], (school.instructor["kok"],))
    assert per_student.switch(evening.name, [row], True).skipped[0].code == "no_participant"


def test_an_archived_evening_is_only_read(evening, school):
    row = row_of(evening, school, "ne")
    evening.db_set("archived", 1)
    frappe.db.commit()
    with as_user(MANAGER):
        assert calls.possibilities(evening.name, school.student["s01"])["rows"]
        with pytest.raises(frappe.ValidationError, match="archived"):
            calls.switch(evening.name, [sent(row)], 0)
        assert "archived" in calls.asking(evening.name, sent(row))["refused"]
        with pytest.raises(frappe.ValidationError, match="archived"):
            calls.request(evening.name, sent(row), school.guardian["anna.devries"], override_reason="x")


# Who phoned


def test_a_household_that_phoned(evening, school, outgoing_mail):
    row = row_of(evening, school, "ne")
    with as_user(PLANNER):
        facts = calls.asking(evening.name, json.dumps(sent(row)))
        assert [party["names"] for party in facts["parties"]] == ["Anna de Vries, Bram de Vries"]
        assert (facts["exceptions"], facts["refused"], facts["offered"]) == ([], None, 1)
        assert (facts["parties"][0]["number"], facts["parties"][0]["maximum"]) == (0, 3)
        answer = calls.request(
            evening.name,
            sent(row),
            school.guardian["bram.devries"],
            preference="Late",
            remark="Belt liever niet",
        )
    assert answer["sentence"] == "Nederlands is requested for Bram de Vries, Anna de Vries."
    assert (answer["told"], answer["not_told"]) == (2, [])
    kept = frappe.db.get_value(
        "Conversation Request", answer["request"], ["guardian", "source", "preference", "remark"]
    )
    assert kept == (school.guardian["bram.devries"], "Staff", "Late", "Belt liever niet")
    assert frappe.db.count("Email Queue") == 2
    assert row_of(evening, school, "ne")["requested_by"] == "Bram de Vries"
    with as_user(PLANNER):
        party = calls.asking(evening.name, sent(row))["parties"][0]
        assert party["request"] == answer["request"] and party["wishes"]["preference"] == "Late"
        answer = calls.withdraw(evening.name, party["request"])
    assert answer["sentence"] == "The request of Anna de Vries, Bram de Vries for Nederlands is withdrawn."
    assert row_of(evening, school, "ne")["requested"] == 0


def test_why_nobody_was_told_is_said(evening, school):
    answer = phoned.request(
        evening.name, possible(row_of(evening, school, "ne")), guardian=school.guardian["anna.devries"]
    )
    assert answer.told == 0 and "has not been confirmed" in answer.not_told[0][1]


def test_separated_guardians_ask_each_for_themselves(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    row = possible(row_of(evening, school, "ne", "s04"))
    facts = phoned.asking(evening.name, row)
    assert [party["names"] for party in facts["parties"]] == ["Carla Bakker", "Dirk Bakker"]
    with pytest.raises(frappe.ValidationError, match="Choose for whom"):
        phoned.request(evening.name, row)
    carla = phoned.request(evening.name, row, guardian=school.guardian["carla.bakker"])
    facts = phoned.asking(evening.name, row)
    assert [bool(party["request"]) for party in facts["parties"]] == [True, False]
    phoned.request(evening.name, row, guardian=school.guardian["dirk.bakker"])
    assert row_of(evening, school, "ne", "s04")["requested"] == 2
    phoned.withdraw(evening.name, carla.request)
    assert row_of(evening, school, "ne", "s04")["requested_by"] == "Dirk Bakker"


def test_a_guardian_of_somebody_else_or_out_of_contact_cannot_be_chosen(evening, school):
    forbid_contact(school, "s07", "pieter.mulder")
    row = possible(rows_of(evening, school, "s07")[0])
    for guardian in ("pieter.mulder", "anna.devries"):
        with pytest.raises(frappe.ValidationError, match="Choose for whom"):
            phoned.request(evening.name, row, guardian=school.guardian[guardian], override_reason="x")


def test_beyond_the_maximum_only_with_a_reason_that_is_kept(evening, school):
    evening.db_set("maximum_per_student", 1)
    frappe.db.commit()
    anna = school.guardian["anna.devries"]
    phoned.request(evening.name, possible(row_of(evening, school, "ne")), guardian=anna)
    row = possible(row_of(evening, school, "en"))
    [party] = phoned.asking(evening.name, row)["parties"]
    assert party["exceptions"] == [
        "At most 1 conversation can be requested for Daan de Vries; this would make 2."
    ]
    for reason in (None, "  "):
        with pytest.raises(frappe.ValidationError, match="Give a reason"):
            phoned.request(evening.name, row, guardian=anna, override_reason=reason)
    answer = phoned.request(evening.name, row, guardian=anna, override_reason="Afgesproken <b>op</b> school")
    assert request_of(answer).override_reason == "Afgesproken <b>op</b> school"
    comments = frappe.get_all("Comment", {"reference_name": answer.request}, pluck="content")
    assert any(
        "Exception made: At most 1" in text and "op&lt;/b&gt;" not in text.split("Reason")[0]
        for text in comments
    )
    # Wishes of what is asked already are no exception to it.
    assert phoned.asking(evening.name, row)["parties"][0]["exceptions"] == []


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"published": 0}, "not open yet"),
        ({"schedule_visible": 1}, "schedule has been published"),
        ({"request_until": -1}, "could be requested"),
        ({"request_from": 1}, "can be requested from"),
    ],
)
def test_outside_the_window_only_with_a_reason(evening, school, values, sentence):
    moment = {
        key: now_datetime() + timedelta(hours=value) for key, value in values.items() if "request" in key
    }
    row = possible(row_of(evening, school, "ne"))
    anna = school.guardian["anna.devries"]
    for key, value in {**values, **moment}.items():
        evening.db_set(key, value)
    frappe.db.commit()
    [exception] = phoned.asking(evening.name, row)["exceptions"]
    assert sentence in exception
    with pytest.raises(frappe.ValidationError, match="Give a reason"):
        phoned.request(evening.name, row, guardian=anna)
    answer = phoned.request(evening.name, row, guardian=anna, override_reason="Ziek geweest")
    assert request_of(answer).override_reason == "Ziek geweest"
    with pytest.raises(frappe.ValidationError, match="Give a reason"):
        phoned.withdraw(evening.name, answer.request)
    phoned.withdraw(evening.name, answer.request, override_reason="Toch niet")
    assert request_of(answer).state == "Withdrawn" and request_of(answer).override_reason == "Toch niet"


def test_what_is_not_offered_is_offered_first_when_agreed(site, school):
    doc = make_evening(school, maximum_per_student=1)
    row, other = (possible(one) for one in rows_of(doc, school)[:2])
    anna = school.guardian["anna.devries"]
    with pytest.raises(frappe.ValidationError, match="Offer it first"):
        phoned.request(doc.name, row, guardian=anna)
    answer = phoned.request(doc.name, row, guardian=anna, offer_first=True)
    assert request_of(answer).state == "Requested"
    # A refusal leaves nothing behind.
    with pytest.raises(frappe.ValidationError, match="Give a reason"):
        phoned.request(doc.name, other, guardian=anna, offer_first=True)
    assert frappe.db.count("Conversation Offer", {"evening": doc.name}) == 1


def test_who_asks_themselves_where_students_do(site, school):
    doc = make_evening(school, contact_with="Students")
    row = possible(rows_of(doc, school)[0])
    [party] = phoned.asking(doc.name, row)["parties"]
    assert (party["guardian"], party["names"]) == (None, "Daan de Vries")
    answer = phoned.request(doc.name, row, offer_first=True)
    assert not request_of(answer).guardian
    phoned.withdraw(doc.name, answer.request)


def test_nothing_is_requested_where_all_is_booked_directly(evening, school):
    evening.db_set("procedure", "Book Directly")
    frappe.db.commit()
    said = len(frappe.local.message_log)
    facts = phoned.asking(evening.name, possible(row_of(evening, school, "ne")))
    assert facts["refused"] == "At this evening conversations are booked directly, not requested."
    assert len(frappe.local.message_log) == said


# Who may


@pytest.mark.parametrize("user", [MANAGER, PLANNER])
def test_staff_may(evening, school, user):
    with as_user(user):
        assert calls.programs(evening.name) and calls.classes(evening.name, "h2")
        assert calls.students(evening.name, program="h2", group="h2a")
        rows = calls.possibilities(evening.name, school.student["s01"])["rows"]
        assert calls.switch(evening.name, [sent(rows[0])], 0)["report"]["switched_off"] == 1


@pytest.mark.parametrize("person", ["jan", "anna.devries", "s01"])
def test_others_are_refused(evening, school, person):
    row = sent(row_of(evening, school, "ne"))
    student = school.student["s01"]
    attempts = [
        lambda: calls.programs(evening.name),
        lambda: calls.classes(evening.name),
        lambda: calls.students(evening.name, search="a"),
        lambda: calls.possibilities(evening.name, student),
        lambda: calls.switch(evening.name, [row], 0),
        lambda: calls.asking(evening.name, row),
        lambda: calls.request(evening.name, row, school.guardian["anna.devries"]),
        lambda: calls.withdraw(evening.name, "x"),
    ]
    refused_unless_staff(school, person, *attempts)
    assert offered(evening, school, "ne") == 1


# Two at once


def toggle_many(evening, rows, on):
    """In a process of its own: each row by itself, as two secretaries click."""
    done = 0
    for row in rows:
        report = per_student.switch(evening, [row], on)
        done += report.switched_on + report.switched_off + report.created
    return done


def test_two_secretaries_at_once_lose_nothing(bench_site, evening, school):
    mine = [possible(row) for row in rows_of(evening, school, "s01")]
    hers = [possible(row) for row in rows_of(evening, school, "s02")]
    same = [possible(row) for row in rows_of(evening, school, "s03") if row["offered"]]
    work = [(evening.name, mine + same, False), (evening.name, hers + same, False)]
    results = at_once(bench_site, toggle_many, work)
    frappe.db.rollback()
    assert sum(results) == len(mine) + len(hers) + len(same)
    off = frappe.db.count("Conversation Offer", {"evening": evening.name, "offered": 0})
    assert off == sum(results)
    assert frappe.db.count("Offer Change", {"operation": "Offer per Student"}) == sum(results)


def test_two_secretaries_offer_the_same_at_once(bench_site, site, school):
    doc = make_evening(school)
    rows = [possible(row) for row in rows_of(doc, school)]
    results = at_once(bench_site, toggle_many, [(doc.name, rows, True)] * 3)
    frappe.db.rollback()
    assert sum(results) == len(rows) == frappe.db.count("Conversation Offer", {"evening": doc.name})


# The command line


def test_the_command_line(evening, school, run):
    listed = run("offers", "student", "list", "s01")
    assert listed.returncode == 0 and "wol" in listed.stdout
    assert "bk1a" in run("offers", "student", "list").stdout
    assert "1 no longer offered" in run("offers", "student", "off", "s01", "ne").stdout
    refused = run("offers", "student", "request", "s01", "ne")
    assert refused.returncode == 1 and "Offer it first" in refused.stderr
    done = run("offers", "student", "request", "s01", "ne", "--offer", "--guardian", "Anna de Vries")
    assert done.returncode == 0 and "is requested for Anna de Vries" in done.stdout
    assert "has not been confirmed" in done.stderr
    kept = run("offers", "student", "off", "s01", "ne")
    assert kept.returncode == 1 and offered(evening, school, "ne") == 1
    assert run("offers", "student", "withdraw", "s01", "ne").returncode == 0
    assert run("offers", "student", "list", "nobody").returncode == 1
    assert run("offers", "student", "on", "s01", "astrologie").returncode == 1


# The listing


def test_the_listing_sorts_by_every_column_and_pages_fit(evening):
    everything = set(listing.keys(evening.name))
    for key in ORDERS:
        for direction in ("asc", "desc"):
            order = f"{key} {direction}"
            pages = [listing.keys(evening.name, None, order, start, 40) for start in range(0, 200, 40)]
            names = [name for page in pages for name in page]
            assert names == listing.keys(evening.name, None, order) and set(names) == everything, order


def test_sorted_rows_are_in_order(evening):
    for key in ("possibility", "first_name", "classes", "instructors", "guardians", "program", "subject"):
        values = [row[key].casefold() for row in listing.page(evening.name, None, f"{key} asc")["rows"]]
        assert [v for v in values if v.isascii()] == sorted(v for v in values if v.isascii()), key


@pytest.mark.parametrize("order", ["name; drop table x", "offered sideways", "evening asc"])
def test_other_orders_and_filters_are_refused(evening, order):
    with pytest.raises(frappe.ValidationError, match="cannot be sorted"):
        listing.keys(evening.name, None, order)
    with pytest.raises(frappe.ValidationError, match="cannot be filtered"):
        listing.count(evening.name, {order: 1})


def test_filters_count_as_the_rows_do(evening, school):
    phoned.request(
        evening.name, possible(row_of(evening, school, "ne")), guardian=school.guardian["anna.devries"]
    )
    per_student.switch(evening.name, [possible(row_of(evening, school, "en"))], False)
    rows = listing.page(evening.name, None, None, 0, None)["rows"]

    def count(**filters):
        found = listing.page(evening.name, filters, None, 0, None)
        assert len(found["rows"]) == found["total"] == listing.totals(evening.name, filters)["count"]
        return found["total"]

    assert count(offered=0) == 1 and count(requested=1) == 1 and count(requested=0) == len(rows) - 1
    assert count(student=school.student["s01"]) == 4
    assert count(program="h2") == sum(row["program"] == "h2" for row in rows)
    assert count(group=["bk1a", "bk1b"]) == sum(row["classes"] in ("bk1a", "bk1b") for row in rows)
    jan = school.instructor["jan"]
    assert count(instructor=jan) == sum(jan in row["instructor_list"] for row in rows)
    assert count(guardian=school.guardian["anna.devries"]) == 12
    assert count(subject=["Nederlands"]) == sum(row["subject"] == "Nederlands" for row in rows)
    assert count(in_package=1, source="Course", search="") == len(rows)
    assert count(search="daan wol") == 1 and count(search="anna de vries frans") == 1
    totals = listing.totals(evening.name)
    assert totals == {"count": len(rows), "offered": len(rows) - 1, "requested": 1}


@pytest.mark.parametrize("text", ["%", "_", "\\", "\\' or 1=1 -- ", "'", '"', "%%a", SCRIPT])
def test_what_is_searched_for_is_taken_literally(evening, text):
    assert listing.count(evening.name, {"search": text}) == 0


def test_households_and_forbidden_dates(evening, school):
    first, second = (str(row.date) for row in evening.dates)
    row = row_of(evening, school, "ne")
    offer = frappe.get_doc("Conversation Offer", row["name"])
    offer.append("forbidden_dates", {"date": second})
    offer.save()
    values = {"evening": evening.name, "student_group": "bk1a", "date": first}
    frappe.get_doc({"doctype": "Forbidden Class Date", **values}).insert()
    frappe.db.commit()
    assert row_of(evening, school, "ne")["forbidden"] == [first, second]
    assert row_of(evening, school, "en")["forbidden"] == [first]
    assert listing.keys(evening.name, {"group": "h2a"}, "forbidden asc")
    [top] = listing.page(evening.name, None, "forbidden asc", 0, 1)["rows"]
    assert top["forbidden"]
    leader = min(school.guardian["anna.devries"], school.guardian["bram.devries"])
    assert listing.count(evening.name, {"household": leader}) == 12


def test_undone_as_one(site, school):
    doc = make_evening(school, request_from=now_datetime() + timedelta(days=1))
    report = per_student.switch(doc.name, [possible(row) for row in rows_of(doc, school)], True)
    assert report.created == 4
    journal.undo(doc.name, report.change)
    assert not frappe.db.count("Conversation Offer", {"evening": doc.name})
