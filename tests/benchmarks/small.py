"""Small problems for the peers, and brute force over the tiniest."""

import itertools
import random

from benchmarks.generate import generate
from benchmarks.judge import judge, schedule_of
from benchmarks.peers.tables import Answer, Tables
from ouderavond.scheduler import load

DAY, OTHER_DAY = "2027-02-09", "2027-02-11"


def part_of(size, seed, households):
    """Some households of a generated school: those that must not meet, and those with most conversations."""
    document = generate(size, seed)
    asked = {}
    for item in document["conversations"]:
        asked.setdefault(item["household"], []).append(item)
    apart = {name for item in document["households"] for name in _pair(item)}
    pinned = {item["household"] for item in document["conversations"] if "pinned" in item}
    order = sorted(asked, key=lambda name: (name not in apart, name not in pinned, -len(asked[name]), name))
    kept = set(order[:households])
    document["conversations"] = [item for item in document["conversations"] if item["household"] in kept]
    return load(document)


def _pair(household):
    for apart in household.get("apart", ()):
        yield household["id"]
        yield apart["household"]


def tiny(seed):
    """Four conversations of two households that must not meet, on seven starts of two dates.

    Some are pinned: one where its household cannot come, or two with too little time to walk.
    """
    rng = random.Random(f"tiny {seed}")
    talks = []
    for number in range(4):
        household = f"h{1 + (number > 2)}"
        talk = {"id": f"c{number}", "household": household, "instructors": [f"i{rng.randint(1, 2)}"]}
        talk["preference"] = rng.choice(("early", "late", "none"))
        talk["rank"] = rng.randint(1, 3)
        talk["mode"] = rng.choice(("in_person", "in_person", "online"))
        talk["slots"] = rng.choice((1, 1, 2))
        talks.append(talk)
    talks[3]["previous"] = f"{OTHER_DAY}T18:40"
    for number in range(seed % 3):
        talks[number] |= {"slots": 1, "pinned": f"{DAY}T18:{40 + 10 * number}"}
    return load(
        {
            "format": "ouderavond-problem/1",
            "slot_minutes": 8,
            "pause_minutes": 2,
            "walking_minutes": 3,
            "travel_minutes": rng.choice((10, 30)),
            "dates": [
                {"date": DAY, "starts": ["18:30", "18:40", "18:50", "19:00"]},
                {"date": OTHER_DAY, "starts": ["18:30", "18:40", "18:55"]},
            ],
            "rooms": [{"id": "A1"}, {"id": "C1"}],
            "walking": [{"from": "A1", "to": "C1", "minutes": rng.choice((0, 5, 12))}],
            "instructors": [
                {"id": "i1", "rooms": {DAY: "A1", OTHER_DAY: "A1"}},
                {"id": "i2", "rooms": {DAY: "C1"}, "household": "h2"},
            ],
            "households": [
                {
                    "id": "h1",
                    "apart": [{"household": "h2", "minutes": 10}],
                    "unavailable": [[f"{DAY}T18:45", f"{DAY}T18:50"]],
                },
                {"id": "h2"},
            ],
            "conversations": talks,
        }
    )


def least(problem):
    """The least objective of a tiny problem, by trying everything with the checker."""
    tables = Tables(problem)
    names = [item.id for item in problem.conversations]
    choices = [[None, *(tables.starts[cell] for cell in options)] for options in tables.options]
    found = []
    for starts in itertools.product(*choices):
        answer = Answer({name: start for name, start in zip(names, starts, strict=True) if start is not None})
        try:
            found.append(judge(problem, schedule_of(problem, answer))["objective"])
        except ValueError:
            continue
    return min(found)
