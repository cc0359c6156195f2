"""Where a conversation fits is what trying it would say: every cell is compared with really trying it."""

import random
from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import blocks, booking, grid
from ouderavond.evening.offering import by_course
from ouderavond.evening.people import person_key
from ouderavond.evening.planning import fits as fitting
from ouderavond.evening.planning.edit import Edit, Shift
from tests.platform.school import make_evening

MINUTE = timedelta(minutes=1)


def offers_with(evening, instructor):
    """The offers of an instructor alone, with the students and their first party."""
    rows = frappe.get_all(
        "Conversation Offer",
        {"evening": evening.name, "instructors_key": instructor},
        ["name", "student"],
        order_by="student, subject",
    )
    return [(row.name, booking.party_of(evening.name, row.student, None)) for row in rows]


def sits(evening, instructor, day=None, **values):
    filters = {"evening": evening.name, "instructor": instructor}
    if day:
        filters["date"] = day
    frappe.db.set_value("Evening Instructor", filters, values)


def claim(evening, who, start, minutes, kind, expires):
    for number in range(minutes):
        row = {
            "doctype": "Booking Claim", "who": who, "tick": start + number * MINUTE, "kind": kind,
            "reference": f"hold:1:{who}:{start}", "evening": evening.name, "expires": expires,
        }  # fmt: skip
        frappe.get_doc(row).db_insert()


@pytest.fixture
def evening(site, school):
    """An evening of few slots in which everything is in the way of something."""
    doc = make_evening(
        school, minutes_per_conversation=20, minutes_between=5, walking_minutes=10, maximum_per_student=2,
        student_attends="May", break_after=2, mode="Household's Choice",
        dates=[
            {**row.as_dict(), "end_time": "20:20:00"} for row in make_evening(school).dates
        ],
    )  # fmt: skip
    by_course.offer(doc.name)
    first, second = grid.slots(doc)
    who = school.instructor
    sits(doc, who["jan"], room=school.room["jan"])
    sits(doc, who["dek"], room=school.room["jan"])
    sits(doc, who["hui"], room=school.room["hui"])
    sits(doc, who["kok"], room=school.room["kok"], shared_room=1)
    sits(doc, who["pet"], room=school.room["kok"], shared_room=1)
    sits(doc, who["ver"], present_from="18:50:00", present_until="19:45:00")
    sits(doc, who["ber"], first.date, maximum_conversations=1)
    frappe.db.delete(
        "Evening Instructor", {"evening": doc.name, "instructor": who["fon"], "date": second.date}
    )
    frappe.db.commit()
    return doc


def hinder(evening, school):
    """Blocks, holds, dates that are forbidden, and people who are not to meet."""
    first, second = grid.slots(evening)
    who, person, at = school.instructor, school.guardian, first.starts
    for who_type, name, start, end in (
        ("Instructor", who["hui"], at[3], at[3] + 4 * MINUTE),
        ("Room", school.room["hui"], at[1], at[1] + 5 * MINUTE),
        ("Room", school.room["kok"], second.starts[0], second.starts[0] + 5 * MINUTE),
        ("Guardian", person["bram.devries"], at[2] + 3 * MINUTE, at[3]),
        ("Everyone", None, second.starts[1] + 10 * MINUTE, second.starts[2]),
        ("Instructor", who["jan"], second.starts[2] - MINUTE, second.starts[2] + MINUTE),
        ("Student Group", school.group["h2a"], second.starts[3], second.end),
    ):
        blocks.block(evening.name, who_type, name, start, end, reason="Train")
        frappe.db.commit()
    kim = student(school, "Kim")
    blocks.block(evening.name, "Student", kim, at[0], at[0] + 9 * MINUTE, source="Student")
    frappe.db.commit()
    soon, past = frappe.utils.add_to_date(None, hours=1), frappe.utils.add_to_date(None, hours=-1)
    for code, start, expires in (("tea", second.starts[0], soon), ("duy", at[0], past), ("pet", at[1], soon)):
        claim(evening, person_key("Instructor", who[code]), start, 20, "Hold", expires)
    for row in (
        {"doctype": "Forbidden Class Date", "student_group": school.group["v3b"], "date": second.date},
        {"doctype": "Guardians Not To Meet", "guardian": person["anna.devries"], "minutes": 30},
    ):
        others = {"evening": evening.name, "other_guardian": person["carla.bakker"]}
        frappe.get_doc({**others, **row}).insert(ignore_permissions=True)
    frappe.db.commit()


def student(school, first_name):
    return frappe.db.get_value("Student", {"first_name": first_name})


def subject(evening, school, first_name, number=0):
    """An offer of a student, for the first party of guardians, to be tried everywhere."""
    name = student(school, first_name)
    offers = frappe.get_all(
        "Conversation Offer", {"evening": evening.name, "student": name}, pluck="name", order_by="subject"
    )
    return {"offer": offers[number], "party": booking.party_of(evening.name, name, None)}


def fill(evening, school, chance):
    """Conversations at random, some for a reason over what forbids them."""
    # Gijs's mother is not to meet Eva's, and Mert's father is Leyla's too.
    for name, start in (("Gijs", 1), ("Mert", 0)):
        one = subject(evening, school, name)
        booking.book(
            one["offer"], grid.slots(evening)[0].starts[start], guardians=one["party"], source="Staff"
        )
        frappe.db.commit()
    starts = [start for day in grid.slots(evening) for start in day.starts]
    for code in ("jan", "dek", "hui", "ber", "kok", "smi", "ver", "wol"):
        for offer, party in chance.sample(offers_with(evening, school.instructor[code]), 3):
            for start, reason in zip(chance.sample(starts, 3), (None, None, "The head asked"), strict=True):
                try:
                    booking.book(offer, start, guardians=party, source="Staff", override_reason=reason)
                    frappe.db.commit()
                    break
                except frappe.ValidationError:
                    frappe.db.rollback()


def instead(own, name):
    return own if name in own else [name, *own[1:]]


def only_try(monkeypatch):
    """The rules and the claims are what is tried; the records themselves need not be written."""
    monkeypatch.setattr(Edit, "keep", lambda *_given: None)
    monkeypatch.setattr(Edit, "_save", lambda *_given: None)
    take = booking._take
    monkeypatch.setattr(booking, "insert_within", lambda doc, reason: take(doc, over_blocks=bool(reason)))


def attempt(evening, one, start, people, reason=None):
    """Really try it, and give everything back."""
    edit = Edit(evening)
    try:
        if "booking" in one:
            edit.shift([Shift(one["booking"], start, people, one.get("slots"))], reason=reason)
        else:
            edit.book(one["offer"], start, guardians=one["party"], instructors=people, reason=reason)
        return True
    except frappe.ValidationError:
        return False
    finally:
        frappe.db.rollback()
        frappe.clear_messages()


def compare(evening, one, chance, part):
    """The number of cells tried, and of those that fit."""
    asked = {key: value for key, value in one.items() if key != "party"}
    answer = fitting.fits(evening, **asked)
    own, tried, good = answer["own"], 0, 0
    for name, dates in answer["rows"].items():
        for day in grid.slots(evening):
            for place, start in enumerate(day.starts):
                if chance.random() > part:
                    continue
                number = dates[str(day.date)][place]
                said = answer["reasons"][number]
                fits = number == 0 or said.startswith("!")
                where = (one, name, f"{start:%d %H:%M}", said)
                people = instead(own, name)
                assert attempt(evening, one, start, people) == fits, where
                if not fits and chance.random() < 0.2:
                    over = attempt(evening, one, start, people, reason="The head asked")
                    assert over == (number not in answer["never"]), where
                tried, good = tried + 1, good + fits
    return tried, good


def test_every_cell_says_what_trying_it_would_say(evening, school, monkeypatch):
    chance = random.Random(5)
    hinder(evening, school)
    # The same people at another evening at the same time.
    other = make_evening(school, title="Tweede oudercontact", dates=[row.as_dict() for row in evening.dates])
    by_course.offer(other.name)
    day = grid.slots(other)[1]
    for code, start in (("smi", day.starts[2]), ("wol", day.starts[3])):
        offer, party = offers_with(other, school.instructor[code])[0]
        booking.book(offer, start, guardians=party, source="Staff", override_reason="Both evenings")
        frappe.db.commit()
    fill(evening, school, chance)
    evening.reload()
    only_try(monkeypatch)

    booked = frappe.get_all(
        "Evening Booking", {"evening": evening.name}, pluck="name", order_by="start, name"
    )
    alone = [one for code in ("jan", "kok", "smi") for one in offers_with(evening, school.instructor[code])]
    subjects = [{"booking": name} for name in chance.sample(booked, 5)]
    subjects += [{"offer": name, "party": party} for name, party in chance.sample(alone, 2)]
    subjects.append({"booking": booked[0], "slots": 2})
    subjects += [subject(evening, school, name) for name in ("Eva", "Kim", "Leyla")]
    tried, good = 0, 0
    for one in subjects:
        found = compare(evening, one, chance, 0.2)
        tried, good = tried + found[0], good + found[1]
    assert tried > 100
    assert 0.1 < good / tried < 0.9
