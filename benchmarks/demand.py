"""The conversations that are asked for at an invented school; `generate.py` says how many of what."""

from __future__ import annotations

from typing import Any

from .school import School

OVERLOAD = 1.5
ORDINARY = 0.9  # of an instructor's slots


def add_requests(school: School) -> None:
    """Requests of all households that ask, with their traits, in the order of the households."""
    found = _choose(school)
    for household in school.asking:
        asked = [pair for student in school.children[household] for pair in found.get(student, ())]
        school.random.shuffle(asked)
        for rank, (student, instructor, slots) in enumerate(asked, 1):
            school.conversations.append(_request(school, household, student, instructor, slots, rank))
    _add_mentors(school)
    _add_traits(school)
    _add_modes(school)


def _choose(school: School) -> dict[str, list[tuple[str, str, int]]]:
    """Per student the (student, instructor, slots) asked: the much wanted instructors choose first."""
    rng = school.random
    quota = {
        student: 2 if household in school.large else rng.randint(1, 2)
        for household in school.asking
        for student in school.children[household]
    }
    limit = {person["id"]: ORDINARY * school.slots_of(person["id"]) for person in school.instructors}
    found: dict[str, list[tuple[str, str, int]]] = {}

    def ask(student: str, instructor: str) -> None:
        slots = 2 if rng.random() < 0.03 else 1
        limit[instructor] -= slots
        quota[student] -= 1
        found.setdefault(student, []).append((student, instructor, slots))

    for instructor in school.popular:
        limit[instructor] = OVERLOAD * school.slots_of(instructor)
        taught = [each for each in quota if instructor in school.teachers[school.class_of[each]]]
        rng.shuffle(taught)
        for student in taught:
            if quota[student] and limit[instructor] > 0:
                ask(student, instructor)
    for student in quota:
        team = [name for name in school.teachers[school.class_of[student]] if name not in school.popular]
        rng.shuffle(team)
        for instructor in team:
            if quota[student] and limit[instructor] >= 1:
                ask(student, instructor)
    return found


def _request(
    school: School, household: str, student: str, instructor: str, slots: int, rank: int
) -> dict[str, Any]:
    item = {
        "id": f"c{len(school.conversations) + 1}",
        "household": household,
        "student": student,
        "instructors": [instructor],
        "rank": rank,
    }
    if slots > 1:
        item["slots"] = slots
    return item


def _add_mentors(school: School) -> None:
    def mentor(item: dict[str, Any]) -> str:
        return school.mentor[school.class_of[item["student"]]]

    others = [item for item in school.conversations if mentor(item) not in item["instructors"]]
    count = max(1, round(0.03 * len(school.conversations)))
    for item in school.random.sample(others, count):
        item["instructors"].append(mentor(item))


def _add_traits(school: School) -> None:
    rng = school.random
    for item in school.share(school.conversations, 0.05):
        item["priority"] = "must"
    students = list(dict.fromkeys(item["student"] for item in school.conversations))
    attending = set(school.share(students, 0.10))
    wish = {household: rng.choice(("early", "late")) for household in school.share(school.asking, 0.20)}
    for item in school.conversations:
        if item["student"] in attending:
            item["student_attends"] = True
        if item["household"] in wish:
            item["preference"] = wish[item["household"]]


def _add_modes(school: School) -> None:
    """Households that ask online, and some that ask one conversation of several online."""
    by_household: dict[str, list[dict[str, Any]]] = {}
    for item in school.conversations:
        by_household.setdefault(item["household"], []).append(item)
    online = set(school.share(list(by_household), 0.03))
    for household in online:
        for item in by_household[household]:
            item["mode"] = "online"
    several = [name for name, items in by_household.items() if len(items) > 1 and name not in online]
    for household in school.random.sample(several, max(1, round(0.01 * len(by_household)))):
        by_household[household][0]["mode"] = "online"
