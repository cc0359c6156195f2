"""How late an evening runs: the rule and what taps mean, and on a site the taps and who learns what."""

import json
from datetime import datetime, timedelta

import frappe
import pytest

from ouderavond.evening.live import rule, tapping
from ouderavond.evening.live.rule import BUSY, OVER, WAITING, Outlook, Part
from ouderavond.evening.live.tapping import Held, Tap
from tests.harness.fixtures import _reset
from tests.platform.live import make_live, untap
from tests.platform.school import PLANNER, as_user, forbid_contact

DAY = datetime(2027, 2, 9)


def at(text: str | None) -> datetime | None:
    return text and datetime.combine(DAY, datetime.strptime(text, "%H:%M").time())


def part(start: str, started=None, finished=None, no_show=False, minutes=10) -> Part:
    first = at(start)
    return Part(start, first, first + timedelta(minutes=minutes), at(started), at(finished), no_show)


# (what it shows, the parts, now, {start: what is expected}): a number is a delay in minutes, None not known.
RULES = [
    ("before the first", [part("19:00"), part("19:10")], "18:30", {"19:00": 0, "19:10": 0}),
    ("it grows while nobody taps", [part("19:00"), part("19:10")], "19:07", {"19:00": 7, "19:10": 7}),
    ("stale", [part("19:00"), part("19:10")], "19:16", {"19:00": None, "19:10": None}),
    (
        "stale no more once tapped",
        [part("19:00", "19:16"), part("19:10")],
        "19:17",
        {"19:00": BUSY, "19:10": 16},
    ),
    ("as long as planned", [part("19:00", "19:05"), part("19:10")], "19:06", {"19:00": BUSY, "19:10": 5}),
    ("and on until it is finished", [part("19:00", "19:05"), part("19:10")], "19:29", {"19:10": 19}),
    ("goes on too long to be true", [part("19:00", "19:05"), part("19:10")], "19:31", {"19:10": None}),
    ("and after an end", [part("19:00", "19:00", "19:10"), part("19:10")], "19:14", {"19:10": 4}),
    ("an end is a tap too", [part("19:00", "19:00", "19:24"), part("19:10")], "19:27", {"19:10": 17}),
    ("a gap takes it up", [part("19:00", "19:10"), part("19:30")], "19:12", {"19:30": 0}),
    (
        "a part of it",
        [part("19:00", "19:15"), part("19:20"), part("19:35")],
        "19:16",
        {"19:20": 5, "19:35": 0},
    ),
    (
        "never negative",
        [part("19:00", "18:55", "19:01"), part("19:10")],
        "19:02",
        {"19:00": OVER, "19:10": 0},
    ),
    (
        "no-show frees time",
        [part("19:00", None, "19:06", True), part("19:10")],
        "19:07",
        {"19:00": OVER, "19:10": 0},
    ),
    (
        "that came late",
        [part("19:00", "19:08"), part("19:10", None, "19:19", True), part("19:20")],
        "19:20",
        {"19:20": 0},
    ),
    (
        "passed over",
        [part("19:00"), part("19:10", "19:12"), part("19:20")],
        "19:13",
        {"19:00": OVER, "19:20": 2},
    ),
    ("twice as long", [part("19:00", "19:05", None, False, 20), part("19:20")], "19:06", {"19:20": 5}),
    (
        "its end forgotten",
        [part("19:00", "19:00"), part("19:10", "19:12"), part("19:20")],
        "19:13",
        {"19:00": OVER},
    ),
    ("the last one", [part("19:00", "19:00", "19:10")], "20:30", {"19:00": OVER}),
]


@pytest.mark.parametrize("parts, now, expected", [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_the_rule(parts, now, expected):
    found = rule.outlook(reversed(parts), at(now))
    said = {name: one.delay if one.state == WAITING else one.state for name, one in found.items()}
    assert {name: said[name] for name in expected} == expected
    for one in parts:
        if said[one.name] not in (None, BUSY, OVER):
            assert found[one.name].expected == one.start + timedelta(minutes=said[one.name])


def test_with_two_instructors_it_begins_when_both_can():
    late, later, unknown = (
        Outlook(WAITING, at("19:05"), 5),
        Outlook(WAITING, at("19:12"), 12),
        Outlook(WAITING),
    )
    assert rule.together([late, later]) == later
    assert rule.together([late, unknown]) == unknown
    assert rule.together([late, Outlook(OVER)]).state == OVER


def tap(number: int, kind: str, moment: str, of=None) -> Tap:
    return Tap(f"t{number}", kind, at(moment), of and f"t{of}")


MEANINGS = [
    ("nothing", [], Held()),
    (
        "held",
        [tap(1, "started", "19:01"), tap(2, "finished", "19:12")],
        Held(at("19:01"), at("19:12"), False, "t2"),
    ),
    ("did not come", [tap(1, "no_show", "19:06")], Held(None, at("19:06"), True, "t1")),
    (
        "came after all",
        [tap(1, "no_show", "19:06"), tap(2, "started", "19:08")],
        Held(at("19:08"), None, False, "t2"),
    ),
    ("only finished", [tap(1, "finished", "19:10")], Held(None, at("19:10"), False, "t1")),
    ("taken back", [tap(1, "started", "19:01"), tap(2, "undo", "19:02", 1)], Held()),
    (
        "the end taken back",
        [tap(1, "started", "19:01"), tap(2, "finished", "19:02"), tap(3, "undo", "19:03", 2)],
        Held(at("19:01"), None, False, "t1"),
    ),
    (
        "two start it",
        [tap(1, "started", "19:01"), tap(2, "started", "19:03")],
        Held(at("19:01"), None, False, "t1"),
    ),
    (
        "two end it, one says nobody came",
        [tap(1, "started", "19:01"), tap(2, "finished", "19:09"), tap(3, "no_show", "19:10")],
        Held(at("19:01"), at("19:09"), False, "t2"),
    ),
]


@pytest.mark.parametrize("taps, held", [row[1:] for row in MEANINGS], ids=[row[0] for row in MEANINGS])
def test_taps_mean_the_same_in_whatever_order_and_however_often_they_come(taps, held):
    for order in (taps, taps[::-1], taps[1:] + taps[:1]):
        assert tapping.fold(order) == held


# On a site

# Five minutes after its time and a moment more, by how long the tests took until then.
LATE = range(5, 12)


@pytest.fixture(scope="module")
def going_on(connected, school):
    _reset(frappe)
    return make_live(school)


@pytest.fixture
def live(going_on, monkeypatch):
    """Nothing has been tapped yet."""
    monkeypatch.setattr(frappe, "get_request_header", lambda name: None)
    untap(going_on.evening)
    return going_on


def send(school, code: str, *taps: dict) -> dict:
    from ouderavond.api import instructor

    with as_user(school.user(code)):
        frappe.local.response = frappe._dict()
        rows = [{"id": f"tap{number}", "age": 0, **row} for number, row in enumerate(taps)]
        answer = instructor.tap(json.dumps(rows))
    frappe.db.commit()
    return answer


def held(booking: str) -> tuple:
    frappe.db.rollback()
    row = frappe.db.get_value("Evening Booking", booking, ["started", "finished", "no_show"])
    return bool(row[0]), bool(row[1]), row[2]


def test_taps_are_kept_once_with_their_own_time_by_whoever_sits_there(live, school):
    start = {"booking": live.now, "id": "a", "kind": "started", "age": 240}
    for _again in range(2):
        assert send(school, "jan", start)["kept"] == ["a"]
    started = frappe.db.get_value("Evening Booking", live.now, "started")
    assert 235 < (frappe.utils.now_datetime() - started).total_seconds() < 260
    # The end arrives before its beginning of a second instructor's phone; an undo takes just one tap back.
    send(school, "dek", {"booking": live.both, "id": "end", "kind": "finished", "age": 0})
    send(school, "jan", {"booking": live.both, "id": "start", "kind": "started", "age": 60})
    assert held(live.both) == (True, True, 0)
    send(school, "jan", {"booking": live.both, "id": "x", "kind": "undo", "of": "end", "age": 0})
    assert held(live.both) == (True, False, 0)
    send(school, "jan", {"booking": live.now, "id": "n", "kind": "no_show", "age": 0})
    assert held(live.now) == (False, True, 1)
    assert not frappe.db.exists("Version", {"ref_doctype": "Evening Booking", "docname": live.now})


def test_others_conversations_and_other_dates_are_refused(live, school):
    mine = {"booking": live.now, "id": "ok", "kind": "started", "age": 0}
    for code in ("dek", "ver"):
        answer = send(school, code, mine)
        assert (answer["status"], answer["message"]) == ("refused", "This conversation is not one of yours.")
        assert frappe.local.response["http_status_code"] == 409
    # What may be kept is kept, whatever else is refused.
    answer = send(school, "jan", mine, {"booking": live.other, "kind": "started", "id": "no"})
    assert answer["kept"] == ["ok"] and [row["id"] for row in answer["refused"]] == ["no"]
    answer = send(school, "jan", {"booking": live.later, "kind": "started", "id": "later"})
    assert answer["message"] == "This can be noted on the date of the conversation only."
    assert held(live.other) == held(live.later) == (False, False, 0)
    for wrong in ("x", "[{}]", json.dumps([{**mine, "age": "NaN"}]), json.dumps([{**mine, "kind": "held"}])):
        with as_user(school.user("jan")), pytest.raises(frappe.ValidationError, match="could not be read"):
            from ouderavond.api import instructor

            instructor.tap(wrong)
    with as_user(school.user("anna.devries")), pytest.raises(frappe.PermissionError, match="not linked"):
        instructor.tap("[]")


def mine(school, code: str, role: str = "guardian") -> dict:
    from ouderavond.api import live as api

    with as_user(school.user(code)):
        return {row["booking"]: row for row in json.loads(api.read(role).data)["message"]["conversations"]}


def test_a_family_learns_the_delay_of_its_own_conversations_and_nothing_else(live, school):
    send(school, "jan", {"booking": live.now, "id": "a", "kind": "started", "age": 0})
    anna = mine(school, "anna.devries")
    assert set(anna) == {live.now, live.both, live.other}
    assert anna[live.now]["state"] == "busy"
    # It began five minutes after its time, and what follows with both waits for it.
    assert (anna[live.both]["state"], anna[live.both]["delay"] in LATE) == ("waiting", True)
    assert mine(school, "linda.vandijk") == {}
    with as_user(school.user("jan")), pytest.raises(frappe.PermissionError, match="not linked to a parent"):
        from ouderavond.api import live as api

        api.read("guardian")
    forbid_contact(school, "s02", "anna.devries")
    assert live.both not in mine(school, "anna.devries")
    frappe.db.delete("Guardian Arrangement")
    frappe.db.commit()


def test_staff_change_what_is_told_only_by_publishing(live, school):
    """Who waits reads on about the conversation as it was told."""
    moved = frappe.db.get_value("Evening Booking", live.both, "start") + timedelta(minutes=60)
    frappe.db.set_value("Evening Booking", live.both, {"start": moved, "untold": 1})
    frappe.db.commit()
    from ouderavond.evening import versions

    versions.bump(live.evening)
    frappe.db.commit()
    told = frappe.db.get_value("Evening Booking", live.both, "published_start")
    assert mine(school, "anna.devries")[live.both]["start"] == told.strftime("%H:%M")


def read_board(token, **arguments):
    from ouderavond.api import board

    with as_user("Guest"):
        frappe.local.request_ip = "127.0.0.1"
        answer = board.read(token, **arguments)
    return answer.status_code, json.loads(answer.data or "{}").get("message"), answer


def test_the_screen_in_the_hall(live, school):
    from ouderavond.api.planning import lobby as api

    send(school, "jan", {"booking": live.now, "id": "a", "kind": "started", "age": 0})
    for code in ("anna.devries", "jan", "s01"):
        for call in (api.make, api.renew, api.close, api.read):
            with as_user(school.user(code)), pytest.raises(frappe.PermissionError, match="Only staff"):
                call(live.evening)
    with as_user(PLANNER):
        token = api.make(live.evening)["address"].rsplit("/", 1)[1]
        assert api.make(live.evening)["address"].endswith(token)
        frappe.db.commit()
        staff = {row["name"]: row for row in api.read(live.evening)["instructors"]}
    assert (staff["Joke Jansma"]["delay"] in LATE, staff["Joke Jansma"]["left"]) == (True, 1)
    frappe.db.commit()
    status, shown, answer = read_board(token)
    rows = {row["instructor"]: row for row in shown["rows"]}
    assert (status, shown["state"], set(rows)) == (200, "open", {"Joke Jansma", "Willem Dekker"})
    start = frappe.db.get_value("Evening Booking", live.now, "start").strftime("%H:%M")
    assert (rows["Joke Jansma"]["now"], rows["Joke Jansma"]["delay"] in LATE) == (start, True)
    assert rows["Joke Jansma"]["room"] == "Lokaal jan"
    # No child, no guardian, no conversation's name.
    for word in ("Daan", "Eva", "Fien", "Vries", "Anna", live.now, live.both, live.other):
        assert word not in answer.get_data(as_text=True)
    # Dekker's next one is with Jansma, in the room of whom it was offered first.
    assert len(read_board(token, room="lokaal J")[1]["rows"]) == 2
    assert read_board(token, room="B")[1]["sentence"] == "There are no conversations now or soon."
    assert read_board(token.swapcase())[0] == read_board("")[0] == read_board(None)[0] == 404

    frappe.db.set_value("Parent Evening", live.evening, "schedule_visible", 0)
    frappe.clear_document_cache("Parent Evening", live.evening)
    assert read_board(token)[1]["rows"] == []
    frappe.db.set_value("Parent Evening", live.evening, "schedule_visible", 1)
    frappe.clear_document_cache("Parent Evening", live.evening)
    with as_user(PLANNER):
        renewed = api.renew(live.evening)["address"].rsplit("/", 1)[1]
        assert read_board(token)[1] == {"message": "There is no screen at this address."}
        assert read_board(renewed)[0] == 200
        api.close(live.evening)
    assert read_board(renewed)[0] == 404
    assert not frappe.db.exists("Version", {"data": ("like", f"%{renewed}%")})


def test_the_screen_is_open_around_the_dates_only(live, school, monkeypatch):
    from ouderavond.evening import lobby

    doc = frappe.get_doc("Parent Evening", live.evening)
    first, end = lobby.grid.slots(doc)[0].first, lobby.grid.slots(doc)[0].end
    for now, state, sentence in (
        (first - timedelta(hours=3, minutes=1), "closed", "This screen shows conversations from"),
        (first - timedelta(hours=3), "open", ""),
        (end + timedelta(hours=2), "open", ""),
        (end + timedelta(hours=2, minutes=1), "closed", "This screen shows conversations from"),
        (end + timedelta(days=30), "closed", "This evening is over."),
    ):
        monkeypatch.setattr(lobby, "now_datetime", lambda moment=now: moment)
        shown = lobby.shown(doc)
        assert shown["state"] == state and shown["sentence"].startswith(sentence), now
        assert state == "open" or shown["rows"] == []
