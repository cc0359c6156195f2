"""Reasons, facts and alternatives, one by one; beside brute force they stand in the next file."""

import time

from ouderavond.scheduler import load, solve
from ouderavond.scheduler.demo import demo_problem
from ouderavond.scheduler.grid import Grid
from ouderavond.scheduler.reading import moment
from ouderavond.scheduler.reasons import explain
from ouderavond.scheduler.score import Score
from ouderavond.scheduler.state import State, first_schedule

from .builders import DAY, OTHER_DAY, at, document, talk

BLOCK = [[at("18:30"), at("18:50")]]
TWO = {"dates": [{"date": "2027-02-09", "starts": ["18:30", "18:40"]}]}


def reasons(doc, **changes):
    problem = load({**doc, **changes})
    return {item.conversation: item for item in solve(problem, time_limit=10, threads=1).unplaced}


def test_no_common_time():
    [item] = reasons(
        document([talk("c1")], **TWO),
        instructors=[{"id": "men13", "unavailable": [[at("18:30"), at("18:40")]]}],
        households=[{"id": "h1", "unavailable": [[at("18:40"), at("18:50")]]}],
    ).values()
    assert (item.reason, item.facts) == ("no_common_time", {"starts": 2, "household": 1, "instructor": 1})


def test_household_full_names_only_the_familys_own_conversations():
    talks = [talk(f"c{n}", "h1", f"i{n}", priority="must") for n in range(2)] + [talk("late", "h1", "i9")]
    item = reasons(document([*talks, talk("other", "h2", "i0")], **TWO))["late"]
    assert item.reason == "household_full"
    assert item.facts == {"starts": 2, "conversations": ["c0", "c1"]}


def test_instructor_full():
    talks = [talk(f"c{n}", f"h{n}", priority="must") for n in range(2)] + [talk("late", "h9")]
    item = reasons(document(talks, **TWO))["late"]
    assert item.reason == "instructor_full"
    assert item.facts == {"instructors": [{"instructor": "men13", "asked": 3, "available": 2, "free": 0}]}


def test_room_full():
    rooms = {"2027-02-09": "A"}
    talks = [talk(f"c{n}", f"h{n}", f"i{n}", priority="must") for n in range(2)] + [talk("late", "h9", "i9")]
    item = reasons(
        document(talks, **TWO),
        rooms=[{"id": "A"}],
        instructors=[{"id": name, "rooms": rooms} for name in ("i0", "i1", "i9")],
    )["late"]
    assert (item.reason, item.facts) == ("room_full", {"rooms": ["A"]})


def test_displaces():
    talks = [
        talk("own", "h1", "b", priority="must", unavailable=[[at("18:40"), at("18:50")]]),
        talk("theirs", "h2", "a", priority="must", unavailable=[[at("18:30"), at("18:40")]]),
        talk("late", "h1", "a"),
    ]
    item = reasons(document(talks, **TWO))["late"]
    assert item.reason == "displaces"
    assert item.facts["conversations"] == 1
    assert item.facts["weight"] == 10000 and item.facts["own_weight"] == 1000
    assert "h2" not in str(item.facts) and "theirs" not in str(item.facts)


def test_alternatives_of_other_dates_and_other_instructors():
    dates = [*TWO["dates"], {"date": OTHER_DAY, "starts": ["19:00"]}]
    away = [[at("18:00", OTHER_DAY), at("22:00", OTHER_DAY)]]
    talks = [talk(f"c{n}", f"h{n}", "a", priority="must") for n in range(2)]
    talks += [talk("late", "h9", "a", "b"), talk("c3", "h9", "c", unavailable=away)]
    doc = document(talks, dates=dates)
    doc["households"] = [{"id": name, "unavailable": away} for name in ("h0", "h1", "h9")]
    found = {option.kind: option for option in reasons(doc)["late"].alternatives}
    assert found["other_date"].start == moment(at("19:00", OTHER_DAY), "")
    assert found["other_instructor"].instructor == "b"


def test_displaces_counts_a_family_left_with_nothing():
    """The weight is what the placement would lose: here a conversation, and all that a family has."""
    talks = [
        talk("own", "h1", "b", priority="must", unavailable=[[at("18:40"), at("18:50")]]),
        talk("theirs", "h2", "a", rank=1, unavailable=[[at("18:30"), at("18:40")]]),
        talk("late", "h1", "a", rank=2),
    ]
    item = reasons(document(talks, **TWO))["late"]
    assert (item.reason, item.facts) == (
        "displaces",
        {
            "starts": 2,
            "pinned": 0,
            "own_weight": 800.0,
            "start": at("18:40"),
            "conversations": 1,
            "households_with_nothing": 1,
            "moved": 0,
            "weight": 1300.0,
        },
    )


def test_pinned_conversations_are_never_displaced():
    """A start at which one is in the way is counted and closed, however little the pinned one weighs."""
    talks = [
        talk("own", "h1", "b", pinned=at("18:30")),
        talk("theirs", "h2", "a", rank=3, pinned=at("18:40")),
        talk("late", "h1", "a", priority="must"),
    ]
    item = reasons(document(talks, **TWO))["late"]
    assert item.reason == "displaces"
    assert item.facts == {"starts": 2, "pinned": 2, "own_weight": 10000.0}


def test_a_conversation_that_costs_more_than_it_is_worth_says_so():
    """With weights in an odd order a place may be free and still too dear: then the evenings are named."""
    dates = [{"date": "2027-02-09", "starts": ["18:30"]}, {"date": OTHER_DAY, "starts": ["18:30"]}]
    talks = [talk("c1", "h1", "a", priority="must"), talk("late", "h1", "b")]
    item = reasons(document(talks, dates=dates, weights={"wanted": 5, "nothing": 0}))["late"]
    assert item.reason == "displaces"
    assert (item.facts["conversations"], item.facts["evenings"]) == (0, 20.0)
    assert (item.facts["weight"], item.facts["own_weight"]) == (20.0, 5.0)


def explained(doc, *, proven, **clocks):
    """What is said of a schedule with these starts."""
    problem = load(doc)
    grid = Grid(problem)
    starts = [clocks.get(item.id) for item in problem.conversations]
    cells = [-1 if clock is None else grid.cell_at[moment(at(clock), "")] for clock in starts]
    state = State(grid, cells)
    found = {item.conversation: item for item in explain(grid, Score(grid), state, proven=proven)}
    assert state.start == cells
    return found


def test_without_a_proof_no_better_reason_is_claimed():
    talks = [talk("own", "h1", "b"), talk("theirs", "h2", "a"), talk("late", "h1", "a")]
    doc = document(talks, **TWO)
    item = explained(doc, proven=False, own="18:30", theirs="18:40")["late"]
    assert (item.reason, item.facts) == ("time_limit", {})


def test_a_claimed_proof_that_cannot_hold_is_not_passed_on():
    """What is displaced would weigh less than what comes: whatever was proven, it was not this."""
    talks = [
        talk("own", "h1", "b"),
        talk("theirs", "h2", "a", rank=3),
        talk("theirs too", "h2", "b"),
        talk("late", "h1", "a", priority="must"),
    ]
    doc = document(talks, dates=[{"date": "2027-02-09", "starts": ["18:30", "18:40", "18:50"]}])
    blocked = [[at("18:50"), at("19:00")]]
    doc["instructors"] = [{"id": "a", "unavailable": blocked}, {"id": "b"}]
    item = explained(doc, proven=True, own="18:30", theirs="18:40", **{"theirs too": "18:50"})["late"]
    assert item.reason == "time_limit"


def test_two_others_move_one_after_the_other():
    """The chain: c1 can only go where c2 is, and c2 has a free place elsewhere."""
    talks = [
        talk("late", "h1", "a", unavailable=[[at("18:40"), at("19:10")]]),
        talk("c1", "h2", "a", unavailable=[[at("18:50"), at("19:10")]]),
        talk("c2", "h2", "b", unavailable=[[at("18:30"), at("18:40")]]),
    ]
    doc = document(talks, dates=[{"date": "2027-02-09", "starts": ["18:30", "18:40", "18:50"]}])
    item = explained(doc, proven=False, c1="18:30", c2="18:40")["late"]
    [option] = [each for each in item.alternatives if each.kind == "move"]
    assert option.start == moment(at("18:30"), "")
    assert {(move.conversation, move.start) for move in option.moves} == {
        ("c1", moment(at("18:40"), "")),
        ("c2", moment(at("18:50"), "")),
    }


def test_a_conversation_of_the_family_itself_moves_when_walking_is_what_forbids():
    talks = [talk("late", "h1", "a", unavailable=[[at("18:40"), at("19:10")]]), talk("own", "h1", "b")]
    doc = document(talks, walking_minutes=5)
    item = explained(doc, proven=False, own="18:40")["late"]
    assert item.reason == "household_full"
    [option] = [each for each in item.alternatives if each.kind == "move"]
    assert [(move.conversation, move.start) for move in option.moves] == [("own", moment(at("18:50"), ""))]


def test_a_move_that_makes_the_way_shorter_is_found():
    """From A to C takes 25 minutes, by way of B 10: what makes room for `late` has to stand between."""
    talks = [
        talk("late", "h1", "a", unavailable=[[at("18:45"), at("20:00")]]),
        talk("between", "h1", "b"),
        talk("last", "h1", "c", pinned=at("19:00")),
    ]
    walks = [("A", "B", 5), ("B", "C", 5), ("A", "C", 25)]
    doc = document(
        talks,
        dates=[{"date": DAY, "starts": ["18:30", "18:45", "19:00", "19:15"]}],
        rooms=[{"id": name} for name in "ABC"],
        walking=[{"from": one, "to": other, "minutes": minutes} for one, other, minutes in walks],
        instructors=[{"id": name, "rooms": {DAY: name.upper()}} for name in "abc"],
    )
    item = explained(doc, proven=False, between="18:30", last="19:00")["late"]
    [option] = [each for each in item.alternatives if each.kind == "move"]
    assert [(move.conversation, move.start) for move in option.moves] == [
        ("between", moment(at("18:45"), ""))
    ]


def test_a_parent_who_teaches_is_busy_on_both_sides():
    """Rule 2: while men13 sees h1, h1 is busy; while h1 is somewhere, men13 is."""
    people = [{"id": "men13", "household": "h1"}, {"id": "b"}]
    one = {"dates": [{"date": "2027-02-09", "starts": ["18:30"]}]}
    doc = document([talk("c1", "h2", "men13"), talk("late", "h1", "b")], instructors=people, **one)
    assert explained(doc, proven=True, c1="18:30")["late"].reason == "household_full"
    doc = document([talk("c1", "h1", "b"), talk("late", "h2", "men13")], instructors=people, **one)
    item = explained(doc, proven=True, c1="18:30")["late"]
    assert item.reason == "instructor_full"
    assert item.facts == {"instructors": [{"instructor": "men13", "asked": 1, "available": 1, "free": 0}]}


def test_reasons_of_a_school_are_quick():
    grid = Grid(load(demo_problem(1300, 1)))
    score = Score(grid)
    state = first_schedule(grid, score)
    before = list(state.start)
    for proven in (True, False):
        began = time.process_time()
        found = explain(grid, score, state, proven=proven)
        assert (time.process_time() - began) / len(found) < 2 / 150
        assert len(found) > 150
    assert state.start == before
