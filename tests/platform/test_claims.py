"""Rule 1: no person and no unshared room is in two conversations at once; the database refuses it."""

import random
from datetime import timedelta

import frappe
import pymysql
import pytest

from ouderavond.evening import blocks, booking, claims, grid
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import moves
from tests.platform.processes import at_once
from tests.platform.school import make_evening

MINUTE = timedelta(minutes=1)


@pytest.fixture
def evening(site, school):
    doc = make_evening(school, maximum_per_student=0)
    by_course.offer(doc.name)
    return doc


@pytest.fixture
def starts(evening):
    return grid.slots(evening)[0].starts


def offer_of(evening, student, **filters):
    return frappe.get_all(
        "Conversation Offer",
        {"evening": evening.name, "student": student, **filters},
        pluck="name",
        order_by="subject",
    )[0]


def book(evening, school, student, guardian, start, source="Staff", **options):
    """Book the first offer of a student for a guardian's party, and commit."""
    offer = options.pop("offer", None) or offer_of(evening, school.student[student])
    party = booking.party_of(evening.name, school.student[student], school.guardian[guardian])
    name = booking.book(offer, start, guardians=party, source=source, **options)
    frappe.db.commit()
    return name


def same_instructor(evening, school, one, other):
    """Two offers, of two students, with the same instructor."""
    rows = frappe.db.sql(
        """select a.name, b.name from `tabConversation Offer` a
        join `tabConversation Offer` b on a.instructors_key = b.instructors_key and a.evening = b.evening
        where a.evening = %s and a.student = %s and b.student = %s order by a.instructors_key, a.subject""",
        (evening.name, school.student[one], school.student[other]),
    )
    return rows[0]


def pair(school, evening):
    """(student, guardian) of two households whose children share an instructor."""
    anna = school.students_of("anna.devries")[0]
    for guardian in school.guardian:
        for student in school.students_of(guardian):
            if guardian != "anna.devries" and student not in school.students_of("anna.devries"):
                if frappe.db.sql(
                    """select 1 from `tabConversation Offer` a join `tabConversation Offer` b
                    on a.instructors_key = b.instructors_key and a.evening = b.evening
                    where a.evening = %s and a.student = %s and b.student = %s limit 1""",
                    (evening.name, school.student[anna], school.student[student]),
                ):
                    return (anna, "anna.devries"), (student, guardian)
    raise AssertionError("the school has no two households with a common instructor")


def test_the_database_refuses_a_second_claim_whoever_writes_it(evening, school, starts):
    (student, guardian), _other = pair(school, evening)
    book(evening, school, student, guardian, starts[0])
    conf = frappe.conf
    second = pymysql.connect(
        host=conf.db_host or "127.0.0.1", user=conf.db_name, password=conf.db_password, database=conf.db_name
    )
    try:
        with second.cursor() as cursor, pytest.raises(pymysql.err.IntegrityError) as refused:
            cursor.execute(
                "insert into `tabBooking Claim` (name, who, tick, kind) "
                "select 'another', who, tick, kind from `tabBooking Claim` limit 1"
            )
        assert refused.value.args[0] == 1062
    finally:
        second.close()


def test_an_instructor_cannot_be_in_two_conversations(evening, school, starts):
    (one, anna), (other, guardian) = pair(school, evening)
    first, second = same_instructor(evening, school, one, other)
    book(evening, school, one, anna, starts[0], offer=first)
    with pytest.raises(claims.TakenError, match="is not free on"):
        book(evening, school, other, guardian, starts[0], offer=second)
    assert frappe.db.count("Evening Booking") == 1
    book(evening, school, other, guardian, starts[1], offer=second)
    assert claims.check() == []


def test_a_guardian_cannot_be_in_two_conversations_about_two_children(evening, school, starts):
    children = school.students_of("anna.devries")
    book(evening, school, children[0], "anna.devries", starts[0])
    with pytest.raises(claims.TakenError):
        book(evening, school, children[1], "anna.devries", starts[0])


def test_not_even_a_reason_of_staff_overrides_a_double_booking(evening, school, starts):
    children = school.students_of("anna.devries")
    book(evening, school, children[0], "anna.devries", starts[0])
    with pytest.raises(claims.TakenError):
        book(evening, school, children[1], "anna.devries", starts[0], override_reason="the head asked")


def test_two_evenings_share_one_instructor_and_one_clock(evening, school, starts):
    (one, anna), (other, guardian) = pair(school, evening)
    again = make_evening(school, title="Tweede oudercontact", maximum_per_student=0)
    by_course.offer(again.name)
    first, _second = same_instructor(evening, school, one, other)
    _first, second = same_instructor(again, school, one, other)
    book(evening, school, one, anna, starts[0], offer=first)
    with pytest.raises(claims.TakenError):
        book(again, school, other, guardian, starts[0], offer=second)


def test_records_with_the_same_user_are_one_person(evening, school, starts):
    """Els Smit is the instructor smi and a guardian: not in two places at once."""
    own_child = school.students_of("els.smit")[0]
    elsewhere = frappe.db.sql(
        """select o.name, o.student from `tabConversation Offer` o
        join `tabConversation Offer Instructor` i on i.parent = o.name
        where o.evening = %s and i.instructor = %s and o.student != %s order by 1""",
        (evening.name, school.instructor["smi"], school.student[own_child]),
    )
    offer, student = elsewhere[0]
    party = booking.party_of(evening.name, student, None)
    booking.book(offer, starts[0], guardians=party, source="Staff")
    frappe.db.commit()
    with pytest.raises(claims.TakenError):
        book(evening, school, own_child, "els.smit", starts[0])


def test_a_moved_conversation_takes_its_claims_along_and_a_refused_move_changes_nothing(
    evening, school, starts
):
    children = school.students_of("anna.devries")
    first = book(evening, school, children[0], "anna.devries", starts[0])
    book(evening, school, children[1], "anna.devries", starts[2])
    moves.move(first, starts[1])
    frappe.db.commit()
    assert frappe.db.count("Booking Claim", {"reference": first, "tick": ("<", starts[1])}) == 0
    with pytest.raises(claims.TakenError):
        moves.move(first, starts[2])
    assert frappe.db.get_value("Evening Booking", first, "start") == starts[1]
    assert claims.check() == []


def test_deleting_a_conversation_gives_up_its_time(evening, school, starts):
    name = book(evening, school, "s01", "anna.devries", starts[0])
    frappe.delete_doc("Evening Booking", name)
    frappe.db.commit()
    assert frappe.db.count("Booking Claim") == 0


def test_an_expired_hold_gives_way_and_a_live_one_does_not(evening, school, starts):
    anna = ("Guardian", school.guardian["anna.devries"])
    for expires, taken in ((timedelta(minutes=2), True), (timedelta(minutes=-1), False)):
        frappe.db.delete("Booking Claim")
        frappe.db.commit()
        until = frappe.utils.now_datetime() + expires
        span = claims.Span((anna,), starts[0], starts[1], "Hold", "a-hold", until)
        claims.transaction(evening.name, [anna], lambda span=span: claims.replace(evening.name, [], [span]))
        frappe.db.commit()
        if taken:
            with pytest.raises(claims.TakenError):
                book(evening, school, "s01", "anna.devries", starts[0])
        else:
            book(evening, school, "s01", "anna.devries", starts[0])
    assert frappe.db.count("Booking Claim", {"kind": "Hold"}) == 0


def test_a_blocked_instructor_is_not_booked_and_a_booked_one_not_blocked(evening, school, starts):
    offer = offer_of(evening, school.student["s01"])
    instructor = frappe.db.get_value("Conversation Offer Instructor", {"parent": offer}, "instructor")
    block = blocks.block(evening.name, "Instructor", instructor, starts[0], starts[2], reason="dentist")
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="is blocked from 18:30 to 18:50"):
        book(evening, school, "s01", "anna.devries", starts[1], offer=offer)
    name = book(evening, school, "s01", "anna.devries", starts[2], offer=offer)
    with pytest.raises(frappe.ValidationError, match="conversations lie in this time"):
        blocks.block(evening.name, "Instructor", instructor, starts[2], starts[3])
    assert frappe.db.count("Evening Block") == 1
    blocks.unblock(block)
    frappe.db.commit()
    moves.move(name, starts[1])
    frappe.db.commit()
    assert claims.check() == []


def test_staff_override_a_block_with_a_reason_and_the_block_comes_back(evening, school, starts):
    offer = offer_of(evening, school.student["s01"])
    instructor = frappe.db.get_value("Conversation Offer Instructor", {"parent": offer}, "instructor")
    blocks.block(evening.name, "Instructor", instructor, starts[0], starts[2])
    frappe.db.commit()
    name = book(
        evening, school, "s01", "anna.devries", starts[0], offer=offer, override_reason="agreed by phone"
    )
    assert frappe.db.get_value("Evening Booking", name, "override_reason") == "agreed by phone"
    assert claims.check() == []
    moves.cancel([name])
    frappe.db.commit()
    assert frappe.db.count("Booking Claim", {"kind": "Block"}) == 20
    assert claims.check() == []


def test_blocks_may_overlap_and_taking_one_away_leaves_the_other(evening, school, starts):
    instructor = school.instructor["jan"]
    first = blocks.block(evening.name, "Instructor", instructor, starts[0], starts[2])
    frappe.db.commit()
    blocks.block(evening.name, "Instructor", instructor, starts[1], starts[3])
    frappe.db.commit()
    assert frappe.db.count("Booking Claim") == 30
    blocks.unblock(first)
    frappe.db.commit()
    assert frappe.db.count("Booking Claim") == 20
    assert claims.check() == []


def test_a_block_of_everyone_keeps_everybody_out(evening, school, starts):
    blocks.block(evening.name, "Everyone", None, starts[4], starts[5], reason="break")
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="Everyone is blocked"):
        book(evening, school, "s01", "anna.devries", starts[4])


def test_a_new_user_who_makes_two_records_one_person_is_refused_over_a_clash(
    evening, school, starts, restored_afterwards
):
    (one, anna), (other, guardian) = pair(school, evening)
    book(evening, school, one, anna, starts[0])
    offer = frappe.db.sql(
        """select name from `tabConversation Offer` where evening = %s and student = %s
        and instructors_key not in (select instructors_key from `tabConversation Offer`
        where evening = %s and student = %s) order by 1""",
        (evening.name, school.student[other], evening.name, school.student[one]),
    )[0][0]
    book(evening, school, other, guardian, starts[0], offer=offer)
    doc = frappe.get_doc("Guardian", school.guardian[guardian])
    doc.user = school.user("anna.devries")
    with pytest.raises(claims.TakenError):
        doc.save()


@pytest.mark.parametrize(
    ("rule", "prepare", "sentence"),
    [
        (
            "not offered",
            lambda o, e: frappe.db.set_value("Conversation Offer", o, "offered", 0),
            "not offered",
        ),
        ("archived", lambda o, e: frappe.db.set_value("Parent Evening", e.name, "archived", 1), "archived"),
        (
            "maximum",
            lambda o, e: frappe.db.set_value("Parent Evening", e.name, "maximum_per_student", 1),
            "already 1 conversations",
        ),
        (
            "presence",
            lambda o, e: frappe.db.delete("Evening Instructor", {"evening": e.name}),
            "not present at that time",
        ),
    ],
)
def test_a_broken_rule_refuses_with_its_sentence_and_a_reason_overrides_it(
    evening, school, starts, rule, prepare, sentence
):
    if rule == "maximum":
        names = frappe.get_all(
            "Conversation Offer",
            {"evening": evening.name, "student": school.student["s01"]},
            pluck="name",
            order_by="subject",
        )
        book(evening, school, "s01", "anna.devries", starts[5], offer=names[1])
    offer = offer_of(evening, school.student["s01"])
    prepare(offer, evening)
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match=sentence):
        book(evening, school, "s01", "anna.devries", starts[0], offer=offer)
    assert book(evening, school, "s01", "anna.devries", starts[0], offer=offer, override_reason="agreed")


def test_a_time_off_the_grid_is_refused(evening, school, starts):
    with pytest.raises(frappe.ValidationError, match="not a slot of this evening"):
        book(evening, school, "s01", "anna.devries", starts[0] + 5 * MINUTE)


def test_guardians_not_to_meet_are_kept_apart(evening, school, starts):
    (one, anna), (other, guardian) = pair(school, evening)
    first, second = same_instructor(evening, school, one, other)
    frappe.get_doc(
        {
            "doctype": "Guardians Not To Meet",
            "guardian": school.guardian[anna],
            "other_guardian": school.guardian[guardian],
            "minutes": 30,
        }
    ).insert()
    frappe.db.commit()
    book(evening, school, one, anna, starts[0], offer=first)
    with pytest.raises(frappe.ValidationError, match="not to meet"):
        book(evening, school, other, guardian, starts[3], offer=second)
    assert book(evening, school, other, guardian, starts[4], offer=second)


def test_records_are_written_through_claims_only(evening, school, starts):
    name = book(evening, school, "s01", "anna.devries", starts[0])
    doc = frappe.get_doc("Evening Booking", name)
    doc.start = starts[3]
    with pytest.raises(frappe.PermissionError, match="with its buttons"):
        doc.save()
    with pytest.raises(frappe.PermissionError, match="kept by the system"):
        frappe.get_doc({"doctype": "Booking Claim", "who": "User:x", "tick": starts[0]}).insert()
    with pytest.raises(frappe.PermissionError, match="Block Time"):
        frappe.get_doc(
            {
                "doctype": "Evening Block",
                "evening": evening.name,
                "who_type": "Everyone",
                "from_time": starts[0],
                "to_time": starts[1],
            }
        ).insert()


def _grab(offers_and_parties, starts, seed):
    """One process: tries many places in its own order; what it got, and what it was told otherwise."""
    order = [(offer, party, start) for offer, party in offers_and_parties for start in starts]
    random.Random(seed).shuffle(order)
    got, told = [], set()
    for offer, party, start in order[:25]:
        try:
            got.append(booking.book(offer, start, guardians=party, source="Guardian"))
            frappe.db.commit()
        except Exception as error:
            frappe.db.rollback()
            told.add(type(error).__name__)
    return got, sorted(told)


def test_eight_processes_after_the_same_places_never_book_anybody_twice(evening, school, starts, bench_site):
    rows = frappe.db.sql(
        """select o.name, o.student from `tabConversation Offer` o
        join (select instructors_key from `tabConversation Offer` where evening = %s
        group by instructors_key order by count(*) desc, instructors_key limit 2) busiest
        on busiest.instructors_key = o.instructors_key where o.evening = %s order by 1""",
        (evening.name, evening.name),
    )
    wanted = []
    for offer, student in rows:
        party = booking.party_of(evening.name, student, None)
        if party:
            wanted.append((offer, party))
    results = at_once(bench_site, _grab, [(wanted, starts[:10], seed) for seed in range(8)])
    frappe.db.rollback()
    assert all(isinstance(result, tuple) for result in results), results
    told = {name for _got, names in results for name in names}
    assert told <= {"TakenError", "ValidationError"}, told
    booked = sum(len(got) for got, _names in results)
    assert booked == frappe.db.count("Evening Booking") > 10
    assert claims.check() == []
    twice = frappe.db.sql(
        """select i.instructor, b.start from `tabEvening Booking` b
        join `tabEvening Booking Instructor` i on i.parent = b.name group by 1, 2 having count(*) > 1"""
    )
    assert not twice


def _move(name, start):
    moves.move(name, start)
    frappe.db.commit()
    return "moved"


def test_two_processes_that_swap_into_each_others_place_do_not_hang(evening, school, starts, bench_site):
    children = school.students_of("anna.devries")
    first = book(evening, school, children[0], "anna.devries", starts[0])
    second = book(evening, school, children[1], "anna.devries", starts[1])
    results = at_once(bench_site, _move, [(first, starts[1]), (second, starts[0])])
    frappe.db.rollback()
    assert all(str(result).startswith("TakenError") for result in results), results
    assert frappe.db.get_value("Evening Booking", first, "start") == starts[0]
    assert claims.check() == []


def test_an_empty_presence_stays_empty(evening, school):
    """Empty means as the evening says; the platform would fill in the time of saving."""
    name = frappe.get_all("Evening Instructor", {"evening": evening.name}, pluck="name")[0]
    doc = frappe.get_doc("Evening Instructor", name)
    assert (doc.present_from, doc.present_until) == (None, None)
    doc.table_label = "7"
    doc.save()
    doc.reload()
    assert (doc.present_from, doc.present_until) == (None, None)


def test_a_room_is_claimed_unless_it_is_shared(evening, school, starts):
    offer = offer_of(evening, school.student["s01"])
    instructor = frappe.db.get_value("Conversation Offer Instructor", {"parent": offer}, "instructor")
    filters = {"evening": evening.name, "instructor": instructor, "date": starts[0].date()}
    row = frappe.get_doc("Evening Instructor", filters)
    row.room = school.room["jan"]
    row.save()
    frappe.db.commit()
    name = book(evening, school, "s01", "anna.devries", starts[0], offer=offer)
    room = f"Room:{row.room}"
    assert frappe.db.count("Booking Claim", {"reference": name, "who": room}) == 10
    row.shared_room = 1
    row.save()
    frappe.db.commit()
    assert frappe.db.count("Booking Claim", {"reference": name, "who": room}) == 0
    assert claims.check() == []
