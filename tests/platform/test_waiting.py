"""The waiting list: who may wait, who is offered what comes free, and until when."""

from datetime import timedelta

import frappe
import pytest

from ouderavond.evening import blocks, claims, publishing, waiting
from ouderavond.evening.planning import moves
from ouderavond.evening.reserving.table import Table
from ouderavond.evening.waiting import answering, asking, entries, serving
from tests.platform.processes import at_once
from tests.platform.rights import insert
from tests.platform.school import mark_separated
from tests.platform.waiting import FullEvening, entry_of, held, let_expire

KEY = "a-key-of-the-page-0001"


@pytest.fixture
def evening(site, school):
    return FullEvening(school)


def offered_to(name):
    row = entry_of(name)
    return row.offered_start if row.state == "Offered" else None


# Getting in line


def test_only_a_full_conversation_that_can_be_booked_is_waited_for(evening, school):
    with pytest.raises(frappe.ValidationError, match="still free times with Willem Dekker"):
        evening.watch("anna.devries", "s02", instructor="dek")
    with pytest.raises(frappe.ValidationError, match="already have a conversation with Joke Jansma"):
        evening.watch("karin.deboer", "s15")
    with pytest.raises(frappe.PermissionError, match="not one that you can book"):
        evening.watch("anna.devries", "s04")
    for times, sentence in {
        ("19:30", None): "begins at 19:30 or later",
        (None, "18:35"): "over by 18:35",
        ("18:45", "18:50"): "lies between 18:45 and 18:50",
        ("half past", None): "times such as",
    }.items():
        with pytest.raises(frappe.ValidationError, match=sentence):
            evening.watch("anna.devries", "s01", *times)
    evening.change(maximum_per_student=1)
    evening.book("s01", "anna.devries", evening.starts[0], "wol")
    with pytest.raises(frappe.ValidationError, match="as many conversations as this evening allows"):
        evening.watch("anna.devries", "s01")
    evening.change(maximum_per_student=0, booking_until=frappe.utils.now_datetime() - timedelta(hours=1))
    with pytest.raises(frappe.ValidationError, match="You could book until"):
        evening.watch("anna.devries", "s01")
    assert frappe.db.count(entries.DOCTYPE) == 0


def test_who_waits_already_keeps_the_place_and_changes_the_times(evening):
    first = evening.watch("anna.devries", "s01")
    other = evening.watch("carla.bakker", "s04")
    assert evening.watch("bram.devries", "s01", "18:40", None) == first
    assert entry_of(first).earliest == timedelta(hours=18, minutes=40)
    row = waiting.rows(evening.doc, evening.asker("carla.bakker"))[0]
    assert (row["entry"], row["ahead"], row["sentence"]) == (other, 1, "1 other is ahead of you.")
    row = waiting.rows(evening.doc, evening.asker("bram.devries"))[0]
    assert row["sentence"] == "You are first in line. Only from 18:40."
    assert (row["from"], row["until"], row["instructors"]) == ("18:40", None, ["Joke Jansma"])


# A place comes free


def test_the_first_in_line_is_offered_what_comes_free_and_nobody_else_gets_it(evening, school):
    first, second = evening.watch("anna.devries", "s01"), evening.watch("carla.bakker", "s04")
    assert serving.serve(evening.name) == 0
    start = evening.free(1)
    assert serving.serve(evening.name) == 1
    assert serving.serve(evening.name) == 0
    assert (offered_to(first), offered_to(second)) == (start, None)
    minutes = [start + timedelta(minutes=minute) for minute in range(10)]
    keys = {f"User:{school.user(who)}" for who in ("anna.devries", "bram.devries", "jan")}
    assert {who: ticks for who, ticks in held(first).items() if who.startswith("User")} == dict.fromkeys(
        keys, minutes
    )
    claimed_until = frappe.get_all("Booking Claim", {"reference": first}, pluck="expires")
    assert min(claimed_until) > entry_of(first).expires + timedelta(minutes=6)
    with pytest.raises(claims.TakenError):
        evening.book("s04", "carla.bakker", start)
    table = Table(evening.doc, evening.asker("carla.bakker"))
    assert table.cells(table.by_offer[evening.offer("s04")], 1) == {str(evening.date): "ooo"}
    own = evening.asker("anna.devries")
    table = Table(evening.doc, own, own_holds=waiting.holds(evening.doc, own))
    assert table.cells(table.by_offer[evening.offer("s01")], 1) == {str(evening.date): "oho"}
    evening.free(0)
    assert serving.serve(evening.name) == 1
    assert offered_to(second) == evening.starts[0]
    assert claims.check() == []


def test_who_cannot_come_then_is_passed_by_without_losing_their_place(evening, school):
    """Each of those ahead has another reason; the last in line can come."""
    start = evening.starts[0]
    late = evening.watch("anna.devries", "s01", "18:40")
    early = evening.watch("linda.vandijk", "s09", None, "18:50")
    block = blocks.block(
        evening.name, "Guardian", school.guardian["linda.vandijk"], start, start + timedelta(minutes=5)
    )
    frappe.db.commit()
    busy = evening.watch("nicole.jacobs", "s30")
    evening.book("s30", "nicole.jacobs", start, "wol")
    apart = evening.watch("carla.bakker", "s04")
    insert(
        "Guardians Not To Meet",
        guardian=school.guardian["carla.bakker"],
        other_guardian=school.guardian["samira.elamrani"],
        minutes=30,
    )
    frappe.db.commit()
    evening.free(0)
    assert serving.serve(evening.name) == 0
    assert {entry_of(name).state for name in (late, early, busy, apart)} == {"Waiting"}
    assert frappe.db.count("Booking Claim", {"kind": "Hold"}) == 0
    blocks.unblock(block)
    frappe.db.commit()
    serving.serve(evening.name)
    assert [offered_to(name) for name in (late, early, busy, apart)] == [None, start, None, None]


def test_maximum_and_forbidden_dates_and_breaks_hold_for_who_waits(evening, school):
    entry = evening.watch("anna.devries", "s01")
    evening.free(1)
    evening.change(break_after=2)
    assert serving.serve(evening.name) == 0
    evening.change(break_after=0, maximum_per_household=1)
    other = evening.book("s02", "anna.devries", evening.starts[0], "dek")
    assert serving.serve(evening.name) == 0
    moves.cancel([other])
    publishing.publish(evening.name)
    row = frappe.get_doc("Conversation Offer", evening.offer("s01"))
    row.append("forbidden_dates", {"date": evening.date})
    row.save()
    frappe.db.commit()
    assert serving.serve(evening.name) == 0
    frappe.db.delete("Conversation Offer Date", {"parent": row.name})
    frappe.db.commit()
    assert serving.serve(evening.name) == 1
    assert offered_to(entry) == evening.starts[1]


def test_two_offers_at_once_stay_within_the_maximum(evening, school):
    """Anna's household may have one conversation: with one place offered, the next waits."""
    for student, guardian, start in (
        ("s13", "petra.meijer", evening.starts[0]),
        ("s19", "kees.dekkers", evening.starts[1]),
        ("s07", "rosa.mulder", evening.starts[2]),
    ):
        last = evening.book(student, guardian, start, "dek")
    evening.change(maximum_per_household=1)
    first = evening.watch("anna.devries", "s01")
    second = evening.watch("anna.devries", "s02", instructor="dek")
    evening.free(0)
    moves.cancel([last])
    frappe.db.commit()
    assert serving.serve(evening.name) == 1
    assert (offered_to(first), offered_to(second)) == (evening.starts[0], None)
    asking.leave(first, evening.asker("bram.devries"))
    frappe.db.commit()
    serving.serve(evening.name)
    assert offered_to(second) == evening.starts[2]


# Answering


def test_accepting_books_the_place_once_whoever_of_the_household_does_it(evening, school):
    entry = evening.watch("anna.devries", "s01")
    start = evening.free(1)
    serving.serve(evening.name)
    bram = evening.asker("bram.devries")
    answer = answering.accept(entry, bram, KEY)
    frappe.db.commit()
    again = answering.accept(entry, bram, KEY)
    assert answer["status"] == "reserved" and again == answer
    with pytest.raises(frappe.ValidationError, match="booked already"):
        answering.accept(entry, bram, "another-key-of-the-page")
    assert entry_of(entry).state == "Booked"
    made = frappe.get_doc("Evening Booking", answer["booked"][0])
    assert (made.start, made.source, len(made.guardians)) == (start, "Guardian", 2)
    assert held(entry) == {}
    assert claims.check() == []
    assert waiting.rows(evening.doc, bram) == []


def test_what_is_declined_or_expires_goes_to_the_next_in_one_step(evening):
    names = [
        evening.watch(guardian, student)
        for guardian, student in (("anna.devries", "s01"), ("carla.bakker", "s04"), ("linda.vandijk", "s09"))
    ]
    start = evening.free(0)
    serving.serve(evening.name)
    let_expire(names[0])
    with pytest.raises(frappe.ValidationError, match="not held for you any more"):
        answering.accept(names[0], evening.asker("anna.devries"), KEY)
    assert waiting.rows(evening.doc, evening.asker("anna.devries")) == []
    # The claim outlives the offer, so that nobody takes it before the next in line.
    assert held(names[0])
    serving.serve(evening.name)
    assert [entry_of(name).state for name in names] == ["Passed", "Offered", "Waiting"]
    assert held(names[0]) == {} and offered_to(names[1]) == start
    answering.decline(names[1], evening.asker("carla.bakker"))
    answering.decline(names[1], evening.asker("carla.bakker"))
    frappe.db.commit()
    serving.serve(evening.name)
    assert [entry_of(name).state for name in names] == ["Passed", "Passed", "Offered"]
    again = evening.watch("anna.devries", "s01")
    assert again != names[0]
    asking.leave(names[2], evening.asker("erik.vandijk"))
    frappe.db.commit()
    serving.serve(evening.name)
    assert offered_to(again) == start
    assert entry_of(names[2]).state == "Left"


def test_a_place_that_is_lost_again_does_not_cost_the_place_in_line(evening, school):
    first, second = evening.watch("anna.devries", "s01"), evening.watch("carla.bakker", "s04")
    start = evening.free(0)
    serving.serve(evening.name)
    block = blocks.block(evening.name, "Everyone", None, start, start + timedelta(minutes=10))
    frappe.db.commit()
    answer = answering.accept(first, evening.asker("anna.devries"), KEY)
    assert answer["status"] == "refused"
    frappe.db.commit()
    serving.serve(evening.name)
    assert {entry_of(name).state for name in (first, second)} == {"Waiting"}
    with pytest.raises(frappe.ValidationError, match="still in line"):
        answering.accept(first, evening.asker("anna.devries"), KEY)
    blocks.unblock(block)
    frappe.db.commit()
    serving.serve(evening.name)
    assert offered_to(first) == start


def test_who_books_another_time_and_what_is_not_offered_any_more_leaves_the_line(evening, school):
    booked, gone = evening.watch("anna.devries", "s01"), evening.watch("carla.bakker", "s04")
    evening.free(0)
    evening.book("s01", "anna.devries", evening.starts[0])
    frappe.db.set_value("Conversation Offer", evening.offer("s04"), "offered", 0)
    frappe.db.commit()
    serving.serve(evening.name)
    assert (entry_of(booked).state, entry_of(gone).state) == ("Booked", "Left")


@pytest.mark.parametrize(
    "values",
    [
        {"published": 0},
        {"booking_until": "2020-01-01 12:00:00", "booking_from": "2020-01-01 11:00:00"},
        {"contact_with": "Students"},
        {"archived": 1},
    ],
)
def test_nothing_is_offered_while_booking_is_not_open(evening, values):
    entry = evening.watch("anna.devries", "s01")
    evening.free(0)
    frappe.db.set_value("Parent Evening", evening.name, values)
    frappe.db.commit()
    frappe.clear_document_cache("Parent Evening", evening.name)
    serving.serve_all()
    assert entry_of(entry).state == ("Left" if values.get("archived") else "Waiting")
    assert frappe.db.count("Booking Claim", {"kind": "Hold"}) == 0


def test_an_offer_ends_with_the_booking_window_and_entries_end_with_the_evening(evening, monkeypatch):
    entry = evening.watch("anna.devries", "s01")
    soon = frappe.utils.now_datetime().replace(microsecond=0) + timedelta(minutes=3)
    evening.change(booking_until=soon)
    evening.free(0)
    serving.serve(evening.name)
    assert entry_of(entry).expires == soon
    day = evening.date - timedelta(days=30)
    frappe.db.set_value("Parent Evening Date", {"parent": evening.name}, "date", day)
    frappe.db.commit()
    serving.serve_all()
    assert entry_of(entry).state == "Left" and held(entry) == {}


def test_a_longer_conversation_waits_for_two_places_next_to_each_other(evening):
    frappe.db.set_value("Conversation Offer", evening.offer("s01"), "slots", 2)
    frappe.db.commit()
    two, one = evening.watch("anna.devries", "s01"), evening.watch("carla.bakker", "s04")
    evening.free(0)
    serving.serve(evening.name)
    assert (offered_to(two), offered_to(one)) == (None, evening.starts[0])
    evening.free(1), evening.free(2)
    serving.serve(evening.name)
    assert offered_to(two) == evening.starts[1]
    assert len(held(two)[f"User:{evening.school.user('jan')}"]) == 20


# Everybody their own


def test_separated_guardians_are_in_line_each_for_themselves(evening, school):
    mark_separated(school, "s04", "carla.bakker", "dirk.bakker")
    carla, dirk = evening.watch("carla.bakker", "s04"), evening.watch("dirk.bakker", "s04")
    assert carla != dirk
    for who, entry in (("carla.bakker", carla), ("dirk.bakker", dirk)):
        assert [row["entry"] for row in waiting.rows(evening.doc, evening.asker(who))] == [entry]
    for act in (asking.leave, answering.decline, lambda *a: answering.accept(*a, KEY)):
        with pytest.raises(frappe.PermissionError, match="not one of yours"):
            act(carla, evening.asker("dirk.bakker"))
    start = evening.free(0)
    serving.serve(evening.name)
    assert (offered_to(carla), offered_to(dirk)) == (start, None)
    assert {who for who in held(carla) if "bakker" in who} == {f"User:{school.user('carla.bakker')}"}
    assert waiting.for_start(evening.asker("dirk.bakker"), [evening.doc]) == []
    answering.accept(carla, evening.asker("carla.bakker"), KEY)
    frappe.db.commit()
    evening.free(1)
    serving.serve(evening.name)
    assert offered_to(dirk) == evening.starts[1]


def test_a_student_waits_for_themselves(evening, school):
    evening.change(contact_with="Guardians and Students")
    entry = evening.watch("s01", "s01")
    parents = evening.watch("anna.devries", "s01")
    assert waiting.rows(evening.doc, evening.asker("anna.devries"))[0]["entry"] == parents
    evening.free(0)
    serving.serve(evening.name)
    assert f"User:{school.user('s01')}" in held(entry)
    shown = waiting.for_start(evening.asker("s01"), [evening.name])
    assert [(row["entry"], row["role"]) for row in shown] == [(entry, "student")]
    assert answering.accept(entry, evening.asker("s01"), KEY)["status"] == "reserved"
    frappe.db.commit()
    evening.free(1)
    serving.serve(evening.name)
    # One conversation of guardians or student: the other is told so, and is offered nothing.
    assert entry_of(parents).state == "Waiting"


# Going and being renamed


def test_nobody_who_waits_is_kept_from_leaving(evening, school, restored_afterwards):
    student = school.student["s30"]
    names = [evening.watch("anna.devries", "s01"), evening.watch("nicole.jacobs", "s30")]
    evening.free(0)
    serving.serve(evening.name)
    frappe.rename_doc("Instructor", school.instructor["jan"], "EDU-INS-JANSMA", force=True)
    frappe.rename_doc("Guardian", school.guardian["anna.devries"], "EDU-GRD-ANNA", force=True)
    frappe.db.commit()
    row = entry_of(names[0])
    assert (row.instructors_key, row.guardian, row.state) == ("EDU-INS-JANSMA", "EDU-GRD-ANNA", "Offered")
    evening.free(1)
    serving.serve(evening.name)
    assert entry_of(names[1]).state == "Offered"
    for doctype in ("Program Enrollment", "Course Enrollment"):
        for name in frappe.get_all(doctype, {"student": student}, pluck="name"):
            frappe.db.delete(doctype, {"name": name})
    frappe.db.delete("Student Group Student", {"student": student})
    frappe.delete_doc("Student", student, ignore_permissions=True)
    frappe.db.commit()
    assert entry_of(names[1]) is None and held(names[1]) == {}
    frappe.db.delete("Student Guardian", {"guardian": "EDU-GRD-ANNA"})
    frappe.delete_doc("Guardian", "EDU-GRD-ANNA", ignore_permissions=True)
    frappe.db.commit()
    assert entry_of(names[0]) is None and held(names[0]) == {}


def test_an_evening_takes_its_waiting_list_with_it(evening):
    evening.watch("anna.devries", "s01")
    for number in range(3):
        evening.free(number)
    assert serving.serve(evening.name) == 1
    frappe.delete_doc("Parent Evening", evening.name)
    assert frappe.db.count(entries.DOCTYPE) == frappe.db.count("Booking Claim") == 0


# Waking


def test_a_change_wakes_the_waiting_list_once_and_only_if_somebody_waits(evening, monkeypatch):
    asked = []
    monkeypatch.setattr(frappe, "enqueue", lambda method, **options: asked.append(options["evening"]))
    serving.serve(evening.name)
    evening.free(0)
    assert asked == []
    evening.book("s15", "karin.deboer", evening.starts[0])
    evening.watch("anna.devries", "s01")
    evening.free(1)
    assert asked == [evening.name]
    serving.serve(evening.name)
    assert asked == [evening.name]
    evening.free(2)
    assert asked == [evening.name] * 2


def test_a_queue_that_cannot_be_reached_does_not_undo_a_cancellation(evening, monkeypatch):
    evening.watch("anna.devries", "s01")
    serving.serve(evening.name)
    monkeypatch.setattr(frappe, "enqueue", lambda *a, **k: 1 / 0)
    evening.free(0)
    assert frappe.db.get_value("Evening Booking", evening.booked[0], "state") == "Cancelled"


# Several at once


def cancel_one(name):
    import frappe

    moves.cancel([name])
    frappe.db.commit()


def serve_often(evening):
    from ouderavond.evening.waiting import serving

    return sum(serving.serve(evening) for _time in range(6))


def test_many_serving_at_once_give_one_place_to_one_and_one_to_each(evening, bench_site):
    people = (
        ("anna.devries", "s01"),
        ("carla.bakker", "s04"),
        ("linda.vandijk", "s09"),
        ("nicole.jacobs", "s30"),
    )
    names = [evening.watch(guardian, student) for guardian, student in people]
    work = [(cancel_one, (name,)) for name in evening.booked[:2]] + [(serve_often, (evening.name,))] * 2
    results = at_once(bench_site, run_one, work)
    assert not [result for result in results if isinstance(result, str)], results
    frappe.db.rollback()
    served = sum(result or 0 for result in results) + serving.serve(evening.name)
    assert served == 2
    rows = [entry_of(name) for name in names]
    assert [row.state for row in rows] == ["Offered", "Offered", "Waiting", "Waiting"]
    assert {row.offered_start for row in rows[:2]} == set(evening.starts[:2])
    assert all(len(ticks) == 10 for name in names[:2] for ticks in held(name).values())


def run_one(work, arguments):
    return work(*arguments)


def test_an_offer_of_a_column_with_two_subjects_survives_the_loss_of_one(evening, school):
    """Two subjects with the same instructor are one column; who waits, waits for the instructor."""
    twin = insert(
        "Conversation Offer",
        evening=evening.name,
        student=school.student["s01"],
        student_name="Daan de Vries",
        subject="Aardrijkskunde",
        instructors_key=school.instructor["jan"],
        instructors=[{"instructor": school.instructor["jan"], "instructor_name": "Joke Jansma"}],
    )
    frappe.db.commit()
    entry = evening.watch("anna.devries", "s01")
    assert entry_of(entry).subject == "Aardrijkskunde, Nederlands"
    frappe.delete_doc("Conversation Offer", twin, ignore_permissions=True)
    frappe.db.commit()
    start = evening.free(0)
    serving.serve(evening.name)
    assert offered_to(entry) == start
    assert answering.accept(entry, evening.asker("anna.devries"), KEY)["status"] == "reserved"
