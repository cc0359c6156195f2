"""The day it goes wrong: only those concerned change and are told, as a whole, and it can be taken back."""

import email
from datetime import datetime, timedelta
from email import policy

import frappe
import pytest

from ouderavond.api.planning import disruptions as api
from ouderavond.evening import booking, claims, grid, identity, publishing
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves
from ouderavond.evening.planning.disruptions import applying, asking, solving, telling
from tests.platform.rights import insert, refused_unless_staff
from tests.platform.school import DOMAIN, PLANNER, as_user, make_evening

# Who talks when: key -> (student, guardian who asked, instructor, number of the date, minutes after 18:30).
PLAN = {
    "a": ("s01", "anna.devries", "jan", 0, 0),
    "b": ("s04", "carla.bakker", "jan", 0, 10),
    "c": ("s01", "anna.devries", "dek", 0, 10),
    "d": ("s09", "linda.vandijk", "hui", 0, 0),
    "e": ("s09", "linda.vandijk", "jan", 1, 0),
}


@pytest.fixture
def evening(site, school):
    made = make_evening(school, maximum_per_student=0, schedule_visible=1)
    by_course.offer(made.name)
    frappe.db.commit()
    return made


@pytest.fixture
def booked(evening, school):
    """The conversations of PLAN, told to those who attend: {key: booking}."""
    found = {}
    for key, (student, guardian, instructor, number, minutes) in PLAN.items():
        offer = _offer(evening, school, student, instructor)
        who = school.guardian[guardian]
        request = insert(
            "Conversation Request",
            evening=evening.name,
            offer=offer,
            student=school.student[student],
            guardian=who,
            party=who,
            subject="Gesprek",
            source="Guardian",
            state="Requested",
            priority="Wanted",
            rank=1,
        )
        frappe.db.commit()
        party = booking.party_of(evening.name, school.student[student], who)
        start = _at(evening, number, minutes)
        found[key] = booking.book(offer, start, guardians=party, source="Staff", request=request)
        frappe.db.commit()
    return frappe._dict(found)


def _offer(evening, school, student, instructor) -> str:
    filters = {"evening": evening.name, "student": school.student[student]}
    names = frappe.get_all("Conversation Offer", filters, pluck="name")
    rows = {"parent": ("in", names), "instructor": school.instructor[instructor]}
    return frappe.get_all("Conversation Offer Instructor", rows, pluck="parent")[0]


def _at(evening, number: int, minutes: int) -> datetime:
    first = grid.at(evening.dates[number].date, "18:30:00")
    return first + timedelta(minutes=minutes)


def _day(evening, number: int) -> str:
    return str(frappe.utils.getdate(evening.dates[number].date))


def _ill(evening, school, **more) -> dict:
    return {"kind": "ill", "instructor": school.instructor["jan"], "dates": [_day(evening, 0)], **more}


def _proposed(evening, wish) -> tuple[str, dict]:
    run = solving.propose(evening.name, wish, now=True)
    state = solving.state(evening.name, run)
    assert state["state"] == "Ready", state
    return run, state["proposal"]


def _times() -> dict[str, tuple]:
    """{booking: (start, state, room)} of everything."""
    frappe.db.rollback()
    fields = ["name", "start", "state", "room"]
    return {
        row.name: (row.start, row.state, row.room) for row in frappe.get_all("Evening Booking", fields=fields)
    }


def _claimed(school, code: str, day: str) -> int:
    key = f"User:{school.user(code)}"
    return frappe.db.count(
        "Booking Claim", {"who": key, "tick": ("between", (f"{day} 00:00", f"{day} 23:59"))}
    )


def _letters() -> dict[str, email.message.EmailMessage]:
    found = {}
    for row in frappe.get_all("Email Queue", ["name", "message"]):
        (to,) = frappe.get_all("Email Queue Recipient", {"parent": row.name}, pluck="recipient")
        assert to not in found, f"{to} got two letters"
        found[to.removesuffix(f"@{DOMAIN}")] = email.message_from_string(row.message, policy=policy.default)
    return found


def _text(message) -> str:
    return message.get_body(preferencelist=("plain",)).get_content()


def test_ill_moves_and_tells_only_those_concerned_and_is_undone(evening, booked, school, outgoing_mail):
    before = _times()
    run, proposal = _proposed(evening, _ill(evening, school))
    assert {row["booking"] for row in proposal["rows"]} == {booked.a, booked.b}
    assert proposal["figures"]["time"] == 2 and proposal["proven"]
    assert "2 conversations cannot stay as they are. 2 get another time." in proposal["sentence"]
    assert _times() == before, "a proposal writes nothing"

    report = applying.confirm(evening.name, run=run)
    after = _times()
    assert {name for name in after if after[name] != before[name]} == {booked.a, booked.b}
    assert all(str(after[name][0].date()) == _day(evening, 1) for name in (booked.a, booked.b))
    assert _claimed(school, "jan", _day(evening, 0)) == 0 and claims.check() == []
    rows = {"evening": evening.name, "instructor": school.instructor["jan"]}
    assert [str(day) for day in frappe.get_all("Evening Instructor", rows, pluck="date")] == [
        _day(evening, 1)
    ]
    assert publishing.untold(evening.name) == [] and report.told == 5

    letters = _letters()
    assert set(letters) == {"anna.devries", "bram.devries", "carla.bakker", "dirk.bakker", "jan"}
    text = _text(letters["anna.devries"])
    new = after[booked.a][0]
    assert f"{new:%H:%M}" in text and "18:30" in text and "Gijs" not in text
    assert "cannot be there on" in text and " ill" not in text, "that somebody is ill is nobody's business"
    (calendar,) = letters["anna.devries"].iter_attachments()
    assert "SEQUENCE:1" in calendar.get_content() and "DTSTART;TZID" in calendar.get_content()
    assert telling.send(evening.name, run).sent == 0, "told once"
    people = asking.result(evening.name, run)["people"]
    assert [len(row["people"]) for row in people] == [2, 2, 1] and all(row["told"] for row in people)

    with pytest.raises(frappe.ValidationError, match="has been carried out already"):
        applying.confirm(evening.name, run=run)
    applying.undo(evening.name, run)
    assert {name: row[0] for name, row in _times().items()} == {name: row[0] for name, row in before.items()}
    assert frappe.db.count("Evening Instructor", rows) == 2 and claims.check() == []
    assert {row.name for row in publishing.untold(evening.name)} == {booked.a, booked.b}


def test_a_substitute_takes_over_and_what_is_cancelled_waits(evening, booked, school, outgoing_mail):
    jan, smi = school.instructor["jan"], school.instructor["smi"]
    hit = asking.hit(evening, _ill(evening, school))
    assert (hit["number"], hit["households"]) == (2, 2)
    assert jan not in {row["instructor"] for row in hit["substitutes"]}
    each = {booked.b: {"choice": "cancel"}}
    run, proposal = _proposed(evening, _ill(evening, school, choice="substitute", substitute=smi, each=each))
    rows = {row["booking"]: row for row in proposal["rows"]}
    assert rows[booked.a]["what"][0] == "instructor" and rows[booked.a]["after"]["instructors"] == [smi]
    assert rows[booked.a]["after"]["start"] == rows[booked.a]["before"]["start"]
    assert rows[booked.b]["after"] is None and rows[booked.b]["reason"] == "You chose to cancel it."
    applying.confirm(evening.name, run=run)
    frappe.db.rollback()
    (new,) = frappe.get_all("Evening Booking", {"replaces": booked.a}, ["name", "start", "state"])
    assert new.start == _at(evening, 0, 0) and new.state == "Published"
    request = frappe.db.get_value("Evening Booking", booked.b, "request")
    assert frappe.db.get_value("Conversation Request", request, "state") == "Not Placed"
    assert _claimed(school, "jan", _day(evening, 0)) == 0 and claims.check() == []
    letters = _letters()
    assert set(letters) == {"anna.devries", "bram.devries", "carla.bakker", "dirk.bakker", "jan", "els.smit"}
    assert "will contact you about what no longer" in _text(letters["carla.bakker"])
    assert "These no longer take place" in _text(letters["jan"]) and "New" in _text(letters["els.smit"])


def test_refused_when_something_changed_and_whole_or_nothing(evening, booked, school, monkeypatch):
    run, _proposal = _proposed(evening, _ill(evening, school))
    moves.move(booked.c, _at(evening, 0, 60))
    frappe.db.commit()
    before = _times()
    with pytest.raises(frappe.ValidationError, match="Something has changed since this was proposed"):
        applying.confirm(evening.name, run=run)
    assert _times() == before
    # Killed half-way: everything has been written, and nothing was committed.
    run, _proposal = _proposed(evening, _ill(evening, school))

    class Killed(BaseException):
        pass

    def killed(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "publish_within", killed)
        with pytest.raises(Killed):
            applying.confirm(evening.name, run=run)
    frappe.db.close()
    frappe.connect(frappe.local.site)
    assert _times() == before and claims.check() == []
    assert frappe.db.count("Evening Instructor", {"instructor": school.instructor["jan"]}) == 2
    applying.confirm(evening.name, run=run)
    assert _times() != before and not identity.is_confirmed()
    found = asking.result(evening.name, run)
    assert "has not been confirmed" in found["obstacle"] and not any(row["told"] for row in found["people"])
    assert frappe.db.count("Email Queue") == 0


def test_later_moves_only_what_lies_outside(evening, booked, school):
    wish = {"kind": "later", "instructor": school.instructor["jan"], "dates": [_day(evening, 0)]}
    run, proposal = _proposed(evening, {**wish, "present_from": "18:40"})
    assert [row["booking"] for row in proposal["rows"]] == [booked.a]
    applying.confirm(evening.name, run=run)
    assert _times()[booked.b][0] == _at(evening, 0, 10)
    assert _times()[booked.a][0] >= _at(evening, 0, 20)


def test_a_closed_room_and_a_date_that_moves(evening, booked, school):
    rows = {"evening": evening.name, "instructor": school.instructor["jan"]}
    for name in frappe.get_all("Evening Instructor", rows, pluck="name"):
        frappe.db.set_value("Evening Instructor", name, "room", school.room["jan"])
    filters = {"evening": evening.name, "instructor": school.instructor["dek"]}
    for name in frappe.get_all("Evening Instructor", filters, pluck="name"):
        frappe.db.set_value("Evening Instructor", name, "room", school.room["dek"])
    for key in ("a", "b", "e"):
        frappe.db.set_value("Evening Booking", booked[key], "room", school.room["jan"])
    claims.rewrite_claims_of("Room", school.room["jan"])
    insert(
        "Evening Block",
        evening=evening.name,
        who_type="Everyone",
        from_time=_at(evening, 0, 60),
        to_time=_at(evening, 0, 70),
    )
    frappe.db.commit()
    wish = {"kind": "room_closed", "room": school.room["jan"], "dates": [_day(evening, 0)], "choice": "room"}
    with pytest.raises(frappe.ValidationError, match="sits in room"):
        _proposed_or_refused(evening, {**wish, "to_room": school.room["dek"]})
    run, proposal = _proposed(evening, {**wish, "to_room": school.room["wol"]})
    assert {row["booking"] for row in proposal["rows"]} == {booked.a, booked.b}
    applying.confirm(evening.name, run=run)
    after = _times()
    assert after[booked.a] == (_at(evening, 0, 0), "Published", school.room["wol"])
    assert after[booked.e][2] == school.room["jan"]

    # The first date becomes the last one, half an hour later: everybody keeps their place in the order.
    new = str(frappe.utils.add_days(_day(evening, 1), 3))
    moved = {"kind": "date_moved", "dates": [_day(evening, 0)], "new_date": new, "first_time": "19:00"}
    run, proposal = _proposed(evening, moved)
    assert proposal["figures"]["time"] == 4 and proposal["figures"].get("others", 0) == 0
    applying.confirm(evening.name, run=run)
    after = _times()
    starts = [f"{after[booked[key]][0]:%Y-%m-%d %H:%M}" for key in "abcde"]
    late = f"{_day(evening, 1)} 18:30"
    assert starts == [f"{new} 19:00", f"{new} 19:10", f"{new} 19:10", f"{new} 19:00", late]
    doc = frappe.get_doc("Parent Evening", evening.name)
    assert [str(row.date) for row in doc.dates] == [_day(evening, 1), new]
    doc.save()
    (block,) = frappe.get_all("Evening Block", pluck="from_time")
    assert f"{block:%Y-%m-%d %H:%M}" == f"{new} 20:00"
    assert claims.check() == []
    applying.undo(evening.name, run)
    assert {name: row[0] for name, row in _times().items()}[booked.a] == _at(evening, 0, 0)
    frappe.get_doc("Parent Evening", evening.name).save()


def _proposed_or_refused(evening, wish) -> None:
    run = solving.propose(evening.name, wish, now=True)
    frappe.throw(solving.state(evening.name, run)["message"])


def test_only_staff_and_only_what_can_be(evening, booked, school, run):
    wish = _ill(evening, school)
    name, _proposal = _proposed(evening, wish)
    other = make_evening(school)
    calls = (
        lambda: api.begin(evening.name),
        lambda: api.hit(evening.name, wish),
        lambda: api.propose(evening.name, wish),
        lambda: api.state(evening.name, name),
        lambda: api.cancel(evening.name, name),
        lambda: api.confirm(evening.name, name),
        lambda: api.result(evening.name, name),
        lambda: api.tell(evening.name, name),
        lambda: api.undo(evening.name, name),
    )
    for who in ("anna.devries", "jan", None):
        refused_unless_staff(school, who, *calls)
    with as_user(PLANNER):
        assert api.state(evening.name, name)["proposal"]["rows"]
        for call in (api.state, api.cancel, api.result, api.tell, api.undo):
            with pytest.raises(frappe.DoesNotExistError, match="not one of this evening"):
                call(other.name, name)
    with pytest.raises(frappe.DoesNotExistError, match="not one of this evening"):
        applying.confirm(other.name, run=name)
    refused = {
        "Choose what happened": {"kind": "fire"},
        "The evening is not on": {**wish, "dates": ["2020-01-01"]},
        "Choose the instructor": {**wish, "instructor": "NOBODY"},
        "does not take part": {**wish, "instructor": school.instructor["tea"]},
        "must be somebody else": {**wish, "choice": "substitute", "substitute": school.instructor["jan"]},
        "Choose what is to be done": {**wish, "choice": "room"},
        "could not be read": {**wish, "extra": 1},
        "from when or until when": {**wish, "kind": "later"},
        "Nobody sits in this room": {"kind": "room_closed", "room": school.room["aula"]},
        "another date, or other times": {"kind": "date_moved", "dates": [_day(evening, 0)]},
    }
    for sentence, values in refused.items():
        with pytest.raises(frappe.ValidationError, match=sentence):
            api.hit(evening.name, values)
    before = _times()
    done = run("planning", "ill", "jan", "--date", _day(evening, 0), "--evening", evening.name, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "2 get another time" in done.stdout and _times() == before
