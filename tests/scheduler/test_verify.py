"""The checker: every hard rule and every figure, broken one at a time."""

import dataclasses

import pytest

from ouderavond.scheduler import load, verify
from ouderavond.scheduler.reading import moment
from ouderavond.scheduler.schedule import Bounds, Notice, Placement, Unplaced

from .builders import DAY, OTHER_DAY, at, document, schedule_of, talk

ROOMS = {
    "rooms": [{"id": "A"}, {"id": "B"}, {"id": "C"}],
    "instructors": [{"id": "a", "rooms": {DAY: "A"}}, {"id": "b", "rooms": {DAY: "B"}}],
}


def errors(doc, **starts):
    problem = load(doc)
    minutes = {name: moment(at(clock), "") if clock else None for name, clock in starts.items()}
    return verify(problem, schedule_of(problem, minutes))


def test_a_good_schedule_has_no_errors():
    assert errors(document([talk("c1"), talk("c2", "h2")]), c1="18:30", c2="18:40") == []


def test_rule_1_consecutive_starts():
    doc = document([talk("c1", slots=2)], dates=[{"date": DAY, "starts": ["18:30", "18:40", "19:00"]}])
    assert errors(doc, c1="18:30") == []
    [error] = errors(doc, c1="18:40")
    assert error.startswith("Rule 1: c1 at 2027-02-09T18:40 does not take 2 consecutive starts")
    assert errors(doc, c1="18:35")[0].startswith("Rule 1")


RULE_2 = [
    (document([talk("c1", "h1", "a"), talk("c2", "h2", "a")]), "instructor a"),
    (document([talk("c1", "h1", "a"), talk("c2", "h2", "b", "a")]), "instructor a"),
    (document([talk("c1", "h1", "a"), talk("c2", "h1", "b")]), "household h1"),
    (
        document(
            [
                talk("c1", "h1", "a", student="s", student_attends=True),
                talk("c2", "h2", "b", student="s", student_attends=True),
            ]
        ),
        "student s",
    ),
    (
        document(
            [talk("c1", "h1", "a"), talk("c2", "h2", "b")],
            rooms=[{"id": "A"}],
            instructors=[{"id": "a", "rooms": {DAY: "A"}}, {"id": "b", "rooms": {DAY: "A"}}],
        ),
        "room A",
    ),
    (
        document(
            [talk("c1", "h1", "a"), talk("c2", "h2", "b")],
            instructors=[{"id": "a", "household": "h2"}, {"id": "b"}],
        ),
        "own household h2",
    ),
]


@pytest.mark.parametrize(("doc", "shared"), RULE_2)
def test_rule_2_nobody_twice(doc, shared):
    [error] = errors(doc, c1="18:30", c2="18:30")
    assert error.startswith("Rule 2: c1") and "c2" in error and shared in error
    assert errors(doc, c1="18:30", c2="18:40") == []


def test_rule_2_counts_the_whole_length():
    doc = document([talk("c1", "h1", "a", slots=2), talk("c2", "h2", "a")])
    assert errors(doc, c1="18:30", c2="18:40")[0].startswith("Rule 2")
    assert errors(doc, c1="18:30", c2="18:50") == []


def test_rule_2_does_not_bind_a_student_who_stays_away_or_a_shared_room():
    doc = document([talk("c1", "h1", "a", student="s"), talk("c2", "h2", "b", student="s")])
    assert errors(doc, c1="18:30", c2="18:30") == []
    doc = dict(RULE_2[4][0], rooms=[{"id": "A", "shared": True}])
    assert errors(doc, c1="18:30", c2="18:30") == []


BLOCK = [[at("18:30"), at("18:40")]]
RULE_3 = [
    ({"instructors": [{"id": "men13", "unavailable": BLOCK}]}, {}, "instructor men13"),
    ({"households": [{"id": "h1", "unavailable": BLOCK}]}, {}, "household h1"),
    ({}, {"unavailable": BLOCK}, "the conversation itself"),
    (
        {"students": [{"id": "s", "unavailable": BLOCK}]},
        {"student": "s", "student_attends": True},
        "student s",
    ),
]


@pytest.mark.parametrize(("changes", "more", "who"), RULE_3)
def test_rule_3_unavailable(changes, more, who):
    doc = document([talk("c1", **more)], **changes)
    [error] = errors(doc, c1="18:30")
    assert error.startswith("Rule 3: c1") and who in error
    assert errors(doc, c1="18:40") == []


def test_rule_3_does_not_count_a_student_who_stays_away():
    assert (
        errors(document([talk("c1", student="s")], students=[{"id": "s", "unavailable": BLOCK}]), c1="18:30")
        == []
    )


def walk(minutes=None, flat=0, first=None, second=None, **changes):
    more = {**ROOMS, "walking_minutes": flat, **changes}
    if minutes is not None:
        more["walking"] = [{"from": "B", "to": "A", "minutes": minutes}]
    return document([talk("c1", "h1", "a", **(first or {})), talk("c2", "h1", "b", **(second or {}))], **more)


@pytest.mark.parametrize(
    ("doc", "second"),
    [
        (walk(minutes=4), "18:40"),
        (walk(flat=4), "18:40"),
        (walk(minutes=12, flat=0), "18:50"),
        (walk(flat=4, instructors=[{"id": "a"}, {"id": "b"}]), "18:40"),
        (walk(second={"mode": "online"}), "19:00"),
    ],
)
def test_rule_4_walking(doc, second):
    [error] = [each for each in errors(doc, c1="18:30", c2=second)]
    assert error.startswith("Rule 4: household h1 has") and "c1 and c2" in error


@pytest.mark.parametrize(
    ("doc", "second"),
    [
        (walk(minutes=0, flat=5), "18:40"),
        (walk(minutes=4), "18:50"),
        (walk(flat=5, instructors=[{"id": "a", "rooms": {DAY: "A"}}, {"id": "b"}], walking=[]), "18:50"),
        (walk(flat=5, first={"mode": "online"}, second={"mode": "online"}), "18:40"),
        (walk(travel_minutes=20, second={"mode": "online"}), "19:00"),
    ],
)
def test_rule_4_kept(doc, second):
    assert errors(doc, c1="18:30", c2=second) == []


def test_rule_4_is_about_consecutive_conversations_only():
    doc = walk(minutes=25)
    doc["conversations"].append(talk("c3", "h1", "c"))
    doc["instructors"].append({"id": "c", "rooms": {DAY: "C"}})
    assert errors(doc, c1="18:30", c2="18:50", c3=None)[0].startswith("Rule 4")
    assert errors(doc, c1="18:30", c2="18:50", c3="18:40") == []


def test_rule_5_apart():
    doc = document(
        [talk("c1", "h1", "a"), talk("c2", "h2", "b"), talk("c3", "h1", "c")],
        households=[{"id": "h1"}, {"id": "h2", "apart": [{"household": "h1", "minutes": 10}]}],
    )
    assert errors(doc, c1="18:30", c2="18:50", c3=None) == []
    for starts in (dict(c1="18:30", c2="18:40", c3=None), dict(c1="18:30", c2="18:50", c3="19:00")):
        [error] = errors(doc, **starts)
        assert error == "Rule 5: the stays of households h1 and h2 on 2027-02-09 are not 10 minutes apart."


def test_rule_6_a_pin_stays_and_overrides_with_a_warning():
    doc = document([talk("c1", pinned=at("18:30"), unavailable=BLOCK)])
    problem = load(doc)
    pinned = problem.conversations[0].pinned
    assert verify(problem, schedule_of(problem, {"c1": pinned + 10}))[0].startswith("Rule 6: c1 is pinned")
    assert verify(problem, schedule_of(problem, {"c1": None}))[0].startswith("Rule 6: c1 is pinned")
    [error] = verify(problem, schedule_of(problem, {"c1": pinned}))
    assert "no warning says so (pin_unavailable: c1)" in error
    notice = Notice("pin_unavailable", "c1 is pinned.", {"conversation": "c1"})
    assert verify(problem, schedule_of(problem, {"c1": pinned}, warnings=(notice,))) == []


def test_rule_6_only_pins_give_way_to_pins():
    doc = walk(minutes=4, first={"pinned": at("18:30")})
    assert errors(doc, c1="18:30", c2="18:40")[0].startswith("Rule 4")
    doc = walk(minutes=4, first={"pinned": at("18:30")}, second={"pinned": at("18:40")})
    assert "pin_walking: c1, c2" in errors(doc, c1="18:30", c2="18:40")[0]


def test_every_conversation_is_named_once():
    problem = load(document([talk("c1"), talk("c2", "h2")]))
    good = schedule_of(problem, {"c1": None, "c2": None})
    assert verify(problem, good) == []
    twice = dataclasses.replace(good, unplaced=good.unplaced + (Unplaced("c1", "time_limit"),))
    assert verify(problem, twice) == ["Conversation c1 is named 2 times; it must be placed or unplaced once."]
    missing = dataclasses.replace(good, unplaced=good.unplaced[:1])
    assert verify(problem, missing) == ["Conversation c2 is neither placed nor unplaced."]
    strange = dataclasses.replace(good, placements=(Placement("c9", 0),))
    assert verify(problem, strange) == [
        "The schedule names conversation c9, which the problem does not have."
    ]


def figured():
    """A problem whose every criterion is above 0, with a schedule; the figures are worked out by hand."""
    doc = document(
        [
            talk("early", "h1", "a", preference="early"),
            talk("late", "h1", "b", preference="late", previous=at("18:50")),
            talk("far", "h1", "a"),
            talk("must", "h2", "a", priority="must", rank=2, slots=2),
            talk("wanted", "h2", "a", rank=5),
            talk("next", "h3", "a"),
        ],
        dates=[
            {"date": DAY, "starts": ["18:30", "18:40", "18:50", "19:00"]},
            {"date": OTHER_DAY, "starts": ["18:30"]},
        ],
        instructors=[{"id": "a", "break": {"after": 1}}, {"id": "b"}],
    )
    problem = load(doc)
    starts = {
        "early": moment(at("18:50"), ""),
        "late": moment(at("18:30"), ""),
        "far": moment(at("18:30", OTHER_DAY), ""),
        "next": moment(at("19:00"), ""),
        "must": None,
        "wanted": None,
    }
    return problem, starts


def test_the_figures_of_a_worked_example():
    problem, starts = figured()
    schedule = schedule_of(problem, starts)
    criteria = schedule.criteria
    assert (criteria.must_unplaced, criteria.wanted_unplaced, criteria.households_with_nothing) == (1, 1, 1)
    assert (criteria.moved, criteria.extra_dates, criteria.waiting_minutes) == (1, 1, 10)
    assert (criteria.preferences_missed, criteria.breaks_missed) == (2, 1)
    # must 10000 × 2 slots × 0.8, wanted 1000 × 0.6, nothing, moved, date, a slot of waiting, 2 preferences
    assert schedule.objective == 16000 + 600 + 300 + 100 + 20 + 1 + 2
    assert schedule.instructors_objective == 2


def test_instructors_waiting_leaves_out_pauses_unavailable_time_and_due_breaks():
    starts = ["18:30", "18:42", "18:54", "19:06", "19:18"]
    doc = document(
        [talk(f"c{n}", f"h{n}") for n in range(3)],
        pause_minutes=2,
        dates=[{"date": DAY, "starts": starts}],
        instructors=[{"id": "men13", "unavailable": [[at("19:06"), at("19:16")]], "break": {"after": 1}}],
    )
    problem = load(doc)

    def waiting(*clocks):
        minutes = {f"c{n}": moment(at(clock), "") if clock else None for n, clock in enumerate(clocks)}
        criteria = schedule_of(problem, minutes).criteria
        return criteria.instructor_waiting_minutes, criteria.breaks_missed

    assert waiting("18:30", "18:42", None) == (0, 1)
    assert waiting("18:30", "18:54", None) == (0, 0)  # one idle slot is the break that is due
    assert waiting("18:42", "19:18", None) == (2, 0)  # 26 minutes less a pause, ten blocked, a break of 12
    assert waiting("18:30", "18:54", "19:18") == (0, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"objective": 1.0}, "The objective is 17023, not 1."),
        ({"instructors_objective": 7.0}, "The instructors_objective is 2, not 7."),
        ({"bound": 17023.5}, "The bound 17023.5 lies above the objective 17023."),
        ({"status": "optimal"}, "The status is optimal, but the bound leaves room for a better schedule."),
        ({"status": "optimal", "bound": None}, "The status is optimal, but the bound leaves room"),
        ({"bounds": Bounds(2, None)}, "The bound of must_unplaced is 2, but the schedule has 1."),
        ({"bounds": Bounds(1, 2)}, "The bound of wanted_unplaced is 2, but the schedule has 1."),
    ],
)
def test_wrong_figures(change, sentence):
    problem, starts = figured()
    [error] = verify(problem, schedule_of(problem, starts, **change))
    assert error.startswith(sentence)


@pytest.mark.parametrize("name", ["moved", "waiting_minutes", "breaks_missed", "households_with_nothing"])
def test_wrong_criteria(name):
    problem, starts = figured()
    schedule = schedule_of(problem, starts)
    criteria = dataclasses.replace(schedule.criteria, **{name: 77})
    real = getattr(schedule.criteria, name)
    assert verify(problem, dataclasses.replace(schedule, criteria=criteria)) == [
        f"Criterion {name} is {real}, not 77."
    ]


@pytest.mark.parametrize(("minutes", "good"), [(10, True), (11, False)])
@pytest.mark.parametrize("order", [("18:30", "18:50"), ("18:50", "18:30")])
def test_rule_5_to_the_minute_whoever_comes_first(minutes, good, order):
    doc = document(
        [talk("c1", "h1", "a"), talk("c2", "h2", "b")],
        households=[{"id": "h1", "apart": [{"household": "h2", "minutes": minutes}]}, {"id": "h2"}],
    )
    assert (errors(doc, c1=order[0], c2=order[1]) == []) is good
