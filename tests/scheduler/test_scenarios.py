"""Several sets of weights in one call: reading them, their schedules, and the comparison."""

import json
import re
import sys
import time
from dataclasses import replace

import pytest

from ouderavond.scheduler import load, load_schedule, verify
from ouderavond.scheduler.cli import main
from ouderavond.scheduler.files import file_names
from ouderavond.scheduler.problem import Weights
from ouderavond.scheduler.reading import moment
from ouderavond.scheduler.scenarios import (
    ScenariosError,
    compare,
    load_scenarios,
    scenario_problem,
    solve_scenarios,
)
from ouderavond.scheduler.verify import figures

from .builders import OTHER_DAY, at, document, random_document, schedule_of, talk


def scenarios(*named, **more):
    return {
        "format": "ouderavond-scenarios/1",
        "scenarios": [{"name": name, "weights": weights} for name, weights in named],
        **more,
    }


def crowded():
    """One instructor, two slots: a double conversation of rank 2, or two single ones of later rank."""
    conversations = [
        talk("double", "h1", slots=2, rank=2),
        talk("one", "h2", rank=3),
        talk("other", "h3", rank=3, preference="early"),
    ]
    doc = document(conversations, weights={"nothing": 0, "wanted": 10, "preference": 2.5})
    doc["dates"][0]["starts"] = ["18:30", "18:40"]
    return load(doc)


def test_weights_that_a_scenario_does_not_name_are_the_problems():
    problem = crowded()
    found = load_scenarios(scenarios(("as it is", {}), ("fair", {"nothing": 500})), problem)
    assert list(found) == ["as it is", "fair"] and found["as it is"] == problem.weights
    assert found["fair"] == replace(problem.weights, nothing=500) and found["fair"].preference == 2.5


BAD = [
    ({"format": "x"}, "format", "expected one of ouderavond-scenarios/1"),
    ({"scenarios": []}, "scenarios", "expected at least one scenario"),
    ({"scenarios": [{"name": ""}]}, "scenarios[0].name", "expected a text of 1 to 200 characters"),
    ({"scenarios": [{"name": "a", "weights": {"wait": 1}}]}, "scenarios[0].weights.wait", "unknown key"),
    ({"scenarios": [{"name": "a", "weights": {"must": -1}}]}, "scenarios[0].weights.must", "from 0 to"),
    ({"scenarios": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}, "scenarios[2].name", "scenarios[0]"),
    ({"weights": {}}, "weights", "unknown key"),
]


@pytest.mark.parametrize(("change", "path", "expected"), BAD, ids=[path for _, path, _ in BAD])
def test_a_wrong_value_is_named_with_its_path(change, path, expected):
    with pytest.raises(ScenariosError) as caught:
        load_scenarios({**scenarios(("a", {})), **change}, crowded())
    assert caught.value.path == path and expected in caught.value.expected


def test_each_scenario_gets_the_schedule_its_weights_ask_for():
    problem = crowded()
    found = solve_scenarios(problem, {"slots": {}, "families": {"nothing": 500}}, time_limit=10, threads=1)
    placed = {name: sorted(each.conversation for each in it.placements) for name, it in found.items()}
    assert placed == {"slots": ["double"], "families": ["one", "other"]}
    assert verify(scenario_problem(problem, replace(problem.weights, nothing=500)), found["families"]) == []
    assert found["families"].objective == 10 * 2 * 0.8 + 500 + 0 * 2.5


@pytest.mark.parametrize("seed", [3, 8])
def test_every_schedule_keeps_the_rules_with_its_own_weights(seed):
    problem = load(random_document(seed))
    wanted = {"plain": Weights(), "other": Weights(50, 20, 5, 30, 2, 7, 3, 1, 1)}
    for name, schedule in solve_scenarios(problem, wanted, time_limit=10, threads=1).items():
        assert verify(scenario_problem(problem, wanted[name]), schedule) == []


def test_what_one_run_leaves_of_the_time_goes_to_those_after_it(monkeypatch):
    limits, clock = [], [0.0]
    module = sys.modules["ouderavond.scheduler.solve"]

    def solved(problem, *, time_limit, **_):
        limits.append(time_limit)
        clock[0] += 10.0 if len(limits) == 1 else time_limit
        return schedule_of(problem, {item.id: None for item in problem.conversations})

    monkeypatch.setattr(module, "solve", solved)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    solve_scenarios(crowded(), {"a": {}, "b": {}, "c": {}}, time_limit=90)
    assert limits == [30.0, 40.0, 40.0]


def test_stopping_keeps_what_is_there_and_begins_nothing_new():
    seen, ready = [], []
    found = solve_scenarios(
        crowded(),
        {"a": {}, "b": {}, "c": {}},
        time_limit=10,
        threads=1,
        on_progress=lambda name, _: seen.append(name),
        should_stop=lambda: "b" in seen,
        on_schedule=lambda name, _: ready.append(name),
    )
    assert list(found) == ready == ["a", "b"] and set(seen) == {"a", "b"}


def test_the_comparison_values_every_schedule_under_every_weights():
    problem = load(
        document(
            [talk("c1"), talk("c2", "h1", "b"), talk("c3", "h2", preference="early"), talk("c4", "h3", "b")],
            dates=[
                {"date": "2027-02-09", "starts": ["18:30", "18:40", "18:50", "19:00"]},
                {"date": OTHER_DAY, "starts": ["18:30"]},
            ],
        )
    )
    wanted = {"one": Weights(), "two": replace(Weights(), waiting=1, date=0.5, preference=90)}

    def schedule(**starts):
        return {name: None if text is None else moment(text, "") for name, text in starts.items()}

    first = schedule(c1=at("18:30"), c2=at("19:00"), c3=at("18:50"), c4=at("18:30"))
    second = schedule(c1=at("18:30"), c2=at("18:30", OTHER_DAY), c3=at("18:40"), c4=None)
    made = {
        name: schedule_of(scenario_problem(problem, wanted[name]), starts)
        for name, starts in (("one", first), ("two", second))
    }
    one, two = compare(problem, wanted, made)
    assert (one.placed, one.waiting_worst, one.waiting_mean) == (4, 20, 20 / 3)
    assert (one.instructor_waiting_worst, one.differs, two.differs) == (20, 0, 3)
    for row in (one, two):
        for name, weights in wanted.items():
            _, value, _ = figures(scenario_problem(problem, weights), made[row.name])
            assert row.values[name] == pytest.approx(value)
    assert (one.better, two.better) == (None, "one")
    assert two.gap == two.objective and one.to_dict()["weights"]["break"] == 2


def test_files_get_names_that_are_safe_and_their_own():
    names = ["Ruim", "ruim", "../../etc/passwd", "één/twee", "", "中文", "comparison", "a" * 300]
    found = file_names(names, taken=["comparison.json"])
    assert list(found.values())[:7] == [
        "Ruim.json",
        "ruim-2.json",
        "etc-passwd.json",
        "een-twee.json",
        "scenario.json",
        "scenario-2.json",
        "comparison-2.json",
    ]
    assert len(found["a" * 300]) < 100


def run(*arguments):
    return main([str(each) for each in arguments])


@pytest.fixture
def files(tmp_path):
    problem, wanted = tmp_path / "problem.json", tmp_path / "scenarios.json"
    problem.write_text(json.dumps(document([talk("c1"), talk("c2", "h2")])))
    wanted.write_text(json.dumps(scenarios(("As it is", {}), ("Strict: early", {"preference": 50}))))
    return problem, wanted, tmp_path / "new" / "out"


def test_the_command_writes_a_schedule_each_and_a_comparison(files, capsys):
    problem, wanted, out = files
    assert run("scenarios", problem, wanted, "--output-dir", out, "--time-limit", 10, "--progress") == 0
    shown = capsys.readouterr()
    assert re.search(r"^ +As it is +Strict: early$", shown.out, re.MULTILINE)
    assert re.search(r"^Placed +2 +2$", shown.out, re.MULTILINE)
    assert any(line.startswith("Strict: early ") for line in shown.err.splitlines())
    assert sorted(each.name for each in out.iterdir()) == [
        "As-it-is.json",
        "Strict-early.json",
        "comparison.json",
    ]
    rows = json.loads((out / "comparison.json").read_text())["scenarios"]
    assert [(row["name"], row["file"], row["gap"]) for row in rows] == [
        ("As it is", "As-it-is.json", 0),
        ("Strict: early", "Strict-early.json", 0),
    ]
    schedule = load_schedule(json.loads((out / "Strict-early.json").read_text()))
    problem = load(json.loads(problem.read_text()))
    assert verify(scenario_problem(problem, replace(problem.weights, preference=50)), schedule) == []


def test_a_wrong_scenarios_file_ends_with_2(files, capsys):
    problem, wanted, out = files
    wanted.write_text(json.dumps(scenarios(("a", {}), ("a", {}))))
    assert run("scenarios", problem, wanted, "--output-dir", out) == 2
    said = capsys.readouterr().err
    assert "scenarios[1].name: 'a' is already used by scenarios[0]" in said and not out.exists()
    wanted.write_text(json.dumps(scenarios(("a", {}))))
    assert run("scenarios", problem, wanted, "--output-dir", problem) == 2
    assert "cannot be written: File exists." in capsys.readouterr().err
