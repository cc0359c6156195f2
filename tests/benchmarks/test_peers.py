"""Every peer keeps the rules, and is as good as it says it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import NOT_INSTALLED
from benchmarks.generate import generate, write
from benchmarks.judge import judge, schedule_of
from benchmarks.peers.first_come import solve_first_come
from benchmarks.peers.one_model import solve_one_model
from benchmarks.peers.placement_first import solve_placement_first
from benchmarks.peers.tables import Answer
from benchmarks.run import PEERS, main
from ouderavond.scheduler import load, load_schedule
from tests.benchmarks.small import DAY, least, part_of, tiny

ROOT = Path(__file__).parent.parent.parent


def figures(problem, answer):
    return judge(problem, schedule_of(problem, answer))


@pytest.mark.parametrize("solve", [solve_one_model, solve_placement_first, solve_first_come])
def test_a_peer_keeps_every_rule_and_its_bound_holds(solve):
    problem = part_of("M", 1, 14)
    found = figures(problem, solve(problem, 1.0, 1))
    assert found["placed"] > 0.8 * found["asked"]
    assert found["bound"] is None or found["bound"] <= found["objective"]


@pytest.mark.parametrize("seed", range(4))
def test_one_model_finds_and_proves_what_brute_force_finds(seed):
    problem = tiny(seed)
    found = figures(problem, solve_one_model(problem, 20.0, 1))
    assert found["objective"] == pytest.approx(least(problem))
    assert found["bound"] == pytest.approx(found["objective"])


def test_no_peer_is_better_than_the_proven_bound():
    problem = tiny(7)
    best = least(problem)
    for solve in (solve_placement_first, solve_first_come):
        found = figures(problem, solve(problem, 2.0, 1))
        assert found["objective"] >= best - 1e-6
        assert found["bound"] is None or found["bound"] <= best + 1e-6


def test_placement_first_makes_evenings_better_without_placing_less():
    problem = part_of("M", 2, 12)
    first = figures(problem, solve_first_come(problem, 1.0, 1))
    found = figures(problem, solve_placement_first(problem, 1.0, 1))
    assert found["objective"] <= first["objective"]


@pytest.mark.parametrize("size", ["S", "M"])
@pytest.mark.parametrize("seed", [1, 2])
def test_first_come_never_puts_anyone_in_two_places(size, seed):
    problem = load(generate(size, seed))
    answer = solve_first_come(problem, 1.0, seed)
    assert figures(problem, answer)["placed"] > 0.8 * len(problem.conversations)
    taken = set()
    for item in problem.conversations:
        for slot in range(item.slots if item.id in answer.starts else 0):
            minute = answer.starts[item.id] + 10 * slot
            who = {*item.instructors, item.household}
            who |= {item.student} if item.student_attends else set()
            assert taken.isdisjoint({(name, minute) for name in who})
            taken |= {(name, minute) for name in who}


def test_first_come_depends_on_who_comes_first_and_on_nothing_else():
    problem = load(generate("S", 1))
    answers = [solve_first_come(problem, 1.0, seed).starts for seed in (1, 1, 2)]
    assert answers[0] == answers[1] != answers[2]


def test_first_come_takes_what_is_nearest_with_time_to_walk():
    talks = [{"id": f"c{n}", "household": "h1", "instructors": [f"i{n}"]} for n in (1, 2)]
    problem = load(
        {
            "format": "ouderavond-problem/1",
            "slot_minutes": 10,
            "walking_minutes": 5,
            "dates": [{"date": DAY, "starts": ["18:30", "18:40", "18:50", "19:00"]}],
            "instructors": [{"id": "i1"}, {"id": "i2"}],
            "households": [{"id": "h1"}],
            "conversations": talks,
        }
    )
    starts = solve_first_come(problem, 1.0, 1).starts
    assert abs(starts["c1"] - starts["c2"]) == 20


def test_an_answer_that_breaks_a_rule_is_an_error():
    problem = tiny(0)
    start = problem.dates[0].starts[0]
    with pytest.raises(ValueError, match="Rule"):
        figures(problem, Answer({item.id: start for item in problem.conversations}))


def test_a_bound_above_the_objective_is_an_error():
    problem = tiny(0)
    with pytest.raises(ValueError, match="bound"):
        figures(problem, Answer({}, bound=1e9))


def test_timefold_keeps_every_rule_and_finds_a_good_schedule(tmp_path):
    pytest.importorskip("timefold", reason="the Timefold peer is not installed")
    document = generate("S", 1)
    write(document, tmp_path / "problem.json")
    files = [str(tmp_path / name) for name in ("problem.json", "schedule.json")]
    # A process of its own, as the peer starts Java within its own.
    line = [sys.executable, "-m", "benchmarks.run", "timefold", *files, "--seconds", "2"]
    subprocess.run(line, check=True, cwd=ROOT)
    schedule = load_schedule(json.loads((tmp_path / "schedule.json").read_text()))
    found = judge(load(document), schedule)
    assert found["placed"] > 0.8 * found["asked"] and found["bound"] is None


def test_a_peer_that_is_not_installed_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(PEERS, "timefold", ("no_such_module", "solve"))
    problem = str(tmp_path / "problem.json")
    assert main(["timefold", problem, problem, "--seconds", "1"]) == NOT_INSTALLED
    assert "not installed" in capsys.readouterr().err
