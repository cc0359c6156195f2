"""How full an evening is: per instructor and date, and per slot."""

from collections import defaultdict
from datetime import datetime, timedelta

from ouderavond.evening import grid
from ouderavond.evening.overviews import labels
from ouderavond.evening.overviews.reading import Facts


def by_instructor(facts: Facts) -> list[dict]:
    """Rows of slots offered, blocked, booked, free, and free between the first and last conversation."""
    found = []
    for place, starts, blocked in _present(facts):
        booked = _booked_starts(facts, place)
        open_starts = [start for start in starts if start not in blocked or start in booked]
        free = [start for start in open_starts if start not in booked]
        found.append(
            {
                "instructor": place.instructor_name or place.instructor,
                "date": place.date,
                "place": _place(facts, place),
                "offered": len(open_starts),
                "blocked": len(starts) - len(open_starts),
                "booked": len(booked),
                "free": len(free),
                "gaps": sum(1 for start in free if booked and min(booked) < start < max(booked)),
                "percent": _percent(len(booked), len(open_starts)),
            }
        )
    return found


def by_slot(facts: Facts) -> list[dict]:
    """Rows of date and start: instructors present, booked and free."""
    present, booked = defaultdict(int), defaultdict(int)
    for place, starts, blocked in _present(facts):
        taken = _booked_starts(facts, place)
        for start in starts:
            present[start] += start not in blocked or start in taken
            booked[start] += start in taken
    return [
        {
            "date": evening_date.date,
            "time": labels.clock(start),
            "present": present[start],
            "booked": booked[start],
            "free": present[start] - booked[start],
            "percent": _percent(booked[start], present[start]),
        }
        for evening_date in facts.dates
        for start in evening_date.starts
    ]


def blocked_starts(facts: Facts, place, starts: list[datetime]) -> dict[datetime, str]:
    """The starts at which an instructor cannot, each with the reason that was given."""
    length = grid.duration(facts.evening, 1)
    who = {("Instructor", place.instructor), ("Everyone", ""), ("Room", place.room or "")}
    blocks = [row for row in facts.blocks if (row.who_type, row.who or "") in who]
    return {
        start: row.reason or ""
        for start in starts
        for row in blocks
        if row.from_time < start + length and row.to_time > start
    }


def starts_of(facts: Facts, place) -> list[datetime]:
    """The starts at which somebody is there on a date."""
    evening_date = next((row for row in facts.dates if row.date == place.date), None)
    if not evening_date:
        return []
    first = grid.at(place.date, place.present_from) if place.present_from is not None else evening_date.first
    last = grid.at(place.date, place.present_until) if place.present_until is not None else evening_date.end
    length = grid.duration(facts.evening, 1)
    return [start for start in evening_date.starts if start >= first and start + length <= last]


def _present(facts: Facts):
    for place in facts.places:
        starts = starts_of(facts, place)
        yield place, starts, blocked_starts(facts, place, starts)


def _booked_starts(facts: Facts, place) -> set[datetime]:
    step = grid.duration(facts.evening, 1) + timedelta(minutes=int(facts.evening.minutes_between or 0))
    found = set()
    for start, end in facts.taken.get((place.instructor, place.date), ()):
        while start < end:
            found.add(start)
            start += step
    return found


def _place(facts: Facts, place) -> str:
    return ", ".join(filter(None, (facts.rooms.get(place.room, place.room), place.table_label)))


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
