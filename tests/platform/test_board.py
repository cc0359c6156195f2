"""The planning board's server side: what it shows, what staff do on it, and who may."""

import json

import frappe
import pytest

from ouderavond.evening import booking, claims, grid, requests
from ouderavond.evening.offering import by_course
from ouderavond.evening.planning import board, changes, conversation, moves, placing
from ouderavond.evening.planning import fits as fitting
from tests.platform.processes import at_once
from tests.platform.school import PLANNER, make_evening
from tests.platform.test_board_fits import offers_with, subject
from tests.platform.web import people

REASON = "The head asked"
BOARD = "ouderavond.api.planning.board."
REFUSAL = "Only staff who run parent evenings can do this."


@pytest.fixture
def evening(site, school):
    """Two dates of five slots of twenty minutes; everything is offered and nothing booked."""
    dates = [{**row.as_dict(), "end_time": "20:10:00"} for row in make_evening(school).dates]
    doc = make_evening(school, minutes_per_conversation=20, maximum_per_student=0, dates=dates)
    by_course.offer(doc.name)
    return doc


@pytest.fixture
def starts(evening):
    return [start for day in grid.slots(evening) for start in day.starts]


@pytest.fixture
def jan(evening, school):
    """The offers of one instructor for children of different households."""
    seen, found = set(), []
    for offer, party in offers_with(evening, school.instructor["jan"]):
        if party and seen.isdisjoint(party):
            seen.update(party)
            found.append((offer, party))
    return found


def book(offer, party, start, **options):
    name = booking.book(offer, start, guardians=party, source="Staff", **options)
    frappe.db.commit()
    return name


def ask(offer, party):
    name = requests.request(offer, guardian=party[0], source="Staff", override_reason=REASON)
    frappe.db.commit()
    return name


def not_placed(request, *alternatives, reason="time_limit", **facts):
    found = {"facts": facts, "alternatives": list(alternatives)}
    values = {"state": "Not Placed", "reason": reason, "reason_facts": json.dumps(found)}
    frappe.db.set_value("Conversation Request", request, values)
    frappe.db.commit()


def start_of(name):
    return frappe.db.get_value("Evening Booking", name, "start")


def text(moment):
    return f"{moment:%Y-%m-%dT%H:%M}"


def row_of(rows, **values):
    return next(row for row in rows if values.items() <= row.items())


def test_the_board_shows_conversations_places_blocks_and_what_waits(evening, school, starts, jan):
    frappe.db.set_value(
        "Evening Instructor",
        {"evening": evening.name, "instructor": school.instructor["jan"]},
        {"room": school.room["jan"], "present_from": "18:40:00", "table_label": "3"},
    )
    frappe.db.commit()
    own = [subject(evening, school, name) for name in ("Eva", "Fien")]
    names = [
        book(one["offer"], one["party"], starts[number + 1], override_reason=REASON)
        for number, one in enumerate(own)
    ]
    frappe.db.set_value("Evening Booking", names[0], {"state": "Published", "published_start": starts[1]})
    frappe.db.commit()
    moves.move(names[0], starts[4])
    waits = ask(*jan[1])
    not_placed(waits, reason="no_common_time", starts=10)
    found = board.read(evening)

    eva, fien = (row_of(found["bookings"], booking=name) for name in names)
    assert (eva["start"], eva["told"], eva["untold"], eva["fixed"]) == (
        text(starts[4]),
        text(starts[1]),
        1,
        1,
    )
    assert (fien["told"], fien["untold"], fien["slots"], fien["class"]) == (None, 0, 1, "v3a")
    assert eva["household"] == fien["household"]
    assert eva["guardians"] == "Anna de Vries, Bram de Vries"
    person = row_of(found["instructors"], name=school.instructor["jan"])
    assert person["code"] == "jan"
    present = person["present"][text(starts[0])[:10]]
    assert (present["from"], present["until"], present["room"]) == ("18:40", None, school.room["jan"])
    assert (present["table"], found["rooms"][present["room"]]) == ("3", present["room_title"])
    [row] = found["unplaced"]
    assert row["request"] == waits and row["household"] != eva["household"]
    assert row["sentence"] == (
        "There is no start among the 10 of this evening at which all who are needed can be there."
    )
    # Nothing that the scheduler found: what is free now, after 18:40.
    assert [option["start"] for option in row["alternatives"]] == [text(start) for start in starts[1:3]]
    assert all(option["possible"] and not option["moves"] for option in row["alternatives"])


def proposed(evening, **schedule):
    """A finished run with this schedule."""
    run = {
        "doctype": "Schedule Run",
        "evening": evening.name,
        "state": "Finished",
        "scenario": "Little waiting",
    }
    run = frappe.get_doc({**run, "weights": "{}", "input_hash": "of then"}).insert(ignore_permissions=True)
    data = {
        "doctype": "Schedule Run Data",
        "run": run.name,
        "problem": "{}",
        "schedule": json.dumps(schedule),
    }
    frappe.get_doc(data).insert(ignore_permissions=True)
    frappe.db.commit()
    return run.name


def test_a_run_is_shown_on_the_board_before_it_is_applied(evening, starts, jan):
    asked = [ask(*one) for one in jan[:5]]
    booked = [book(*jan[number], starts[number], request=asked[number]) for number in range(3)]
    run = proposed(
        evening,
        placements=[
            {"conversation": asked[0], "start": text(starts[0])},
            {"conversation": asked[1], "start": text(starts[6])},
            {"conversation": asked[3], "start": text(starts[1])},
        ],
        unplaced=[
            {"conversation": asked[2], "reason": "room_full"},
            {"conversation": asked[4], "reason": "displaces"},
        ],
    )
    found = board.read(evening, run)
    assert found["run"]["title"] == "Little waiting"
    assert {row["request"]: (row["change"], row["start"]) for row in found["bookings"]} == {
        asked[0]: ("kept", text(starts[0])),
        asked[1]: ("moved", text(starts[6])),
        asked[3]: ("added", text(starts[1])),
    }
    moved = row_of(found["bookings"], booking=booked[1])
    assert (moved["from"], moved["end"]) == (text(starts[1]), f"{starts[6]:%Y-%m-%dT}19:10")
    [lost], [left] = found["lost"], found["unplaced"]
    assert (lost["booking"], lost["from"]) == (booked[2], text(starts[2]))
    assert (left["request"], left["alternatives"]) == (asked[4], [])
    assert left["sentence"].startswith("It fits only in the place of other conversations")
    assert [start_of(name) for name in booked] == starts[:3]
    other = make_evening(title="Ander oudercontact")
    with pytest.raises(frappe.ValidationError, match="is not one of this evening"):
        board.read(other, run)


def full(evening, starts, jan, *, besides=0):
    """Conversations of one instructor in all slots but the last `besides`; who is left waits."""
    count = len(starts) - besides
    return [book(*jan[number], starts[number]) for number in range(count)], jan[count]


def test_an_alternative_is_carried_out_with_the_moves_of_others_and_taken_back_as_a_whole(
    evening, starts, jan
):
    booked, (offer, party) = full(evening, starts, jan, besides=1)
    waits = ask(offer, party)
    other = frappe.db.get_value("Evening Booking", booked[2], "student_name")
    kept = {
        "kind": "move", "start": text(starts[2]), "instructor": "x",
        "moves": [{"conversation": f"booking:{booked[2]}", "start": text(starts[9])}],
    }  # fmt: skip
    not_placed(waits, kept)
    [option] = board.read(evening)["unplaced"][0]["alternatives"]
    assert option["possible"]
    assert option["moves"] == [
        {
            "booking": booked[2],
            "name": other,
            "from": text(starts[2]),
            "start": text(starts[9]),
            "told": False,
        }
    ]
    assert option["sentence"].startswith("Place it on ") and other in option["sentence"]

    report = placing.place(evening, waits, "move", option["start"])
    assert (report.figures["booked"], report.figures["moved"]) == (1, 1)
    assert start_of(booked[2]) == starts[9]
    assert start_of(report.more["booking"]) == starts[2]
    assert frappe.db.get_value("Conversation Request", waits, "state") == "Placed"
    assert claims.check() == []
    with pytest.raises(frappe.ValidationError, match="placed or withdrawn meanwhile"):
        placing.place(evening, waits, "move", option["start"])

    changes.undo(evening.name, report.change)
    assert start_of(booked[2]) == starts[2]
    assert frappe.db.get_value("Conversation Request", waits, "state") == "Not Placed"
    assert claims.check() == []

    # Where the other cannot go there any more, something else is proposed.
    moves.move(booked[0], starts[9])
    kept, free, *_more = board.read(evening)["unplaced"][0]["alternatives"]
    assert not kept["possible"]
    assert (free["possible"], free["start"], free["moves"]) == (True, text(starts[0]), [])
    with pytest.raises(frappe.ValidationError, match="is not free on"):
        placing.place(evening, waits, "move", kept["start"])
    assert start_of(booked[2]) == starts[2]


def test_one_conversation_that_moves_makes_room_for_another(evening, school, starts, jan):
    """The household is taken at the only free time of the instructor, so another one goes there."""
    booked, (offer, party) = full(evening, starts, jan, besides=1)
    child = frappe.db.get_value("Conversation Offer", offer, "student")
    elsewhere = next(
        row.name
        for row in frappe.get_all("Conversation Offer", {"student": child, "evening": evening.name}, ["name"])
        if row.name != offer and conversation.of_offer(evening, row.name).instructors
        != conversation.of_offer(evening, offer).instructors
    )  # fmt: skip
    own = book(elsewhere, party, starts[9])
    moves.pin([own], True)
    waits = ask(offer, party)
    options = board.read(evening)["unplaced"][0]["alternatives"]
    assert options and all(len(option["moves"]) == 1 for option in options)
    assert {move["start"] for option in options for move in option["moves"]} == {text(starts[9])}
    placing.place(evening, waits, "move", options[0]["start"])
    assert claims.check() == []


def test_what_fails_half_way_leaves_everything_where_it_was(evening, school, starts, jan, monkeypatch):
    one, other = book(*jan[0], starts[0]), book(*jan[1], starts[1])
    # The household of the first is elsewhere at the time of the second: each of the two fits, both do not.
    child = frappe.db.get_value("Evening Booking", one, "student")
    offers = frappe.get_all("Conversation Offer", {"evening": evening.name, "student": child}, pluck="name")
    elsewhere = next(
        name
        for name in offers
        if not set(conversation.of_offer(evening, name).instructors) & {school.instructor["jan"]}
    )
    book(elsewhere, jan[0][1], starts[1])
    with pytest.raises(claims.TakenError):
        placing.swap(evening, one, other)
    with pytest.raises(claims.TakenError):
        placing.swap(evening, one, other, reason=REASON)
    assert (start_of(one), start_of(other)) == (starts[0], starts[1])

    waits = ask(*jan[2])
    moved = conversation.of_booking(evening, other)
    option = placing.Option("move", conversation.of_request(evening, waits), starts[0], ((moved, starts[5]),))
    monkeypatch.setattr(placing, "_option", lambda *_given: option)
    with pytest.raises(claims.TakenError):
        placing.place(evening, waits, "move", starts[0])
    assert (start_of(one), start_of(other)) == (starts[0], starts[1])
    assert frappe.db.get_value("Conversation Request", waits, "state") == "Requested"
    # Somebody moved the other one while the option was looked at.
    moves.move(other, starts[6])
    with pytest.raises(frappe.ValidationError, match="was moved or pinned meanwhile"):
        placing.place(evening, waits, "move", starts[1])
    assert start_of(other) == starts[6]
    assert claims.check() == []


def test_rules_give_way_to_a_reason_and_double_bookings_never(evening, school, starts, jan):
    one, other = book(*jan[0], starts[0]), book(*jan[1], starts[1])
    day = text(starts[0])[:10]
    frappe.db.set_value(
        "Evening Instructor",
        {"evening": evening.name, "instructor": school.instructor["jan"], "date": day},
        "present_until",
        "19:10:00",
    )
    frappe.db.commit()
    with pytest.raises(frappe.ValidationError, match="Joke Jansma is not present at that time"):
        placing.move(evening, one, starts[3])
    report = placing.move(evening, one, starts[3], reason=REASON)
    assert frappe.db.get_value("Evening Booking", one, "override_reason") == REASON
    assert frappe.db.get_value("Evening Booking", one, "pinned")
    with pytest.raises(claims.TakenError, match="Joke Jansma is not free on"):
        placing.move(evening, one, starts[1], reason=REASON)
    assert start_of(one) == starts[3]
    changes.undo(evening.name, report.change)
    assert start_of(one) == starts[0]

    # To another instructor, who stands in for one; and to one who is not there.
    found = placing.move(evening, other, starts[1], instructor=school.instructor["ver"], reason=REASON)
    name = found.more["booking"]
    people_of = frappe.get_all("Evening Booking Instructor", {"parent": name}, pluck="instructor")
    assert people_of == [school.instructor["ver"]]
    with pytest.raises(frappe.ValidationError, match="does not take part in this evening"):
        placing.move(evening, other, starts[1], instructor="EDU-INS-NOBODY")
    # Two slots where the second is another's.
    book(*jan[2], starts[1], override_reason=REASON)
    with pytest.raises(claims.TakenError):
        moves.move(one, slots=2, reason=REASON)
    assert fitting.fits(evening, booking=one, slots=2)["rows"][school.instructor["jan"]][day][0]


def move_there(evening, name, start):
    """As a planner in a process of their own."""
    doc = frappe.get_doc("Parent Evening", evening)
    placing.move(doc, name, start)
    return "moved"


def test_two_planners_at_once_never_put_two_in_one_place(bench_site, evening, starts, jan):
    booked = [book(*jan[number], starts[number]) for number in range(2)]
    wanted = [(evening.name, name, text(starts[7])) for name in booked]
    found = at_once(bench_site, move_there, wanted)
    frappe.db.rollback()
    assert sorted(answer.split(":")[0] for answer in found) == ["TakenError", "moved"]
    assert sum(start_of(name) == starts[7] for name in booked) == 1
    assert len(changes.recent(evening)) == 1
    assert claims.check() == []


def test_the_board_is_for_staff_and_changes_come_by_post(web, evening, school, starts, jan):
    one, other = book(*jan[0], starts[0]), book(*jan[1], starts[1])
    waits = ask(*jan[2])
    log_in = people(web)
    planner = log_in(PLANNER)
    about = {"evening": evening.name}
    every = {
        "read": {}, "fits": {"booking": one}, "offers": {"text": "Daan"}, "about": {"booking": one},
        "move": {"booking": one, "start": text(starts[3])}, "swap": {"booking": one, "other": other},
        "book": {"request": waits, "start": text(starts[4])}, "cancel": {"booking": one},
        "pin": {"bookings": [one], "pinned": 1}, "lengthen": {"booking": one, "slots": 2},
        "place": {"request": waits, "kind": "move", "start": text(starts[2])},
    }  # fmt: skip
    before = frappe.get_all("Evening Booking", ["name", "start", "pinned", "state"], order_by="name")
    for user in ("anna.devries", "jan", "s01", None):
        for name, values in every.items():
            answer = log_in(user).call(BOARD + name, **about, **values)
            assert answer.status_code == 403, (user, name, answer.text)
            if user:
                assert REFUSAL in answer.text, (user, name)
    for name in ("move", "swap", "book", "cancel", "pin", "lengthen", "place"):
        assert planner.read(f"/api/method/{BOARD}{name}", **about, **every[name]).status_code == 403
    frappe.db.rollback()
    assert frappe.get_all("Evening Booking", ["name", "start", "pinned", "state"], order_by="name") == before

    read = planner.message(BOARD + "read", **about)
    assert len(read["bookings"]) == 2 and read["unplaced"][0]["request"] == waits
    fits = planner.message(BOARD + "fits", **about, booking=one)
    assert fits["own"] == [school.instructor["jan"]]
    [found] = [row for row in planner.message(BOARD + "offers", **about, text="Daan ned")]
    assert (found["name"], found["class"], found["titles"]) == ("Daan de Vries", "bk1a", ["Joke Jansma"])
    assert found["guardians"][0]["name"] == "Anna de Vries, Bram de Vries"
    assert planner.message(BOARD + "about", **about, booking=one)["guardians"]

    clash = planner.call(BOARD + "move", **about, booking=one, start=text(starts[1]), reason=REASON)
    assert clash.status_code == 409 and "Joke Jansma is not free on" in clash.text
    off = planner.call(BOARD + "move", **about, booking=one, start=f"{starts[0]:%Y-%m-%dT}03:00")
    assert off.status_code == 417 and "is not a slot of this evening" in off.text
    strange = make_evening(school, title="Ander oudercontact")
    gone = planner.call(BOARD + "cancel", evening=strange.name, booking=one)
    assert gone.status_code == 404 and "is not there any more" in gone.text

    swapped = planner.message(BOARD + "swap", **about, booking=one, other=other)["report"]
    assert swapped["moved"] == 2 and swapped["version"] >= read["version"]
    placed = planner.message(BOARD + "book", **about, request=waits, start=text(starts[4]))["report"]
    new = placed["more"]["booking"]
    longer = planner.message(BOARD + "lengthen", **about, booking=new, slots=1)["report"]
    assert longer["change"] is None
    planner.message(BOARD + "pin", **about, bookings=[one, other], pinned=0)
    cancelled = planner.message(BOARD + "cancel", **about, bookings=[one, new])["report"]
    assert cancelled["cancelled"] == 2
    undone = planner.message("ouderavond.api.planning.page.undo", **about, change=cancelled["change"])
    assert undone["report"]["more"]["restored"]
    frappe.db.rollback()
    assert (start_of(one), start_of(other), start_of(new)) == (starts[1], starts[0], starts[4])
    assert claims.check() == []


def test_commands_show_where_it_fits_move_place_and_take_back(run, evening, starts, jan):
    one, other = book(*jan[0], starts[0]), book(*jan[1], starts[1])
    waits = ask(*jan[2])
    name = frappe.db.get_value("Evening Booking", other, "student_name")
    listed = ("--evening", evening.name)
    fits = run("board", "fits", "--booking", one, *listed)
    assert f"{starts[1]:%Y-%m-%d %H:%M}  no    Joke Jansma has a conversation about {name}" in fits.stdout
    refused = run("board", "move", one, text(starts[1]), *listed)
    assert refused.returncode == 1 and "Joke Jansma is not free on" in refused.stderr
    assert run("board", "swap", one, other, *listed).stdout == "2 conversations moved.\n"
    shown = run("board", "show", "--unplaced", *listed)
    assert waits in shown.stdout and f"move {text(starts[2])}: Place it on" in shown.stdout
    assert "is placed on" in run("board", "place", waits, *listed).stdout
    run("planning", "undo", "--yes", *listed)
    assert (start_of(one), start_of(other)) == (starts[1], starts[0])
    assert not frappe.db.exists("Evening Booking", {"request": waits, "state": ("!=", "Cancelled")})
