"""What a guardian should know before reserving and may accept: walking, travelling, gaps, more dates."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from frappe import _
from frappe.utils import cint

from ouderavond.evening import wording

# Waiting longer than this between two conversations is worth a word.
LONG_WAIT = timedelta(minutes=30)


@dataclass(frozen=True)
class Visit:
    """One conversation of a household: when and where; `is_new` when it is about to be reserved."""

    start: datetime
    end: datetime
    mode: str
    room: str | None
    title: str
    instructors: tuple[str, ...]
    is_new: bool


def of(evening, visits: list[Visit]) -> list[str]:
    """The sentences about a household's conversations of an evening, as far as they concern new ones."""
    by_date: dict[date, list[Visit]] = defaultdict(list)
    for visit in sorted(visits, key=lambda visit: (visit.start, visit.title)):
        by_date[visit.start.date()].append(visit)
    found = [line for day in by_date.values() for line in _between(evening, day)]
    if len(by_date) > 1 and any(all(visit.is_new for visit in day) for day in by_date.values()):
        days = ", ".join(wording.day(day) for day in sorted(by_date))
        found.append(_("You would come on {0} dates: {1}.").format(len(by_date), days))
    return found


def _between(evening, day: list[Visit]) -> Iterator[str]:
    for before, after in pairwise(day):
        if not (before.is_new or after.is_new):
            continue
        gap = after.start - before.end
        needed = _needed(evening, before, after)
        minutes = int(gap.total_seconds() // 60)
        between = (_named(before), _named(after))
        if gap < timedelta(minutes=needed) and before.mode != after.mode:
            sentence = _("Between {0} and {1} there are {2} minutes, and one is at school, the other online.")
            yield sentence.format(*between, minutes)
        elif gap < timedelta(minutes=needed):
            sentence = _("Between {0} and {1} there are {2} minutes to walk; the school reckons with {3}.")
            yield sentence.format(*between, minutes, needed)
        elif gap > LONG_WAIT:
            yield _("Between {0} and {1} you would wait {2} minutes.").format(*between, minutes)


def _needed(evening, before: Visit, after: Visit) -> int:
    """The minutes that are needed between two conversations; none within one room, or at home."""
    if before.mode != after.mode:
        return cint(evening.travel_minutes)
    if before.mode == "Online" or _is_same_room(before, after):
        return 0
    return cint(evening.walking_minutes)


def _is_same_room(before: Visit, after: Visit) -> bool:
    if before.room and after.room:
        return before.room == after.room
    return not set(before.instructors).isdisjoint(after.instructors)


def _named(visit: Visit) -> str:
    return f"{wording.time(visit.start.time())} {visit.title}"
