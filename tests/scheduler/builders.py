"""Small problems for tests: documents with little in them, random ones, and brute force over them."""

from __future__ import annotations

import dataclasses
import itertools
import random
from typing import Any

from ouderavond.scheduler import Problem, ProblemError, Schedule, load
from ouderavond.scheduler.schedule import Criteria, Placement, Unplaced
from ouderavond.scheduler.verify import figures, verify

DAY, OTHER_DAY = "2027-02-09", "2027-02-11"


def at(clock: str, day: str = DAY) -> str:
    return f"{day}T{clock}"


def document(conversations: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A document of one date, 18:30 to 19:10, with whoever the conversations name."""
    households = sorted({item["household"] for item in conversations})
    instructors = sorted({name for item in conversations for name in item["instructors"]})
    students = sorted({item["student"] for item in conversations if "student" in item})
    return {
        "format": "ouderavond-problem/1",
        "slot_minutes": 10,
        "dates": [{"date": DAY, "starts": ["18:30", "18:40", "18:50", "19:00"]}],
        "instructors": [{"id": name} for name in instructors],
        "households": [{"id": name} for name in households],
        "students": [{"id": name} for name in students],
        "conversations": conversations,
        **changes,
    }


def talk(name: str, household: str = "h1", *instructors: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "household": household, "instructors": list(instructors or ("men13",)), **more}


def schedule_of(problem: Problem, starts: dict[str, int | None], **changes: Any) -> Schedule:
    """A schedule with these starts and right figures, whatever rules it breaks."""
    placements = tuple(Placement(name, start) for name, start in starts.items() if start is not None)
    unplaced = tuple(Unplaced(name, "time_limit") for name, start in starts.items() if start is None)
    values: dict[str, Any] = dict(
        status="feasible",
        placements=placements,
        unplaced=unplaced,
        criteria=Criteria(),
        objective=0.0,
        bound=0.0,
        instructors_objective=0.0,
    )
    criteria, objective, instructors = figures(problem, Schedule(**values))
    values.update(criteria=criteria, objective=objective, instructors_objective=instructors)
    return Schedule(**{**values, **changes})


def broken_rules(problem: Problem, schedule: Schedule) -> list[str]:
    """The checker's sentences about rules, leaving out warnings that a schedule of ours has not."""
    return [each for each in verify(problem, schedule) if "no warning says so" not in each]


def all_schedules(problem: Problem):
    """Every schedule that keeps the rules."""
    grid = [start for day in problem.dates for start in day.starts]
    choices = [[item.pinned] if item.pinned is not None else [None, *grid] for item in problem.conversations]
    names = [item.id for item in problem.conversations]
    for starts in itertools.product(*choices):
        try:
            schedule = schedule_of(problem, dict(zip(names, starts, strict=True)))
        except (KeyError, IndexError):
            continue
        if not broken_rules(problem, schedule):
            yield schedule


def random_document(seed: int, conversations: int = 4) -> dict[str, Any]:
    """A tiny problem in which every feature of the format occurs now and then."""
    rng = random.Random(seed)
    pause = rng.choice((0, 0, 2))
    spacing = 10 + pause
    days = [DAY, OTHER_DAY][: rng.choice((1, 1, 2))]

    def clock(slot: int) -> str:
        minute = 18 * 60 + 30 + slot * spacing
        return f"{minute // 60:02d}:{minute % 60:02d}"

    slots = rng.choice((2, 3)) if len(days) == 2 else rng.choice((3, 4, 5))

    def unavailable(chance: float) -> list[list[str]]:
        if rng.random() > chance:
            return []
        first = rng.randrange(slots)
        return [[at(clock(first), day := rng.choice(days)), at(clock(first + rng.randint(1, 2)), day)]]

    rooms = ["A1", "A2", "B1"]
    items = []
    for number in range(conversations):
        item: dict[str, Any] = {
            "id": f"c{number}",
            "household": rng.choice(("h1", "h1", "h2")),
            "student": rng.choice(("s1", "s2")),
            "student_attends": rng.random() < 0.2,
            "instructors": rng.sample(("i1", "i2", "i3"), rng.choice((1, 1, 1, 2))),
            "slots": rng.choice((1, 1, 1, 2)),
            "priority": rng.choice(("must", "wanted", "wanted")),
            "rank": rng.choice((1, 2, 3, 4)),
            "preference": rng.choice(("none", "early", "late")),
            "mode": "online" if rng.random() < 0.15 else "in_person",
            "unavailable": unavailable(0.1),
        }
        if rng.random() < 0.3:
            item["previous"] = at(clock(rng.randrange(slots)), rng.choice(days))
        items.append(item)
    if rng.random() < 0.3:
        items[0].update(slots=1, pinned=at(clock(rng.randrange(slots)), rng.choice(days)))
    return {
        "format": "ouderavond-problem/1",
        "slot_minutes": 10,
        "pause_minutes": pause,
        "walking_minutes": rng.choice((0, 0, 2, 5)),
        "travel_minutes": rng.choice((0, 10, 30)),
        "dates": [{"date": day, "starts": [clock(slot) for slot in range(slots)]} for day in days],
        "rooms": [{"id": room, "shared": room == "A2" and rng.random() < 0.5} for room in rooms],
        "walking": [{"from": "A1", "to": "B1", "minutes": rng.choice((3, 12, 25))}]
        if rng.random() < 0.5
        else [],
        "instructors": [
            {
                "id": name,
                "rooms": {day: rng.choice(rooms) for day in days if rng.random() < 0.6},
                "unavailable": unavailable(0.3),
                **({"break": {"after": rng.randint(1, 2)}} if rng.random() < 0.4 else {}),
                **({"household": "h2"} if rng.random() < 0.2 else {}),
            }
            for name in ("i1", "i2", "i3")
        ],
        "households": [
            {"id": "h1", "unavailable": unavailable(0.3)},
            {
                "id": "h2",
                "apart": [{"household": "h1", "minutes": rng.choice((0, 10))}] if rng.random() < 0.3 else [],
            },
        ],
        "students": [{"id": "s1", "unavailable": unavailable(0.2)}, {"id": "s2"}],
        "conversations": items,
    }


def rich_document(seed: int, conversations: int = 4) -> dict[str, Any]:
    """A tiny problem with everything at once that makes rules meet, more often than `random_document`.

    Up to three dates with irregular starts, rooms of two instructors, a matrix in which a detour is
    shorter, apart, instructors who are parents, pins, previous starts, students of two households.
    """
    rng = random.Random(f"rich {seed}")
    pause = rng.choice((0, 0, 3))
    days = [DAY, OTHER_DAY, "2027-02-16"][: rng.choice((1, 1, 1, 2, 3))]
    grids = {day: _irregular(rng, 10 + pause, {1: 5, 2: 3, 3: 2}[len(days)]) for day in days}

    def moment() -> str:
        day = rng.choice(days)
        return at(rng.choice(grids[day]), day)

    def unavailable(chance: float) -> list[list[str]]:
        if rng.random() > chance:
            return []
        first = rng.choice(grids[day := rng.choice(days)])
        return [[at(first, day), at(_later(first, rng.choice((5, 10, 25))), day)]]

    items = [_rich_talk(rng, f"c{number}", moment, unavailable) for number in range(conversations)]
    for item in items:
        if rng.random() < 0.15:
            item.update(slots=1, pinned=moment())
    return {
        "format": "ouderavond-problem/1",
        "slot_minutes": 10,
        "pause_minutes": pause,
        "walking_minutes": rng.choice((0, 4, 12)),
        "travel_minutes": rng.choice((0, 10, 20)),
        "dates": [{"date": day, "starts": grids[day]} for day in days],
        "rooms": [{"id": room, "shared": rng.random() < 0.3} for room in ("A", "B", "C")],
        "walking": [
            {"from": "A", "to": "B", "minutes": rng.choice((1, 3))},
            {"from": "B", "to": "C", "minutes": rng.choice((1, 3))},
            {"from": "A", "to": "C", "minutes": rng.choice((3, 25))},
        ],
        "instructors": [
            {
                "id": name,
                "rooms": {day: rng.choice("ABC") for day in days if rng.random() < 0.7},
                "unavailable": unavailable(0.3),
                **({"break": {"after": rng.randint(1, 2)}} if rng.random() < 0.3 else {}),
                **({"household": rng.choice(("h1", "h2", "h3"))} if rng.random() < 0.25 else {}),
            }
            for name in ("i1", "i2", "i3")
        ],
        "households": [
            {"id": "h1", "unavailable": unavailable(0.3)},
            {"id": "h2", "apart": _some_apart(rng, "h1")},
            {"id": "h3", "apart": _some_apart(rng, "h1"), "unavailable": unavailable(0.2)},
        ],
        "students": [{"id": "s1", "unavailable": unavailable(0.15)}, {"id": "s2"}],
        "conversations": items,
        "weights": rng.choice(({}, {}, {}, _rich_weights(rng))),
    }


def _later(clock: str, minutes: int) -> str:
    hour, minute = divmod(int(clock[:2]) * 60 + int(clock[3:]) + minutes, 60)
    return f"{hour:02d}:{minute:02d}"


def _irregular(rng: random.Random, spacing: int, slots: int) -> list[str]:
    """Starts of a date; now and then there is more than a pause between two of them."""
    starts = ["18:30"]
    while len(starts) < slots:
        starts.append(_later(starts[-1], spacing + rng.choice((0, 0, 0, 5))))
    return starts


def _some_apart(rng: random.Random, other: str) -> list[dict[str, Any]]:
    return [{"household": other, "minutes": rng.choice((0, 5, 15))}] if rng.random() < 0.35 else []


def _rich_talk(rng: random.Random, name: str, moment: Any, unavailable: Any) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": name,
        "household": rng.choice(("h1", "h1", "h1", "h2", "h3")),
        "student": rng.choice(("s1", "s2")),
        "student_attends": rng.random() < 0.25,
        "instructors": rng.sample(("i1", "i2", "i3"), rng.choice((1, 1, 1, 2))),
        "slots": rng.choice((1, 1, 1, 2)),
        "priority": rng.choice(("must", "wanted", "wanted")),
        "rank": rng.choice((1, 2, 3, 4)),
        "preference": rng.choice(("none", "early", "late")),
        "mode": rng.choice(("online", "in_person", "in_person")),
        "unavailable": unavailable(0.1),
    }
    if rng.random() < 0.4:
        item["previous"] = moment()
    return item


def _rich_weights(rng: random.Random) -> dict[str, float]:
    """Weights in any order, with zeros and decimals."""
    names = ("must", "wanted", "nothing", "moved", "date", "waiting", "preference")
    return {name: rng.choice((0, 0.125, 1, 2.5, 40, 333.333)) for name in names}


def loaded(document: dict[str, Any]) -> Problem | None:
    """The problem, or None if its pins clash, as random ones do now and then."""
    try:
        return load(document)
    except ProblemError as error:
        assert error.path.endswith(".pinned"), error
        return None


def starts_of(problem: Problem, schedule: Schedule) -> dict[str, int | None]:
    """The start per conversation, None where there is none."""
    starts: dict[str, int | None] = {item.id: None for item in problem.conversations}
    starts.update((item.conversation, item.start) for item in schedule.placements)
    return starts


def keeps_rules(problem: Problem, starts: dict[str, int | None]) -> bool:
    """Does the checker find no broken rule in these starts?"""
    return not broken_rules(problem, schedule_of(problem, starts))


def good_schedules(problem: Problem):
    """What `all_schedules` yields, for problems a little larger: pairs that break rule 2 are not tried."""
    grid = [start for day in problem.dates for start in day.starts]
    names = [item.id for item in problem.conversations]
    choices: dict[str, list[int | None]] = {}
    for item in problem.conversations:
        alone = dataclasses.replace(problem, conversations=(item,))
        starts = [item.pinned] if item.pinned is not None else grid
        free = [] if item.pinned is not None else [None]
        choices[item.id] = free + [start for start in starts if keeps_rules(alone, {item.id: start})]
    clashes = {
        frozenset(((one, start), (other, begin)))
        for one, other in itertools.combinations(names, 2)
        for start, begin in itertools.product(choices[one], choices[other])
        if start is not None and begin is not None and _clash(problem, {one: start, other: begin})
    }
    for starts in itertools.product(*(choices[name] for name in names)):
        chosen = dict(zip(names, starts, strict=True))
        if not any(frozenset(pair) in clashes for pair in itertools.combinations(chosen.items(), 2)):
            schedule = schedule_of(problem, chosen)
            if not broken_rules(problem, schedule):
                yield schedule


def _clash(problem: Problem, starts: dict[str, int | None]) -> bool:
    items = tuple(item for item in problem.conversations if item.id in starts)
    pair = dataclasses.replace(problem, conversations=items)
    return any(each.startswith("Rule 2") for each in verify(pair, schedule_of(pair, starts)))
