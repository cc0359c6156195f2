"""Requests against the time there is: instructors, households, and requests that fit nowhere.

Calculated on the scheduler's own problem, so that presence, blocks, forbidden dates and conversations of
other evenings count as they do there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from frappe import _

from ouderavond.evening.offering import classes
from ouderavond.evening.offering.checks.kinds import (
    ERROR,
    NOTE,
    WARNING,
    InMemory,
    Kind,
    Link,
    Row,
    Scope,
)
from ouderavond.evening.people import household_index
from ouderavond.evening.problem import BOOKING_PREFIX, build_problem, text


class Times:
    """The conversations that are asked, as intervals of the grid."""

    def __init__(self, evening):
        self.document = build_problem(evening)
        self.conversations = [item for item in self.document["conversations"] if item["instructors"]]
        self.starts = [f"{day['date']}T{start}" for day in self.document["dates"] for start in day["starts"]]
        self.minutes = self.document["slot_minutes"]
        self.ends = {start: _later(start, self.minutes) for start in self.starts}
        self.busy_of_instructor = {
            item["id"]: self.busy(item["unavailable"]) for item in self.document["instructors"]
        }
        self.busy_of_household = {
            item["id"]: self.busy(item["unavailable"]) for item in self.document["households"]
        }

    def busy(self, intervals: Iterable[list[str]]) -> frozenset[str]:
        """The starts at which intervals leave no slot."""
        return frozenset(
            start
            for start in self.starts
            if any(start < until and begin < self.ends[start] for begin, until in intervals)
        )

    def fits(self, item: dict) -> bool:
        """Whether a conversation has a start at which nobody of it is away."""
        if item.get("pinned"):
            return True
        away = self.busy_of_household[item["household"]] | self.busy(item["unavailable"])
        for name in item["instructors"]:
            away |= self.busy_of_instructor[name]
        return any(self._runs(start, item["slots"], away) for start in range(len(self.starts)))

    def _runs(self, first: int, slots: int, away: frozenset[str]) -> bool:
        chosen = self.starts[first : first + slots]
        one_date = len(chosen) == slots and chosen[0][:10] == chosen[-1][:10]
        return one_date and not away & set(chosen)


def _later(start: str, minutes: int) -> str:
    return text(datetime.fromisoformat(start) + timedelta(minutes=minutes))


def _times(scope: Scope) -> Times | None:
    """The times, read once for all kinds; None where nothing is asked."""
    if not hasattr(scope, "times"):
        times = Times(scope.evening)
        scope.times = times if times.conversations and times.starts else None
    return scope.times


def _concerned(scope: Scope, items: list[dict]) -> bool:
    return not scope.narrowed or any(item["student"] in scope.participants for item in items)


def _instructors(scope: Scope) -> InMemory | None:
    times = _times(scope)
    if not times:
        return None
    asked, of_instructor = Counter(), defaultdict(list)
    for item in times.conversations:
        for name in item["instructors"]:
            asked[name] += item["slots"]
            of_instructor[name].append(item)
    rows = []
    for name, slots in asked.items():
        free = len(times.starts) - len(times.busy_of_instructor[name])
        if slots > free and _concerned(scope, of_instructor[name]):
            said = _("{0} slots are asked, and there are {1}: {2} too many.")
            said = said.format(slots, free, slots - free)
            rows.append((free - slots, Row(name, scope.instructor(name), said)))
    return InMemory([row for _order, row in sorted(rows, key=lambda pair: (pair[0], pair[1].record.label))])


def _households(scope: Scope) -> InMemory | None:
    times = _times(scope)
    if not times:
        return None
    asked = defaultdict(list)
    for item in times.conversations:
        asked[item["household"]].append(item)
    rows = []
    for household, items in sorted(asked.items()):
        slots = sum(item["slots"] for item in items)
        free = len(times.starts) - len(times.busy_of_household[household])
        if slots > free and _concerned(scope, items):
            said = _("{0} slots are asked, and the household has {1}.").format(slots, free)
            rows.append(_household_row(scope, household, items, said))
    return InMemory(rows)


def _household_row(scope: Scope, household: str, items: list[dict], said: str) -> Row:
    if not hasattr(scope, "members"):
        scope.members = defaultdict(list)
        for guardian, name in household_index(scope.evening).items():
            scope.members[name].append(guardian)
    students = sorted({item["student"] for item in items})
    guardians = [scope.guardian(name) for name in sorted(scope.members[household])]
    groups = sorted({scope.class_of[name] for name in students if name in scope.class_of})
    links = [*guardians[1:], *(scope.student(name) for name in students)]
    first = guardians[0] if guardians else scope.student(students[0])
    return Row(household, first, said, ", ".join(groups), links)


def _nowhere(scope: Scope) -> InMemory | None:
    times = _times(scope)
    if not times:
        return None
    rows = []
    for item in times.conversations:
        if not item["id"].startswith(BOOKING_PREFIX) and _concerned(scope, [item]) and not times.fits(item):
            people = [scope.instructor(name) for name in item["instructors"]]
            said = _("No time suits the household, the instructors and the conversation at once.")
            group = scope.class_of.get(item["student"], "")
            link = Link("Conversation Request", item["id"], scope.student(item["student"]).label)
            rows.append(Row(item["id"], link, said, group, [scope.student(item["student"]), *people]))
    return InMemory(rows)


def _two_evenings(scope: Scope) -> InMemory:
    rows = []
    for children in classes.two_evenings(scope.evening):
        if not scope.narrowed or any(child.student in scope.participants for child in children):
            first, *others = [scope.student(child.student) for child in children]
            groups = ", ".join(sorted({child.classes for child in children}))
            said = _("Their classes have no date in common.")
            rows.append(Row(first.name, first, said, groups, others))
    return InMemory(rows)


KINDS = (
    Kind(
        "no_time",
        ERROR,
        lambda: _("Requests for which there is no time at all"),
        lambda: _(
            "Whatever the scheduler does, they cannot be placed. Look at forbidden dates, presence and "
            "blocks."
        ),
        _nowhere,
    ),
    Kind(
        "instructor_time",
        WARNING,
        lambda: _("Instructors asked for more than they have time for"),
        lambda: _("Give them more time, or let another instructor take some of the conversations."),
        _instructors,
    ),
    Kind(
        "household_time",
        WARNING,
        lambda: _("Households that need more time than the evening has"),
        lambda: _("Some of their conversations cannot be placed, even if everybody else stays away."),
        _households,
    ),
    Kind(
        "two_evenings",
        NOTE,
        lambda: _("Households that have to come on two evenings"),
        lambda: _("Children of one household are in classes that have no date in common."),
        _two_evenings,
    ),
)
