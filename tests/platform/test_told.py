"""What was published stays as it is for families and instructors until it is published again."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import booking, claims, conversations, grid, publishing
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import changes
from ouderavond.evening.requests import Asker
from ouderavond.evening.reserving import basket
from ouderavond.evening.reserving.table import Table, iso
from tests.platform.school import PLANNER, as_user, make_evening

STEP = timedelta(minutes=10)


@pytest.fixture
def evening(site, school):
    doc = make_evening(school, procedure="Request, Schedule, then Book", maximum_per_student=0)
    by_course.offer(doc.name)
    # Booking what is left is open, once the schedule has been published.
    frappe.db.set_value(
        "Parent Evening",
        doc.name,
        {
            "request_from": "2019-01-01 00:00:00",
            "request_until": "2020-01-01 00:00:00",
            "booking_from": "2020-01-01 00:00:00",
            "booking_until": None,
        },
    )
    frappe.db.commit()
    return frappe.get_doc("Parent Evening", doc.name)


def offers_of(evening, student):
    filters = {"evening": evening.name, "student": student}
    return frappe.get_all("Conversation Offer", filters, pluck="name", order_by="subject")


def book(evening, school, position=0, start=0, student="s01", guardian="anna.devries"):
    offer = offers_of(evening, school.student[student])[position]
    party = booking.party_of(evening.name, school.student[student], school.guardian[guardian])
    name = booking.book(offer, grid.slots(evening)[0].starts[start], guardians=party, source="Staff")
    frappe.db.commit()
    return name


def seen(school, role="guardian", who="anna.devries", **options):
    user = school.user(who)
    return {row.name: row for row in conversations.of(role, user, **options)}


def instructor_of(name):
    return frappe.db.get_value("Evening Booking Instructor", {"parent": name}, "instructor")


def doc(name):
    return frappe.get_doc("Evening Booking", name)


def perform(evening, work, operation="Move"):
    report = changes.perform(evening.name, operation, work)
    frappe.db.commit()
    return report


def publish(evening, *args):
    found = publishing.publish(evening.name, *args)
    frappe.db.commit()
    return found


def test_a_published_conversation_that_staff_move_is_seen_where_it_was_until_it_is_published(evening, school):
    name = book(evening, school)
    publish(evening)
    told = doc(name).start
    perform(evening, lambda edit: edit.move(name, told + 3 * STEP) and None)

    moved = doc(name)
    assert (moved.start, moved.published_start, moved.untold) == (told + 3 * STEP, told, 1)
    assert seen(school)[name].start == told
    instructor = frappe.db.get_value("Instructor", instructor_of(name), "ouderavond_user")
    assert {row.start for row in conversations.of("instructor", instructor)} == {told}
    assert not claims.check()

    found = publish(evening)
    assert (found.published, found.changed, found.cancelled) == (0, 1, 0)
    row = seen(school)[name]
    assert (row.start, row.changed_from, row.untold) == (told + 3 * STEP, told, 0)


def test_what_staff_cancel_is_seen_until_that_is_published(evening, school):
    name = book(evening, school)
    publish(evening)
    perform(evening, lambda edit: edit.cancel(name), "Cancel")
    assert seen(school)[name].state == "Published"
    assert not frappe.db.exists("Booking Claim", {"reference": name})
    assert publish(evening).cancelled == 1
    assert name not in seen(school)
    assert seen(school, cancelled=True)[name].state == "Cancelled"


def test_only_the_chosen_conversations_are_published(evening, school):
    names = [book(evening, school, number, number) for number in range(2)]
    assert publish(evening, names[:1]).published == 1
    assert set(seen(school)) == {names[0]}


def test_a_conversation_with_another_instructor_replaces_the_one_that_was_told(evening, school):
    name = book(evening, school)
    publish(evening)
    other = frappe.get_all(
        "Evening Instructor",
        {"evening": evening.name, "instructor": ("!=", instructor_of(name))},
        pluck="instructor",
    )[0]
    perform(evening, lambda edit: edit.move(name, instructors=[other]) and None, "Change Instructor")
    new = frappe.db.get_value("Evening Booking", {"replaces": name}, "name")
    assert (
        set(seen(school)) == {name}
        and seen(school)[name].instructors != doc(new).instructors[0].instructor_name
    )

    # Whichever of the two is chosen, both are told.
    found = publish(evening, [name])
    assert (found.published, found.changed, found.cancelled) == (0, 1, 0)
    assert set(seen(school)) == {new} and seen(school)[new].changed_from == doc(name).published_start


def test_the_table_tells_nothing_of_a_change_that_is_not_published(evening, school):
    name = book(evening, school)
    publish(evening)
    asker = Asker("Guardian", (school.guardian["anna.devries"],))
    evening.reload()
    before = Table(evening, asker).as_dict()
    told = doc(name).start
    perform(evening, lambda edit: edit.move(name, told + 4 * STEP) and None)
    after = Table(evening, asker).as_dict()

    assert [row["start"] for row in after["mine"]] == [iso(told)]
    assert after["mine"][0]["why_not"].startswith("The school is changing this conversation")
    assert after["children"] and {**_cells(before)} == {**_cells(after)} | _where_it_went(before, after, told)
    with pytest.raises(frappe.ValidationError, match="The school is changing this conversation"):
        basket.cancel(name, asker)
    assert doc(name).state == "Published"


def _cells(table):
    return {
        (column["offer"], date): letters
        for child in table["children"]
        for column in child["columns"]
        for date, letters in column["cells"].items()
    }


def _where_it_went(before, after, told):
    """Cells that differ: only that the instructor is not free at the new time, as with anybody's."""
    changed = {}
    for place, letters in _cells(before).items():
        for index, (was, is_now) in enumerate(zip(letters, _cells(after)[place], strict=True)):
            if was != is_now:
                assert (was, is_now) in {("f", "o"), ("f", "u")}, (place, index, was, is_now)
                changed[place] = letters
    return changed


def test_undo_brings_back_what_was_and_refuses_what_has_been_changed_since(evening, school):
    first, second = book(evening, school, 0, 0), book(evening, school, 1, 1)
    publish(evening, [first])
    before = {name: (doc(name).start, doc(name).pinned, doc(name).state) for name in (first, second)}

    swapped = perform(evening, lambda edit: edit.swap(first, second), "Swap")
    assert swapped.figures == {"moved": 2}
    assert doc(first).start == before[second][0] and doc(second).start == before[first][0]
    again = perform(evening, lambda edit: edit.pin(first, True), "Pin")
    with pytest.raises(frappe.ValidationError, match="has been changed again since"):
        changes.undo(evening.name, swapped.change)
    changes.undo(evening.name, again.change)
    changes.undo(evening.name, swapped.change)
    frappe.db.commit()
    assert {name: (doc(name).start, doc(name).pinned, doc(name).state) for name in (first, second)} == before
    assert doc(first).untold == 0 and not claims.check()
    with pytest.raises(frappe.ValidationError, match="undone already"):
        changes.undo(evening.name, swapped.change)


def test_undo_of_what_was_published_meanwhile_is_a_change_that_nobody_knows_yet(evening, school):
    name = book(evening, school)
    publish(evening)
    told = doc(name).start
    moved = perform(evening, lambda edit: edit.move(name, told + STEP) and None)
    cancelled = book(evening, school, 1, 5)
    publish(evening)
    gone = perform(evening, lambda edit: edit.cancel(cancelled), "Cancel")
    publish(evening)
    for change in (moved.change, gone.change):
        changes.undo(evening.name, change)
    frappe.db.commit()
    assert (doc(name).start, doc(name).untold) == (told, 1) and seen(school)[name].start == told + STEP
    assert (doc(cancelled).state, doc(cancelled).published_start) == ("Planned", None)
    assert set(seen(school)) == {name} and not claims.check()


def test_a_change_is_whole_or_not_at_all(evening, school):
    first, second = book(evening, school, 0, 0), book(evening, school, 1, 1)
    before = [doc(name).start for name in (first, second)]

    def work(edit):
        edit.move(first, before[0] + 5 * STEP)
        edit.move(second, before[0] + 5 * STEP, reason="whatever")

    with pytest.raises(claims.TakenError, match="has just been taken"):
        perform(evening, work)
    frappe.db.rollback()
    assert [doc(name).start for name in (first, second)] == before
    assert not changes.last(evening) and not claims.check()


def test_by_hand_is_pinned_and_told_to_nobody(evening, school):
    student = school.student["s01"]
    offer, start = offers_of(evening, student)[0], grid.slots(evening)[0].starts[2]
    party = booking.party_of(evening.name, student, school.guardian["anna.devries"])
    report = perform(evening, lambda edit: {"booking": edit.book(offer, start, guardians=party)}, "Book")
    row = doc(report.more["booking"])
    assert (row.state, row.pinned, row.published_start) == ("Planned", 1, None) and not seen(school)
    assert "is placed on" in report.sentence
    changes.undo(evening.name, report.change)
    frappe.db.commit()
    assert not frappe.db.exists("Evening Booking", row.name) and not claims.check()


def test_an_archived_evening_is_not_changed(evening, school):
    name = book(evening, school)
    frappe.db.set_value("Parent Evening", evening.name, "archived", 1)
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="archived and can only be read"):
        perform(evening, lambda edit: edit.cancel(name), "Cancel")


def test_the_page_starts_for_staff_alone(evening, school):
    from ouderavond.api.planning import page

    with as_user(PLANNER):
        found = page.start(evening.name)
        assert found["evening"]["dates"][0]["starts"][0] == f"{grid.slots(evening)[0].starts[0]:%H:%M}"
        assert page.version(evening.name)["version"] == found["version"]
    for who in ("anna.devries", "jan", "s01"):
        with as_user(school.user(who)):
            for call in (page.start, page.version, page.history):
                with pytest.raises(frappe.PermissionError, match="Only staff who run parent evenings"):
                    call(evening.name)
            with pytest.raises(frappe.PermissionError, match="Only staff who run parent evenings"):
                page.undo(evening.name, "x")
