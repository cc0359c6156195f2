"""Check: each kind of thing that is wrong is provoked for real, found, listed, and mended in place."""

from datetime import timedelta
from io import BytesIO

import frappe
import pytest

from ouderavond.api.offers import check as api
from ouderavond.evening import booking, grid, requests
from ouderavond.evening.offering import by_course, check, classes, forecast, journal, rows
from ouderavond.evening.offering.changes import Draft, perform
from ouderavond.evening.offering.checks.kinds import Scope
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening, mark_separated


@pytest.fixture
def evening(site, school):
    """An evening whose requests are not open yet, with its offers. Changes of the school are taken back."""
    soon = frappe.utils.now_datetime() + timedelta(days=1)
    doc = make_evening(school, request_from=soon, maximum_per_student=0)
    by_course.offer(doc.name)
    return doc


def found(evening, code, **scope):
    """The rows of one kind; the number of the overview agrees with them."""
    where = Scope(frappe.get_doc("Parent Evening", evening.name), **scope)
    listed = check.rows(where, code, 0, 500)
    (finding,) = check.overview(where, [code])
    assert (finding.lines, finding.number or 0) == (len(listed), sum(row.number for row in listed))
    return listed


def names(listed):
    return [row.record.label for row in listed]


def offers_of(evening, student, **filters):
    offers = rows.read(evening.name, students=[student]).values()
    return sorted((one for one in offers if one.offered), key=lambda one: one.subject)


def of_course(evening, student, course):
    return next(one for one in offers_of(evening, student) if one.course == course)


def ask(school, offer, guardian, **options):
    name = requests.request(
        offer, guardian=school.guardian[guardian], source="Staff", override_reason="Telephone", **options
    )
    frappe.db.commit()
    return name


def add(evening, school, student, subject, instructors, **values):
    people = tuple(school.instructor[code] for code in instructors)
    draft = Draft(school.student[student], subject, people, source="Manual", **values)
    perform(evening.name, "Offer by Hand", lambda edit: edit.add([draft]))


def leave(school, code):
    frappe.db.set_value("Instructor", school.instructor[code], "status", "Left")
    frappe.db.commit()


# Students and guardians


def test_students_without_guardians(evening, school):
    (row,) = found(evening, "no_guardian")
    assert (row.record.doctype, row.record.label, row.classes) == ("Student", "Kim Alleman", "v3a")


def test_a_student_whose_only_guardian_may_not_be_contacted_has_none(evening, school):
    mark = {"doctype": "Guardian Arrangement", "student": school.student["s10"], "contact_forbidden": 1}
    guardian = frappe.db.get_value("Student Guardian", {"parent": school.student["s10"]}, "guardian")
    others = frappe.db.count("Student Guardian", {"parent": school.student["s10"]})
    frappe.get_doc({**mark, "guardian": guardian}).insert(ignore_permissions=True)
    assert (school.student["s10"] in [row.key for row in found(evening, "no_guardian")]) == (others == 1)


def test_guardians_are_no_matter_where_only_students_are_spoken_to(evening, school):
    evening.db_set("contact_with", "Students", commit=True)
    for code in ("no_guardian", "no_email", "no_user", "one_user"):
        assert found(evening, code) == []


def test_guardians_without_email_or_user(evening, school, restored_afterwards):
    assert found(evening, "no_email") == []
    assert names(found(evening, "no_user")) == ["Henk Scholten", "Sanne Post", "Wilma Dekkers"]
    frappe.db.set_value("Guardian", school.guardian["anna.devries"], "email_address", None)
    (row,) = found(evening, "no_email")
    assert row.record.label == "Anna de Vries"
    assert sorted(link.label for link in row.links) == ["Daan de Vries", "Eva de Vries", "Fien de Vries"]
    assert row.classes == "bk1a, h2a, v3a"


def test_guardians_of_one_user_who_attend_separately(evening, school, restored_afterwards):
    evening.db_set("separated_guardians", "Attend separately where marked", commit=True)
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    assert found(evening, "one_user") == []
    user = frappe.db.get_value("Guardian", school.guardian["carla.bakker"], "user")
    frappe.db.set_value("Guardian", school.guardian["dirk.bakker"], "user", user)
    (row,) = found(evening, "one_user")
    assert row.record.name == school.student["s04"]
    assert {link.label for link in row.links} == {"Carla Bakker", "Dirk Bakker"}


def test_students_in_two_classes(evening, school, restored_afterwards):
    assert found(evening, "two_classes") == []
    group = frappe.get_doc("Student Group", "bk1b")
    group.append("students", {"student": school.student["s01"], "active": 1})
    group.flags.ignore_validate = True
    group.save()
    (row,) = found(evening, "two_classes")
    assert (row.record.label, row.classes) == ("Daan de Vries", "bk1a, bk1b")
    assert [link.doctype for link in row.links] == ["Student Group", "Student Group"]


def test_a_student_who_left_still_has_offers_and_a_request_until_it_is_repaired(
    evening, school, restored_afterwards
):
    student = school.student["s01"]
    offer = offers_of(evening, student)[0]
    number = len(offers_of(evening, student))
    request = ask(school, offer.name, "anna.devries")
    frappe.db.set_value("Student", student, "enabled", 0)
    frappe.db.commit()
    (row,) = found(evening, "not_taking_part")
    assert (row.key, row.record.label, row.classes) == (student, "Daan de Vries", "bk1a")
    assert row.detail == f"Has left (disabled), but has {number} offers, 1 requests and 0 conversations."
    report = check.repair(evening.name, "not_taking_part", "remove", [student])
    assert report.needs_confirmation and report.concerned[0].request == request
    assert found(evening, "not_taking_part"), "Nothing is done before it was confirmed."
    report = check.repair(evening.name, "not_taking_part", "remove", [student], confirmed=True)
    assert (report.withdrawn, report.removed, report.switched_off) == (1, number - 1, 1)
    assert found(evening, "not_taking_part") == []
    assert frappe.db.get_value("Conversation Request", request, "state") == "Withdrawn"


def test_a_student_left_out_of_the_evening_is_found_and_mended(evening, school):
    evening.append(
        "participants",
        {"participant_type": "Student", "participant": school.student["s02"], "left_out": 1},
    )
    evening.save(ignore_permissions=True)
    frappe.db.commit()
    (row,) = found(evening, "not_taking_part")
    assert row.detail.startswith("Does not take part, but has ")
    check.repair(evening.name, "not_taking_part", "remove")
    assert found(evening, "not_taking_part") == []


def test_students_for_whom_nothing_is_offered(evening, school):
    assert found(evening, "nothing_offered") == []
    gone = [one.name for one in offers_of(evening, school.student["s03"])]
    perform(evening.name, "Remove Offers", lambda edit: edit.remove(gone))
    assert names(found(evening, "nothing_offered")) == ["Fien de Vries"]


# Offers


def test_an_instructor_who_left_is_replaced_by_who_teaches_now(evening, school, restored_afterwards):
    student = school.student["s01"]
    old = of_course(evening, student, "Nederlands")
    assert old.instructors == (school.instructor["jan"],)
    frappe.db.set_value(
        "Student Group Instructor", {"parent": "bk1a-ne"}, "instructor", school.instructor["smi"]
    )
    leave(school, "jan")
    listed = found(evening, "instructor_left")
    assert old.name in [row.key for row in listed]
    assert listed[0].detail == "Joke Jansma has left the school."
    report = check.repair(evening.name, "instructor_left", "replace", [old.name])
    assert (report.changed, report.operation) == (1, "Repair")
    assert rows.read(evening.name, names=[old.name])[old.name].instructors == (school.instructor["smi"],)
    assert old.name not in [row.key for row in found(evening, "instructor_left")]


def test_whose_lessons_nobody_gives_now_is_said_and_can_be_removed(evening, school, restored_afterwards):
    leave(school, "fon")
    number = len(found(evening, "instructor_left"))
    assert number
    report = check.repair(evening.name, "instructor_left", "replace")
    assert report.changed == 0
    assert {row.code for row in report.skipped} == {"nobody_teaches"}
    assert "nobody gives it now" in report.skipped[0].sentence
    report = check.repair(evening.name, "instructor_left", "remove")
    assert report.removed == number
    assert found(evening, "instructor_left") == []


def test_a_conversation_with_several_goes_on_with_who_is_left(evening, school, restored_afterwards):
    add(evening, school, "s01", "Overleg", ["tea", "jan"])
    (offer,) = [one for one in offers_of(evening, school.student["s01"]) if one.subject == "Overleg"]
    leave(school, "tea")
    assert [row.key for row in found(evening, "instructor_left")] == [offer.name]
    check.repair(evening.name, "instructor_left", "replace")
    assert rows.read(evening.name, names=[offer.name])[offer.name].instructors == (school.instructor["jan"],)


def test_a_mentor_who_left_is_replaced_by_the_present_one(evening, school, restored_afterwards):
    add(evening, school, "s01", "Mentoraat", ["jan"])
    (offer,) = [one for one in offers_of(evening, school.student["s01"]) if one.subject == "Mentoraat"]
    frappe.db.set_value("Conversation Offer", offer.name, "source", "Mentor")
    row = {"parent": "bk1a", "instructor": school.instructor["jan"]}
    frappe.db.set_value("Student Group Instructor", row, "instructor", school.instructor["wol"])
    leave(school, "jan")
    check.repair(evening.name, "instructor_left", "replace", [offer.name])
    assert rows.read(evening.name, names=[offer.name])[offer.name].instructors == (school.instructor["wol"],)


def test_offers_without_an_instructor_get_one_or_go(evening, school):
    one, label = of_course(evening, school.student["s01"], "Nederlands"), None
    add(evening, school, "s02", "Afdelingsleider", ["tea"])
    (label,) = [o for o in offers_of(evening, school.student["s02"]) if o.subject == "Afdelingsleider"]
    for offer in (one, label):
        frappe.db.delete("Conversation Offer Instructor", {"parent": offer.name})
        frappe.db.set_value("Conversation Offer", offer.name, "instructors_key", "")
    frappe.db.commit()
    assert {row.key for row in found(evening, "no_instructor")} == {one.name, label.name}
    report = check.repair(evening.name, "no_instructor", "replace")
    assert (report.changed, len(report.skipped)) == (1, 1)
    assert rows.read(evening.name, names=[one.name])[one.name].instructors == one.instructors
    check.repair(evening.name, "no_instructor", "remove")
    assert found(evening, "no_instructor") == []


@pytest.mark.parametrize(("how", "kept"), [("keep_joint", ("jan", "smi")), ("keep_single", ("jan",))])
def test_one_course_alone_and_together_is_offered_twice(evening, school, how, kept):
    add(evening, school, "s01", "Nederlands samen", ["jan", "smi"], course="Nederlands")
    (row,) = found(evening, "duplicates")
    assert row.record.label == "Daan de Vries"
    assert row.detail == "Nederlands is offered 2 times: Joke Jansma + Els Smit; Joke Jansma."
    check.repair(evening.name, "duplicates", how, [row.key])
    assert found(evening, "duplicates") == []
    (left,) = [one for one in offers_of(evening, school.student["s01"]) if one.course == "Nederlands"]
    assert left.instructors == tuple(school.instructor[code] for code in kept)


def test_a_possibility_with_each_instructor_is_not_twice_the_same(evening, school):
    add(evening, school, "s01", "Nederlands", ["smi"], course="Nederlands")
    assert found(evening, "duplicates") == []


def test_conversations_that_may_be_on_no_date_are_found_and_allowed_again(evening, school):
    days = classes.days(evening)
    one = offers_of(evening, school.student["s02"])[0]
    both = tuple(days)
    perform(evening.name, "Change Offers", lambda edit: edit.update([one.name], forbidden=both))
    for day in days:
        classes.set_forbidden(evening.name, ["bk1a"], day, True)
    listed = {row.key: row for row in found(evening, "nowhere")}
    assert listed[school.student["s02"]].detail == "1 offered conversations may be on no date of the evening."
    assert len(listed) == 1 + frappe.db.count("Student Group Student", {"parent": "bk1a", "active": 1})
    check.repair(evening.name, "nowhere", "allow")
    assert found(evening, "nowhere") == []
    assert not frappe.db.count("Forbidden Class Date", {"evening": evening.name})


# Time


def test_instructors_asked_for_more_than_they_have_time_for(evening, school):
    ask(school, of_course(evening, school.student["s01"], "Nederlands").name, "anna.devries")
    assert found(evening, "instructor_time") == []
    filters = {"evening": evening.name, "instructor": school.instructor["jan"]}
    frappe.db.set_value("Evening Instructor", filters, {"present_from": "20:55:00"})
    frappe.db.commit()
    (row,) = found(evening, "instructor_time")
    assert (row.record.label, row.detail) == (
        "Joke Jansma",
        "1 slots are asked, and there are 0: 1 too many.",
    )
    (row,) = found(evening, "no_time")
    assert row.record.doctype == "Conversation Request"
    assert "Joke Jansma" in [link.label for link in row.links]


def test_households_that_need_more_time_than_the_evening_has(evening, school):
    for offer in offers_of(evening, school.student["s01"])[:3]:
        ask(school, offer.name, "anna.devries")
    assert found(evening, "household_time") == []
    evening.dates[0].end_time = evening.dates[1].end_time = "18:40:00"
    evening.save(ignore_permissions=True)
    frappe.db.commit()
    (row,) = found(evening, "household_time")
    assert row.detail == "3 slots are asked, and the household has 2."
    assert row.record.label == "Anna de Vries"
    assert {"Bram de Vries", "Daan de Vries"} <= {link.label for link in row.links}


def test_households_that_have_to_come_twice(evening, school):
    days = classes.days(evening)
    classes.set_forbidden(evening.name, ["bk1a"], days[0], True)
    classes.set_forbidden(evening.name, ["h2a", "h2b"], days[1], True)
    assert len(found(evening, "two_evenings")) == 4
    assert len(found(evening, "two_evenings", group="h2a")) == 1


def test_the_forecast_tells_the_chance_the_shortage_and_extra_times(evening, school):
    quiet = forecast.expected(evening.name)
    assert (quiet.instructors, quiet.short) == ((), 0)
    evening.dates[0].end_time = evening.dates[1].end_time = "19:00:00"
    evening.save(ignore_permissions=True)
    frappe.db.commit()
    busy = forecast.expected(evening.name, asking=1, per_student=3)
    first = busy.instructors[0]
    assert first["slots"] == 6
    assert first["chance"] > 0.5 and first["short"] > 1 and first["label"]
    assert busy.extras[0]["kind"] == "added" and busy.extras[0]["start"].endswith("19:00")


def test_a_forecast_from_nothing_or_of_the_impossible_is_refused(site, school, evening):
    bare = make_evening(school)
    with pytest.raises(frappe.ValidationError, match="Nothing is offered yet"):
        forecast.expected(bare.name)
    with pytest.raises(frappe.ValidationError, match="a number from 0 to 1"):
        forecast.expected(evening.name, asking=7)


# Lessons


def test_a_course_of_the_package_without_a_lesson_group_is_noted(evening, school, restored_afterwards):
    assert "bk1a-ne" not in str(found(evening, "missing"))
    frappe.db.set_value("Student Group", "bk1a-ne", "disabled", 1)
    frappe.db.commit()
    perform(
        evening.name,
        "Remove Offers",
        lambda edit: edit.remove([n for n, o in edit.offers().items() if o.course == "Nederlands"]),
    )
    listed = found(evening, "missing", group="bk1a")
    assert any("is in no lesson group of it" in row.detail and "Nederlands" in row.detail for row in listed)
    assert not any("v3-du1" in row.detail for row in listed)
    assert any("v3-du1" in row.detail for row in found(evening, "missing", program="v3"))


# The list, and the calls


def test_program_and_class_narrow_what_is_listed(evening, school):
    assert names(found(evening, "no_guardian", program="v3")) == ["Kim Alleman"]
    assert found(evening, "no_guardian", program="h2") == []
    assert found(evening, "no_guardian", group="v3b") == []
    assert names(found(evening, "no_user", group="v3b")) == ["Sanne Post"]


def test_errors_stand_first_and_rows_come_in_pages(evening, school):
    severities = [one.kind.severity for one in check.overview(Scope(evening))]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    scope = Scope(evening)
    pages = [check.rows(scope, "no_user", start, 1) for start in range(4)]
    assert [names(page) for page in pages] == [["Henk Scholten"], ["Sanne Post"], ["Wilma Dekkers"], []]


def test_a_repair_is_one_change_that_is_undone_as_a_whole(evening, school):
    add(evening, school, "s01", "Nederlands samen", ["jan", "smi"], course="Nederlands")
    check.repair(evening.name, "duplicates", "keep_joint")
    journal.undo(evening.name, journal.last(evening)["change"])
    assert len(found(evening, "duplicates")) == 1


def test_rows_that_are_in_order_meanwhile_are_left_alone(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    for code in ("no_instructor", "instructor_left"):
        report = check.repair(evening.name, code, "remove", [offer.name])
        assert (report.removed, report.more["rows"]) == (0, 0)


def test_what_cannot_be_repaired_is_refused(evening, school):
    with pytest.raises(frappe.ValidationError, match="This cannot be repaired here"):
        check.repair(evening.name, "no_guardian", "remove")
    with pytest.raises(frappe.ValidationError, match="There is no check nonsense"):
        check.repair(evening.name, "nonsense", "remove")


@pytest.mark.parametrize("user", [MANAGER, PLANNER])
def test_staff_check_list_and_repair_from_the_page(evening, school, user):
    add(evening, school, "s01", "Nederlands samen", ["jan", "smi"], course="Nederlands")
    with as_user(user):
        answer = api.read(evening.name)
        numbers = {one["code"]: one["number"] for one in answer["findings"]}
        assert (numbers["duplicates"], numbers["no_guardian"], numbers["no_instructor"]) == (1, 1, 0)
        assert [one["name"] for one in answer["programs"]] == ["bk1", "h2", "v3"]
        fast = {one["code"] for one in api.read(evening.name, slow=0)["findings"]}
        slow = {one["code"] for one in api.read(evening.name, slow=1)["findings"]}
        assert fast | slow == set(numbers) and not fast & slow
        (row,) = api.rows(evening.name, "duplicates")
        done = api.repair(evening.name, "duplicates", "keep_single", frappe.as_json([row["key"]]))
        assert done["report"]["removed"] == 1
        assert api.expect(evening.name)["report"]["households"] > 10


@pytest.mark.parametrize("person", ["anna.devries", "jan", "s01"])
def test_nobody_else_checks_or_repairs(evening, school, person):
    calls = (
        lambda: api.read(evening.name),
        lambda: api.rows(evening.name, "no_user"),
        lambda: api.repair(evening.name, "duplicates", "keep_joint"),
        lambda: api.expect(evening.name),
        lambda: api.export(evening.name),
    )
    refused_unless_staff(school, person, *calls)


def test_the_list_as_a_file_holds_no_formulas(evening, school, restored_afterwards):
    from openpyxl import load_workbook

    frappe.db.set_value("Guardian", school.guardian["sanne.post"], "guardian_name", "=cmd()")
    api.export(evening.name, "no_user", "csv")
    assert frappe.response.filename.endswith(".csv")
    text = frappe.response.filecontent.decode("utf-8-sig")
    assert '"\'=cmd()"' in text and '"Henk Scholten"' in text
    api.export(evening.name, None, "xlsx")
    sheet = load_workbook(BytesIO(frappe.response.filecontent)).active
    assert [cell.value for cell in sheet[1]][:2] == ["Severity", "What"]
    assert sheet.max_row > 4
    with pytest.raises(frappe.ValidationError, match="The file can be xlsx, csv"):
        api.export(evening.name, None, "pdf")


def test_a_booking_of_who_left_is_cancelled_when_confirmed(evening, school, restored_afterwards):
    offer = offers_of(evening, school.student["s01"])[0]
    start = grid.slots(evening)[0].starts[0]
    party = booking.party_of(evening.name, school.student["s01"], school.guardian["anna.devries"])
    name = booking.book(offer.name, start, guardians=party, source="Staff")
    frappe.db.set_value("Student", school.student["s01"], "enabled", 0)
    frappe.db.commit()
    report = check.repair(evening.name, "not_taking_part", "remove", confirmed=True)
    assert report.cancelled == 1
    assert frappe.db.get_value("Evening Booking", name, "state") == "Cancelled"
    assert found(evening, "not_taking_part") == []


# The command line


def test_the_command_line_exits_with_1_on_errors_only_and_repairs(evening, school, run):
    fine = run("offers", "check", "--forecast")
    assert fine.returncode == 0, fine.stderr
    assert "Students without guardians" in fine.stdout and "Forecast:" in fine.stdout
    offer = offers_of(evening, school.student["s01"])[0]
    frappe.db.delete("Conversation Offer Instructor", {"parent": offer.name})
    frappe.db.set_value("Conversation Offer", offer.name, "instructors_key", "")
    bad = run("offers", "check")
    assert bad.returncode == 1
    assert "Offers without an instructor" in bad.stdout
    mended = run("offers", "check", "--show", "no_instructor", "--repair", "replace")
    assert mended.returncode == 0, mended.stderr
    assert mended.stdout.startswith("1 changed.") and "All in order." in mended.stdout
