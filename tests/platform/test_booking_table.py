"""The table of places and reserving from it: what each asker sees, all or nothing, each rule by its name."""

import json
from datetime import datetime, timedelta
from itertools import islice, product

import frappe
import pytest

from ouderavond.api import table
from ouderavond.evening import blocks, claims, requests, rules
from ouderavond.evening.offering import by_course
from ouderavond.evening.people import person_keys
from ouderavond.evening.planning import moves
from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import basket, windows
from ouderavond.evening.reserving.table import Table
from tests.platform.school import as_user, make_evening, mark_separated

ANNA, CARLA, DIRK = "anna.devries", "carla.bakker", "dirk.bakker"


@pytest.fixture
def evening(site, school):
    return direct(school)


def direct(school, **overrides):
    """An evening at which places are booked directly, open now, everything offered."""
    wanted = {"procedure": "Book Directly", "request_from": None, "request_until": None, **overrides}
    doc = make_evening(school, **wanted)
    by_course.offer(doc.name)
    frappe.db.commit()
    return frappe.get_doc("Parent Evening", doc.name)


def guardian(school, code):
    return Asker("Guardian", (school.guardian[code],))


def student(school, code):
    return Asker("Student", (), school.student[code])


def table_of(evening, asker, **more):
    frappe.db.rollback()
    return Table(frappe.get_doc("Parent Evening", evening.name), asker, **more)


def column(table, school, child, instructor):
    """The column of a child (by code) with an instructor (by code)."""
    found = [
        one
        for one in table.columns
        if one.student == school.student[child] and one.instructors == (school.instructor[instructor],)
    ]
    assert len(found) == 1
    return found[0]


def wish(evening, school, child, instructor, slot, day=0, **more):
    offer = frappe.db.get_value(
        "Conversation Offer",
        {
            "evening": evening.name,
            "student": school.student[child],
            "instructors_key": school.instructor[instructor],
        },
    )
    return {"offer": offer, "start": at(evening, slot, day).isoformat(), **more}


def at(evening, slot, day=0) -> datetime:
    first = datetime.combine(frappe.utils.getdate(evening.dates[day].date), datetime.min.time())
    return first + timedelta(hours=18, minutes=30 + 10 * slot)


def reserve(evening, asker, *wishes, key=None, accepted=True, **more):
    """As the call does it: a refusal is rolled back, a success committed."""
    key = key or frappe.generate_hash(length=32)
    answer = basket.reserve(evening, asker, list(wishes), key, accepted=accepted, **more)
    frappe.db.commit()
    return answer


def refusals(answer):
    assert answer["status"] == "refused", answer
    return [row["sentence"] for row in answer["refused"]]


def booked(evening, **filters):
    filters = {"evening": evening.name, "state": ("!=", "Cancelled"), **filters}
    return frappe.get_all("Evening Booking", filters, pluck="name")


def cells(evening, asker, school, child, instructor, day=0):
    table = table_of(evening, asker)
    one = column(table, school, child, instructor)
    return table.cells(one, one.slots)[str(frappe.utils.getdate(evening.dates[day].date))]


# What is shown


def test_a_guardian_sees_the_own_children_and_their_instructors_only(evening, school):
    table = table_of(evening, guardian(school, ANNA)).as_dict()
    assert [child["name"] for child in table["children"]] == [
        "Daan de Vries",
        "Eva de Vries",
        "Fien de Vries",
    ]
    daan = {row["subject"]: row["instructors"] for row in table["children"][0]["columns"]}
    assert daan["Nederlands"] == ["Joke Jansma"]
    assert len(table["dates"]) == 2
    assert len(table["dates"][0]["starts"]) == 15
    everything = {letter for row in table["children"][0]["columns"] for letter in row["cells"].values()}
    assert everything == {"f" * 15}


def test_one_instructor_of_several_subjects_is_one_column_and_one_conversation(evening, school):
    by_hand = frappe.get_doc(
        {
            "doctype": "Conversation Offer",
            "evening": evening.name,
            "student": school.student["s01"],
            "subject": "Mentoraat",
            "instructors": [{"instructor": school.instructor["jan"]}],
        }
    ).insert()
    frappe.db.commit()
    anna = guardian(school, ANNA)
    one = column(table_of(evening, anna), school, "s01", "jan")
    assert one.subjects == ["Mentoraat", "Nederlands"]
    answer = reserve(evening, anna, wish(evening, school, "s01", "jan", 2))
    doc = frappe.get_doc("Evening Booking", answer["booked"][0])
    assert doc.subject == "Mentoraat, Nederlands"
    again = reserve(evening, anna, {"offer": by_hand.name, "start": at(evening, 6).isoformat()})
    assert refusals(again) == ["You have a conversation with Joke Jansma about Daan de Vries already."]


def test_each_cell_says_what_it_is_to_whom(evening, school):
    anna, carla = guardian(school, ANNA), guardian(school, CARLA)
    reserve(evening, anna, wish(evening, school, "s01", "jan", 2))
    blocks.block(evening.name, "Instructor", school.instructor["jan"], at(evening, 4), at(evening, 5))
    frappe.db.commit()
    assert cells(evening, anna, school, "s01", "jan") == "ffmfu" + 10 * "f"
    assert cells(evening, carla, school, "s04", "jan") == "ffofu" + 10 * "f"
    # Everywhere else Anna has something else to do then, and Carla has not.
    assert cells(evening, anna, school, "s02", "dek") == "ffcff" + 10 * "f"
    assert cells(evening, carla, school, "s04", "wol") == 15 * "f"


def test_what_is_free_in_the_table_is_what_the_rules_allow(evening, school):
    """The guardians' table and the rules that staff's bookings go through agree on every cell."""
    _fill_with_obstacles(evening, school)
    doc = frappe.get_doc("Parent Evening", evening.name)
    compared = set()
    for code in (ANNA, CARLA):
        table = table_of(evening, guardian(school, code))
        # The obstacles are on the first date.
        starts = next(iter(table.places.days.values())).starts
        for one, slots in product(table.columns, (1, 2)):
            for start in starts:
                shown = table.cell(one, start, slots) == "f"
                assert shown == _is_possible(doc, table, one, start, slots), (one.subject, start, slots)
                compared.add(shown)
    assert compared == {True, False}


def _fill_with_obstacles(evening, school):
    reserve(evening, guardian(school, ANNA), wish(evening, school, "s01", "jan", 2))
    jan, wol = school.instructor["jan"], school.instructor["wol"]
    blocks.block(evening.name, "Everyone", None, at(evening, 7), at(evening, 8))
    blocks.block(evening.name, "Student Group", school.group["bk1a"], at(evening, 9), at(evening, 10))
    blocks.block(evening.name, "Guardian", school.guardian[CARLA], at(evening, 11), at(evening, 12))
    blocks.block(evening.name, "Instructor", jan, at(evening, 13), at(evening, 14))
    presence = {"evening": evening.name, "instructor": wol, "date": evening.dates[0].date}
    late = frappe.get_doc("Evening Instructor", presence)
    late.update({"present_from": "19:00:00", "present_until": "20:30:00"})
    late.save()
    frappe.db.commit()


def _is_possible(evening, table, one, start, slots) -> bool:
    end = start + table.duration(slots)
    party = list(table.groups[one.student])
    proposal = rules.Proposal(
        evening=evening,
        offer=frappe.get_doc("Conversation Offer", one.offer),
        start=start,
        end=end,
        guardians=party,
        mode="In Person",
        ignore=(one.booking or "",),
        instructors=list(one.instructors),
    )
    records = [("Instructor", name) for name in one.instructors] + [("Guardian", name) for name in party]
    taken = frappe.db.count(
        "Booking Claim",
        {
            "who": ("in", list(person_keys(records).values())),
            "tick": ("between", (start, end - timedelta(minutes=1))),
        },
    )
    return not taken and not list(rules.broken(proposal))


def test_a_longer_conversation_takes_two_cells_and_fits_only_where_both_are_free(school, site):
    evening = direct(school, longer_conversation=1)
    anna = guardian(school, ANNA)
    reserve(evening, guardian(school, CARLA), wish(evening, school, "s04", "jan", 5))
    answer = reserve(evening, anna, wish(evening, school, "s01", "jan", 2, longer=True))
    doc = frappe.get_doc("Evening Booking", answer["booked"][0])
    assert doc.end - doc.start == timedelta(minutes=20)
    assert cells(evening, anna, school, "s01", "jan") == "ffmmfo" + 9 * "f"
    table = table_of(evening, guardian(school, "linda.vandijk"))
    one = column(table, school, "s09", "jan")
    first_day = str(frappe.utils.getdate(evening.dates[0].date))
    assert table.cells(one, 2)[first_day] == "fuoouo" + 8 * "f" + "u"


def test_a_break_that_is_due_is_kept_free(school, site):
    evening = direct(school, break_after=2)
    reserve(evening, guardian(school, ANNA), wish(evening, school, "s01", "jan", 2))
    reserve(evening, guardian(school, CARLA), wish(evening, school, "s04", "jan", 3))
    linda = guardian(school, "linda.vandijk")
    assert cells(evening, linda, school, "s09", "jan") == "fuoou" + 10 * "f"
    answer = reserve(evening, linda, wish(evening, school, "s09", "jan", 4))
    assert "with Joke Jansma is not available." in refusals(answer)[0]


def test_who_is_not_to_meet_somebody_sees_that_time_as_not_available(evening, school):
    frappe.get_doc(
        {
            "doctype": "Guardians Not To Meet",
            "guardian": school.guardian[ANNA],
            "other_guardian": school.guardian["linda.vandijk"],
            "minutes": 20,
        }
    ).insert()
    frappe.db.commit()
    reserve(evening, guardian(school, "linda.vandijk"), wish(evening, school, "s09", "jan", 5))
    assert cells(evening, guardian(school, ANNA), school, "s02", "dek") == "fff" + 5 * "u" + 7 * "f"


# Reserving


def test_a_basket_is_booked_as_a_whole(evening, school):
    answer = reserve(
        evening,
        guardian(school, ANNA),
        wish(evening, school, "s01", "jan", 0),
        wish(evening, school, "s02", "dek", 1),
        wish(evening, school, "s03", "ber", 2),
    )
    assert (answer["status"], len(answer["booked"])) == ("reserved", 3)
    doc = frappe.get_doc("Evening Booking", answer["booked"][0])
    assert (doc.state, doc.source, doc.start) == ("Published", "Guardian", at(evening, 0))
    # Both parents attend together.
    assert {row.guardian_name for row in doc.guardians} == {"Anna de Vries", "Bram de Vries"}
    assert claims.check() == []


def test_when_one_place_is_taken_nothing_is_booked_and_that_one_is_named(evening, school):
    reserve(evening, guardian(school, CARLA), wish(evening, school, "s04", "jan", 3))
    answer = reserve(
        evening,
        guardian(school, ANNA),
        wish(evening, school, "s01", "jan", 3),
        wish(evening, school, "s02", "dek", 4),
    )
    assert [(row["start"], row["code"]) for row in answer["refused"]] == [
        (at(evening, 3).strftime("%Y-%m-%dT%H:%M"), "taken")
    ]
    assert "with Joke Jansma has just been taken by somebody else." in refusals(answer)[0]
    assert booked(evening, student=school.student["s02"]) == []
    assert "Bakker" not in frappe.as_json(answer)


def test_the_same_submission_twice_books_once(evening, school):
    anna, key = guardian(school, ANNA), frappe.generate_hash(length=32)
    with as_user(school.user(ANNA)):
        first = reserve(evening, anna, wish(evening, school, "s01", "jan", 3), key=key)
        second = reserve(evening, anna, wish(evening, school, "s01", "jan", 3), key=key)
    assert first == second
    assert len(booked(evening)) == 1
    # Another person's key of the same text is another submission.
    with as_user(school.user(CARLA)):
        third = reserve(evening, guardian(school, CARLA), wish(evening, school, "s04", "jan", 4), key=key)
    assert third["booked"] != first["booked"]


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ([("s01", "jan", 3), ("s02", "dek", 3)], "you have another conversation"),
        ([("s01", "jan", 3), ("s01", "jan", 5)], "You have a conversation with Joke Jansma"),
        ([("s04", "jan", 3)], "This conversation is not one that you can book."),
    ],
)
def test_a_basket_that_breaks_a_rule_is_refused(evening, school, wishes, said):
    answer = reserve(evening, guardian(school, ANNA), *(wish(evening, school, *parts) for parts in wishes))
    assert said in refusals(answer)[-1]
    assert booked(evening) == []


def test_the_maximum_counts_per_student_and_for_all_children(school, site):
    evening = direct(school, maximum_per_student=1, maximum_per_household=2)
    anna = guardian(school, ANNA)
    answer = reserve(
        evening, anna, wish(evening, school, "s01", "jan", 0), wish(evening, school, "s01", "dek", 1)
    )
    assert refusals(answer) == ["At most 1 conversations can be booked about Daan de Vries."]
    answer = reserve(
        evening,
        anna,
        wish(evening, school, "s01", "jan", 0),
        wish(evening, school, "s02", "dek", 1),
        wish(evening, school, "s03", "ber", 2),
    )
    assert refusals(answer) == ["At most 2 conversations can be booked for all children together."]


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        ({"booking_from": 2}, "You can book from"),
        ({"booking_from": -3, "booking_until": -2}, "You could book until"),
        ({"published": 0}, "This evening is not one that you can see."),
    ],
)
def test_outside_the_window_nothing_is_booked(evening, school, window, sentence):
    changed = {
        name: frappe.utils.now_datetime() + timedelta(days=value) if name != "published" else value
        for name, value in window.items()
    }
    for name, value in changed.items():
        evening.db_set(name, value)
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError if "book" in sentence else frappe.PermissionError) as refused:
        shown = windows.open_evening(evening.name)
        reserve(shown, guardian(school, ANNA), wish(evening, school, "s01", "jan", 3))
    assert sentence in str(refused.value)
    frappe.db.rollback()
    assert booked(evening) == []


def test_a_gap_and_a_second_date_are_warnings_that_can_be_accepted(school, site):
    evening = direct(school, walking_minutes=5)
    anna = guardian(school, ANNA)
    wishes = [wish(evening, school, "s01", "jan", 0), wish(evening, school, "s02", "dek", 6)]
    warned = reserve(evening, anna, *wishes, accepted=False)
    assert warned["status"] == "warning"
    assert ["you would wait 50 minutes" in line for line in warned["warnings"]] == [True]
    assert booked(evening) == []
    assert reserve(evening, anna, *wishes)["status"] == "reserved"
    warned = reserve(evening, anna, wish(evening, school, "s03", "ber", 0, day=1), accepted=False)
    assert any("You would come on 2 dates" in line for line in warned["warnings"])
    close = reserve(evening, anna, wish(evening, school, "s03", "ber", 1), accepted=False)
    assert any("minutes to walk" in line for line in close["warnings"])


# Who attends separately, and students


def test_separated_guardians_book_each_their_own_and_see_nothing_of_the_other(evening, school):
    mark_separated(school, "s04", CARLA, DIRK)
    carla, dirk = guardian(school, CARLA), guardian(school, DIRK)
    reserve(evening, carla, wish(evening, school, "s04", "jan", 2))
    shown = table_of(evening, dirk).as_dict()
    assert shown["mine"] == []
    gijs = next(child for child in shown["children"] if child["name"].startswith("Gijs"))
    assert gijs["booked"] == 0
    assert not any(row["booking"] or row["exists"] for row in gijs["columns"])
    assert cells(evening, dirk, school, "s04", "jan") == "ffo" + 12 * "f"
    assert reserve(evening, dirk, wish(evening, school, "s04", "jan", 3))["status"] == "reserved"
    assert len(booked(evening, student=school.student["s04"])) == 2


def test_a_student_who_attends_the_others_conversation_is_not_available(school, site):
    evening = direct(school, student_attends="Must")
    mark_separated(school, "s04", CARLA, DIRK)
    reserve(evening, guardian(school, CARLA), wish(evening, school, "s04", "jan", 2))
    assert cells(evening, guardian(school, DIRK), school, "s04", "wol") == "ffu" + 12 * "f"


def test_a_student_books_for_themselves_and_guardians_are_told_that_one_exists(school, site):
    evening = direct(school, contact_with="Guardians and Students")
    me, anna = student(school, "s01"), guardian(school, ANNA)
    answer = reserve(evening, me, wish(evening, school, "s01", "jan", 2))
    doc = frappe.get_doc("Evening Booking", answer["booked"][0])
    assert (doc.source, doc.student_attends, doc.guardians) == ("Student", 1, [])
    shown = table_of(evening, anna).as_dict()
    nl = next(row for row in shown["children"][0]["columns"] if row["subject"] == "Nederlands")
    assert nl["exists"] == "Daan de Vries already has a conversation about Nederlands by themselves."
    assert shown["mine"] == []
    assert "19:10" not in frappe.as_json(nl["exists"])
    refused = reserve(evening, anna, wish(evening, school, "s01", "jan", 5))
    assert refusals(refused) == [nl["exists"]]
    evening.db_set("guardians_see_student_bookings", 1)
    frappe.db.commit()
    seen = table_of(evening, anna).as_dict()["mine"]
    assert [(row["booking"], row["can_change"]) for row in seen] == [(doc.name, False)]


def test_at_an_evening_for_guardians_students_book_nothing(evening, school):
    with pytest.raises(frappe.ValidationError, match="you cannot book by yourself"):
        reserve(evening, student(school, "s01"), wish(evening, school, "s01", "jan", 2))


# Moving and cancelling


def test_moving_gives_the_old_place_free_and_takes_the_new_one(evening, school):
    anna = guardian(school, ANNA)
    name = reserve(evening, anna, wish(evening, school, "s01", "jan", 2))["booked"][0]
    answer = basket.move(name, anna, at(evening, 6).isoformat(), frappe.generate_hash(length=32))
    frappe.db.commit()
    assert answer["status"] == "moved"
    assert cells(evening, guardian(school, CARLA), school, "s04", "jan") == 6 * "f" + "o" + 8 * "f"
    assert frappe.db.get_value("Evening Booking", name, "sequence") == 1
    assert claims.check() == []


def test_moving_to_a_taken_place_changes_nothing(evening, school):
    anna = guardian(school, ANNA)
    name = reserve(evening, anna, wish(evening, school, "s01", "jan", 2))["booked"][0]
    reserve(evening, guardian(school, CARLA), wish(evening, school, "s04", "jan", 6))
    answer = basket.move(name, anna, at(evening, 6).isoformat(), frappe.generate_hash(length=32))
    assert "has just been taken" in refusals(answer)[0]
    frappe.db.rollback()
    assert frappe.db.get_value("Evening Booking", name, "start") == at(evening, 2)


def test_cancelling_frees_the_place_and_is_possible_until_so_many_hours_before(evening, school):
    anna = guardian(school, ANNA)
    first, second = (
        reserve(evening, anna, wish(evening, school, "s01", code, slot))["booked"][0]
        for code, slot in (("jan", 2), ("dek", 4))
    )
    basket.cancel(first, anna)
    frappe.db.commit()
    assert cells(evening, guardian(school, CARLA), school, "s04", "jan") == 15 * "f"
    evening.db_set("change_until_hours", 24 * 30)
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="until 720 hours before it starts"):
        basket.cancel(second, anna)
    frappe.db.rollback()
    assert booked(evening) == [second]


def test_nobody_moves_or_cancels_what_is_not_theirs(evening, school):
    mark_separated(school, "s04", CARLA, DIRK)
    name = reserve(evening, guardian(school, CARLA), wish(evening, school, "s04", "jan", 2))["booked"][0]
    for asker in (guardian(school, ANNA), guardian(school, DIRK), student(school, "s04")):
        for action in (
            lambda who=asker: basket.cancel(name, who),
            lambda who=asker: basket.move(name, who, at(evening, 5).isoformat(), "k" * 20),
        ):
            with pytest.raises(frappe.PermissionError, match="This conversation is not one of yours."):
                action()
    frappe.db.rollback()
    assert booked(evening) == [name]


def test_what_the_school_fixed_or_asked_for_stays(evening, school):
    anna = guardian(school, ANNA)
    name = reserve(evening, anna, wish(evening, school, "s01", "jan", 2))["booked"][0]
    moves.pin([name], True)
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="The school has fixed the time"):
        basket.cancel(name, anna)
    frappe.db.rollback()


# Request, schedule, then book what is left


def test_after_publication_the_places_that_are_left_can_be_booked_and_answer_requests(school, site):
    evening = make_evening(school, procedure="Request, Schedule, then Book")
    by_course.offer(evening.name)
    frappe.db.commit()
    anna = guardian(school, ANNA)
    offer = wish(evening, school, "s01", "jan", 0)["offer"]
    asked = requests.request(offer, guardian=school.guardian[ANNA])
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="Once the schedule has been published"):
        reserve(evening, anna, wish(evening, school, "s01", "jan", 2))
    frappe.db.rollback()
    frappe.db.set_value("Parent Evening", evening.name, "schedule_visible", 1)
    frappe.db.commit()
    shown = frappe.get_doc("Parent Evening", evening.name)
    name = reserve(shown, anna, wish(evening, school, "s01", "jan", 2))["booked"][0]
    assert frappe.db.get_value("Evening Booking", name, "request") == asked
    assert frappe.db.get_value("Conversation Request", asked, "state") == "Placed"
    basket.cancel(name, anna)
    frappe.db.commit()
    assert frappe.db.get_value("Conversation Request", asked, "state") == "Requested"


# The calls


def _carla_books(web, evening, school) -> None:
    """Carla reserves a time with Jan, by a server of its own process."""
    carla = web.session(school.user(CARLA))
    carla.open_portal()
    answer = carla.post(
        "/api/method/ouderavond.api.table.reserve",
        json={
            "evening": evening.name,
            "role": "guardian",
            "basket": [wish(evening, school, "s04", "jan", 3)],
            "key": frappe.generate_hash(length=32),
        },
    )
    assert answer.status_code == 200, answer.text


def test_the_table_is_answered_304_until_somebody_books(evening, school, web):
    anna = web.session(school.user(ANNA))
    address = "/api/method/ouderavond.api.table.read"
    params = {"evening": evening.name, "role": "guardian"}
    first = anna.get(address, params=params)
    tag = first.headers["ETag"]
    assert first.json()["message"]["booking"]["state"] == "open"
    assert "no-store" in first.headers["Cache-Control"]
    again = anna.get(address, params=params, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    _carla_books(web, evening, school)
    changed = anna.get(address, params=params, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    nl = next(
        row for row in changed.json()["message"]["children"][0]["columns"] if row["subject"] == "Nederlands"
    )
    assert next(iter(nl["cells"].values())).startswith("fffof")
    assert "Bakker" not in changed.text


def test_a_table_is_as_new_as_its_tag_says(evening, school, web):
    """Somebody books between the first reading of a request and that of the evening's number."""
    frappe.utils.set_request(method="GET", path="/")
    with as_user(school.user(ANNA)):
        # From here on the transaction sees nothing of what others do.
        before = frappe.db.count("Booking Claim")
        _carla_books(web, evening, school)
        assert frappe.db.count("Booking Claim") == before
        shown = json.loads(table.read(evening.name, "guardian").get_data())["message"]
    nl = next(row for row in shown["children"][0]["columns"] if row["subject"] == "Nederlands")
    assert next(iter(nl["cells"].values())).startswith("fffof")


@pytest.mark.parametrize(
    "basket_text",
    [
        "[]",
        "{}",
        "x",
        '[{"offer": 1, "start": "x"}]',
        '[{"offer": "a", "start": "b", "evil": 1}]',
        "[" * 5000,
    ],
)
def test_a_basket_that_cannot_be_read_is_refused_in_words(evening, school, basket_text):
    from ouderavond.api import table

    with as_user(school.user(ANNA)), pytest.raises(frappe.ValidationError, match="could not be read"):
        table.reserve(evening.name, "guardian", basket_text, "k" * 20)


def test_every_start_in_the_table_is_on_the_grid(evening, school):
    table = table_of(evening, guardian(school, ANNA))
    for one in islice(table.columns, 2):
        assert table.cell(one, at(evening, 0) + timedelta(minutes=5), 1) == "u"
