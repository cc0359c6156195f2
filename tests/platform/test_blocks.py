"""Blocks: who makes them over what, what becomes of the conversations in them, and nobody else's."""

from datetime import datetime

import frappe
import pytest

from ouderavond.evening import blocks, booking, claims
from ouderavond.evening.offering import by_course
from ouderavond.evening.own_times import Time
from ouderavond.evening.planning import own_blocks
from tests.platform.school import make_evening


@pytest.fixture
def evening(site, school):
    evening = make_evening(school, instructors_may_block=1)
    by_course.offer(evening.name)
    frappe.db.commit()
    return evening


def at(evening, clock: str, day: int = 0) -> datetime:
    return datetime.fromisoformat(f"{evening.dates[day].date}T{clock}")


def time(evening, start: str, end: str, day: int = 0) -> Time:
    return Time(at(evening, start, day), at(evening, end, day))


def book(evening, school, student: str, instructor: str, start: datetime, state: str = "Planned") -> str:
    """A conversation about a student with an instructor, and the guardian who comes first."""
    offer = frappe.qb.DocType("Conversation Offer")
    sits = frappe.qb.DocType("Conversation Offer Instructor")
    name = (
        frappe.qb.from_(offer)
        .join(sits)
        .on(sits.parent == offer.name)
        .select(offer.name)
        .where((offer.evening == evening.name) & (offer.student == school.student[student]))
        .where(sits.instructor == school.instructor[instructor])
    ).run(pluck=True)[0]
    party = booking.party_of(evening.name, school.student[student], None)
    made = booking.book(name, start, guardians=party, source="Staff")
    frappe.db.set_value("Evening Booking", made, "state", state)
    frappe.db.commit()
    return made


def saved(**filters) -> list[tuple]:
    frappe.db.rollback()
    rows = frappe.get_all(
        "Evening Block", filters, ["who", "source", "from_time", "to_time"], order_by="from_time, who"
    )
    return [(row.who, row.source, Time(row.from_time, row.to_time)) for row in rows]


# Instructors for themselves


def test_an_instructor_blocks_changes_and_takes_back_only_what_is_theirs(evening, school):
    jan, smi = [school.instructor["jan"]], [school.instructor["smi"]]
    staff = time(evening, "20:00", "20:30")
    blocks.block(evening.name, "Instructor", jan[0], *staff, reason="Geheim")
    frappe.db.commit()
    own, other = time(evening, "18:30", "19:00"), time(evening, "19:00", "19:10", day=1)
    assert own_blocks.save(evening.name, jan, [other, own, time(evening, "18:50", "19:00")]) == [own, other]
    frappe.db.commit()
    own_blocks.save(evening.name, smi, [own])
    frappe.db.commit()
    assert own_blocks.of(evening.name, jan) == [own, other]
    assert own_blocks.of_staff(evening.name, jan) == [staff]
    own_blocks.save(evening.name, jan, [])
    frappe.db.commit()
    assert saved() == [(smi[0], "Instructor", own), (jan[0], "Staff", staff)]
    assert claims.check() == []
    with pytest.raises(frappe.ValidationError, match="already blocked the time from"):
        own_blocks.save(evening.name, jan, [time(evening, "18:30", "18:40"), time(evening, "20:20", "20:40")])
    assert len(saved()) == 2


def test_not_over_a_conversation_and_what_is_not_told_can_not_be_found_out(evening, school):
    jan = [school.instructor["jan"]]
    name = book(evening, school, "s01", "jan", at(evening, "19:00"))
    said = set()
    for clock in ("18:30", "19:00", "20:00"):
        with pytest.raises(frappe.ValidationError, match="The school is making the schedule now") as refused:
            own_blocks.save(evening.name, jan, [time(evening, clock, "20:10")])
        said.add(str(refused.value))
    assert len(said) == 1 and not saved()
    frappe.db.set_value("Evening Booking", name, "state", "Published")
    evening.db_set("schedule_visible", 1)
    frappe.clear_document_cache("Parent Evening", evening.name)
    frappe.db.commit()
    free = time(evening, "18:30", "19:00")
    with pytest.raises(frappe.ValidationError, match=r"conversation about \w+ \(Daan de Vries\).* at 19:00"):
        own_blocks.save(evening.name, jan, [free, time(evening, "19:05", "19:20")])
    assert not saved()
    own_blocks.save(evening.name, jan, [free])
    frappe.db.commit()
    assert len(saved()) == 1


def test_only_where_they_sit_and_while_the_evening_allows_it(evening, school):
    jan, tea = [school.instructor["jan"]], [school.instructor["tea"]]
    free = time(evening, "18:30", "19:00")
    with pytest.raises(frappe.PermissionError, match="not one of yours"):
        own_blocks.save(evening.name, tea, [free])
    frappe.db.delete("Evening Instructor", {"instructor": jan[0], "date": evening.dates[1].date})
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="You are not expected on"):
        own_blocks.save(evening.name, jan, [free, time(evening, "18:30", "19:00", day=1)])
    with pytest.raises(frappe.ValidationError, match="is not at a time of this evening"):
        own_blocks.save(evening.name, jan, [time(evening, "17:00", "19:00")])
    for field, value, sentence in (
        ("archived", 1, "archived"),
        ("instructors_may_block", 0, "the school blocks times for you"),
        ("published", 0, "not one of yours"),
    ):
        before = evening.get(field)
        evening.db_set(field, value)
        frappe.db.commit()
        with pytest.raises((frappe.ValidationError, frappe.PermissionError), match=sentence):
            own_blocks.save(evening.name, jan, [free])
        evening.db_set(field, before)
        frappe.db.commit()
    assert not saved()
