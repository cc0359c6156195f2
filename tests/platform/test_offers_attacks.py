"""What bad luck or bad intentions do to offers: empty choices, undo after others, other spellings."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.api import running
from ouderavond.api.offers import by_hand as hand_calls
from ouderavond.api.offers import change as change_calls
from ouderavond.api.offers import check as check_calls
from ouderavond.api.offers import mentors as mentor_calls
from ouderavond.api.offers import page
from ouderavond.api.offers import week as week_calls
from ouderavond.evening import booking, claims, grid, requests
from ouderavond.evening.offering import (
    by_course,
    change,
    journal,
    listing,
    listing_filters,
    mentors,
    rows,
    stored_file,
)
from ouderavond.evening.offering import students as per_student
from ouderavond.evening.offering.changes import perform
from ouderavond.evening.offering.students import Possible
from ouderavond.evening.planning import moves
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening, mark_separated


@pytest.fixture
def evening(site, school):
    """An evening whose requests are not open yet, with its offers."""
    soon = frappe.utils.now_datetime() + timedelta(days=1)
    doc = make_evening(school, request_from=soon, maximum_per_student=0)
    by_course.offer(doc.name)
    return doc


def offers_of(evening, student):
    found = rows.read(evening.name, students=[student]).values()
    return sorted(found, key=lambda offer: offer.subject)


def ask(school, offer, guardian="anna.devries"):
    name = requests.request(
        offer, guardian=school.guardian[guardian], source="Staff", override_reason="Telephone"
    )
    frappe.db.commit()
    return name


def book(evening, school, offer, request=None, place=0):
    start = grid.slots(evening)[0].starts[place]
    party = booking.party_of(evening.name, offer.student, school.guardian["anna.devries"])
    name = booking.book(
        offer.name, start, guardians=party, source="Staff", request=request, override_reason="Telephone"
    )
    frappe.db.commit()
    return name


def undo_last(evening):
    evening.reload()
    return journal.undo(evening.name, journal.last(evening)["change"])


def test_undo_leaves_an_offer_that_somebody_asked_for_since_it_was_offered_again(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    perform(evening.name, "Offer per Student", lambda edit: edit.remove([offer.name], keep=True))
    per_student.switch(evening.name, [Possible(offer=offer.name)], True)
    request = ask(school, offer.name)
    undone = undo_last(evening)
    assert frappe.db.get_value("Conversation Offer", offer.name, "offered") == 1
    assert frappe.db.get_value("Conversation Request", request, "state") == "Requested"
    assert undone["kept"] == 1


def test_undo_gives_a_pinned_conversation_its_pin_back(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    name = book(evening, school, offer)
    moves.pin([name], True)
    frappe.db.commit()
    change.remove(evening.name, [offer.name], confirmed=True)
    undo_last(evening)
    assert frappe.db.get_value("Evening Booking", name, ["state", "pinned"]) == ("Planned", 1)
    assert not claims.check()


def test_undo_does_not_place_a_request_twice(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    request = ask(school, offer.name)
    first = book(evening, school, offer, request=request)
    change.change(evening.name, [offer.name], exactly=[school.instructor["tea"]], confirmed=True)
    [changed] = rows.read(evening.name, names=[offer.name]).values()
    second = book(evening, school, changed, request=request, place=4)
    undo_last(evening)
    live = frappe.get_all(
        "Evening Booking", {"request": request, "state": ("in", ("Planned", "Published"))}, pluck="name"
    )
    assert live == [second], first
    assert rows.read(evening.name, names=[offer.name])[offer.name] == changed
    assert not claims.check()


def test_undo_of_two_changes_one_after_the_other_goes_all_the_way_back(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    request = ask(school, offer.name)
    change.change(evening.name, [offer.name], exactly=[school.instructor["tea"]], confirmed=True)
    change.remove(evening.name, [offer.name], confirmed=True)
    undo_last(evening)
    undone = undo_last(evening)
    assert rows.read(evening.name, names=[offer.name])[offer.name] == offer
    assert frappe.db.get_value("Conversation Request", request, "state") == "Requested"
    assert undone["kept"] == 0


def test_undo_leaves_what_a_household_withdrew_since_withdrawn(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    request = ask(school, offer.name)
    name = book(evening, school, offer, request=request)
    change.change(evening.name, [offer.name], exactly=[school.instructor["tea"]], confirmed=True)
    requests.withdraw(
        request, guardian=school.guardian["anna.devries"], source="Staff", override_reason="Telephone"
    )
    frappe.db.commit()
    undo_last(evening)
    assert frappe.db.get_value("Conversation Request", request, "state") == "Withdrawn"
    assert frappe.db.get_value("Evening Booking", name, "state") == "Cancelled"
    assert not claims.check()


def test_undo_leaves_an_offer_whose_place_another_one_took(evening, school):
    """Offers can be made on their own form too, which no change knows about."""
    offer = offers_of(evening, school.student["s01"])[0]
    change.change(evening.name, [offer.name], exactly=[school.instructor["tea"]])
    frappe.get_doc(
        {
            "doctype": "Conversation Offer",
            "evening": evening.name,
            "student": offer.student,
            "subject": offer.subject,
            "course": offer.course,
            "instructors": [{"instructor": name} for name in offer.instructors],
        }
    ).insert()
    frappe.db.commit()
    assert undo_last(evening)["kept"] == 1


def test_capitals_and_accents_make_no_other_mentor_conversation(evening, school):
    first = mentors.offer(evening.name, ["bk1a"], subject="Mentor", abbreviation="men")
    again = mentors.offer(evening.name, ["bk1a"], subject="MENTÓR", abbreviation="men")
    assert (again.created, again.existing) == (0, first.created)


def test_capitals_make_no_other_possibility_of_a_student(evening, school):
    mentors.offer(evening.name, ["bk1a"], subject="Mentor", abbreviation="men")
    [there] = [one for one in offers_of(evening, school.student["s01"]) if one.subject == "Mentor"]
    row = Possible(student=there.student, subject="MENTOR", instructors=there.instructors)
    report = per_student.switch(evening.name, [row], True)
    assert (report.created, report.existing) == (0, 1)


def test_empty_filters_are_none_and_an_empty_list_finds_nothing(evening):
    assert running.filters("") is None and running.filters("{}") == {} == running.filters({})
    for key in listing_filters.FILTERS:
        found = listing.count(evening.name, {key: []})
        assert found == 0 or key in ("offered", "in_package", "requested", "search"), key


def test_only_files_of_our_own_are_cleared_away(evening):
    theirs = frappe.get_doc(
        {"doctype": "File", "file_name": "ouderavond-offers-2026.txt", "is_private": 1, "content": "mine"}
    ).insert()
    ours, _checksum = stored_file.keep(b"a\tb\tc")
    old = frappe.utils.add_days(frappe.utils.now_datetime(), -3)
    frappe.db.set_value("File", {"name": ("in", [theirs.name, ours])}, "creation", old)
    stored_file.keep(b"d\te\tf")
    assert frappe.db.exists("File", theirs.name) and not frappe.db.exists("File", ours)


def test_who_attends_separately_is_listed_for_managers_only(evening, school, restored_afterwards):
    evening.db_set("separated_guardians", "Attend separately where marked")
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    one = frappe.db.get_value("Guardian", school.guardian["carla.bakker"], "user")
    frappe.db.set_value("Guardian", school.guardian["dirk.bakker"], "user", one)
    frappe.db.commit()
    with as_user(MANAGER):
        assert check_calls.rows(evening.name, "one_user")
    with as_user(PLANNER):
        assert check_calls.rows(evening.name, "one_user") == []
        codes = [row["code"] for row in check_calls.read(evening.name, slow=0)["findings"]]
        assert "no_user" in codes and "one_user" not in codes


HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_name_from_the_address_is_never_html(site):
    """The page's address is a link that anybody can send."""
    for call in (page.start, lambda evening: perform(evening, "Remove Offers", lambda edit: None)):
        with pytest.raises(frappe.DoesNotExistError) as refusal:
            call(HOSTILE)
        assert "&lt;img" in str(refusal.value) and "<img" not in str(frappe.local.message_log)


@pytest.mark.parametrize(
    "call, arguments",
    [
        (week_calls.choose, {"everybody": HOSTILE}),
        (week_calls.choose, {"choices": [{"group": HOSTILE, "course": HOSTILE, "instructors": [HOSTILE]}]}),
        (
            week_calls.choose,
            {"choices": [{"group": "bk1a-wi", "course": "Wiskunde", "instructors": [HOSTILE]}]},
        ),
        (week_calls.choose, {"choices": [{"group": "bk1a-wi", "course": "Wiskunde", "instructors": 7}]}),
        (mentor_calls.offer, {"classes": [HOSTILE]}),
        (hand_calls.offer, {"instructors": [HOSTILE], "subjects": [{"label": "x"}], "students": "nothing"}),
        (hand_calls.offer, {"instructors": ["x"], "subjects": [{"course": [HOSTILE]}], "students": {}}),
        (change_calls.change, {"filters": {}, "remark": "x" * 100_000}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_that_is_no_html(evening, call, arguments):
    with pytest.raises(frappe.ValidationError) as refusal:
        call(evening.name, **arguments)
    assert "<img" not in str(refusal.value)
