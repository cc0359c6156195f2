"""What moved for whom: each conversation's previous start beside the one it has now."""

import json
import re
from dataclasses import dataclass

import pytest

from ouderavond.scheduler import Schedule, load, solve
from ouderavond.scheduler.changes import (
    Counts,
    by_household,
    by_instructor,
    changes,
    changes_document,
    counts,
)
from ouderavond.scheduler.cli import main
from ouderavond.scheduler.console import summary
from ouderavond.scheduler.reading import moment
from ouderavond.scheduler.schedule import Bounds

from .builders import all_schedules, at, document, random_document, schedule_of, talk


def minute(clock, *day):
    return moment(at(clock, *day), "")


def rerun():
    """Kept, moved, lost, added, still without a place, a start off the grid and a date that is gone."""
    problem = load(
        document(
            [
                talk("kept", "h1", "a", previous=at("18:30")),
                talk("moved", "h1", "b", "c", student="s1", previous=at("18:40")),
                talk("lost", "h2", "a", previous=at("18:50")),
                talk("added", "h2", "b"),
                talk("never", "h3", "c"),
                talk("off-grid", "h3", "a", previous=at("18:35")),
                talk("gone", "h4", "c", previous=at("18:30", "2027-01-01")),
            ]
        )
    )
    starts = {"kept": "18:30", "moved": "19:00", "added": "18:30", "off-grid": "18:40"}
    every = {item.id: None for item in problem.conversations}
    return problem, schedule_of(problem, {**every, **{name: minute(clock) for name, clock in starts.items()}})


def test_each_conversation_is_kept_moved_lost_or_added():
    problem, schedule = rerun()
    found = changes(problem, schedule)
    assert [(each.conversation, each.kind, each.before, each.after) for each in found] == [
        ("moved", "moved", minute("18:40"), minute("19:00")),
        ("added", "added", None, minute("18:30")),
        ("lost", "lost", minute("18:50"), None),
        ("off-grid", "moved", minute("18:35"), minute("18:40")),
        ("gone", "lost", minute("18:30", "2027-01-01"), None),
    ]
    assert counts(problem, schedule) == Counts(kept=1, moved=2, lost=2, added=1)


def test_a_first_schedule_changes_nothing():
    problem = load(document([talk("c1"), talk("c2", "h2")]))
    schedule = schedule_of(problem, {"c1": minute("18:30"), "c2": None})
    assert changes(problem, schedule) == () and counts(problem, schedule) == Counts()


def test_changes_are_grouped_by_whom_they_concern():
    problem, schedule = rerun()
    found = changes(problem, schedule)
    families = {name: [each.conversation for each in group] for name, group in by_household(found).items()}
    assert families == {"h1": ["moved"], "h2": ["added", "lost"], "h3": ["off-grid"], "h4": ["gone"]}
    people = {name: [each.conversation for each in group] for name, group in by_instructor(found).items()}
    assert people == {"a": ["lost", "off-grid"], "b": ["moved", "added"], "c": ["moved", "gone"]}


def test_the_document_says_the_same():
    problem, schedule = rerun()
    written = changes_document(problem, schedule)
    assert written["format"] == "ouderavond-changes/1"
    assert written["counts"] == {"kept": 1, "moved": 2, "lost": 2, "added": 1}
    assert written["changes"][0] == {
        "kind": "moved",
        "conversation": "moved",
        "household": "h1",
        "student": "s1",
        "instructors": ["b", "c"],
        "from": at("18:40"),
        "to": at("19:00"),
    }
    h2 = {"household": "h2", "moved": 0, "lost": 1, "added": 1, "conversations": ["added", "lost"]}
    assert written["households"][1] == h2
    assert [each["instructor"] for each in written["instructors"]] == ["a", "b", "c"]


@pytest.mark.parametrize("seed", range(12))
def test_moved_is_what_the_criterion_counts(seed):
    problem = load(random_document(seed, 2))
    for schedule in all_schedules(problem):
        number = counts(problem, schedule)
        had = sum(item.previous is not None for item in problem.conversations)
        assert number.moved == schedule.criteria.moved
        assert number.kept + number.moved + number.lost == had
        if had:
            assert number.kept + number.moved + number.added == len(schedule.placements)


@pytest.fixture
def files(tmp_path):
    away = [[at("18:30"), at("18:40")]]
    wanted = [talk("c1", "h1", "a", previous=at("18:30")), talk("c2", "h2", "a", previous=at("18:40"))]
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(document(wanted, instructors=[{"id": "a", "unavailable": away}])))
    return problem, tmp_path / "schedule.json", tmp_path / "changes.json"


def run(*arguments):
    return main([str(each) for each in arguments])


def test_solve_and_changes_say_what_moved(files, capsys):
    problem, schedule, written = files
    assert run("solve", problem, "--output", schedule, "--time-limit", 5, "--threads", 1) == 0
    assert re.search(r"^Changes +1 kept, 1 moved, 0 lost, 0 added$", capsys.readouterr().out, re.MULTILINE)
    assert run("changes", problem, schedule, "--output", written) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^h1 +- +c1 +a +moved +2027-02-09 18:30 +2027-02-09 1[89]:[50]0$", shown, re.MULTILINE)
    assert shown.splitlines()[-1] == "1 kept, 1 moved, 0 lost, 0 added."
    assert "Instructors concerned: a 1" in shown and "c2" not in shown
    assert json.loads(written.read_text())["counts"]["moved"] == 1


def test_changes_of_a_schedule_that_is_not_good_end_with_1(files, capsys):
    problem, schedule, written = files
    run("solve", problem, "--output", schedule, "--time-limit", 5, "--threads", 1)
    wrong = json.loads(schedule.read_text())
    wrong["criteria"]["moved"] = 0
    schedule.write_text(json.dumps(wrong))
    assert run("changes", problem, schedule, "--output", written) == 1
    assert "is not a good schedule: Criterion moved is 1, not 0." in capsys.readouterr().err
    assert not written.exists()


@dataclass(frozen=True)
class MovedBounds(Bounds):
    """Bounds that also know the least number that must move."""

    moved: int | None = None


def test_the_summary_shows_how_few_could_have_moved():
    problem = load(document([talk("c1", previous=at("18:35"))]))
    schedule = solve(problem, time_limit=5, threads=1)
    values = {name: getattr(schedule, name) for name in Schedule.__dataclass_fields__}
    for least, said in ((1, "1 (proven minimum 1)"), (None, "1 (minimum not proven)")):
        shown = summary(problem, Schedule(**{**values, "bounds": MovedBounds(0, 0, least)}))
        assert re.search(rf"^Moved +{re.escape(said)}$", shown, re.MULTILINE)
