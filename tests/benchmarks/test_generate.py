"""The invented schools are the same every time, valid, and distributed as their docstring says."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.generate import SIZES, fall_ill, generate
from ouderavond.scheduler import load

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def large():
    return generate("L", 1)


def about(part, whole, share, tolerance=0.01):
    assert part / whole == pytest.approx(share, abs=tolerance)


def test_same_size_and_seed_give_the_same_file_whatever_the_order_of_hashes(tmp_path):
    files = []
    for hashes in ("1", "2"):
        path = tmp_path / f"{hashes}.json"
        school = ["--size", "M", "--seed", "3", "--output", str(path)]
        line = [sys.executable, "-m", "benchmarks.generate", *school]
        subprocess.run(line, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hashes})
        files.append(path.read_bytes())
    assert files[0] == files[1]
    assert json.loads(files[0]) == generate("M", 3)
    assert generate("M", 3) != generate("M", 4)


@pytest.mark.parametrize("size", SIZES)
def test_every_size_loads_with_its_students_and_dates(size):
    problem = load(generate(size, 2))
    assert len(problem.students) == SIZES[size]
    assert [len(day.starts) for day in problem.dates] == [15] * (3 if size in ("XL", "XXL") else 2)
    assert len(problem.instructors) == round(SIZES[size] / 12)


def features(problem):
    """What the problem format offers and this problem uses."""
    talks, people = problem.conversations, problem.instructors
    asked = Counter(item.household for item in talks)
    modes = {
        item.household: {other.mode for other in talks if other.household == item.household} for item in talks
    }
    unshared = [
        (room, day)
        for person in people
        for day, room in person.rooms.items()
        if not problem.room[room].shared
    ]
    return {
        "instructors away": any(item.unavailable for item in people),
        "households away": any(problem.household[name].unavailable for name in asked),
        "students away": any(
            item.student_attends and problem.student[item.student].unavailable for item in talks
        ),
        "conversations' own times": any(item.unavailable for item in talks),
        "double": any(item.slots == 2 for item in talks),
        "two instructors": any(len(item.instructors) == 2 for item in talks),
        "must": any(item.priority == "must" for item in talks),
        "ranks": any(item.rank > 2 for item in talks),
        "pins": any(item.pinned is not None for item in talks),
        "walking": len(set(problem.walking.values())) > 0 and problem.walking_minutes > 0,
        "shared room": any(problem.room[room].shared for each in people for room in each.rooms.values()),
        "room of two": any(count > 1 for count in Counter(unshared).values()),
        "no room": any(not item.rooms for item in people),
        "rooms that differ": any(len(set(item.rooms.values())) > 1 for item in people),
        "online": {"online"} in modes.values(),
        "both modes": any(len(each) == 2 for each in modes.values()),
        "preferences": {item.preference for item in talks} == {"early", "late", "none"},
        "breaks": any(item.break_ for item in people),
        "apart": any(item.apart for item in problem.households),
        "parents": any(item.household in asked for item in people),
        "attending": any(item.student_attends for item in talks),
        "eight": max(asked.values()) == 8,
    }


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("size", ["M", "L"])
def test_every_feature_is_there_from_m_up(size, seed):
    found = features(load(generate(size, seed)))
    assert [name for name, present in found.items() if not present] == []


def test_households_and_requests_are_distributed_as_documented(large):
    problem = load(large)
    talks = problem.conversations
    asking = {item.household for item in talks}
    about(len(asking), len(problem.households), 0.70)
    per_child = Counter(item.student for item in talks)
    assert set(per_child.values()) == {1, 2}
    about(list(per_child.values()).count(1), len(per_child), 0.5, 0.05)
    children = {item.household: set() for item in talks}
    for item in talks:
        children[item.household].add(item.student)
    about(sum(len(names) > 1 for names in children.values()), len(asking), 0.30, 0.05)
    about(sum(item.slots == 2 for item in talks), len(talks), 0.03, 0.015)
    about(sum(len(item.instructors) == 2 for item in talks), len(talks), 0.03)
    about(sum(item.priority == "must" for item in talks), len(talks), 0.05)
    about(sum(item.pinned is not None for item in talks), len(talks), 0.01, 0.002)
    about(len({item.household for item in talks if item.preference != "none"}), len(asking), 0.20)
    about(len({item.student for item in talks if item.student_attends}), len(per_child), 0.10)
    assert all(item.previous is None for item in talks)


@pytest.mark.parametrize("size", ["L", "XL"])
def test_one_instructor_in_ten_is_asked_for_one_and_a_half_times_their_slots(size):
    problem = load(generate(size, 1))
    step = problem.slot_minutes + problem.pause_minutes
    starts = [start for day in problem.dates for start in day.starts]
    asked = Counter()
    for item in problem.conversations:
        asked[item.instructors[0]] += item.slots
    ratio = []
    for person in problem.instructors:
        free = [
            s for s in starts if not any(s < stop and begin < s + step for begin, stop in person.unavailable)
        ]
        ratio.append(asked[person.id] / len(free))
    overloaded = [each for each in ratio if each > 1]
    about(len(overloaded), len(ratio), 0.10, 0.015)
    assert sum(overloaded) / len(overloaded) == pytest.approx(1.5, abs=0.05)


def test_pins_are_legal_and_some_override_what_the_household_said(large):
    problem = load(large)
    against = 0
    for item in problem.conversations:
        if item.pinned is not None:
            end = item.pinned + problem.duration(item.slots)
            absent = problem.household[item.household].unavailable
            against += any(item.pinned < stop and begin < end for begin, stop in absent)
    assert against >= 1
    assert max(Counter(item.household for item in problem.conversations if item.pinned).values()) == 1


def test_after_a_schedule_its_starts_are_previous_and_the_busiest_instructor_is_ill():
    document = generate("S", 1)
    first = document["dates"][0]["date"]
    talks = [item for item in document["conversations"] if "pinned" not in item][:6]
    busy = talks[0]["instructors"][0]
    placed = [item for item in document["conversations"] if item["instructors"] == [busy]][:3]
    starts = [
        {"conversation": item["id"], "start": f"{first}T18:{30 + 10 * n}"} for n, item in enumerate(placed)
    ]
    changed = fall_ill(document, {"placements": starts})
    assert {item["id"] for item in changed["conversations"] if "previous" in item} == {
        item["id"] for item in placed
    }
    ill = [
        person["id"]
        for person, before in zip(changed["instructors"], document["instructors"], strict=True)
        if person != before
    ]
    assert ill == [busy]
    assert load(changed).instructor[busy].unavailable[-1] == (
        load(document).dates[0].starts[0],
        load(document).dates[0].starts[-1] + 10,
    )
