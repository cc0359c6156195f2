"""The command line: exit codes, sentences, and files."""

import json
import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from ouderavond.scheduler import load
from ouderavond.scheduler.cli import main
from ouderavond.scheduler.console import summary
from ouderavond.scheduler.files import write

from .builders import document, schedule_of, talk


@pytest.fixture
def files(tmp_path):
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(document([talk("c1"), talk("c2", "h2")])))
    return problem, tmp_path / "schedule.json"


def run(*arguments):
    return main([str(each) for each in arguments])


def test_solve_and_check(files, capsys):
    problem, schedule = files
    assert run("solve", problem, "--output", schedule, "--time-limit", 5) == 0
    shown = capsys.readouterr().out
    assert re.search(r"Placed +2 of 2", shown) and re.search(
        r"Must-see not placed +0 \(proven minimum 0\)", shown
    )
    assert json.loads(schedule.read_text())["status"] == "optimal"
    assert run("check", problem, schedule) == 0
    assert capsys.readouterr().out.startswith("Good: 2 of 2")


def test_the_summary_tells_the_gap_per_family():
    problem = load(document([talk("c1"), talk("c2", "h2"), talk("c3", "h2", slots=3)]))
    first = problem.dates[0].starts[0]
    schedule = schedule_of(problem, {"c1": first, "c2": first + 10, "c3": None}, bound=2998.5)
    assert "3000.0 and 2998.5: gap 1.5 (0.05 %), 0.75 per family" in summary(problem, schedule)


def test_nothing_heavy_is_loaded_before_it_is_needed():
    program = (
        "import sys, ouderavond.scheduler.cli; print([m for m in ('numpy', 'ortools') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_check_says_what_is_wrong_and_ends_with_1(files, capsys):
    problem, schedule = files
    run("solve", problem, "--output", schedule, "--time-limit", 5)
    wrong = json.loads(schedule.read_text())
    wrong["placements"][0]["start"] = wrong["placements"][1]["start"]
    wrong["criteria"]["moved"] = 3
    schedule.write_text(json.dumps(wrong))
    assert run("check", problem, schedule) == 1
    assert capsys.readouterr().err.splitlines() == [
        "Rule 2: c1 and c2 overlap and share instructor men13.",
        "Criterion moved is 0, not 3.",
    ]
    assert run("report", problem, schedule, "--output", schedule.with_suffix(".html")) == 1


BAD = [
    ("{", "is not valid JSON: Expecting property name enclosed in double quotes at line 1, column 2."),
    ('{"format":\n 1,}', "at line 2, column 4."),
    ('{"format": 1, "format": 2}', "the key 'format' occurs twice"),
    ("[" * 100_000, "nested too deeply"),
    ('{"slot_minutes": ' + "9" * 5000 + "}", "is not valid input"),
    ("[]", "document: expected an object, found []"),
    ('{"format": "ouderavond-problem/1"}', "slot_minutes: is required"),
    (b"\xff\xfe", "is not UTF-8 text"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_bad_input_ends_with_2_and_one_sentence(tmp_path, capsys, content, sentence):
    path = tmp_path / "bad.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert run("solve", path, "--output", tmp_path / "out.json") == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and sentence in said and len(said.splitlines()) == 1
    assert not (tmp_path / "out.json").exists()


def test_files_that_are_not_there(files, tmp_path, capsys):
    problem, schedule = files
    assert run("check", problem, schedule) == 2
    assert "schedule.json cannot be read: No such file or directory." in capsys.readouterr().err
    assert run("solve", problem, "--output", tmp_path / "no" / "out.json") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_schedule_that_is_none(files, capsys):
    problem, schedule = files
    schedule.write_text('{"format": "ouderavond-schedule/1", "status": "best"}')
    assert run("check", problem, schedule) == 2
    assert "status: expected one of optimal, feasible, cancelled, found 'best'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "option", [("--time-limit", "0"), ("--threads", "-1"), ("--seed", "x"), ("--work-limit", "inf")]
)
def test_impossible_options(files, option):
    problem, schedule = files
    with pytest.raises(SystemExit) as caught:
        run("solve", problem, "--output", schedule, *option)
    assert caught.value.code == 2


def test_progress_is_lines_when_it_is_no_terminal(files, capsys):
    problem, schedule = files
    run("solve", problem, "--output", schedule, "--work-limit", 5, "--threads", 1, "--progress")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2 and all("placed" in line and "\r" not in line for line in lines)


def test_the_module_can_be_run(tmp_path):
    out = tmp_path / "demo.json"
    command = [sys.executable, "-m", "ouderavond.scheduler"]
    subprocess.run([*command, "demo", "--students", "60", "--output", out], check=True, capture_output=True)
    bad = subprocess.run([*command, "check", out, out], capture_output=True, text=True)
    assert bad.returncode == 2 and "slot_minutes: unknown key" in bad.stderr


def test_the_demo_is_the_same_school_each_time_and_of_the_size_of_one(tmp_path):
    for name in ("one", "other"):
        assert run("demo", "--students", 1300, "--seed", 1, "--output", tmp_path / name) == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    school = json.loads((tmp_path / "one").read_text())
    assert 1550 < len(school["conversations"]) < 1700 and 100 < len(school["instructors"]) < 115
    assert 620 < len({item["household"] for item in school["conversations"]}) < 720
    load(school)


@pytest.mark.parametrize("trouble", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_crash_while_writing_keeps_the_old_file(files, capsys, monkeypatch, trouble):
    problem, schedule = files
    schedule.write_text("the old schedule")

    def crash(_descriptor):
        raise trouble

    monkeypatch.setattr(os, "fsync", crash)
    assert run("solve", problem, "--output", schedule, "--time-limit", 5) in (2, 130)
    assert schedule.read_text() == "the old schedule"
    assert sorted(each.name for each in schedule.parent.iterdir()) == ["problem.json", "schedule.json"]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_whoever_reads_a_file_while_it_is_replaced_reads_the_old_one(files):
    problem, schedule = files
    schedule.write_text("the old schedule")
    with schedule.open() as reader:
        assert run("solve", problem, "--output", schedule, "--time-limit", 5) == 0
        assert reader.read() == "the old schedule"


def test_a_written_file_keeps_its_rights_and_a_link_its_target(files, tmp_path):
    problem, schedule = files
    schedule.write_text("old")
    schedule.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(schedule)
    assert run("solve", problem, "--output", link, "--time-limit", 5) == 0
    assert link.is_symlink() and json.loads(schedule.read_text())["status"] == "optimal"
    assert schedule.stat().st_mode & 0o777 == 0o640


def test_what_is_no_ordinary_file_is_written_to_and_never_replaced(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write(str(pipe), "a schedule")
    reader.join(5)
    assert got == ["a schedule"] and pipe.is_fifo()


def test_a_directory_is_refused_before_the_work(files, tmp_path, capsys):
    problem, _ = files
    assert run("solve", problem, "--output", tmp_path) == 2
    assert "cannot be written: Is a directory." in capsys.readouterr().err


def test_ctrl_c_keeps_the_best_schedule(tmp_path):
    problem, schedule = tmp_path / "problem.json", tmp_path / "schedule.json"
    run("demo", "--students", 1300, "--output", problem)
    command = [sys.executable, "-m", "ouderavond.scheduler", "solve", problem, "--output", schedule]
    command += ["--time-limit", "60", "--threads", "1", "--progress"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        next(line for line in process.stderr if "evenings" in line)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(schedule.read_text())["status"] == "cancelled"
