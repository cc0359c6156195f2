"""Reading problems: what is refused, with which sentence, and what absent values become."""

import copy

import pytest

from ouderavond.scheduler import ProblemError, load

from .builders import OTHER_DAY, at, document, talk

ROOMS = [{"id": "A"}, {"id": "B"}]


def test_only_the_required_keys_are_needed():
    problem = load(document([talk("c1")]))
    conversation = problem.conversations[0]
    assert (conversation.slots, conversation.priority, conversation.rank) == (1, "wanted", 1)
    assert (conversation.mode, conversation.preference, conversation.pinned) == ("in_person", "none", None)
    assert (problem.pause_minutes, problem.walking_minutes, problem.travel_minutes) == (0, 0, 30)
    assert (problem.weights.must, problem.weights.break_, problem.weights.instructor_waiting) == (
        10000,
        2,
        0.1,
    )


def test_a_weight_that_is_given_leaves_the_others_at_their_default():
    weights = load(document([], weights={"break": 0.125, "must": 5})).weights
    assert (weights.break_, weights.must, weights.wanted) == (0.125, 5, 1000)


def test_walking_holds_in_both_directions():
    walking = [{"from": "A", "to": "B", "minutes": 4}]
    problem = load(document([], rooms=ROOMS, walking=walking))
    assert problem.walking == {("A", "B"): 4, ("B", "A"): 4}


@pytest.mark.parametrize(
    "key", ["format", "slot_minutes", "dates", "instructors", "households", "conversations"]
)
def test_required_keys(key):
    broken = document([talk("c1")])
    del broken[key]
    with pytest.raises(ProblemError, match=f"^{key}: is required$"):
        load(broken)


@pytest.mark.parametrize("key", ["id", "household", "instructors"])
def test_required_keys_of_a_conversation(key):
    broken = document([talk("c1")])
    del broken["conversations"][0][key]
    with pytest.raises(ProblemError, match=rf"^conversations\[0\]\.{key}: is required$"):
        load(broken)


WRONG = [
    ({"slot_minutes": 0}, "slot_minutes: expected a whole number from 1 to 1440, found 0"),
    ({"slot_minutes": True}, "slot_minutes: expected a whole number from 1 to 1440, found True"),
    ({"slot_minutes": 10**50}, "slot_minutes: expected a whole number"),
    ({"format": "ouderavond-problem/2"}, "format: expected one of ouderavond-problem/1"),
    ({"extra": 1}, "extra: unknown key"),
    ({"dates": [{"date": "2027-02-30", "starts": []}]}, "dates[0].date: expected a date that exists"),
    ({"dates": [{"date": "2027-02-09", "starts": ["24:00"]}]}, "dates[0].starts[0]: expected a time of day"),
    (
        {"dates": [{"date": "2027-02-09", "starts": ["18:30", "18:35"]}]},
        "dates[0].starts[1]: expected a start",
    ),
    (
        {"dates": [{"date": "2027-02-09", "starts": ["23:55"]}]},
        "dates[0].starts[0]: expected a slot that ends",
    ),
    ({"dates": [{"date": "2027-02-09", "starts": []}] * 2}, "dates[1].date: '2027-02-09' is already used"),
    ({"weights": {"must": -1}}, "weights.must: expected a number from 0"),
    (
        {"weights": {"must": 0.0001}},
        "weights.must: expected a number from 0 to 1000000 with at most 3 decimals",
    ),
    ({"weights": {"must": float("nan")}}, "weights.must: expected a number"),
    ({"weights": {"must": 10**400}}, "weights.must: expected a number"),
    ({"weights": {"fun": 1}}, "weights.fun: unknown key"),
    (
        {"rooms": ROOMS, "walking": [{"from": "A", "to": "C", "minutes": 1}]},
        "walking[0].to: there is no room 'C'",
    ),
    (
        {"rooms": ROOMS, "walking": [{"from": "A", "to": "A", "minutes": 1}]},
        "walking[0]: expected two different",
    ),
    (
        {
            "rooms": ROOMS,
            "walking": [{"from": "A", "to": "B", "minutes": 1}, {"from": "B", "to": "A", "minutes": 2}],
        },
        "walking[1].minutes: expected 1",
    ),
    ({"instructors": [{"id": "men13"}, {"id": "men13"}]}, "instructors[1].id: 'men13' is already used by"),
    (
        {"instructors": [{"id": "men13", "household": "h9"}]},
        "instructors[0].household: there is no household",
    ),
    (
        {"instructors": [{"id": "men13", "rooms": {"2027-02-10": "A"}}]},
        "instructors[0].rooms.2027-02-10: there",
    ),
    (
        {"instructors": [{"id": "men13", "unavailable": [[at("19:00"), at("18:30")]]}]},
        "instructors[0].unavailable[0]: expected two times, the second after the first",
    ),
    ({"instructors": [{"id": "men13", "break": {"after": 0}}]}, "instructors[0].break.after: expected"),
    (
        {"households": [{"id": "h1", "apart": [{"household": "h1", "minutes": 1}]}]},
        "households[0].apart[0].househ",
    ),
    ({"households": []}, "conversations[0].household: there is no household 'h1'"),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG)
def test_what_is_wrong_is_named_with_its_path(change, sentence):
    with pytest.raises(ProblemError) as caught:
        load({**document([talk("c1")]), **change})
    assert str(caught.value).startswith(sentence)
    assert str(caught.value) == f"{caught.value.path}: {caught.value.expected}"


WRONG_CONVERSATIONS = [
    ({"instructors": []}, "instructors: expected at least one instructor"),
    ({"instructors": ["men13", "men13"]}, "instructors[1]: 'men13' is named twice"),
    ({"instructors": ["who"]}, "instructors[0]: there is no instructor 'who'"),
    ({"student": "who"}, "student: there is no student 'who'"),
    ({"student_attends": True}, "student: is required when student_attends is true"),
    ({"slots": 1.0}, "slots: expected a whole number"),
    ({"priority": "nice"}, "priority: expected one of must, wanted"),
    ({"pinned": at("18:35")}, "pinned: expected a start of the grid"),
    ({"pinned": at("19:00"), "slots": 2}, "pinned: expected a start with 2 consecutive slots"),
    ({"pinned": "2027-02-09 18:30"}, "pinned: expected a time as 2027-02-09T18:30"),
    ({"pinned": "2027-02-09T18:30:00"}, "pinned: expected a time"),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG_CONVERSATIONS)
def test_what_is_wrong_in_a_conversation(change, sentence):
    broken = document([talk("c0"), talk("c1")])
    broken["conversations"][1].update(change)
    with pytest.raises(ProblemError) as caught:
        load(broken)
    assert str(caught.value).startswith(f"conversations[1].{sentence}")


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_a_document_that_is_no_object(value):
    with pytest.raises(ProblemError, match="^document: expected an object"):
        load(value)


PIN = {"pinned": at("18:30")}
CLASHES = [
    ([talk("c1", "h1", "a", **PIN), talk("c2", "h1", "b", **PIN)], {}, "household 'h1'"),
    ([talk("c1", "h1", "a", **PIN), talk("c2", "h2", "a", **PIN)], {}, "instructor 'a'"),
    (
        [talk("c1", "h1", "a", student="s", student_attends=True, **PIN)]
        + [talk("c2", "h2", "b", student="s", student_attends=True, **PIN)],
        {},
        "student 's'",
    ),
    (
        [talk("c1", "h1", "a", **PIN), talk("c2", "h2", "b", **PIN)],
        {"instructors": [{"id": "a", "household": "h2"}, {"id": "b"}]},
        "an instructor and that instructor's own household 'h2'",
    ),
    (
        [talk("c1", "h1", "a", **PIN), talk("c2", "h2", "b", **PIN)],
        {
            "rooms": [{"id": "A"}],
            "instructors": [
                {"id": "a", "rooms": {at("")[:10]: "A"}},
                {"id": "b", "rooms": {at("")[:10]: "A"}},
            ],
        },
        "room 'A'",
    ),
    (
        [talk("c1", "h1", "a", slots=2, **PIN), talk("c2", "h2", "a", pinned=at("18:40"))],
        {},
        "instructor 'a'",
    ),
]


@pytest.mark.parametrize(("conversations", "changes", "shared"), CLASHES)
def test_pins_that_clash_are_refused_naming_both(conversations, changes, shared):
    with pytest.raises(ProblemError) as caught:
        load(document(conversations, **changes))
    assert caught.value.path == "conversations[1].pinned"
    assert "'c2' and 'c1' overlap" in caught.value.expected
    assert shared in caught.value.expected


def test_pins_in_a_shared_room_or_one_after_the_other_are_fine():
    changes = copy.deepcopy(CLASHES[4][1])
    changes["rooms"][0]["shared"] = True
    load(document(CLASHES[4][0], **changes))
    load(document([talk("c1", **PIN), talk("c2", pinned=at("18:40"))]))


def test_a_previous_start_may_lie_outside_the_grid():
    assert load(document([talk("c1", previous=at("18:30", OTHER_DAY))])).conversations[0].previous is not None
