"""A believable Dutch school as a problem, for trying the engine out: the same seed gives the same school."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

DATES = ("2027-02-09", "2027-02-11")
FIRST_MINUTE = 18 * 60 + 30
SLOTS = 15
SLOT_MINUTES = 8
PAUSE_MINUTES = 2

# course, part of the lessons it takes
COURSES = {
    "Nederlands": ("netl", 4), "Engels": ("entl", 4), "Wiskunde": ("wi", 4), "Frans": ("fatl", 2),
    "Duits": ("dutl", 2), "Geschiedenis": ("ges", 2), "Aardrijkskunde": ("ak", 2), "Biologie": ("biol", 2),
    "Natuurkunde": ("nat", 2), "Scheikunde": ("schk", 2), "Economie": ("econ", 2), "Kunst": ("kubv", 1),
    "Muziek": ("mu", 1), "Lichamelijke opvoeding": ("lo", 2), "Maatschappijleer": ("maat", 1),
}  # fmt: skip
YEARS = ("bk1", "hv1", "v1", "bk2", "h2", "v2", "bk3", "h3", "v3", "bk4", "h4", "v4", "h5", "v5", "v6")
CLASS_SIZE = 26
ORDINARY_LIMIT = 24  # conversations asked of an instructor
POPULAR_LIMIT = 45  # and of one in ten
SURNAMES = (
    "Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Dijkstra Brouwer Koster Prins "
    "Kuipers Veenstra Jansen Jacobs Postma Schouten Willems Hoekstra Verhoeven Maas Molenaar Kramer "
    "Scholten Vermeulen Blom Huisman Timmermans Groen Bosman Kok Yilmaz Aydin Nguyen Ouali Benali Kaya "
    "Wolters Martens Evers Cornelissen Boer Peeters Koning Schipper Hermans Verbeek"
).split()
FIRST_NAMES = (
    "Emma Daan Julia Sem Mila Noah Tess Lucas Sophie Levi Zoë Finn Sara Liam Nora Bram Yara Milan Eva Luuk "
    "Lotte Thijs Fenna Mees Anna Adam Saar Jesse Lynn Hugo"
).split()


@dataclass
class _School:
    """What has been made so far."""

    random: random.Random
    households: list[dict[str, Any]] = field(default_factory=list)
    students: list[dict[str, Any]] = field(default_factory=list)
    instructors: list[dict[str, Any]] = field(default_factory=list)
    rooms: list[dict[str, Any]] = field(default_factory=list)
    conversations: list[dict[str, Any]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    class_of: dict[str, str] = field(default_factory=dict)
    teaches: dict[tuple[str, str], str] = field(default_factory=dict)
    mentors: dict[str, str] = field(default_factory=dict)
    limit: dict[str, int] = field(default_factory=dict)
    popular: set[str] = field(default_factory=set)
    children: dict[str, list[str]] = field(default_factory=dict)


def demo_problem(students: int = 1300, seed: int = 1) -> dict[str, Any]:
    """A problem document for a school of so many students, two dates of 15 slots, about half asking.

    About one household in three has more than one child at school; one instructor in ten is asked for
    about one and a half times the slots available; some are away on one date, need a break or have a
    child at school themselves; a few conversations are double, with two instructors, must-see or online.
    """
    school = _School(random.Random(f"ouderavond {students} {seed}"))
    _make_families(school, students)
    _make_lessons(school, students)
    _make_requests(school)
    _make_limits(school)
    return {
        "format": "ouderavond-problem/1",
        "slot_minutes": SLOT_MINUTES,
        "pause_minutes": PAUSE_MINUTES,
        "walking_minutes": 2,
        "travel_minutes": 30,
        "dates": [{"date": day, "starts": [_clock(slot) for slot in range(SLOTS)]} for day in DATES],
        "rooms": school.rooms,
        "walking": _walks(school),
        "instructors": school.instructors,
        "households": [{k: v for k, v in each.items() if v} for each in school.households],
        "students": school.students,
        "conversations": school.conversations,
    }


def _clock(slot: int) -> str:
    minute = FIRST_MINUTE + slot * (SLOT_MINUTES + PAUSE_MINUTES)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _interval(day: str, first: int, last: int) -> list[str]:
    """From the start of one slot to the start of another, as an unavailable time."""
    return [f"{day}T{_clock(first)}", f"{day}T{_clock(last)}"]


def _make_families(school: _School, students: int) -> None:
    """Households with one to three children, spread over the classes."""
    rng = school.random
    classes = max(1, round(students / CLASS_SIZE))
    per_year = [classes // len(YEARS) + (number < classes % len(YEARS)) for number in range(len(YEARS))]
    school.classes = [
        f"{year}{'abcdefghij'[n % 10]}" for year, k in zip(YEARS, per_year, strict=True) for n in range(k)
    ]
    used: dict[str, int] = {}
    made = 0
    while made < students:
        surname = rng.choice(SURNAMES)
        used[surname] = used.get(surname, 0) + 1
        name = f"{surname}-{used[surname]}"
        school.households.append({"id": name, "unavailable": [], "apart": []})
        school.children[name] = []
        for _ in range(min(rng.choices((1, 2, 3), (72, 22, 6))[0], students - made)):
            made += 1
            student = f"{rng.choice(FIRST_NAMES)}-{surname}-{made}"
            school.students.append({"id": student})
            school.children[name].append(student)
            school.class_of[student] = school.classes[made * 7919 % len(school.classes)]


def _code(school: _School, used: set[str]) -> str:
    """An instructor's code: three letters of a surname and a number if taken."""
    letters = school.random.choice(SURNAMES)[:3].lower()
    number = 1
    while f"{letters}{number:02d}" in used:
        number += 1
    used.add(f"{letters}{number:02d}")
    return f"{letters}{number:02d}"


def _make_lessons(school: _School, students: int) -> None:
    """Instructors per course, each teaching some classes, in a room of their wing."""
    rng, used = school.random, set()
    staff = max(len(COURSES), round(students / 12))
    total = sum(share for _, share in COURSES.values())
    for _, share in COURSES.values():
        for _ in range(max(1, round(staff * share / total))):
            school.instructors.append({"id": _code(school, used), "rooms": {}})
    wings, number = "ABC", 0
    position = 0
    for course, (_, share) in COURSES.items():
        team = school.instructors[position : position + max(1, round(staff * share / total))]
        position += len(team)
        for person in team:
            number += 1
            room = f"{wings[number % 3]}{number // 3 + 1:02d}"
            school.rooms.append({"id": room})
            person["rooms"] = dict.fromkeys(DATES, room)
        for index, group in enumerate(school.classes):
            school.teaches[group, course] = team[(index + rng.randrange(2)) % len(team)]["id"]
    for group in school.classes:
        school.mentors[group] = school.teaches[group, rng.choice(list(COURSES))]


def _walks(school: _School) -> list[dict[str, Any]]:
    """Wing C is another building: five minutes from everything else."""
    rooms = [room["id"] for room in school.rooms]
    far = [room for room in rooms if room.startswith("C")]
    near = [room for room in rooms if not room.startswith("C")]
    return [{"from": one, "to": other, "minutes": 5} for one in far for other in near]


def _make_requests(school: _School) -> None:
    """Seven households in ten ask; per child one or two conversations, some instructors far more wanted."""
    rng = school.random
    names = [person["id"] for person in school.instructors]
    school.limit = dict.fromkeys(names, ORDINARY_LIMIT)
    school.popular = set(rng.sample(names, max(1, len(names) // 10)))
    school.limit.update(dict.fromkeys(sorted(school.popular), POPULAR_LIMIT))
    for household in school.households:
        if rng.random() > 0.70:
            continue
        rank = 0
        online = rng.random() < 0.03
        for student in school.children[household["id"]]:
            for course in _courses(school, student):
                rank += 1
                _request(school, household["id"], student, course, rank, online)


def _courses(school: _School, student: str) -> list[str]:
    """One to three courses asked for a student: the much wanted instructors come first more often."""
    rng, group = school.random, school.class_of[student]
    chosen: list[str] = []
    for _ in range(rng.choices((1, 2, 3), (35, 48, 17))[0]):
        weights = {}
        for course in COURSES:
            left = school.limit[school.teaches[group, course]]
            if course not in chosen and left > 0:
                weights[course] = 12 if school.teaches[group, course] in school.popular else 1
        if weights:
            course = rng.choices(list(weights), list(weights.values()))[0]
            chosen.append(course)
            school.limit[school.teaches[group, course]] -= 1
    return chosen


def _request(school: _School, household: str, student: str, course: str, rank: int, online: bool) -> None:
    rng, group = school.random, school.class_of[student]
    teacher, mentor = school.teaches[group, course], school.mentors[group]
    number = len(school.conversations) + 1
    item: dict[str, Any] = {
        "id": f"{COURSES[course][0]}-{number}",
        "household": household,
        "student": student,
        "instructors": [teacher],
        "rank": rank,
    }
    if any(
        set(other["instructors"]) & {teacher} and other["student"] == student
        for other in school.conversations[-3:]
    ):
        return
    if rng.random() < 0.02 and mentor != teacher:
        item["instructors"] = [teacher, mentor]
    if rng.random() < 0.03:
        item["slots"] = 2
    if rng.random() < 0.05:
        item["priority"] = "must"
    if rng.random() < 0.10:
        item["student_attends"] = True
    if rng.random() < 0.20:
        item["preference"] = rng.choice(("early", "late"))
    if online:
        item["mode"] = "online"
    school.conversations.append(item)


def _make_limits(school: _School) -> None:
    """Instructors who are away, need a break or are parents; households that can't come or must not meet."""
    rng = school.random
    for person in school.instructors:
        draw = rng.random()
        if draw < 0.06:
            person["unavailable"] = [_interval(rng.choice(DATES), 0, SLOTS)]
        elif draw < 0.20:
            first = rng.randrange(SLOTS - 4)
            person["unavailable"] = [_interval(rng.choice(DATES), first, first + rng.randint(1, 4))]
        if rng.random() < 0.3:
            person["break"] = {"after": 6, "slots": 1}
    for person in rng.sample(school.instructors, min(6, len(school.instructors))):
        person["household"] = rng.choice(school.households)["id"]
    _limit_households(school)


def _limit_households(school: _School) -> None:
    rng = school.random
    for household in school.households:
        draw = rng.random()
        if draw < 0.08:
            household["unavailable"] = [_interval(rng.choice(DATES), 0, SLOTS)]
        elif draw < 0.12:
            household["unavailable"] = [_interval(rng.choice(DATES), 0, rng.randint(2, 6))]
    for _ in range(len(school.households) // 200):
        one, other = rng.sample(school.households, 2)
        one["apart"].append({"household": other["id"], "minutes": 20})
