"""The people and rooms of an invented school; `generate.py` says how they are distributed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from typing import Any, TypeVar

DATES = ("2027-02-09", "2027-02-11", "2027-02-16")
SLOTS = 15
SLOT_MINUTES = 8
PAUSE_MINUTES = 2
FIRST_MINUTE = 18 * 60 + 30
THREE_DATES_FROM = 2000

COURSES = 12
CLASS_SIZE = 26
WINGS = "ABAC"  # by course
AULA = "aula"

T = TypeVar("T")


def clock(slot: int) -> str:
    """The time of day at which a slot begins."""
    minute = FIRST_MINUTE + slot * (SLOT_MINUTES + PAUSE_MINUTES)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def interval(day: str, first: int, last: int) -> list[str]:
    """From the start of one slot to the start of another, as an unavailable time."""
    return [f"{day}T{clock(first)}", f"{day}T{clock(last)}"]


class School:
    """A school under construction. `away[who]` are the (date, slot) at which somebody cannot."""

    def __init__(self, students: int, seed: str):
        self.random = random.Random(seed)
        self.dates = DATES if students >= THREE_DATES_FROM else DATES[:2]
        self.rooms: list[dict[str, Any]] = []
        self.conversations: list[dict[str, Any]] = []
        self.away: dict[str, set[tuple[str, int]]] = {}
        self._families(students)
        self._classes(students)
        self._staff(students)
        self._rooms()
        self._away()
        for person in self.share(self.instructors, 0.30):
            person["break"] = {"after": 6, "slots": 1}
        for person in self.share(self.instructors, 0.05):
            person["household"] = self.random.choice(self.asking)

    def share(self, items: Sequence[T], part: float) -> list[T]:
        """That part of some items, at least one, drawn without repeats."""
        return self.random.sample(items, min(len(items), max(1, round(part * len(items)))))

    def block(self, item: dict[str, Any], day: str, first: int, last: int) -> None:
        """Make somebody unavailable from one slot to another."""
        item.setdefault("unavailable", []).append(interval(day, first, last))
        self.away.setdefault(item["id"], set()).update((day, slot) for slot in range(first, last))

    def slots_of(self, instructor: str) -> int:
        """How many slots an instructor has."""
        return len(self.dates) * SLOTS - len(self.away.get(instructor, ()))

    def _families(self, students: int) -> None:
        rng, count = self.random, round(students / 1.37)
        siblings = rng.sample(range(count), round(0.30 * count))
        sizes = [1] * count
        for household in siblings:
            sizes[household] = 2
        large = siblings[: max(1, count // 200)]
        for household in large:
            sizes[household] = 4
        for household in siblings[len(large) :][: students - sum(sizes)]:
            sizes[household] = 3
        self.households: list[dict[str, Any]] = [{"id": f"h{n + 1}"} for n in range(count)]
        self.students: list[dict[str, Any]] = [{"id": f"s{n + 1}"} for n in range(students)]
        names = iter(item["id"] for item in self.students)
        self.children = {
            item["id"]: [next(names) for _ in range(size)]
            for item, size in zip(self.households, sizes, strict=True)
        }
        self.large = {f"h{household + 1}" for household in large}
        others = [item["id"] for item in self.households if item["id"] not in self.large]
        asking = set(rng.sample(others, round(0.70 * count) - len(large))) | self.large
        self.asking = [item["id"] for item in self.households if item["id"] in asking]

    def _classes(self, students: int) -> None:
        classes = max(2, round(students / CLASS_SIZE))
        seats = [number % classes for number in range(students)]
        self.random.shuffle(seats)
        self.class_of = {item["id"]: seat for item, seat in zip(self.students, seats, strict=True)}
        self.classes = range(classes)

    def _staff(self, students: int) -> None:
        rng, count = self.random, round(students / 12)
        self.instructors: list[dict[str, Any]] = [{"id": f"i{n + 1}", "rooms": {}} for n in range(count)]
        names = [item["id"] for item in self.instructors]
        self.popular = rng.sample(names, round(0.10 * count))
        courses = min(COURSES, count)
        teams = [names[course::courses] for course in range(courses)]
        self.teachers = {group: [team[group % len(team)] for team in teams] for group in self.classes}
        self.mentor = {
            group: rng.choice([name for name in team if name not in self.popular])
            for group, team in self.teachers.items()
        }

    def _rooms(self) -> None:
        rng, numbers = self.random, dict.fromkeys("ABC", 0)
        aula = {person["id"] for person in self.share(self.instructors, 0.15)}
        self.rooms.append({"id": AULA, "shared": True})
        for index, person in enumerate(self.instructors):
            room = AULA if person["id"] in aula else self._room(WINGS[index % COURSES % 4], numbers)
            person["rooms"] = dict.fromkeys(self.dates, room)
        plain = [each for each in self.instructors if each["id"] not in aula | set(self.popular)]
        rng.shuffle(plain)
        for _ in range(max(1, len(self.instructors) // 100)):
            self._share_by_halves(plain.pop(), plain.pop())
            self._share_whole(plain.pop(), plain.pop())
        for person in plain[: max(1, round(0.03 * len(self.instructors)))]:
            del person["rooms"]
        for person in plain[-max(1, round(0.05 * len(self.instructors))) :]:
            if "rooms" in person:
                person["rooms"][self.dates[-1]] = self._room("B", numbers)

    def _room(self, wing: str, numbers: dict[str, int]) -> str:
        numbers[wing] += 1
        room = f"{wing}{numbers[wing]:02d}"
        self.rooms.append({"id": room})
        return room

    def _share_by_halves(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        """Two instructors use a room one after the other on the first date."""
        first = self.dates[0]
        other["rooms"][first] = one["rooms"][first]
        self.block(one, first, SLOTS // 2, SLOTS)
        self.block(other, first, 0, SLOTS // 2)

    def _share_whole(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        """Two instructors have one room all the time, so that only one of them can be busy."""
        other["rooms"] = dict(one["rooms"])

    def _away(self) -> None:
        rng = self.random
        whole = [person for person in self.instructors if person["id"] not in self.away]
        if len(self.dates) == 2:
            whole = self.share(whole, 0.06)
        for person in whole:
            self.block(person, rng.choice(self.dates), 0, SLOTS)
        for person in self.share(self.instructors, 0.14):
            day, length = rng.choice(self.dates), rng.randint(1, 4)
            first = rng.randrange(SLOTS - length)
            if (day, first) not in self.away.get(person["id"], ()):
                self.block(person, day, first, first + length)

    def walks(self) -> list[dict[str, Any]]:
        """Wing C is five minutes from everything else."""
        names = [room["id"] for room in self.rooms]
        far = [name for name in names if name.startswith("C")]
        near = [name for name in names if not name.startswith("C")]
        return [{"from": one, "to": other, "minutes": 5} for one, other in product(far, near)]
