"""Changing offers: whole, counted, confirmed where people asked, journalled, undone as one, safe for two."""

import json
from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import booking, claims, grid, packed, requests
from ouderavond.evening.offering import by_course, journal, rows
from ouderavond.evening.offering.changes import Draft, perform
from tests.platform.processes import at_once
from tests.platform.school import make_evening


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


def ask(school, offer, guardian, **options):
    name = requests.request(
        offer, guardian=school.guardian[guardian], source="Staff", override_reason="Telephone", **options
    )
    frappe.db.commit()
    return name


def book(evening, school, offer, guardian, request=None):
    start = grid.slots(evening)[0].starts[0]
    party = booking.party_of(evening.name, offer.student, school.guardian[guardian])
    name = booking.book(offer.name, start, guardians=party, source="Staff", request=request)
    frappe.db.commit()
    return name


def last(evening):
    evening.reload()
    return journal.last(evening)


def undo_last(evening):
    return journal.undo(evening.name, last(evening)["change"])


def remove(evening, names, **options):
    return perform(evening.name, "Remove Offers", lambda edit: edit.remove(names), **options)


def change(evening, names, **values):
    return perform(evening.name, "Change Offers", lambda edit: edit.update(names, **values), confirmed=True)


def label(school, student="s01", **values):
    given = {"student": school.student[student], "subject": "Afdelingsleider", "source": "Manual"}
    return Draft(**{**given, "instructors": (school.instructor["tea"],), **values})


# Adding


def test_adding_makes_what_is_missing_and_leaves_what_is_there(evening, school):
    report = perform(evening.name, "Offer by Hand", lambda edit: edit.add([label(school)]))
    assert (report.created, report.existing, report.sentence) == (1, 0, "1 offer made.")
    again = perform(evening.name, "Offer by Hand", lambda edit: edit.add([label(school), label(school)]))
    assert (again.created, again.existing) == (0, 1)
    assert not again.change, "Nothing was written, so there is nothing to take back."


def test_who_gets_an_offer_takes_part_on_every_date(evening, school):
    perform(evening.name, "Offer by Hand", lambda edit: edit.add([label(school)]))
    assert (
        frappe.db.count(
            "Evening Instructor", {"evening": evening.name, "instructor": school.instructor["tea"]}
        )
        == 2
    )


def test_a_dry_run_counts_and_writes_nothing(evening, school):
    before = rows.read(evening.name)
    report = perform(evening.name, "Remove Offers", lambda edit: edit.remove(edit.offers()), dry_run=True)
    assert report.removed == len(before)
    assert "would be removed" in report.sentence
    assert rows.read(evening.name) == before


def test_an_archived_evening_is_refused(evening, school):
    evening.db_set("archived", 1, commit=True)
    with pytest.raises(frappe.ValidationError, match="archived and can only be read"):
        perform(evening.name, "Offer by Hand", lambda edit: edit.add([label(school)]))


def test_offers_of_another_evening_are_out_of_reach(evening, school):
    other = make_evening(school)
    by_course.offer(other.name)
    theirs = list(rows.read(other.name))
    assert remove(evening, theirs).removed == 0
    assert list(rows.read(other.name)) == theirs


# Removing


def test_removing_what_was_requested_names_it_first_and_writes_nothing(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    request = ask(school, offer.name, "anna.devries")
    report = remove(evening, [offer.name])
    assert report.needs_confirmation and not report.change
    (row,) = report.concerned
    assert (row.request, row.student_name, row.subject) == (request, offer.student_name, offer.subject)
    assert row.household == "Anna de Vries"
    assert frappe.db.get_value("Conversation Request", request, "state") == "Requested"


def test_confirmed_the_request_is_withdrawn_and_its_offer_stays_as_not_offered(evening, school):
    offer, other = offers_of(evening, school.student["s01"])[:2]
    request = ask(school, offer.name, "anna.devries")
    report = remove(evening, [offer.name, other.name], confirmed=True)
    assert (report.withdrawn, report.switched_off, report.removed) == (1, 1, 1)
    assert frappe.db.get_value("Conversation Request", request, "state") == "Withdrawn"
    assert frappe.db.get_value("Conversation Offer", offer.name, "offered") == 0
    assert not frappe.db.exists("Conversation Offer", other.name)


def test_confirmed_a_conversation_is_cancelled_and_its_time_given_up(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    request = ask(school, offer.name, "anna.devries")
    name = book(evening, school, offer, "anna.devries", request)
    report = remove(evening, [offer.name], confirmed=True)
    assert (report.cancelled, report.withdrawn) == (1, 1)
    assert frappe.db.get_value("Evening Booking", name, "state") == "Cancelled"
    assert not frappe.db.exists("Booking Claim", {"reference": name})
    assert claims.check() == []


def test_who_cannot_be_told_is_named(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    ask(school, offer.name, "anna.devries")
    report = remove(evening, [offer.name], confirmed=True)
    assert report.told or report.not_told


# Changing


def test_changing_many_at_once(evening, school):
    names = [offer.name for offer in offers_of(evening, school.student["s01"])]
    day = frappe.utils.getdate(evening.dates[0].date)
    report = change(evening, names, slots=2, remark="Lang gesprek", forbidden=(day,))
    assert report.changed == len(names)
    for offer in offers_of(evening, school.student["s01"]):
        assert (offer.slots, offer.remark, offer.forbidden) == (2, "Lang gesprek", (day,))


def test_other_instructors_make_another_key_and_the_database_agrees(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    both = (*offer.instructors, school.instructor["tea"])
    change(evening, [offer.name], instructors=both)
    stored = frappe.get_doc("Conversation Offer", offer.name)
    assert [row.instructor for row in stored.instructors] == list(both)
    key = stored.instructors_key
    stored.save()
    assert stored.instructors_key == key


def test_what_would_become_the_same_offer_twice_stays_and_is_named(evening, school):
    drafts = [label(school), label(school, instructors=(school.instructor["jan"],))]
    perform(evening.name, "Offer by Hand", lambda edit: edit.add(drafts))
    labels = [o for o in offers_of(evening, school.student["s01"]) if o.subject == "Afdelingsleider"]
    names = [offer.name for offer in labels]
    report = change(evening, names, instructors=(school.instructor["ber"],))
    assert report.changed == 1
    assert [row.code for row in report.skipped] == ["same_offer"]


def test_other_instructors_cancel_a_conversation_and_its_request_waits_again(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    request = ask(school, offer.name, "anna.devries")
    name = book(evening, school, offer, "anna.devries", request)
    change(evening, [offer.name], instructors=(school.instructor["tea"],))
    assert frappe.db.get_value("Evening Booking", name, "state") == "Cancelled"
    assert frappe.db.get_value("Conversation Request", request, "state") == "Requested"


# Taking back


def test_undo_takes_made_offers_back_with_the_instructors_they_brought(evening, school):
    perform(evening.name, "Offer by Hand", lambda edit: edit.add([label(school)]))
    assert last(evening)["operation"] == "Offer by Hand"
    assert last(evening)["sentence"] == "1 offer made."
    result = undo_last(evening)
    assert (result["restored"], result["kept"]) == (1, 0)
    assert not frappe.db.exists("Conversation Offer", {"subject": "Afdelingsleider"})
    assert not frappe.db.exists("Evening Instructor", {"instructor": school.instructor["tea"]})


def test_undo_brings_removed_offers_back_as_they_were(evening, school):
    names = [offer.name for offer in offers_of(evening, school.student["s01"])]
    day = frappe.utils.getdate(evening.dates[1].date)
    change(evening, names, remark="“Zo” & zo", forbidden=(day,))
    before = rows.read(evening.name)
    perform(evening.name, "Remove Offers", lambda edit: edit.remove(edit.offers()))
    assert rows.read(evening.name) == {}
    undo_last(evening)
    assert rows.read(evening.name) == before


def test_undo_goes_back_step_by_step(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    change(evening, [offer.name], slots=2)
    change(evening, [offer.name], slots=3)
    undo_last(evening)
    assert rows.read(evening.name, names=[offer.name])[offer.name].slots == 2
    undo_last(evening)
    assert rows.read(evening.name, names=[offer.name])[offer.name].slots == 1


def test_undo_brings_a_withdrawn_request_and_its_conversation_back(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    request = ask(school, offer.name, "anna.devries")
    name = book(evening, school, offer, "anna.devries", request)
    remove(evening, [offer.name], confirmed=True)
    result = undo_last(evening)
    assert result["told"] or result["not_told"], "The household was told that it is withdrawn."
    assert frappe.db.get_value("Conversation Offer", offer.name, "offered") == 1
    assert frappe.db.get_value("Conversation Request", request, "state") == "Placed"
    assert frappe.db.get_value("Evening Booking", name, "state") == "Planned"
    assert claims.check() == []


def test_undo_is_refused_where_the_place_has_been_taken_and_changes_nothing(evening, school):
    offer, other = offers_of(evening, school.student["s01"])[:2]
    request = ask(school, offer.name, "anna.devries")
    book(evening, school, offer, "anna.devries", request)
    remove(evening, [offer.name], confirmed=True)
    book(evening, school, other, "anna.devries")
    with pytest.raises(claims.TakenError):
        undo_last(evening)
    assert frappe.db.get_value("Conversation Offer", offer.name, "offered") == 0
    assert frappe.db.get_value("Conversation Request", request, "state") == "Withdrawn"


def test_what_was_changed_or_asked_since_stays(evening, school):
    drafts = [label(school), label(school, "s02"), label(school, "s03")]
    perform(evening.name, "Offer by Hand", lambda edit: edit.add(drafts))
    made = {offer.student: offer for offer in rows.read(evening.name).values() if offer.source == "Manual"}
    asked, edited = made[school.student["s01"]], made[school.student["s02"]]
    ask(school, asked.name, "anna.devries")
    doc = frappe.get_doc("Conversation Offer", edited.name)
    doc.remark = "Changed on its own form"
    doc.save()
    frappe.db.commit()
    result = undo_last(evening)
    assert (result["restored"], result["kept"]) == (1, 2)
    left = {offer.name for offer in rows.read(evening.name).values() if offer.source == "Manual"}
    assert left == {asked.name, edited.name}


def test_undo_is_for_the_last_change_only(evening, school):
    first = last(evening)["change"]
    perform(evening.name, "Offer by Hand", lambda edit: edit.add([label(school)]))
    with pytest.raises(frappe.ValidationError, match="Something else has been changed since"):
        journal.undo(evening.name, first)
    again = last(evening)["change"]
    journal.undo(evening.name, again)
    with pytest.raises(frappe.ValidationError, match="has been undone already"):
        journal.undo(evening.name, again)


def test_undo_ends_when_guardians_can_act(evening, school):
    change_name = last(evening)["change"]
    evening.db_set("request_from", frappe.utils.now_datetime() - timedelta(minutes=1), commit=True)
    assert last(evening)["allowed"] is False
    with pytest.raises(frappe.ValidationError, match="Guardians can act already"):
        journal.undo(evening.name, change_name)


def test_the_journal_keeps_records_before_and_after_and_writes_no_version(evening, school):
    offer = offers_of(evening, school.student["s01"])[0]
    report = change(evening, [offer.name], slots=2)
    doc = frappe.get_doc("Offer Change", report.change)
    assert json.loads(doc.figures) == {"changed": 1}
    assert not frappe.db.exists("Version", {"ref_doctype": "Conversation Offer", "docname": offer.name})


def test_a_student_who_leaves_is_taken_out_of_the_journal(evening, school):
    student = school.student["s01"]
    journal.forget_student(student)
    for text in frappe.get_all("Offer Change", pluck="records"):
        assert student not in json.dumps(packed.unpack(text))


def test_the_journal_follows_a_new_name_so_that_undo_still_finds_its_offers(
    evening, school, restored_afterwards
):
    removed = offers_of(evening, school.student["s02"])
    remove(evening, [offer.name for offer in removed])
    frappe.rename_doc("Student", school.student["s02"], "EDU-STU-NEW", force=True)
    frappe.rename_doc("Instructor", school.instructor["jan"], "EDU-INS-NEW", force=True)
    frappe.db.commit()
    assert undo_last(evening)["restored"] == len(removed)
    back = offers_of(evening, "EDU-STU-NEW")
    assert [offer.name for offer in back] == [offer.name for offer in removed]
    assert school.instructor["jan"] not in {name for offer in back for name in offer.instructors}


def test_an_offer_whose_instructor_is_gone_does_not_come_back(evening, school, restored_afterwards):
    perform(evening.name, "Offer by Hand", lambda edit: edit.add([label(school)]))
    made = next(offer for offer in rows.read(evening.name).values() if offer.source == "Manual")
    remove(evening, [made.name])
    frappe.delete_doc("Instructor", school.instructor["tea"], force=True)
    frappe.db.commit()
    result = undo_last(evening)
    assert (result["restored"], result["kept"]) == (0, 1)


# Two at once


def _set(evening, name, values):
    report = perform(evening, "Change Offers", lambda edit: edit.update([name], **values))
    return report.changed


def _add(evening, student, instructor):
    draft = Draft(student, "Afdelingsleider", (instructor,), source="Manual")
    return perform(evening, "Offer by Hand", lambda edit: edit.add([draft])).created


def test_two_people_who_change_the_same_offer_at_once_both_find_their_change(evening, school, bench_site):
    offer = offers_of(evening, school.student["s01"])[0]
    calls = [(evening.name, offer.name, {"slots": 2}), (evening.name, offer.name, {"remark": "Bel eerst"})]
    at_once(bench_site, _set, calls * 3)
    frappe.db.rollback()
    found = rows.read(evening.name, names=[offer.name])[offer.name]
    assert (found.slots, found.remark) == (2, "Bel eerst")


def test_the_same_offer_made_by_six_at_once_is_there_once(evening, school, bench_site):
    call = (evening.name, school.student["s01"], school.instructor["tea"])
    made = at_once(bench_site, _add, [call] * 6)
    assert sorted(made) == [0, 0, 0, 0, 0, 1]
    frappe.db.rollback()
    assert frappe.db.count("Conversation Offer", {"subject": "Afdelingsleider"}) == 1
    assert frappe.db.count("Evening Instructor", {"instructor": school.instructor["tea"]}) == 2
