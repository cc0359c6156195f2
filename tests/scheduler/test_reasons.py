"""Reasons, facts and alternatives: each is true of the schedule, checked with the checker alone."""

import dataclasses
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouderavond.scheduler import ProblemError, load, solve
from ouderavond.scheduler.demo import demo_problem
from ouderavond.scheduler.grid import Grid
from ouderavond.scheduler.reading import moment
from ouderavond.scheduler.reasons import explain
from ouderavond.scheduler.score import Score
from ouderavond.scheduler.state import first_schedule

from .builders import OTHER_DAY, all_schedules, at, broken_rules, document, random_document, schedule_of, talk

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


SEARCH = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def starts_of(problem, schedule):
    starts = {item.id: None for item in problem.conversations}
    starts.update((item.conversation, item.start) for item in schedule.placements)
    return starts


def crowded(seed):
    """A random problem with so much asked that something stays out."""
    try:
        return load(random_document(seed, 5))
    except ProblemError:
        return None


def possible_starts(problem, name):
    """The starts at which a conversation alone keeps rules 1 and 3, by the checker."""
    item = dataclasses.replace(problem.conversation[name], pinned=None)
    alone = dataclasses.replace(problem, conversations=(item,))
    grid = [start for day in problem.dates for start in day.starts]
    return [start for start in grid if not broken_rules(alone, schedule_of(alone, {name: start}))]


def blocked_sides(problem, starts, name, start):
    """What the checker has against a conversation at a start of the schedule."""
    sentences = broken_rules(problem, schedule_of(problem, {**starts, name: start}))
    return " ".join(each for each in sentences if f" {name} " in each or "Rule 4" in each or "Rule 5" in each)


@SEARCH
@given(st.integers(0, 10**6))
def test_reasons_are_true(seed):
    problem = crowded(seed)
    if problem is None:
        return
    schedule = solve(problem, time_limit=20, threads=1)
    starts = starts_of(problem, schedule)
    for item in schedule.unplaced:
        name = item.conversation
        possible = possible_starts(problem, name)
        against = [blocked_sides(problem, starts, name, start) for start in possible]
        assert (item.reason == "no_common_time") == (not possible)
        if item.reason == "household_full":
            assert all("household" in each or "student" in each for each in against)
        if item.reason == "instructor_full":
            assert all("instructor" in each for each in against)
        if item.reason == "room_full":
            assert all("room" in each for each in against)
        assert item.reason != "time_limit"


@SEARCH
@given(st.integers(0, 10**6))
def test_what_is_displaced_weighs_no_less(seed):
    problem = crowded(seed)
    if problem is None or len(problem.dates) > 1:
        return
    schedule = solve(problem, time_limit=20, threads=1)
    wanted = {item.conversation for item in schedule.unplaced if item.reason == "displaces"}
    if not wanted:
        return
    for other in all_schedules(problem):
        if wanted & {item.conversation for item in other.placements}:
            assert other.objective >= schedule.objective - 1e-6


@SEARCH
@given(st.integers(0, 10**6))
def test_alternatives_are_possible(seed):
    problem = crowded(seed)
    if problem is None:
        return
    schedule = solve(problem, time_limit=20, threads=1)
    starts = starts_of(problem, schedule)
    for item in schedule.unplaced:
        for option in item.alternatives:
            changed = changed_problem(problem, item.conversation, option)
            new = {**starts, item.conversation: option.start}
            new.update((move.conversation, move.start) for move in option.moves)
            assert broken_rules(changed, schedule_of(changed, new)) == []


def changed_problem(problem, name, option):
    """The problem after people have decided on an alternative."""
    moved = {move.conversation for move in option.moves}
    conversations = []
    for item in problem.conversations:
        if item.id in moved:
            item = dataclasses.replace(item, pinned=None)
        if item.id == name and option.kind == "other_instructor":
            item = dataclasses.replace(item, instructors=(option.instructor,))
        if item.id == name and option.kind == "online":
            item = dataclasses.replace(item, mode="online")
        if item.id == name and option.kind == "other_date":
            item = dataclasses.replace(item, unavailable=())
        conversations.append(item)
    changed = dataclasses.replace(problem, conversations=tuple(conversations))
    if option.kind == "other_date":
        changed = dataclasses.replace(
            changed,
            households=tuple(dataclasses.replace(each, unavailable=()) for each in problem.households),
            students=tuple(dataclasses.replace(each, unavailable=()) for each in problem.students),
        )
    return changed


def test_reasons_of_a_school_are_quick():
    grid = Grid(load(demo_problem(1300, 1)))
    score = Score(grid)
    state = first_schedule(grid, score)
    before = list(state.start)
    began = time.process_time()
    found = explain(grid, score, state, proven=True)
    assert len(found) > 150
    assert time.process_time() - began < 4
    assert state.start == before
