"""The solver against brute force, and what it promises: limits, cancelling, pins, repeatability."""

import dataclasses
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouderavond.scheduler import ProblemError, load, load_schedule, solve, verify
from ouderavond.scheduler import solve as solve_function
from ouderavond.scheduler.demo import demo_problem
from ouderavond.scheduler.grid import Grid
from ouderavond.scheduler.score import Score
from ouderavond.scheduler.state import first_schedule

from .builders import DAY, all_schedules, at, document, random_document, schedule_of, talk

QUICK = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def loaded(seed, conversations=4):
    try:
        return load(random_document(seed, conversations))
    except ProblemError:  # a pin that does not fit
        return None


@QUICK
@given(st.integers(0, 10**6))
def test_optimal_means_optimal(seed):
    problem = loaded(seed)
    if problem is None:
        return
    schedule = solve(problem, time_limit=20, threads=1)
    least = min(each.objective for each in all_schedules(problem))
    assert schedule.status == "optimal"
    assert schedule.objective == pytest.approx(least)


@QUICK
@given(st.integers(0, 10**6))
def test_counts_are_the_least_possible(seed):
    problem = loaded(seed, 3)
    if problem is None:
        return
    found = [each.criteria for each in all_schedules(problem)]
    must = min(each.must_unplaced for each in found)
    wanted = min(each.wanted_unplaced for each in found if each.must_unplaced == must)
    bounds = solve(problem, time_limit=20, threads=1).bounds
    assert (bounds.must_unplaced, bounds.wanted_unplaced) == (must, wanted)


@settings(QUICK, max_examples=25)
@given(st.integers(0, 10**6))
def test_the_way_of_large_schools_keeps_rules_and_bound_too(seed):
    """The relaxation, diving and neighbourhoods on problems small enough for brute force."""
    problem = loaded(seed)
    if problem is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["ouderavond.scheduler.solve"], "WHOLE", 0)
        schedule = solve(problem, time_limit=20, threads=1)
    schedules = list(all_schedules(problem))
    least = min(each.objective for each in schedules)
    assert schedule.bound <= least + 1e-6
    assert least - 1e-6 <= schedule.objective
    if schedule.status == "optimal":
        assert schedule.objective == pytest.approx(least)
    bounds, must = schedule.bounds, min(each.criteria.must_unplaced for each in schedules)
    assert bounds.must_unplaced in (None, must)


@settings(QUICK, max_examples=150)
@given(st.integers(0, 10**6))
def test_the_first_schedule_and_its_score_agree_with_the_checker(seed):
    problem = loaded(seed, 6)
    if problem is None:
        return
    grid = Grid(problem)
    score = Score(grid)
    start = first_schedule(grid, score).start
    minutes = {
        item.id: grid.starts[cell] if cell >= 0 else None
        for item, cell in zip(problem.conversations, start, strict=True)
    }
    checked = schedule_of(problem, minutes)
    assert [each for each in verify(problem, checked) if "no warning says so" not in each] == []
    assert score.criteria(start) == checked.criteria
    assert score.families(start) / score.scale == pytest.approx(checked.objective)


@pytest.mark.parametrize(
    "doc",
    [
        document([]),
        document([], dates=[]),
        document([talk("c1")], dates=[]),
        document([talk("c1")], dates=[{"date": DAY, "starts": ["18:30"]}]),
        document([talk("c1", slots=9)]),
        document([talk("c1")], instructors=[{"id": "men13", "unavailable": [[at("18:00"), at("20:00")]]}]),
        document([talk(f"c{n}", f"h{n}") for n in range(200)]),
        document([talk(f"c{n}", "h1", f"i{n}") for n in range(12)]),
        document([talk("c1")], weights=dict.fromkeys(("must", "wanted", "nothing", "waiting"), 0)),
    ],
    ids=[
        "empty",
        "no dates",
        "nowhere",
        "one slot",
        "too long",
        "no time",
        "200 for one",
        "12 for one",
        "weightless",
    ],
)
def test_odd_problems_get_an_answer(doc):
    problem = load(doc)
    schedule = solve(problem, time_limit=10, threads=1)
    assert schedule.status == "optimal"
    assert verify(problem, load_schedule(schedule.to_dict())) == []


def test_the_document_survives_reading_and_writing():
    schedule = solve(load(random_document(3, 5)), time_limit=5, threads=1)
    assert load_schedule(schedule.to_dict()) == schedule


def test_pins_hold_and_what_they_override_is_named():
    doc = document(
        [talk("c1", pinned=at("18:30"), unavailable=[[at("18:30"), at("18:40")]]), talk("c2", "h2")],
        households=[{"id": "h1", "apart": [{"household": "h2", "minutes": 20}]}, {"id": "h2"}],
    )
    schedule = solve(load(doc), time_limit=5, threads=1)
    starts = {item["conversation"]: item["start"] for item in schedule.to_dict()["placements"]}
    assert starts == {"c1": at("18:30"), "c2": at("19:00")}
    assert [notice.code for notice in schedule.warnings] == ["pin_unavailable"]


def test_previous_starts_are_kept_unless_something_better_needs_them():
    talks = [
        talk(f"c{n}", f"h{n}", previous=at(start)) for n, start in enumerate(("19:00", "18:40", "18:50"))
    ]
    problem = load(document(talks))
    assert solve(problem, time_limit=5, threads=1).criteria.moved == 0
    blocked = document(talks, instructors=[{"id": "men13", "unavailable": [[at("18:40"), at("18:50")]]}])
    schedule = solve(load(blocked), time_limit=5, threads=1)
    assert (schedule.criteria.moved, len(schedule.placements)) == (1, 3)


@pytest.mark.parametrize("planned", ["c1", "c2", "c3"])
def test_of_equally_good_schedules_a_re_run_keeps_those_who_had_a_place(planned):
    """Three weigh the same and one slot is left: whoever had it keeps it."""
    talks = [talk(f"c{n}", f"h{n}") for n in (1, 2, 3)]
    talks[int(planned[1]) - 1]["previous"] = at("18:40")
    away = [{"id": "men13", "unavailable": [[at("18:30"), at("18:40")], [at("18:50"), at("19:10")]]}]
    schedule = solve(load(document(talks, instructors=away)), time_limit=5, threads=1)
    assert [item.conversation for item in schedule.placements] == [planned]


@pytest.mark.parametrize("whole", [60, 0], ids=["exact", "as a large school"])
def test_the_fewest_moves_are_proven(whole):
    """The first slot is gone; of three conversations in a row one has to move, to the free last slot."""
    talks = [
        talk(f"c{n}", f"h{n}", previous=at(start)) for n, start in enumerate(("18:30", "18:40", "18:50"))
    ]
    away = [{"id": "men13", "unavailable": [[at("18:30"), at("18:40")]]}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["ouderavond.scheduler.solve"], "WHOLE", whole)
        schedule = solve(load(document(talks, instructors=away)), time_limit=5, threads=1)
    assert (schedule.criteria.moved, schedule.bounds.moved, schedule.status) == (1, 1, "optimal")
    lied = dataclasses.replace(schedule, bounds=dataclasses.replace(schedule.bounds, moved=2))
    assert verify(load(document(talks, instructors=away)), lied) == [
        "The bound of moved is 2, but the schedule has 1."
    ]


def test_weights_in_an_unusual_order_are_pointed_out():
    usual = solve(load(document([talk("c1")])), time_limit=5, threads=1)
    odd = solve(load(document([talk("c1")], weights={"date": 5000})), time_limit=5, threads=1)
    assert usual.warnings == ()
    assert {notice.code for notice in odd.warnings} == {"weights_order"}


def test_cancelling_keeps_the_best_so_far():
    problem = load(demo_problem(300, 2))
    seen = []
    began = time.monotonic()
    schedule = solve(
        problem, time_limit=60, threads=2, on_progress=seen.append, should_stop=lambda: len(seen) > 3
    )
    assert time.monotonic() - began < 15
    assert schedule.status == "cancelled"
    assert len(schedule.placements) >= seen[0].placed > 0
    assert verify(problem, schedule) == []


def test_progress_only_gets_better_and_comes_from_the_calling_thread():
    import threading

    threads, seen = set(), []

    def watch(progress):
        threads.add(threading.get_ident())
        seen.append(progress)

    schedule = solve(load(demo_problem(150, 1)), time_limit=5, threads=2, on_progress=watch)
    assert threads == {threading.get_ident()}
    assert all(b.bound >= a.bound for a, b in zip(seen, seen[1:], strict=False))
    assert all(a.objective >= b.objective for a, b in zip(seen, seen[1:], strict=False))
    assert seen[-1].objective == pytest.approx(schedule.objective)
    assert list(schedule.progress) == seen


def test_the_time_limit_holds():
    began = time.monotonic()
    solve(load(demo_problem(500, 3)), time_limit=3, threads=2)
    assert time.monotonic() - began < 8


def test_the_same_seed_and_work_give_the_same_schedule():
    problem = load(demo_problem(200, 5))
    one, other = (solve(problem, time_limit=None, work_limit=3, seed=7, threads=1) for _ in range(2))
    assert one.placements == other.placements
    assert dataclasses.replace(one, seconds=0, progress=()) == dataclasses.replace(
        other, seconds=0, progress=()
    )


def test_instructors_gain_without_cost_to_families():
    problem = load(demo_problem(120, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["ouderavond.scheduler.solve"], "improve_instructors", lambda *_: None)
        before = solve(problem, time_limit=None, work_limit=4, threads=1)
    after = solve(problem, time_limit=None, work_limit=4, threads=1)
    assert after.objective <= before.objective
    assert after.instructors_objective < before.instructors_objective


def test_a_bad_schedule_is_never_returned(monkeypatch):
    module = sys.modules["ouderavond.scheduler.solve"]
    monkeypatch.setattr(module, "verify", lambda *_: ["Rule 2: broken."])
    with pytest.raises(module.InternalError, match="Rule 2: broken"):
        solve_function(load(document([talk("c1")])), time_limit=2)


def test_the_engine_needs_no_platform_and_loads_nothing_heavy():
    program = (
        "import sys, ouderavond.scheduler.cli; print([m for m in ('frappe', 'ortools') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
