"""A week of lessons in which no student, instructor or room is in two places."""

import datetime as dt
import random
from dataclasses import dataclass

from ouderavond.demo import curriculum

PERIODS = ("08:30", "09:20", "10:30", "11:20", "12:40", "13:30", "14:30", "15:20")
MINUTES = 50
SLOTS = 5 * len(PERIODS)
SUBSTITUTES = 3


@dataclass(frozen=True)
class Lesson:
    """A lesson of a lesson group (by index), by an instructor who need not be on the group."""

    group: int
    instructor: int
    room: str
    slot: int

    @property
    def day(self) -> int:
        return self.slot // len(PERIODS)

    @property
    def starts(self) -> dt.time:
        return dt.time.fromisoformat(PERIODS[self.slot % len(PERIODS)])

    @property
    def ends(self) -> dt.time:
        start = dt.datetime.combine(dt.date.min, self.starts)
        return (start + dt.timedelta(minutes=MINUTES)).time()


class _Week:
    """Who is busy when, one bit per slot."""

    def __init__(self, school, rng: random.Random):
        self.students = [0] * len(school.students)
        self.instructors = [0] * len(school.instructors)
        self.groups: dict[int, int] = {}
        self.rooms = dict.fromkeys(school.rooms, 0)
        self.gyms = [r for r in school.rooms if r.startswith("Gym")]
        self.classrooms = [r for r in school.rooms if not r.startswith("Gym")]
        self.home = [rng.choice(self.classrooms) for _ in school.instructors]
        self.orders = {p.name: rng.sample(range(SLOTS), SLOTS) for p in school.programs}

    def room(self, instructor: int, course: str, slot: int) -> str | None:
        """The instructor's own room if it is free, else another; sports are in a gym if one is free."""
        sports = course in ("lo", "bsm")
        wanted = [*(self.gyms if sports else [self.home[instructor]]), *self.classrooms]
        return next((room for room in wanted if not self.rooms[room] >> slot & 1), None)

    def place(self, number: int, group, instructor: int) -> Lesson:
        """The first slot of the program's order that suits everyone, else the one with the fewest clashes."""
        busy = 0
        for i in group.students:
            busy |= self.students[i]
        taken = self.instructors[instructor] | self.groups.get(number, 0)
        order = [slot for slot in self.orders[group.program] if not taken >> slot & 1]
        free = [slot for slot in order if not busy >> slot & 1]
        for slot in free or sorted(order, key=lambda slot: self._clashes(group.students, slot)):
            room = self.room(instructor, group.course, slot)
            if room:
                return self._take(Lesson(number, instructor, room, slot), group.students)
        raise ValueError(f"No hour is left for {group.name}.")

    def _clashes(self, students: list[int], slot: int) -> int:
        return sum(self.students[i] >> slot & 1 for i in students)

    def _take(self, lesson: Lesson, students: list[int]) -> Lesson:
        bit = 1 << lesson.slot
        for i in students:
            self.students[i] |= bit
        self.instructors[lesson.instructor] |= bit
        self.groups[lesson.group] = self.groups.get(lesson.group, 0) | bit
        self.rooms[lesson.room] |= bit
        return lesson


def make_timetable(school, rng: random.Random) -> list[Lesson]:
    """Lessons of all lesson groups: chosen courses first, as their groups cut across classes."""
    week = _Week(school, rng)
    substitutes = _substitutes(school, rng)
    lessons = []
    for number in sorted(range(len(school.lesson_groups)), key=lambda g: _order(school, g)):
        group = school.lesson_groups[number]
        for lesson in range(curriculum.COURSES[group.course][1]):
            instructor = group.instructors[lesson % len(group.instructors)]
            if lesson == 0:
                instructor = substitutes.get(number, instructor)
            lessons.append(week.place(number, group, instructor))
    return lessons


def _order(school, number: int) -> tuple:
    group = school.lesson_groups[number]
    program = next(p for p in school.programs if p.name == group.program)
    return group.course in program.common, -len(group.students), number


def _substitutes(school, rng: random.Random) -> dict[int, int]:
    """Groups of which one lesson is given by a colleague who is not on the group."""
    fitting = [
        number
        for number, group in enumerate(school.lesson_groups)
        if curriculum.COURSES[group.course][1] > 1 and len(group.instructors) == 1
    ]
    chosen = rng.sample(fitting, min(len(fitting), SUBSTITUTES))
    return {number: school.colleague(school.lesson_groups[number].instructors[0], rng) for number in chosen}
