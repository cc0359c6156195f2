"""Who cannot come when, who must not meet, and what is pinned; `generate.py` says how many of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .school import AULA, SLOTS, School, clock

APART_MINUTES = 20


def limit_families(school: School) -> None:
    """Times at which households, attending students and single conversations cannot be held."""
    rng = school.random
    names = {item["id"]: item for item in school.households}
    asking = [names[name] for name in school.asking]
    absent = school.share(asking, 0.08)
    for household in absent:
        school.block(household, rng.choice(school.dates), 0, SLOTS)
    for household in school.share([each for each in asking if each not in absent], 0.04):
        school.block(household, rng.choice(school.dates), 0, rng.randint(2, 6))
    attending = {item["student"] for item in school.conversations if item.get("student_attends")}
    for student in school.share([each for each in school.students if each["id"] in attending], 0.20):
        first = rng.randrange(SLOTS - 3)
        school.block(student, rng.choice(school.dates), first, first + 3)
    for conversation in school.share(school.conversations, 0.02):
        first = rng.choice((0, SLOTS // 2))
        school.block(conversation, rng.choice(school.dates), first, first + SLOTS // 2)
    apart = rng.sample(asking, 2 * max(1, len(school.households) // 200))
    for one, other in zip(apart[::2], apart[1::2], strict=True):
        one["apart"] = [{"household": other["id"], "minutes": APART_MINUTES}]


def pin_some(school: School) -> None:
    """Pin some conversations where nobody is in two places; some where the household cannot come."""
    count = max(2, round(0.01 * len(school.conversations)))
    taken: set[tuple[Any, ...]] = set()
    households = _without_pins(school)
    against = _pin(school, max(1, round(count / 5)), households, taken, overriding=True)
    _pin(school, count - against, households, taken, overriding=False)


def _without_pins(school: School) -> set[str]:
    """Households left out: those that must not meet others, and those of instructors."""
    found = {person["household"] for person in school.instructors if "household" in person}
    for household in school.households:
        for apart in household.get("apart", ()):
            found |= {household["id"], apart["household"]}
    return found


def _pin(
    school: School, count: int, households: set[str], taken: set[tuple[Any, ...]], *, overriding: bool
) -> int:
    """Pin so many conversations, as far as there are places for it; returns how many."""
    parents = {person["id"] for person in school.instructors if "household" in person}
    pinned = 0
    for item in school.random.sample(school.conversations, len(school.conversations)):
        if pinned == count:
            break
        if item["household"] in households or parents & set(item["instructors"]):
            continue
        place = _place(school, item, taken, overriding=overriding)
        if place is not None:
            day, slot = place
            item["pinned"] = f"{day}T{clock(slot)}"
            households.add(item["household"])
            taken.update(_uses(school, item, day, slot))
            pinned += 1
    return pinned


def _place(
    school: School, item: dict[str, Any], taken: set[tuple[Any, ...]], *, overriding: bool
) -> tuple[str, int] | None:
    """A drawn place at which the conversation can be pinned, or none."""
    length = item.get("slots", 1)
    places = [(day, slot) for day in school.dates for slot in range(SLOTS - length + 1)]
    school.random.shuffle(places)
    others = [*item["instructors"], item["student"], item["id"]]
    for day, slot in places:
        cells = {(day, slot + more) for more in range(length)}
        busy = any(cells & school.away.get(name, set()) for name in others)
        absent = bool(cells & school.away.get(item["household"], set()))
        if not busy and absent == overriding and taken.isdisjoint(_uses(school, item, day, slot)):
            return day, slot
    return None


def _uses(school: School, item: dict[str, Any], day: str, slot: int) -> Iterator[tuple[Any, ...]]:
    """Whom and what a conversation keeps busy when it is held at a place."""
    room = next(each for each in school.instructors if each["id"] == item["instructors"][0]).get("rooms", {})
    names = [*item["instructors"], *([room[day]] if room.get(day, AULA) != AULA else [])]
    for more in range(item.get("slots", 1)):
        for name in names:
            yield name, day, slot + more
