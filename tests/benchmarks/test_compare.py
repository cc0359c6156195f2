"""The comparison measures processes of their own, can be resumed, and its table says what was found."""

import json
import subprocess
import sys

import pytest

from benchmarks import compare
from benchmarks.table import table

MACHINE = {"cores": 2, "cpu": "Some CPU", "python": "3.11.7", "ortools": "9.15"}
CRITERIA = (
    "must_unplaced",
    "wanted_unplaced",
    "households_with_nothing",
    "extra_dates",
    "waiting_minutes",
    "preferences_missed",
    "breaks_missed",
    "instructor_waiting_minutes",
)


def result(solver, seed, objective, bound, **more):
    found = {"size": "S", "seed": seed, "solver": solver, "limit": 5.0, "status": "good", "machine": MACHINE}
    found |= {
        "seconds": 4.0 + seed,
        "memory_mb": 100.0,
        "asked": 99,
        "placed": 90,
        **dict.fromkeys(CRITERIA, 1),
    }
    return {**found, "objective": objective, "bound": bound, **more}


def cells(text, solver):
    """The cells of a solver's row by their headings."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    headings, row = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (lines[0], next(line for line in lines if line.startswith(f"| {solver} |")))
    )
    return dict(zip(headings, row, strict=True))


def test_a_table_has_median_worst_and_the_distance_to_the_best_bound_of_all():
    rows = [result("ouderavond", seed, 100.0 + 10 * seed, 90.0) for seed in (1, 2, 3)]
    rows += [result("one_model", seed, 200.0, 50.0 + 20 * seed, waiting_minutes=seed) for seed in (1, 2, 3)]
    rows += [result("first_come", seed, 300.0, None) for seed in (1, 2, 3)]
    text = table(rows)
    ours, model, first = (
        cells(text, name) for name in ("**this engine**", "one CP-SAT model", "first come, first served")
    )
    assert text.startswith("2 cores of Some CPU, Python 3.11.7, OR-Tools 9.15.")
    assert ours["objective"] == "120.0 (130.0)" and ours["seconds"] == "6.0 (7.0)"
    assert ours["above best bound"] == "20.0 (30.0)"
    assert model["bound"] == "90.0 (70.0)" and model["waiting minutes"] == "2 (3)"
    # the best bounds are 90, 90 and 110
    assert model["above best bound"] == "110.0" and first["above best bound"] == "210.0"
    assert first["bound"] == "–" and first["placed / asked"] == "90 / 99"


def test_a_table_names_what_is_missing_what_failed_and_a_bound_that_is_wrong():
    base = {"size": "S", "seed": 1, "limit": 5.0, "machine": MACHINE}
    rows = [result("ouderavond", 1, 100.0, 100.0), result("one_model", 1, 99.0, None)]
    rows.append({**base, "solver": "timefold", "status": "not installed", "message": ""})
    rows.append({**base, "solver": "first_come", "status": "failed", "message": "Rule 2: both at once."})
    text = table(rows)
    assert cells(text, "Timefold")["placed / asked"] == "not installed"
    assert "Failed: S 1 first_come: Rule 2: both at once." in text
    assert "Wrong bound: S 1 one_model" in text and "Wrong bound: S 1 ouderavond" not in text


def test_a_process_is_measured_by_itself():
    script = "import sys, time; held = bytearray(60_000_000); time.sleep(0.3); sys.exit('a sentence')"
    # a child counts the memory of who starts it until it is another program: so from a small process
    starter = (
        "import json, sys; from benchmarks.compare import measured; "
        f"print(json.dumps(measured([sys.executable, '-c', {script!r}], 60)))"
    )
    started = subprocess.run([sys.executable, "-c", starter], capture_output=True, text=True, check=True)
    code, said, seconds, memory = json.loads(started.stdout)
    assert (code, said) == (1, "a sentence")
    assert seconds >= 0.3 and 57 < memory < 120


def test_runs_are_kept_one_by_one_and_resumed(tmp_path, capsys, monkeypatch):
    output = tmp_path / "results.jsonl"
    asked = ["--sizes", "S", "--seeds", "1", "--our-seconds", "1", "--output", str(output)]
    assert compare.main([*asked, "--solvers", "first_come"]) == 0
    first = output.read_text()
    assert compare.main([*asked, "--solvers", "first_come,ouderavond", "--resume"]) == 0
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert output.read_text().startswith(first)
    assert [line["solver"] for line in lines] == ["first_come", "ouderavond"]
    assert all(line["status"] == "good" and line["memory_mb"] > 1 for line in lines)
    assert lines[1]["objective"] <= lines[0]["objective"] and lines[1]["bound"] is not None
    capsys.readouterr()
    monkeypatch.setattr(compare, "_run", None)
    assert compare.main(["--table", str(output)]) == 0
    assert "first come, first served" in capsys.readouterr().out


def test_a_schedule_that_breaks_a_rule_is_a_failed_run(tmp_path, monkeypatch):
    def nothing(job, problem, schedule):
        return [sys.executable, "-c", f"open({schedule!r}, 'w').write('{{}}')"]

    monkeypatch.setattr(compare, "command", nothing)
    output = tmp_path / "results.jsonl"
    asked = ["--sizes", "S", "--seeds", "1", "--solvers", "first_come", "--output", str(output)]
    assert compare.main(asked) == 1
    assert json.loads(output.read_text())["status"] == "failed"


def test_times_are_a_number_or_a_list_of_sizes():
    assert compare._seconds("7") == dict.fromkeys(compare.OUR_SECONDS, 7.0)
    assert compare._seconds("S=2,L=40") == {**compare.OUR_SECONDS, "S": 2.0, "L": 40.0}


def test_an_unknown_size_is_refused(capsys):
    with pytest.raises(SystemExit):
        compare.main(["--sizes", "S,Q"])
    assert "unknown: Q" in capsys.readouterr().err
