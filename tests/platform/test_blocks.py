"""Blocks: who makes them over what, what becomes of the conversations in them, and nobody else's."""

from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening import blocks, booking, claims, spans, told
from ouderavond.evening.offering import by_course
from ouderavond.evening.own_times import Time
from ouderavond.evening.planning import blocking, breaks, changes, moves, own_blocks
from tests.platform import processes
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


def offer_of(evening, school, student: str, instructor: str) -> str:
    """What is offered about a student with an instructor."""
    offer = frappe.qb.DocType("Conversation Offer")
    sits = frappe.qb.DocType("Conversation Offer Instructor")
    return (
        frappe.qb.from_(offer)
        .join(sits)
        .on(sits.parent == offer.name)
        .select(offer.name)
        .where((offer.evening == evening.name) & (offer.student == school.student[student]))
        .where(sits.instructor == school.instructor[instructor])
    ).run(pluck=True)[0]


def book(evening, school, student: str, instructor: str, start: datetime, state: str = "Planned") -> str:
    """A conversation about a student with an instructor, and the guardian who comes first."""
    offer = offer_of(evening, school, student, instructor)
    party = booking.party_of(evening.name, school.student[student], None)
    made = booking.book(offer, start, guardians=party, source="Staff")
    frappe.db.set_value("Evening Booking", made, "state", state)
    if state == "Published":
        doc = frappe.get_doc("Evening Booking", made)
        told.tell(doc)
        frappe.db.set_value("Evening Booking", made, {key: doc.get(key) for key in told.FIELDS.values()})
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


# Staff, for many at once


def wanted(
    evening, *who, start="19:00", end="19:20", kind="Instructor", reason=None
) -> list[blocking.Wanted]:
    return blocking.wanted(evening, kind, who, at(evening, start), at(evening, end), reason)


def where(name: str) -> tuple:
    frappe.db.rollback()
    row = frappe.db.get_value("Evening Booking", name, ["state", "start", "untold", "published_start"])
    return (row[0], f"{row[1]:%H:%M}", row[2], row[3] and f"{row[3]:%H:%M}")


def test_many_are_blocked_at_once_changed_and_undone(evening, school):
    who = [school.instructor[code] for code in ("jan", "smi", "dek")]
    report = blocking.block(evening.name, wanted(evening, *who, reason="Vergadering"))
    frappe.db.commit()
    assert report.figures == {"blocked": 3} and {row[0] for row in saved()} == set(who)
    name = frappe.db.get_value("Evening Block", {"who": who[0]})
    blocking.change(evening.name, name, end=at(evening, "19:40"))
    frappe.db.commit()
    assert saved(who=who[0]) == [(who[0], "Staff", time(evening, "19:00", "19:40"))]
    removed = blocking.remove(evening.name, frappe.get_all("Evening Block", pluck="name"))
    frappe.db.commit()
    assert not saved() and not frappe.db.count("Booking Claim") and claims.check() == []
    changes.undo(evening.name, removed.change)
    frappe.db.commit()
    assert len(saved()) == 3 and claims.check() == []
    for kind, names, sentence in (
        ("Instructor", ["niemand"], "does not exist"),
        ("Instructor", [], "Choose who"),
        ("Student", [school.student["s01"]], "Choose who"),
    ):
        with pytest.raises(frappe.ValidationError, match=sentence):
            wanted(evening, *names, kind=kind)
    with pytest.raises(frappe.ValidationError, match="must lie on a date"):
        blocking.wanted(evening, "Everyone", [], "2020-01-01T19:00", "2020-01-01T19:10")


def test_a_conversation_is_named_then_moved_or_not_placed_or_left_alone(evening, school):
    who = [school.instructor["jan"], school.instructor["dek"]]
    first = book(evening, school, "s01", "jan", at(evening, "19:00"), "Published")
    other = book(evening, school, "s04", "jan", at(evening, "19:10"))
    wants = wanted(evening, *who)
    with pytest.raises(frappe.ValidationError, match=r"Conversations lie in this time.*Daan de Vries"):
        blocking.block(evening.name, wants)
    assert not saved() and where(first)[1] == "19:00"
    seen = blocking.preview(evening, wants)
    assert [row.booking for row in seen.conversations] == [first, other]
    found = {row.booking: row.to for row in seen.conversations}
    assert len(set(found.values())) == 2 and all(found.values())
    report = blocking.block(evening.name, wants, over="move", moves=found)
    frappe.db.commit()
    assert report.figures == {"moved": 2, "blocked": 2}
    # Who was told of it still knows the time of then.
    assert where(first)[2:] == (1, "19:00") and where(other)[2:] == (0, None)
    assert {where(first)[1], where(other)[1]}.isdisjoint({"19:00", "19:10"})
    assert claims.check() == []
    changes.undo(evening.name, report.change)
    frappe.db.commit()
    assert (where(first)[1:3], where(other)[1:3], saved()) == (("19:00", 0), ("19:10", 0), [])
    blocking.block(evening.name, wants, over="skip")
    frappe.db.commit()
    assert [row[0] for row in saved()] == [who[1]] and where(first)[1] == "19:00"
    blocking.block(evening.name, wanted(evening, who[0]), over="cancel")
    frappe.db.commit()
    assert where(first)[0] == where(other)[0] == "Cancelled"
    assert len(saved()) == 2 and claims.check() == []


@pytest.mark.parametrize("kind", ["Room", "Shared Room", "Student Group", "Everyone"])
def test_rooms_classes_and_everyone_meet_their_conversations(evening, school, kind):
    place = {"room": school.room["jan"], "shared_room": int(kind == "Shared Room")}
    frappe.db.set_value("Evening Instructor", {"instructor": school.instructor["jan"]}, place)
    kind = kind.removeprefix("Shared ")
    frappe.db.commit()
    name = book(evening, school, "s01", "jan", at(evening, "19:00"))
    who = {"Room": school.room["jan"], "Student Group": school.group["bk1a"], "Everyone": None}[kind]
    wants = wanted(evening, who, kind=kind)
    seen = blocking.preview(evening, wants)
    assert [row.booking for row in seen.conversations] == [name]
    found = {row.booking: row.to for row in seen.conversations}
    blocking.block(evening.name, wants, over="move", moves=found)
    frappe.db.commit()
    assert where(name)[1] not in ("19:00", "19:10") and len(saved()) == 1 and claims.check() == []
    with pytest.raises(frappe.ValidationError, match="blocked|not free"):
        moves.move(name, at(evening, "19:00"))


def test_fixed_breaks_are_made_staggered_replaced_and_removed_as_a_whole(evening, school):
    name = book(evening, school, "s01", "jan", at(evening, "19:00"))
    jan, smi = school.instructor["jan"], school.instructor["smi"]
    blocks.block(evening.name, "Instructor", smi, *time(evening, "20:00", "20:10"), reason="Eigen")
    frappe.db.commit()
    # 18:30, 18:40, 18:50 and then a break at 19:00: over the conversation.
    with pytest.raises(frappe.ValidationError, match="Daan de Vries"):
        breaks.make(evening.name, 3, instructors=[jan])
    seen = blocking.preview(evening, breaks.wanted(evening, 3, instructors=[jan]))
    found = {row.booking: row.to for row in seen.conversations}
    breaks.make(evening.name, 3, instructors=[jan], over="move", moves=found)
    frappe.db.commit()
    starts = [row[2].start for row in saved(is_break=1)]
    day = [f"{start:%H:%M}" for start in starts if start.date() == at(evening, "00:00").date()]
    assert day[:3] == ["19:00", "19:40", "20:20"]
    assert where(name)[1] not in day
    breaks.make(evening.name, 4, staggered=True, over="skip")
    frappe.db.commit()
    firsts = {}
    for who, _source, span in saved(is_break=1):
        firsts.setdefault((who, span.start.date()), span.start.time())
    assert len(set(firsts.values())) > 1 and claims.check() == []
    removed = breaks.remove(evening.name)
    frappe.db.commit()
    assert [row[0] for row in saved()] == [smi]
    changes.undo(evening.name, removed.change)
    frappe.db.commit()
    assert len(saved(is_break=1)) == removed.figures["unblocked"] and claims.check() == []


def test_what_is_only_held_gives_way(evening, school):
    jan = school.instructor["jan"]
    span = spans.Span((("Instructor", jan),), *time(evening, "19:00", "19:10"), "Hold", "hold:x:y:z:o",
                      frappe.utils.now_datetime() + timedelta(minutes=5))  # fmt: skip
    claims.transaction(evening.name, [], lambda: claims.replace(evening.name, [], [span]))
    frappe.db.commit()
    blocking.block(evening.name, wanted(evening, jan))
    frappe.db.commit()
    assert set(frappe.get_all("Booking Claim", pluck="kind")) == {"Block"} and claims.check() == []


def test_only_staff_and_only_their_own_blocks_are_changed(evening, school, web):
    jan = school.instructor["jan"]
    own_blocks.save(evening.name, [jan], [time(evening, "18:30", "19:00")])
    frappe.db.commit()
    name = frappe.db.get_value("Evening Block", {"who": jan})
    with pytest.raises(frappe.ValidationError, match="blocked this time themselves"):
        blocking.change(evening.name, name, end=at(evening, "19:30"))
    values = {"evening": evening.name, "who_type": "Instructor", "who": [jan], "blocks": [name], "after": 3}
    values |= {"from_time": str(at(evening, "20:00")), "to_time": str(at(evening, "20:10"))}
    values |= {"kind": "Everyone", "date": str(evening.dates[0].date), "block": name}
    session = web.session(school.user("jan"))
    session.open_portal()
    for call in ("read", "preview", "block", "change", "remove", "make_breaks", "remove_breaks"):
        answer = session.post(f"/api/method/ouderavond.api.planning.blocks.{call}", json=values)
        assert answer.status_code == 403, call
    assert saved() == [(jan, "Instructor", time(evening, "18:30", "19:00"))]


def test_a_block_and_a_booking_at_once_never_both_have_the_time(evening, school, bench_site):
    """Real processes: some block, the others book the same minutes."""
    jan, moment = school.instructor["jan"], str(at(evening, "19:00"))
    offers = [offer_of(evening, school, student, "jan") for student in ("s01", "s04")]
    work = [(evening.name, jan, moment, offer) for offer in (None, *offers)]
    answers = processes.at_once(bench_site, _block_or_book, work)
    assert set(answers) & {"blocked", "booked"}
    made = saved(who=jan)
    booked = frappe.get_all("Evening Booking", {"state": ("!=", "Cancelled")}, pluck="name")
    assert (len(made) > 0) != (len(booked) > 0) and len(booked) <= 1
    assert claims.check() == []


def _block_or_book(evening: str, instructor: str, moment: str, offer: str | None) -> str:
    start = frappe.utils.get_datetime(moment)
    if offer:
        student = frappe.db.get_value("Conversation Offer", offer, "student")
        party = booking.party_of(evening, student, None)
        booking.book(offer, start, guardians=party, source="Guardian")
    else:
        doc = frappe.get_doc("Parent Evening", evening)
        end = start + timedelta(minutes=20)
        blocking.block(evening, blocking.wanted(doc, "Instructor", [instructor], start, end))
    frappe.db.commit()
    return "booked" if offer else "blocked"
