"""Invented schools as problem files: the same size and seed give the same file, byte for byte.

    python -m benchmarks.generate --size L --seed 1 --output problem.json
    python -m benchmarks.generate --size L --seed 1 --previous schedule.json --output rerun.json

Sizes: S 100, M 500, L 1,300, XL 2,600 and XXL 5,200 students. Shares below are exact up to rounding and
at least one of each (who it falls on is drawn), unless "about" says that each case is drawn by itself.

Dates       Two dates of 15 slots of 8 minutes with 2 between; three from XL on, where every instructor is
            away on one of the three: a school of that size spreads its staff over the dates.
Households  1.37 students each; 30 % have siblings (two, some three; one in 200 has four, each with two
            requests: 8 conversations). 70 % of households ask.
Instructors One per 12 students, 12 courses (8 at S), classes of 26; per class and course one instructor.
            10 % are asked for 1.5 times the slots they have, nobody else for more than 0.9 of theirs by
            first instructors. 6 % are away on a date (two dates), 14 % for 1 to 4 slots of one; 30 % want
            a break of a slot after 6 conversations; 5 % have a child at school themselves.
Rooms       A room per instructor in wing A, B or C, by course; C is another building, 5 minutes from
            everything, all else is 2. 15 % sit in the aula, which is shared; 3 % have no room yet; 5 % have
            another room on another date. Per 100 instructors (at least once) two share an unshared room,
            each for half an evening, and two others both for the whole evening.
Requests    One or two per child of a household that asks, half each; about 3 % double length; 3 % with the
            class's mentor as second instructor; 5 % must-see. Ranks are a household's own order. 10 % of
            students attend. 20 % of households prefer early or late. 3 % of households ask online, and one
            of a further 1 % asks one of its conversations online.
Limits      8 % of households that ask cannot come on one date, 4 % come 2 to 6 slots late; 20 % of
            students who attend are away for 3 slots; 2 % of conversations have a forbidden half evening;
            one pair of households in 200 must not meet within 20 minutes.
Pins        1 % of conversations, at most one per household, at places that keep rule 2; one in five of
            them (at least one) where its household had said that it cannot come.

Previous starts are given only with `--previous`, as they come from an earlier schedule: those of that
schedule, and the instructor with the most conversations on the first date has fallen ill for it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .demand import add_requests
from .limits import limit_families, pin_some
from .school import PAUSE_MINUTES, SLOT_MINUTES, SLOTS, School, clock, interval

SIZES = {"S": 100, "M": 500, "L": 1300, "XL": 2600, "XXL": 5200}


def generate(size: str, seed: int) -> dict[str, Any]:
    """The problem document of the school of a size (a key of `SIZES`) with a seed."""
    school = School(SIZES[size], f"ouderavond benchmark {size} {seed}")
    add_requests(school)
    limit_families(school)
    pin_some(school)
    return {
        "format": "ouderavond-problem/1",
        "slot_minutes": SLOT_MINUTES,
        "pause_minutes": PAUSE_MINUTES,
        "walking_minutes": 2,
        "travel_minutes": 30,
        "dates": [{"date": day, "starts": [clock(slot) for slot in range(SLOTS)]} for day in school.dates],
        "rooms": school.rooms,
        "walking": school.walks(),
        "instructors": school.instructors,
        "households": school.households,
        "students": school.students,
        "conversations": school.conversations,
    }


def fall_ill(document: Mapping[str, Any], schedule: Mapping[str, Any]) -> dict[str, Any]:
    """The same school after a schedule: its starts are `previous`, and the busiest instructor is ill."""
    starts = {item["conversation"]: item["start"] for item in schedule["placements"]}
    first = document["dates"][0]["date"]
    busy = Counter(
        name
        for item in document["conversations"]
        if starts.get(item["id"], "").startswith(first) and "pinned" not in item
        for name in item["instructors"]
    )
    ill = min(busy, key=lambda name: (-busy[name], name))
    changed = json.loads(json.dumps(document))
    for item in changed["conversations"]:
        if item["id"] in starts:
            item["previous"] = starts[item["id"]]
    for person in changed["instructors"]:
        if person["id"] == ill:
            person["unavailable"] = [*person.get("unavailable", ()), interval(first, 0, SLOTS)]
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a problem file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description="An invented school.")
    parser.add_argument("--size", choices=SIZES, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--previous", help="schedule file of this school; an instructor falls ill")
    parser.add_argument("--output", required=True)
    options = parser.parse_args(arguments)
    document = generate(options.size, options.seed)
    if options.previous:
        document = fall_ill(document, json.loads(Path(options.previous).read_text(encoding="utf-8")))
    write(document, options.output)
    return 0


def write(document: Mapping[str, Any], path: str | Path) -> None:
    """Write a problem file; the same document gives the same bytes."""
    Path(path).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
