"""Find me times: the best free places, held for two minutes, accepted or left; and nobody else's."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import frappe
import pytest

from ouderavond.api import holds as calls
from ouderavond.api import table as table_calls
from ouderavond.evening import blocks, claims, requests
from ouderavond.evening.reserving import holding, holds
from ouderavond.evening.reserving.table import Table
from tests.platform.school import as_user, mark_separated
from tests.platform.test_booking_table import (
    ANNA,
    CARLA,
    DIRK,
    at,
    booked,
    cells,
    direct,
    guardian,
    reserve,
    wish,
)

LINDA = "linda.vandijk"
SAID_GONE = "These times are not held for you any more. Please look for times again."


@pytest.fixture
def evening(site, school):
    frappe.cache.delete_keys("ouderavond_calls:")
    return direct(school)


@pytest.fixture
def call(school):
    """`call(person, function, …)`: as the page does it, as this person; a refusal is rolled back."""

    def made(person, function, *arguments, **values):
        frappe.db.rollback()
        frappe.local.response.pop("http_status_code", None)
        with as_user(school.user(person) if person else "Guest"):
            answer = function(*arguments, **values)
        frappe.db.commit()
        return answer

    return made


def offer(evening, school, child, instructor):
    return wish(evening, school, child, instructor, 0)["offer"]


def wanted(evening, school, *pairs):
    return [{"offer": offer(evening, school, child, instructor)} for child, instructor in pairs]


THREE = (("s01", "jan"), ("s02", "dek"), ("s03", "ber"))


def three(evening, school):
    """A conversation of each of Anna's children, with an instructor each."""
    return wanted(evening, school, *THREE)


def find(call, evening, school, person=ANNA, wishes=None, **window):
    wishes = wishes or three(evening, school)
    return call(person, calls.find, evening.name, "guardian", wishes, **window)


def starts(answer):
    return [datetime.fromisoformat(row["start"]) for row in answer["hold"]["basket"]]


def held_claims(reference):
    return frappe.get_all("Booking Claim", {"reference": ("like", f"{reference}:%")}, ["expires", "kind"])


def expire(reference):
    """As if the hold had run out a second ago."""
    past = frappe.utils.now_datetime() - timedelta(seconds=1)
    frappe.db.set_value("Booking Claim", {"reference": ("like", f"{reference}:%")}, "expires", past)
    frappe.db.commit()


def accept(call, evening, hold, person=ANNA, accepted=True):
    taken = [{"offer": row["offer"], "start": row["start"]} for row in hold["basket"]]
    key = frappe.generate_hash(length=32)
    return call(
        person,
        table_calls.reserve,
        evening.name,
        "guardian",
        taken,
        key,
        accepted=accepted,
        hold=hold["hold"],
    )


def refused(call, person, function, *arguments):
    """The sentence, and whether anything is held differently afterwards."""
    with pytest.raises((frappe.ValidationError, frappe.PermissionError)) as error:
        call(person, function, *arguments)
    frappe.set_user("Administrator")
    frappe.db.rollback()
    return str(error.value)


# Finding


def test_all_children_follow_each_other_within_the_window_and_are_held(evening, school, call):
    reserve(evening, guardian(school, LINDA), wish(evening, school, "s09", "jan", 3))
    answer = find(call, evening, school, earliest="18:50", latest="20:00")
    assert answer["status"] == "found" and answer["waiting_minutes"] == 0
    times = starts(answer)
    assert all(later - before == timedelta(minutes=10) for before, later in pairwise(times))
    assert times[0] == at(evening, 2)
    assert answer["message"] == ("Times were found for 3 conversations. There is no waiting in between.")
    hold = answer["hold"]
    assert 115 <= hold["seconds"] <= 120 and hold["may_extend"]
    with as_user(school.user(ANNA)):
        shown = Table(evening, guardian(school, ANNA)).as_dict()["hold"]
    assert {**shown, "seconds": 0} == {**hold, "seconds": 0}
    pair = next(pair for pair in THREE if offer(evening, school, *pair) == hold["basket"][0]["offer"])
    with as_user(school.user(ANNA)):
        assert cells(evening, guardian(school, ANNA), school, *pair)[2] == "h"


def test_what_is_held_is_taken_for_others_until_it_expires_by_itself(evening, school, call):
    only = wanted(evening, school, ("s01", "jan"))
    answer = find(call, evening, school, wishes=only, earliest="19:00")
    linda, theirs = guardian(school, LINDA), wish(evening, school, "s09", "jan", 3)
    assert cells(evening, linda, school, "s09", "jan")[3] == "o"
    assert reserve(evening, linda, theirs)["refused"][0]["code"] == "taken"
    assert "Daan" not in json.dumps(reserve(evening, linda, theirs))
    # Her husband attends with her and has not been told: the time is not available, and not his to accept.
    assert cells(evening, guardian(school, "bram.devries"), school, "s02", "dek")[3] == "u"
    expire(answer["hold"]["hold"])
    assert cells(evening, linda, school, "s09", "jan")[3] == "f"
    assert reserve(evening, linda, theirs)["status"] == "reserved"
    said = accept(call, evening, answer["hold"])
    assert said["status"] == "refused" or said == SAID_GONE


@pytest.mark.parametrize("mine", [0, 1])
def test_a_conversation_that_is_booked_already_draws_the_rest_near(evening, school, call, mine):
    reserve(evening, guardian(school, ANNA), wish(evening, school, "s01", "jan", 9, day=mine))
    answer = find(call, evening, school, wishes=three(evening, school)[1:])
    assert set(starts(answer)) <= {at(evening, slot, mine) for slot in (7, 8, 10, 11)}
    assert answer["waiting_minutes"] == 0


def test_a_date_longer_conversations_and_walking(site, school, call):
    evening = direct(school, longer_conversation=1, walking_minutes=5)
    wishes = [{**row, "longer": True} for row in three(evening, school)]
    answer = find(call, evening, school, wishes=wishes, date=str(evening.dates[1].date))
    times = starts(answer)
    assert all(moment.date() == at(evening, 0, 1).date() for moment in times)
    assert [later - before for before, later in pairwise(times)] == [timedelta(minutes=30)] * 2
    assert [row["slots"] for row in answer["hold"]["basket"]] == [2, 2, 2]
    # Of the ten minutes in between five are for walking.
    assert answer["waiting_minutes"] == 10


def test_what_there_is_no_time_for_is_said(evening, school, call):
    for day in (0, 1):
        blocks.block(
            evening.name, "Instructor", school.instructor["dek"], at(evening, 0, day), at(evening, 15, day)
        )
        frappe.db.commit()
    answer = find(call, evening, school)
    assert len(answer["hold"]["basket"]) == 2
    assert answer["message"].endswith("There is no free time left for: Engels (Eva de Vries).")
    only = wanted(evening, school, ("s02", "dek"))
    answer = find(call, evening, school, wishes=only)
    assert answer == {
        "status": "nothing",
        "message": "There is no free time for this conversation then. Choose other times or another date.",
    }
    assert frappe.local.response["http_status_code"] == 409


# Rules that a single cell does not show


def test_a_due_break_is_kept_free_between_conversations_of_one_search(site, school, call):
    evening = direct(school, break_after=2)
    all_three = wanted(evening, school, ("s01", "jan"), ("s02", "jan"), ("s03", "jan"))
    times = starts(find(call, evening, school, wishes=all_three))
    assert sorted(later - before for before, later in pairwise(times)) == [
        timedelta(minutes=10),
        timedelta(minutes=20),
    ]


def test_an_instructors_maximum_counts_the_conversations_of_one_search(evening, school, call):
    row = {"evening": evening.name, "instructor": school.instructor["jan"]}
    frappe.db.set_value("Evening Instructor", row, "maximum_conversations", 2)
    frappe.db.commit()
    all_three = wanted(evening, school, ("s01", "jan"), ("s02", "jan"), ("s03", "jan"))
    times = starts(find(call, evening, school, wishes=all_three))
    per_date = sorted([moment.date() for moment in times].count(day) for day in {t.date() for t in times})
    assert per_date == [1, 2]


def test_a_stay_keeps_away_from_those_who_are_not_to_be_met(evening, school, call):
    apart = {"doctype": "Guardians Not To Meet", "minutes": 20}
    apart |= {"guardian": school.guardian[ANNA], "other_guardian": school.guardian[LINDA]}
    frappe.get_doc(apart).insert()
    frappe.db.commit()
    reserve(evening, guardian(school, LINDA), wish(evening, school, "s09", "wol", 4))
    # One place before the other's stay and two after it: each is free by itself, before and after are not.
    day = str(evening.dates[0].date)
    answer = find(call, evening, school, date=day, earliest="18:40", latest="20:00")
    assert starts(answer) == [at(evening, 7), at(evening, 8)]


def test_more_than_may_be_booked_is_refused_with_the_rule(site, school, call):
    evening = direct(school, maximum_per_student=1, maximum_per_household=2)
    daan = wanted(evening, school, ("s01", "jan"), ("s01", "wol"))
    said = refused(call, ANNA, calls.find, evening.name, "guardian", daan)
    assert said == "At most 1 conversations can be booked about Daan de Vries."
    said = refused(call, ANNA, calls.find, evening.name, "guardian", three(evening, school))
    assert said == "At most 2 conversations can be booked for all children together."
    assert len(find(call, evening, school, wishes=three(evening, school)[:2])["hold"]["basket"]) == 2


def test_what_the_school_asks_for_comes_on_top_of_the_maximum(site, school, call):
    until = frappe.utils.now_datetime() + timedelta(days=1)
    evening = direct(school, maximum_per_student=1, procedure="Request and Schedule", request_until=until)
    wishes = wanted(evening, school, ("s01", "jan"), ("s01", "wol"))
    requests.request(
        wishes[0]["offer"], guardian=school.guardian[ANNA], source="Staff", override_reason="Graag zien"
    )
    invited = {"source": "Instructor", "priority": "Must See"}
    frappe.db.set_value("Conversation Request", {"offer": wishes[0]["offer"]}, invited)
    frappe.db.set_value("Parent Evening", evening.name, "procedure", "Book Directly")
    frappe.clear_document_cache("Parent Evening", evening.name)
    frappe.db.commit()
    assert len(find(call, evening, school, wishes=wishes)["hold"]["basket"]) == 2
    evening.reload()
    both = [wish(evening, school, "s01", "jan", 0), wish(evening, school, "s01", "wol", 1)]
    with as_user(school.user(ANNA)):
        assert reserve(evening, guardian(school, ANNA), *both)["status"] == "reserved"


def test_a_place_taken_between_finding_and_holding_is_looked_for_again(evening, school, call, monkeypatch):
    only = wanted(evening, school, ("s01", "jan"))
    searches = []

    def find_while_others_book(table, wishes, window):
        found = real(table, wishes, window)
        frappe.db.rollback()
        slot = len(searches)
        searches.append(found.picks[0].start)
        before = frappe.session.user
        frappe.set_user("Administrator")
        child = ["s04", "s09", "s15"][slot]
        party = {"s04": CARLA, "s09": LINDA, "s15": "karin.deboer"}[child]
        reserve(evening, guardian(school, party), wish(evening, school, child, "jan", slot))
        frappe.set_user(before)
        return found

    real = holding.find
    monkeypatch.setattr(holding, "find", find_while_others_book)
    answer = find(call, evening, school, wishes=only)
    assert answer["status"] == "nothing"
    assert answer["message"] == "Others took these times at the same moment. Please look again."
    assert searches == [at(evening, 0), at(evening, 1), at(evening, 2)]
    assert not frappe.db.exists("Booking Claim", {"kind": "Hold"})
    monkeypatch.setattr(holding, "find", real)
    assert starts(find(call, evening, school, wishes=only)) == [at(evening, 3)]


# Holding, extending, leaving, accepting


def test_a_new_hold_gives_up_the_former_one(evening, school, call):
    first = find(call, evening, school)["hold"]
    second = find(call, evening, school, earliest="19:30")["hold"]
    assert not held_claims(first["hold"]) and held_claims(second["hold"])
    # What she held herself was free for her in the second search.
    assert starts({"hold": find(call, evening, school)["hold"]}) == starts({"hold": first})


def test_a_hold_is_extended_by_two_minutes_until_ten(evening, school, call):
    hold = find(call, evening, school)["hold"]
    began = datetime.fromisoformat(hold["expires"]) - timedelta(seconds=120)
    longer = [call(ANNA, calls.extend, hold["hold"], "guardian")["hold"] for _ in range(4)]
    lasts = [(datetime.fromisoformat(row["expires"]) - began).total_seconds() for row in longer]
    assert [round(each / 60) for each in lasts] == [4, 6, 8, 10]
    assert [row["may_extend"] for row in longer] == [True, True, True, False]
    assert longer[0]["basket"] == hold["basket"] and longer[0]["hold"] == hold["hold"]
    said = refused(call, ANNA, calls.extend, hold["hold"], "guardian")
    assert said == "These times cannot be held any longer. Please accept or leave them."
    expire(hold["hold"])
    assert refused(call, ANNA, calls.extend, hold["hold"], "guardian") == SAID_GONE


def test_longer_conversations_stay_so_when_extended(site, school, call):
    evening = direct(school, longer_conversation=1)
    wishes = [{**row, "longer": True} for row in three(evening, school)[:2]]
    hold = find(call, evening, school, wishes=wishes)["hold"]
    longer = call(ANNA, calls.extend, hold["hold"], "guardian")["hold"]
    assert longer["basket"] == hold["basket"]


def test_leaving_frees_the_places_and_may_be_repeated(evening, school, call):
    hold = find(call, evening, school)["hold"]
    for _twice in range(2):
        assert call(ANNA, calls.release, hold["hold"], "guardian") == {"status": "released"}
    assert not held_claims(hold["hold"])
    with as_user(school.user(ANNA)):
        assert Table(evening, guardian(school, ANNA)).hold() is None


def test_accepting_books_all_of_it_and_nothing_stays_held(evening, school, call):
    hold = find(call, evening, school)["hold"]
    answer = accept(call, evening, hold)
    assert answer["status"] == "reserved" and len(answer["booked"]) == 3
    assert not held_claims(hold["hold"])
    assert claims.check() == []


def test_accepting_is_all_or_nothing(evening, school, call):
    hold = find(call, evening, school)["hold"]
    expire(hold["hold"])
    slot = next(
        int((datetime.fromisoformat(row["start"]) - at(evening, 0)).total_seconds() // 600)
        for row in hold["basket"]
        if row["offer"] == offer(evening, school, "s01", "jan")
    )
    reserve(evening, guardian(school, LINDA), wish(evening, school, "s09", "jan", slot))
    answer = accept(call, evening, hold)
    assert answer["status"] == "refused"
    assert len(booked(evening)) == 1


# Nobody else's


def test_nobody_else_extends_leaves_or_accepts_it(evening, school, call):
    mark_separated(school, "s04", CARLA, DIRK)
    mine = find(call, evening, school, person=CARLA, wishes=wanted(evening, school, ("s04", "jan")))["hold"]
    before = held_claims(mine["hold"])
    for person in (DIRK, ANNA, "els.smit"):
        for function in (calls.extend, calls.release):
            assert refused(call, person, function, mine["hold"], "guardian") == SAID_GONE
        wishes = [{"offer": row["offer"], "start": row["start"]} for row in mine["basket"]]
        values = (evening.name, "guardian", wishes, frappe.generate_hash(length=32), True, mine["hold"])
        assert refused(call, person, table_calls.reserve, *values) == SAID_GONE
    for person, role in (("s04", "guardian"), ("jan", "guardian"), (None, "guardian"), ("tea", "student")):
        for function in (calls.extend, calls.release):
            said = refused(call, person, function, mine["hold"], role)
            assert said != "" and "Gijs" not in said
    assert refused(call, "s04", calls.extend, mine["hold"], "student") == SAID_GONE
    assert held_claims(mine["hold"]) == before
    for odd in ("hold:%:%:%", "hold:1:" + holds._mark(school.user(DIRK)) + ":%", "", "x" * 200):
        assert refused(call, DIRK, calls.extend, odd, "guardian") == SAID_GONE
    assert held_claims(mine["hold"]) == before


def test_the_other_separated_guardian_is_told_nothing_of_it(evening, school, call):
    mark_separated(school, "s04", CARLA, DIRK)
    only = wanted(evening, school, ("s04", "jan"))
    find(call, evening, school, person=CARLA, wishes=only)
    answer = find(call, evening, school, person=DIRK, wishes=only)
    assert starts(answer) == [at(evening, 1)]
    with as_user(school.user(DIRK)):
        told = json.dumps(Table(evening, guardian(school, DIRK)).as_dict()) + json.dumps(answer)
    assert "Carla" not in told and school.guardian[CARLA] not in told


def test_only_own_children_are_looked_for(evening, school, call):
    said = "This conversation is not one that you can book."
    foreign = wanted(evening, school, ("s09", "jan"))
    for person in (ANNA, "els.smit", "karim.yilmaz"):
        assert refused(call, person, calls.find, evening.name, "guardian", foreign) == said
    for person, role in (("s01", "guardian"), ("jan", "student"), (None, "guardian"), (ANNA, "student")):
        with pytest.raises(frappe.PermissionError):
            call(person, calls.find, evening.name, role, foreign)
    frappe.set_user("Administrator")
    assert not frappe.db.exists("Booking Claim", {"kind": "Hold"})


def test_a_student_finds_for_the_own_conversations(site, school, call):
    evening = direct(school, contact_with="Students")
    only = wanted(evening, school, ("s01", "jan"), ("s01", "wol"))
    hold = call("s01", calls.find, evening.name, "student", only)["hold"]
    assert len(hold["basket"]) == 2
    assert refused(call, ANNA, calls.find, evening.name, "guardian", only) == (
        "At this evening you cannot book by yourself."
    )


def test_outside_the_window_nothing_is_held(site, school, call):
    evening = direct(school, booking_until=frappe.utils.now_datetime() + timedelta(minutes=5))
    hold = find(call, evening, school)["hold"]
    before = frappe.utils.now_datetime() - timedelta(minutes=5)
    frappe.db.set_value("Parent Evening", evening.name, "booking_until", before)
    frappe.clear_document_cache("Parent Evening", evening.name)
    frappe.db.commit()
    assert "You could book until" in refused(call, ANNA, calls.extend, hold["hold"], "guardian")
    said = refused(call, ANNA, calls.find, evening.name, "guardian", three(evening, school))
    assert "You could book until" in said


def test_what_is_no_form_is_refused(evening, school, call):
    good = {"evening": evening.name, "role": "guardian", "wanted": three(evening, school)}
    odd = [{"wanted": each} for each in ("nothing", "{}", [], [{"offer": 1}], [{"offer": "x", "start": "y"}])]
    odd += [{"wanted": [{"offer": "x", "longer": {}}]}, {"earliest": "seven"}, {"latest": "25:00"}]
    for values in [*odd, {"date": "2027-02-30"}]:
        with pytest.raises(frappe.ValidationError, match="This form could not be read"):
            call(ANNA, calls.find, **{**good, **values})


def test_more_than_anybody_has_is_refused(evening, school, call):
    many = [{"offer": f"x{number}"} for number in range(41)]
    said = refused(call, ANNA, calls.find, evening.name, "guardian", many)
    assert said == "Times can be found for at most 40 conversations at once."
