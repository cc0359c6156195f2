"""Changing and removing offers: what changes, what is refused or reported, and two people at once."""

from functools import partial

import frappe
import pytest

from ouderavond.api.offers import change as api
from ouderavond.evening import booking, claims, requests
from ouderavond.evening.offering import change as changing
from ouderavond.evening.offering import journal, rows
from ouderavond.evening.offering.changes import Draft, perform
from tests.platform.processes import at_once
from tests.platform.rights import refused_unless_staff
from tests.platform.school import MANAGER, PLANNER, as_user, make_evening


@pytest.fixture
def evening(site, school):
    return make_evening(school, published=0)


@pytest.fixture
def offer(school, evening):
    """Makes an offer; returns its name."""

    def offer(student="s01", subject="Nederlands", instructors=("jan",), **values):
        draft = Draft(
            school.student[student], subject, tuple(school.instructor[one] for one in instructors), **values
        )
        perform(evening.name, "Offer by Hand", lambda edit: edit.add([draft]))
        filters = {"evening": evening.name, "student": draft.student, "subject": subject}
        return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="creation desc")[0]

    return offer


@pytest.fixture
def codes(school, evening):
    """Who is on an offer, by code."""
    known = {name: code for code, name in school.instructor.items()}

    def codes(name):
        frappe.db.rollback()
        found = rows.read(evening.name, names=[name])[name]
        return [known[one] for one in found.instructors]

    return codes


def _read(evening, name):
    frappe.db.rollback()
    return rows.read(evening.name, names=[name])[name]


def _days(evening):
    return [str(row.date) for row in evening.dates]


def test_instructors_are_added_replaced_and_taken_out(school, evening, offer, codes):
    first, second = offer("s01"), offer("s04", instructors=("smi",))
    person = school.instructor
    changing.change(evening.name, [first, second], add=[person["tea"]])
    assert codes(first) == ["jan", "tea"] and codes(second) == ["smi", "tea"]
    report = changing.change(evening.name, [first, second], replace=person["jan"], by=person["dek"])
    assert (report.changed, report.more["unchanged"]) == (1, 1)
    assert codes(first) == ["dek", "tea"] and codes(second) == ["smi", "tea"]
    changing.change(evening.name, [first, second], take_out=[person["tea"]])
    assert codes(first) == ["dek"] and codes(second) == ["smi"]
    changing.change(evening.name, [first, second], exactly=[person["kok"], person["pet"]])
    assert codes(first) == codes(second) == ["kok", "pet"]
    # New instructors have a place and times at the evening.
    there = frappe.get_all("Evening Instructor", {"instructor": person["pet"]}, pluck="name")
    assert len(there) == len(evening.dates)


def test_the_last_instructor_stays_and_is_reported(school, evening, offer, codes):
    alone, two = offer("s01"), offer("s04", instructors=("jan", "tea"))
    report = changing.change(evening.name, [alone, two], take_out=[school.instructor["jan"]])
    assert codes(alone) == ["jan"] and codes(two) == ["tea"]
    assert [(row.code, row.name) for row in report.skipped] == [("last_instructor", alone)]
    assert "the last instructor cannot be taken out" in report.skipped[0].sentence


def test_what_would_be_the_same_offer_twice_is_reported(school, evening, offer, codes):
    ours, other = offer("s01"), offer("s01", instructors=("smi",))
    report = changing.change(
        evening.name, [ours, other], replace=school.instructor["jan"], by=school.instructor["smi"]
    )
    assert [(row.code, row.name) for row in report.skipped] == [("same_offer", ours)]
    assert codes(ours) == ["jan"] and report.changed == 0


def test_values_change_and_undo_brings_them_back_exactly(school, evening, offer):
    name = offer("s01", instructors=("jan", "tea"), remark="Met tolk", slots=1)
    first, second = _days(evening)
    changing.change(evening.name, [name], forbid=[second])
    before = _read(evening, name)
    report = changing.change(
        evening.name,
        [name],
        add=[school.instructor["kok"]],
        take_out=[school.instructor["jan"]],
        slots=2,
        allow=[second],
        forbid=[first],
        remark="",
    )
    after = _read(evening, name)
    assert after.instructors == (school.instructor["tea"], school.instructor["kok"])
    assert (after.slots, after.remark, [str(day) for day in after.forbidden]) == (2, None, [first])
    figures = {(row["about"], row["label"]): (row["before"], row["after"]) for row in report.more["figures"]}
    assert figures[("slots", "1")] == (1, 0) and figures[("slots", "2")] == (0, 1)
    assert figures[("instructors", "Peter Kok")] == (0, 1)
    assert figures[("remark", "No remark")] == (0, 1)
    assert journal.undo(evening.name, report.change)["kept"] == 0
    assert _read(evening, name) == before
    assert frappe.db.get_value("Conversation Offer", name, "instructors_key") == before.instructors_key


def test_dates_and_remark_are_set_for_many(evening, offer):
    names = [offer("s01"), offer("s02")]
    first, second = _days(evening)
    changing.change(evening.name, names, forbid=[first])
    report = changing.change(evening.name, names, only_forbidden=[first, second], remark=" Beide ouders ")
    assert "2 offers have every date forbidden: they cannot be scheduled." in report.more["notes"]
    assert {_read(evening, name).remark for name in names} == {"Beide ouders"}
    changing.change(evening.name, names, only_forbidden=[])
    assert all(not _read(evening, name).forbidden for name in names)


def test_a_dry_run_writes_nothing(evening, offer):
    name = offer()
    before = _read(evening, name)
    report = changing.change(evening.name, [name], slots=3, dry_run=True)
    assert report.changed == 1 and report.sentence == "1 would change." and not report.change
    assert _read(evening, name) == before


def test_all_that_a_filter_finds(school, evening, offer):
    offer("s01"), offer("s02"), offer("s01", subject="Engels")
    report = changing.change(evening.name, filters={"subject": "Nederlands"}, slots=2)
    assert report.changed == 2
    found = frappe.get_all("Conversation Offer", {"slots": 2}, pluck="subject", distinct=True)
    assert found == ["Nederlands"]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({}, "Choose what is to change"),
        ({"exactly": []}, "needs at least one instructor"),
        ({"replace": "jan"}, "Choose who gives way, and who comes instead"),
        ({"add": ["left"]}, "has left the school and can be given no conversations"),
        ({"add": ["nobody"]}, "There is no instructor nobody"),
        ({"slots": 0}, "at least one slot"),
        ({"slots": 16}, "A conversation of 16 slots does not fit: the shortest date has 15"),
        ({"forbid": ["2020-01-01"]}, "The evening is not on"),
        ({"forbid": ["tomorrow?"]}, "Dates are written like"),
    ],
)
def test_what_cannot_be_asked(school, evening, offer, wish, sentence):
    name = offer()
    known = {**school.instructor, "left": school.instructor["fon"]}
    frappe.db.set_value("Instructor", known["left"], "status", "Left")
    frappe.db.commit()
    wish = {
        key: [known.get(one, one) for one in value] if isinstance(value, list) else known.get(value, value)
        for key, value in wish.items()
    }
    try:
        with pytest.raises(frappe.ValidationError, match=sentence):
            changing.change(evening.name, [name], **wish)
    finally:
        frappe.db.rollback()
        frappe.db.set_value("Instructor", known["left"], "status", "Active")
        frappe.db.commit()
    assert _read(evening, name).slots == 1


def test_the_longest_fits_the_shortest_date(school, evening, offer):
    name = offer()
    changing.change(evening.name, [name], slots=15)
    assert _read(evening, name).slots == 15


# With a time


@pytest.fixture
def booked(school, evening, offer):
    """An offer that is requested and has a time: (offer, request, booking)."""
    name = offer("s01")
    guardian = school.guardian["anna.devries"]
    frappe.db.set_value("Parent Evening", evening.name, "published", 1)
    frappe.db.commit()
    asked = requests.request(name, guardian=guardian)
    frappe.db.commit()
    start = f"{_days(evening)[0]} 19:00:00"
    made = booking.book(name, start, guardians=[guardian], source="Staff", request=asked)
    frappe.db.set_value("Parent Evening", evening.name, "published", 0)
    frappe.db.commit()
    return name, asked, made


def test_a_conversation_with_a_time_is_named_first_and_cancelled_when_confirmed(
    school, evening, booked, codes
):
    name, asked, made = booked
    wish = {"replace": school.instructor["jan"], "by": school.instructor["smi"]}
    report = changing.change(evening.name, [name], **wish)
    assert report.needs_confirmation and [row.booking for row in report.concerned] == [made]
    assert codes(name) == ["jan"] and frappe.db.get_value("Evening Booking", made, "state") != "Cancelled"
    report = changing.change(evening.name, [name], confirmed=True, **wish)
    assert report.cancelled == 1 and codes(name) == ["smi"]
    assert frappe.db.get_value("Evening Booking", made, "state") == "Cancelled"
    assert frappe.db.get_value("Conversation Request", asked, "state") == "Requested"
    assert claims.check() == []
    journal.undo(evening.name, report.change)
    frappe.db.rollback()
    assert frappe.db.get_value("Evening Booking", made, "state") != "Cancelled"
    assert codes(name) == ["jan"] and claims.check() == []


def test_a_conversation_with_a_time_keeps_its_length(evening, booked):
    name, _asked, made = booked
    before = frappe.db.get_value("Evening Booking", made, ["start", "end", "state"])
    report = changing.change(evening.name, [name], slots=2)
    assert not report.needs_confirmation and report.changed == 1
    assert any("1 conversations have a time: they keep their length" in note for note in report.more["notes"])
    assert frappe.db.get_value("Evening Booking", made, ["start", "end", "state"]) == before
    report = changing.change(evening.name, [name], forbid=_days(evening)[:1])
    assert any("on a date forbidden now" in note for note in report.more["notes"])
    assert frappe.db.get_value("Evening Booking", made, ["start", "end", "state"]) == before
    assert claims.check() == []


def test_removing_names_who_asked_and_ends_it_only_when_confirmed(evening, booked, offer):
    name, asked, made = booked
    other = offer("s02")
    report = changing.remove(evening.name, [name, other])
    assert report.needs_confirmation and report.concerned[0].household
    assert frappe.db.exists("Conversation Offer", other)
    report = changing.remove(evening.name, [name, other], confirmed=True)
    assert (report.removed, report.switched_off, report.withdrawn, report.cancelled) == (1, 1, 1, 1)
    assert not frappe.db.exists("Conversation Offer", other)
    assert frappe.db.get_value("Conversation Request", asked, "state") == "Withdrawn"
    assert frappe.db.get_value("Evening Booking", made, "state") == "Cancelled"
    assert claims.check() == []
    journal.undo(evening.name, report.change)
    frappe.db.rollback()
    assert frappe.db.exists("Conversation Offer", other) and claims.check() == []
    assert frappe.db.get_value("Conversation Request", asked, "state") != "Withdrawn"


# Who may, and several at once


def test_staff_may_and_nobody_else(school, evening, offer):
    name = offer()
    for user in (MANAGER, PLANNER):
        with as_user(user):
            now = api.options(evening.name, offers=f'["{name}"]')
            assert now["chosen"] == 1 and now["most_slots"] == 15
            assert [row["code"] for row in now["instructors"]] == ["jan"]
            dry = api.change(evening.name, offers=f'["{name}"]', slots=2, dry_run=1)
            assert dry["report"]["changed"] == 1
            assert api.remove(evening.name, filters='{"subject": "Nederlands"}', dry_run=1)["report"][
                "removed"
            ]
    for who in ("anna.devries", "kok", "s01"):
        calls = (api.options, api.change, api.remove)
        refused_unless_staff(
            school, who, *(partial(call, evening.name, offers=f'["{name}"]') for call in calls)
        )
    with as_user(PLANNER), pytest.raises(frappe.ValidationError, match="Choose the offers first"):
        api.change(evening.name, slots=2)
    assert frappe.db.exists("Conversation Offer", name)


def test_whatever_writes_takes_post_only(site):
    for call in (api.change, api.remove):
        assert set(frappe.allowed_http_methods_for_whitelisted_func[call]) == {"POST"}


def _change(evening, names, wish):
    return changing.change(evening, names, **wish).sentence


def test_two_who_change_the_same_offers_at_once_lose_nothing(bench_site, school, evening, offer, codes):
    names = [offer(one) for one in ("s01", "s02", "s03", "s04", "s05")]
    person = school.instructor
    wishes = [
        {"add": [person["tea"]]},
        {"replace": person["jan"], "by": person["dek"]},
        {"add": [person["kok"]], "remark": "Met tolk"},
        {"slots": 2},
        {"forbid": _days(evening)[:1]},
        {"forbid": _days(evening)[1:]},
    ]
    done = at_once(bench_site, _change, [(evening.name, names, wish) for wish in wishes])
    assert all(sentence == "5 changed." for sentence in done), done
    for name in names:
        assert sorted(codes(name)) == ["dek", "kok", "tea"]
        found = _read(evening, name)
        assert (found.slots, found.remark, len(found.forbidden)) == (2, "Met tolk", 2)
    assert frappe.db.count("Offer Change", {"operation": "Change Offers"}) == 6
    assert claims.check() == []


def test_the_form_saves_other_fields_and_keeps_the_instructors(school, evening, offer, codes):
    doc = frappe.get_doc("Conversation Offer", offer())
    doc.update({"abbreviation": "ned", "remark": "Rapport"})
    doc.save()
    frappe.db.commit()
    assert frappe.db.get_value("Conversation Offer", doc.name, ["abbreviation", "remark"]) == (
        "ned",
        "Rapport",
    )
    doc = frappe.get_doc("Conversation Offer", doc.name)
    doc.append("instructors", {"instructor": school.instructor["smi"]})
    with pytest.raises(frappe.ValidationError, match="Instructors"):
        doc.save()
    assert codes(doc.name) == ["jan"]
