"""A peer's answer as a schedule file with true figures, and the engine's own checker over any of them.

    python -m benchmarks.judge problem.json schedule.json

prints the figures as one line of JSON, or the rules that are broken (exit code 1).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from ouderavond.scheduler import Problem, Schedule, load, load_schedule, verify
from ouderavond.scheduler.schedule import Criteria, Notice, Placement, Unplaced
from ouderavond.scheduler.verify import figures

from .peers.tables import Answer, Tables, calendars, separated


def schedule_of(problem: Problem, answer: Answer) -> Schedule:
    """A whole schedule of a peer's starts, with the checker's figures; what is unplaced has no reason."""
    placements = tuple(Placement(name, start) for name, start in answer.starts.items())
    names = [item.id for item in problem.conversations if item.id not in answer.starts]
    unplaced = tuple(Unplaced(name, "time_limit") for name in names)
    schedule = Schedule("feasible", placements, unplaced, Criteria(), 0.0, answer.bound, 0.0)
    criteria, objective, instructors = figures(problem, schedule)
    return replace(
        schedule,
        criteria=criteria,
        objective=objective,
        instructors_objective=instructors,
        warnings=tuple(_warnings(Tables(problem), answer)),
    )


def _warnings(tables: Tables, answer: Answer) -> Iterator[Notice]:
    """What pins override, which a schedule has to name."""
    problem = tables.problem
    starts = {index: answer.starts.get(item.id) for index, item in enumerate(tables.conversations)}
    cells = {index: tables.cell_at[start] for index, start in starts.items() if start in tables.cell_at}
    for index, item in enumerate(tables.conversations):
        busy = [pair for intervals in calendars(problem, item) for pair in intervals]
        end = tables.end(index, cells[index]) if index in cells else 0
        if tables.pinned[index] and any(item.pinned < stop and begin < end for begin, stop in busy):
            yield Notice("pin_unavailable", f"{item.id} is pinned.", {"conversation": item.id})
    for household in range(len(tables.members)):
        yield from _near_pins(tables, household, cells)


def _near_pins(tables: Tables, household: int, cells: dict[int, int]) -> Iterator[Notice]:
    """Pins too near each other to walk (rule 4), or to households that must not be met (rule 5)."""
    for date, evening in tables.evenings(cells, tables.members[household]).items():
        for (cell, one), (following, other) in pairwise(evening):
            gap = tables.starts[following] - tables.end(one, cell)
            if tables.both_pinned(one, other) and gap < tables.distance(one, other, date):
                names = [tables.conversations[index].id for index in (one, other)]
                yield Notice("pin_walking", " and ".join(names), {"conversation": names[0], "next": names[1]})
        for other, minutes in tables.apart[household].items():
            theirs = tables.stay(tables.evenings(cells, tables.members[other]).get(date, ()))
            if other > household and not separated(tables.stay(evening), theirs, minutes):
                one, two = (tables.problem.households[index].id for index in (household, other))
                facts = {"household": one, "other": two, "date": tables.problem.dates[date].date}
                yield Notice("pin_apart", f"{one} and {two} meet.", facts)


def judge(problem: Problem, schedule: Schedule) -> dict[str, Any]:
    """The figures of a schedule for the table; ValueError if it breaks a rule or claims a wrong figure."""
    errors = verify(problem, schedule)
    if errors:
        raise ValueError(" ".join(errors[:5]))
    criteria, objective, instructors = figures(problem, schedule)
    return {
        "asked": len(problem.conversations),
        "placed": len(schedule.placements),
        **asdict(criteria),
        "objective": objective,
        "instructors_objective": instructors,
        "bound": schedule.bound,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a schedule file."""
    problem_path, schedule_path = arguments if arguments is not None else sys.argv[1:]
    problem = load(json.loads(Path(problem_path).read_text(encoding="utf-8")))
    schedule = load_schedule(json.loads(Path(schedule_path).read_text(encoding="utf-8")))
    try:
        print(json.dumps(judge(problem, schedule)))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
