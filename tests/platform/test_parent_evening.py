"""What must be true of an evening, an offer, a presence and an agreement: each refusal by its sentence."""

from datetime import date, timedelta

import frappe
import pytest

from ouderavond.evening import booking, publishing
from ouderavond.evening.offer_key import instructors_key
from ouderavond.evening.offering import by_course
from ouderavond.evening.people import parties
from ouderavond.evening.planning import moves
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening

FIRST = date.today() + timedelta(days=14)


def _date(day, first="18:30:00", end="21:00:00"):
    return {"date": day, "first_time": first, "end_time": end}


def _refused(sentence, kind=frappe.ValidationError):
    return pytest.raises(kind, match=sentence)


@pytest.fixture
def evening(site, school):
    return make_evening(school)


# Dates and slots


def test_the_dates_stand_in_order_and_once(site, school):
    with _refused("Row 2: .* is there twice"):
        make_evening(school, dates=[_date(FIRST), _date(FIRST)])
    with _refused("Row 2: .* comes before the date above it"):
        make_evening(school, dates=[_date(FIRST), _date(FIRST - timedelta(days=1))])


def test_a_date_ends_after_it_begins_and_has_room_for_a_conversation(site, school):
    with _refused("Row 1: the end time must be later"):
        make_evening(school, dates=[_date(FIRST, "21:00:00", "21:00:00")])
    with _refused("between 18:30 and 18:39 there is no room for a conversation of 10 minutes"):
        make_evening(school, dates=[_date(FIRST, "18:30:00", "18:39:00")])
    make_evening(school, dates=[_date(FIRST, "18:30:00", "18:40:00")])


def test_a_conversation_takes_time(site, school):
    with _refused("Minutes per Conversation"):
        make_evening(school, minutes_per_conversation=0)


def test_the_dates_lie_in_the_academic_year(site, school):
    end = frappe.db.get_value("Academic Year", school.academic_year, "year_end_date")
    make_evening(school, dates=[_date(end)])
    with _refused("does not lie in the academic year"):
        make_evening(school, dates=[_date(end + timedelta(days=1))])


# Windows


def test_the_deadline_comes_after_the_opening_and_before_the_evening(site, school):
    now = frappe.utils.now_datetime()
    with _refused("The deadline must be later"):
        make_evening(school, request_from=now, request_until=now)
    with _refused("The deadline must be before the first conversation"):
        make_evening(school, request_until=f"{FIRST} 18:30:00")
    make_evening(school, request_until=f"{FIRST} 18:29:00")


def test_an_evening_with_requests_is_not_published_without_a_deadline(site, school):
    with _refused("Fill in the deadline"):
        make_evening(school, request_until=None)
    make_evening(school, request_until=None, published=0)
    make_evening(school, request_from=None, request_until=None, procedure="Book Directly")


def test_booking_opens_before_it_closes_and_after_the_requests(site, school):
    now = frappe.utils.now_datetime()
    both = {"procedure": "Request, Schedule, then Book"}
    with _refused("Booking Until must be later"):
        make_evening(
            school, **both, booking_from=now + timedelta(days=9), booking_until=now + timedelta(days=8)
        )
    with _refused("Booking From is too early"):
        make_evening(school, **both, booking_from=now + timedelta(days=1))
    with _refused("Booking Until must be before the end"):
        make_evening(school, **both, booking_until=now + timedelta(days=40))
    make_evening(school, **both, booking_from=now + timedelta(days=8), booking_until=now + timedelta(days=10))


def test_windows_of_another_procedure_do_not_count(site, school):
    now = frappe.utils.now_datetime()
    make_evening(school, booking_from=now, booking_until=now)


# Lessons, participants, weights


@pytest.mark.parametrize("week", ["2026", "2026-W60", "week 45", "2027-W53"])
def test_the_reference_week_exists(site, school, week):
    with _refused("is not a week"):
        make_evening(school, reference_week=week)


def test_a_week_without_lessons_is_a_warning(site, school):
    evening = make_evening(school, reference_week=" 2026-w53 ")
    assert evening.reference_week == "2026-W53"
    assert "There are no lessons in week 2026-W53" in _messages()


def test_everybody_takes_part_once(site, school):
    row = {"participant_type": "Program", "participant": school.program["h2"]}
    with _refused("Row 2: “h2” is there twice"):
        make_evening(school, participants=[row, {**row, "left_out": 1}])


def test_a_class_of_another_year_does_not_take_part(site, school):
    other = frappe.get_doc(
        {
            "doctype": "Academic Year",
            "academic_year_name": "2020-2021",
            "year_start_date": "2020-08-01",
            "year_end_date": "2021-07-31",
        }
    ).insert()
    frappe.db.set_value("Student Group", school.group["h2a"], "academic_year", other.name)
    row = {"participant_type": "Student Group", "participant": school.group["h2a"]}
    with _refused("The class “h2a” belongs to the academic year 2020-2021"):
        make_evening(school, participants=[row])


def test_participants_must_exist(site, school):
    with _refused("Could not find", frappe.LinkValidationError):
        make_evening(school, participants=[{"participant_type": "Program", "participant": "nothing"}])


def test_weights_have_three_decimals_at_most(site, school):
    make_evening(school, weight_waiting=0.125)
    with _refused("at most three decimals"):
        make_evening(school, weight_waiting=0.1255)


def test_weights_in_an_unusual_order_are_a_warning(site, school):
    make_evening(school)
    assert "is not larger than the weight" not in _messages()
    make_evening(school, weight_moved=2000)
    assert "The weight “Wanted Not Placed” is not larger than the weight “Moved”" in _messages()


def test_numbers_are_not_negative(site, school):
    with _refused("negative", frappe.NonNegativeError):
        make_evening(school, maximum_per_student=-1)


def test_a_new_evening_takes_the_defaults_of_the_settings(site, school):
    settings = frappe.get_doc("Ouderavond Settings")
    settings.update({"minutes_per_conversation": 7, "maximum_per_student": 0})
    settings.save()
    evening = make_evening(school, minutes_per_conversation=None, maximum_per_student=None)
    assert (evening.minutes_per_conversation, evening.maximum_per_student) == (7, 0)
    assert make_evening(school, maximum_per_student=4).maximum_per_student == 4


# The archive


def test_an_archived_evening_is_read_only_until_a_manager_takes_it_out(evening):
    evening.archived = 1
    evening.save()
    assert evening.status == "Archived"
    evening.title = "Something else"
    with _refused("is archived and can only be read"):
        evening.save()
    evening.reload()
    with as_user(PLANNER):
        again = frappe.get_doc("Parent Evening", evening.name)
        again.archived = 0
        with _refused("Only an Ouderavond Manager", frappe.PermissionError):
            again.save()
    with as_user(MANAGER):
        again = frappe.get_doc("Parent Evening", evening.name)
        again.archived = 0
        again.save()
    assert again.status == "Requesting"


# An evening with conversations


def _book(evening, school, start="18:30:00"):
    by_course.offer(evening.name)
    student = school.student["s01"]
    offer = frappe.get_all("Conversation Offer", {"evening": evening.name, "student": student}, pluck="name")[
        0
    ]
    guardians = parties(evening, [student])[student][0]
    made = booking.book(
        offer, f"{FIRST} {start}", guardians=guardians, source="Staff", override_reason="Test"
    )
    frappe.db.commit()
    evening.reload()
    return made


def test_booked_conversations_keep_their_slots(evening, school):
    _book(evening, school, "18:40:00")
    evening.minutes_per_conversation = 15
    with _refused("One booked conversation would no longer be in a slot"):
        evening.save()
    evening.reload()
    evening.dates[0].first_time = "18:45:00"
    with _refused("would no longer be in a slot"):
        evening.save()
    evening.reload()
    # The same slots and more is no harm.
    evening.dates[0].first_time, evening.dates[0].end_time = "18:20:00", "22:00:00"
    evening.title = "Later"
    evening.save()


def test_cancelled_conversations_keep_nothing(evening, school):
    moves.cancel([_book(evening, school, "18:40:00")], reason="Test")
    frappe.db.commit()
    evening.reload()
    evening.minutes_per_conversation = 15
    evening.save()


def test_an_evening_with_told_times_ahead_is_not_deleted(evening, school):
    _book(evening, school)
    publishing.publish(evening.name)
    frappe.db.commit()
    with _refused("1 published conversations are still to come. Cancel them or archive"):
        frappe.delete_doc("Parent Evening", evening.name)


def test_deleting_an_evening_takes_its_own_rows_and_no_others(evening, school):
    other = make_evening(school, title="Other")
    by_course.offer(other.name)
    _book(evening, school)
    left = frappe.db.count("Conversation Offer", {"evening": other.name})
    frappe.delete_doc("Parent Evening", evening.name)
    for doctype in ("Conversation Offer", "Evening Booking", "Evening Instructor", "Booking Claim"):
        assert not frappe.db.exists(doctype, {"evening": evening.name}), doctype
    assert frappe.db.count("Conversation Offer", {"evening": other.name}) == left
    orphans = frappe.db.sql(
        """select count(*) from `tabConversation Offer Instructor` c
        left join `tabConversation Offer` p on p.name = c.parent where p.name is null"""
    )
    assert orphans[0][0] == 0


# Who may


def test_a_planner_works_with_evenings_and_not_with_what_is_confidential(evening):
    with as_user(PLANNER):
        doc = frappe.get_doc("Parent Evening", evening.name)
        doc.title = "By a planner"
        doc.save()
        for doctype in ("Ouderavond Settings", "Guardian Arrangement", "Guardians Not To Meet"):
            assert not frappe.has_permission(doctype, "read"), doctype
            assert not frappe.has_permission(doctype, "select"), doctype
        for ptype in ("create", "delete"):
            assert not frappe.has_permission("Parent Evening", ptype)


def test_staff_choose_students_without_reading_them(site):
    for user in (MANAGER, PLANNER):
        with as_user(user):
            for doctype in ("Student", "Student Group", "Instructor", "Academic Year", "Room"):
                assert frappe.has_permission(doctype, "select"), doctype
                for ptype in ("read", "write", "create", "delete", "export", "report"):
                    assert not frappe.has_permission(doctype, ptype), (doctype, ptype)


# Offers, presences, agreements


def _offer(evening, school, **values):
    doc = {
        "doctype": "Conversation Offer",
        "evening": evening.name,
        "student": school.student["s01"],
        "subject": "Mentoraat",
        "instructors": [{"instructor": school.instructor["jan"]}],
        **values,
    }
    return frappe.get_doc(doc).insert()


def test_an_offer_is_made_once_for_the_same_instructors(evening, school):
    both = [{"instructor": school.instructor[code]} for code in ("jan", "smi")]
    _offer(evening, school, instructors=both)
    with _refused("has this offer already: Mentoraat, with the same instructors", frappe.DuplicateEntryError):
        _offer(evening, school, instructors=both[::-1])
    _offer(evening, school)


def test_the_database_refuses_the_same_offer_too(evening, school):
    twin = _offer(evening, school)
    twin.name = "twin"
    with pytest.raises(frappe.UniqueValidationError):
        twin.db_insert()


def test_an_offer_is_for_a_participant_with_a_subject_and_different_instructors(evening, school):
    with _refused("is there twice"):
        _offer(evening, school, instructors=[{"instructor": school.instructor["jan"]}] * 2)
    with _refused("Choose a course or fill in a subject"):
        _offer(evening, school, subject=" ")
    with _refused("takes at least one slot"):
        _offer(evening, school, slots=0)
    with _refused("the evening is not on"):
        _offer(evening, school, forbidden_dates=[{"date": FIRST + timedelta(days=1)}])
    evening.participants = []
    evening.append("participants", {"participant_type": "Program", "participant": school.program["h2"]})
    evening.save()
    with _refused("does not take part in Oudercontact"):
        _offer(evening, school)


def test_the_subject_comes_from_the_course(evening, school):
    assert _offer(evening, school, subject=None, course=school.course["ne"]).subject == "Nederlands"


def test_the_key_of_a_set_of_instructors(site):
    assert instructors_key(["b", "a", "b"]) == instructors_key(("a", "b")) != instructors_key(["ab"])
    many = [f"EDU-INS-2026-{number:05}" for number in range(20)]
    assert len(instructors_key(many)) <= 140
    assert instructors_key(many) == instructors_key(reversed(many)) != instructors_key(many[1:])


def _presence(evening, school, code="jan", **values):
    doc = {
        "doctype": "Evening Instructor",
        "evening": evening.name,
        "instructor": school.instructor[code],
        "date": FIRST,
        **values,
    }
    return frappe.get_doc(doc).insert()


def test_an_instructor_is_there_once_on_a_date_of_the_evening(evening, school):
    _presence(evening, school)
    with _refused("is already there on", frappe.DuplicateEntryError):
        _presence(evening, school)
    with _refused("The evening is not on"):
        _presence(evening, school, date=FIRST + timedelta(days=1))
    with _refused("Present Until must be later"):
        _presence(evening, school, "smi", present_from="20:00:00", present_until="19:00:00")


def test_two_in_one_room_are_a_warning_unless_it_is_shared(evening, school):
    room = {"room": school.room["aula"]}
    _presence(evening, school, "jan", **room, shared_room=1)
    _presence(evening, school, "smi", **room, shared_room=1)
    assert "is also in room" not in _messages()
    _presence(evening, school, "dek", **room)
    assert "is also in room" in _messages()


def test_an_agreement_stands_once_whichever_comes_first(site, school):
    anna, bram = school.guardian["anna.devries"], school.guardian["bram.devries"]

    def apart(one, other):
        doc = {"doctype": "Guardians Not To Meet", "guardian": one, "other_guardian": other}
        return frappe.get_doc(doc).insert()

    apart(anna, bram)
    with _refused("there already", frappe.DuplicateEntryError):
        apart(bram, anna)
    with _refused("Choose two different guardians"):
        apart(anna, anna)


def test_an_arrangement_for_somebody_else_says_that_it_has_no_effect(site, school):
    doc = {
        "doctype": "Guardian Arrangement",
        "student": school.student["s01"],
        "guardian": school.guardian["petra.meijer"],
        "contact_forbidden": 1,
    }
    frappe.get_doc(doc).insert()
    assert "is not among the guardians of" in _messages()
    with _refused("already", frappe.DuplicateEntryError):
        frappe.get_doc(doc).insert()


def _messages() -> str:
    return " ".join(str(message) for message in frappe.get_message_log())
