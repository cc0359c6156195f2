"""The independent checker: does a schedule keep every rule, and are its figures right?

It shares the problem's and the schedule's dataclasses with the solver and nothing else. It is
written from the specification to be read beside it; it prefers being obvious to being fast.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from fractions import Fraction
from itertools import pairwise, product

from .problem import Conversation, EveningDate, Instructor, Interval, Problem, Weights
from .reading import moment_text
from .schedule import Criteria, Schedule

RANK_FACTOR = {1: Fraction(10, 10), 2: Fraction(8, 10)}
LATER_RANK_FACTOR = Fraction(6, 10)
ABSOLUTE, RELATIVE = 1e-6, 1e-9  # what rounding may do to a figure


class _Placed:
    """A conversation at a place: `start` and `end` are minutes, `date` is its date."""

    def __init__(self, problem: Problem, conversation: Conversation, start: int, day: EveningDate):
        self.conversation = conversation
        self.id = conversation.id
        self.start = start
        self.end = start + problem.duration(conversation.slots)
        self.day = day
        self.date = day.date
        self.pinned = conversation.pinned == start
        self.room = problem.instructor[conversation.instructors[0]].rooms.get(day.date)


def verify(problem: Problem, schedule: Schedule) -> list[str]:
    """Check a schedule against its problem; the answer is a sentence per broken rule or wrong figure.

    An empty list means that the schedule is good.
    """
    errors = list(_every_conversation_once(problem, schedule))
    if errors:
        return errors
    placed, errors = _on_the_grid(problem, schedule)
    if errors:
        return errors
    warnings: list[tuple[str, tuple[str, ...]]] = []
    errors += _nobody_twice(problem, placed)
    errors += _unavailable(problem, placed, warnings)
    errors += _walking(problem, placed, warnings)
    errors += _apart(problem, placed, warnings)
    errors += _pins_kept(problem, schedule)
    errors += _warnings_named(schedule, warnings)
    errors += _figures(problem, schedule, placed)
    return errors


def figures(problem: Problem, schedule: Schedule) -> tuple[Criteria, float, float]:
    """The criteria, the families' objective and the instructors' objective of the placements."""
    placed, _ = _on_the_grid(problem, schedule)
    criteria, families, instructors = _compute(problem, placed)
    return criteria, float(families), float(instructors)


def _every_conversation_once(problem: Problem, schedule: Schedule) -> Iterator[str]:
    named = [item.conversation for item in schedule.placements]
    named += [item.conversation for item in schedule.unplaced]
    for name, count in Counter(named).items():
        if name not in problem.conversation:
            yield f"The schedule names conversation {name}, which the problem does not have."
        elif count > 1:
            yield f"Conversation {name} is named {count} times; it must be placed or unplaced once."
    for conversation in problem.conversations:
        if conversation.id not in set(named):
            yield f"Conversation {conversation.id} is neither placed nor unplaced."


def _on_the_grid(problem: Problem, schedule: Schedule) -> tuple[list[_Placed], list[str]]:
    """Rule 1: a conversation takes its number of consecutive starts of one date."""
    placed, errors = [], []
    for item in schedule.placements:
        conversation = problem.conversation[item.conversation]
        step = problem.slot_minutes + problem.pause_minutes
        wanted = tuple(item.start + number * step for number in range(conversation.slots))
        days = [day for day in problem.dates if set(wanted) <= set(day.starts)]
        if days:
            placed.append(_Placed(problem, conversation, item.start, days[0]))
        else:
            errors.append(
                f"Rule 1: {conversation.id} at {moment_text(item.start)} does not take {conversation.slots} "
                "consecutive starts of a date."
            )
    return placed, errors


def _overlap(one: _Placed, other: _Placed) -> bool:
    return one.start < other.end and other.start < one.end


def _nobody_twice(problem: Problem, placed: list[_Placed]) -> Iterator[str]:
    """Rule 2: nobody and no unshared room is in two conversations at once."""
    groups = _groups(problem, placed)
    for (kind, name), items in groups.items():
        for one, other in _overlapping(items):
            yield f"Rule 2: {one.id} and {other.id} overlap and share {kind} {name}."
    for instructor in problem.instructors:
        teaching = groups.get(("instructor", instructor.id), [])
        family = groups.get(("household", instructor.household), [])
        for one, other in product(teaching, family):
            if one.id != other.id and _overlap(one, other):
                yield (
                    f"Rule 2: {one.id} of instructor {instructor.id} overlaps {other.id} of "
                    f"that instructor's own household {instructor.household}."
                )


def _groups(problem: Problem, placed: list[_Placed]) -> dict[tuple[str, str | None], list[_Placed]]:
    """The conversations that share somebody or something, by kind and name."""
    groups: dict[tuple[str, str | None], list[_Placed]] = defaultdict(list)
    for item in placed:
        conversation = item.conversation
        groups["household", conversation.household].append(item)
        for instructor in conversation.instructors:
            groups["instructor", instructor].append(item)
        if conversation.student_attends:
            groups["student", conversation.student].append(item)
        if item.room is not None and not problem.room[item.room].shared:
            groups["room", item.room].append(item)
    return groups


def _overlapping(items: list[_Placed]) -> Iterator[tuple[_Placed, _Placed]]:
    items = sorted(items, key=lambda item: (item.start, item.id))
    for index, one in enumerate(items):
        for other in items[index + 1 :]:
            if other.start >= one.end:
                break
            yield one, other


def _unavailable(problem: Problem, placed: list[_Placed], warnings: list) -> Iterator[str]:
    """Rule 3: nothing overlaps a time at which somebody concerned can't."""
    for item in placed:
        for who, intervals in _calendars(problem, item.conversation):
            hit = [pair for pair in intervals if item.start < pair[1] and pair[0] < item.end]
            if hit and item.pinned:
                warnings.append(("pin_unavailable", (item.id,)))
            elif hit:
                yield (
                    f"Rule 3: {item.id} at {moment_text(item.start)} lies in a time at which {who} "
                    f"is unavailable ({moment_text(hit[0][0])} to {moment_text(hit[0][1])})."
                )


def _calendars(problem: Problem, conversation: Conversation) -> Iterator[tuple[str, tuple[Interval, ...]]]:
    yield "the conversation itself", conversation.unavailable
    yield f"household {conversation.household}", problem.household[conversation.household].unavailable
    for name in conversation.instructors:
        yield f"instructor {name}", problem.instructor[name].unavailable
    if conversation.student_attends:
        yield f"student {conversation.student}", problem.student[conversation.student].unavailable


def _evenings(placed: Iterable[_Placed]) -> dict[tuple[str, str], list[_Placed]]:
    """The conversations of a household on a date, in order of time."""
    evenings: dict[tuple[str, str], list[_Placed]] = defaultdict(list)
    for item in sorted(placed, key=lambda item: (item.start, item.end, item.id)):
        evenings[item.conversation.household, item.date].append(item)
    return evenings


def _minutes_between(problem: Problem, one: _Placed, other: _Placed) -> int:
    """Rule 4: the minutes a household needs between two conversations that follow each other."""
    online = {one.conversation.mode == "online", other.conversation.mode == "online"}
    if online == {True, False}:
        return problem.travel_minutes
    if online == {True}:
        return 0
    if one.room is None or other.room is None:
        shared = set(one.conversation.instructors) & set(other.conversation.instructors)
        return 0 if shared else problem.walking_minutes
    if one.room == other.room:
        return 0
    return problem.walking.get((one.room, other.room), problem.walking_minutes)


def _walking(problem: Problem, placed: list[_Placed], warnings: list) -> Iterator[str]:
    """Rule 4: time to walk or travel between consecutive conversations of a household."""
    for (household, _), evening in _evenings(placed).items():
        for one, other in pairwise(evening):
            needed = _minutes_between(problem, one, other)
            if one.end > other.start or other.start - one.end >= needed:
                continue
            if one.pinned and other.pinned:
                warnings.append(("pin_walking", (one.id, other.id)))
            else:
                yield (
                    f"Rule 4: household {household} has {other.start - one.end} minutes between {one.id} "
                    f"and {other.id}, and needs {needed}."
                )


def _apart(problem: Problem, placed: list[_Placed], warnings: list) -> Iterator[str]:
    """Rule 5: the whole stays of two households on a date are some minutes apart."""
    evenings = _evenings(placed)
    for (one, other), minutes in sorted(_apart_pairs(problem).items()):
        for day in problem.dates:
            ours, theirs = evenings.get((one, day.date), []), evenings.get((other, day.date), [])
            if _separated(ours, theirs, minutes):
                continue
            if not _separated([x for x in ours if x.pinned], [x for x in theirs if x.pinned], minutes):
                warnings.append(("pin_apart", (one, other, day.date)))
            else:
                yield (
                    f"Rule 5: the stays of households {one} and {other} on {day.date} are not "
                    f"{minutes} minutes apart."
                )


def _apart_pairs(problem: Problem) -> dict[tuple[str, str], int]:
    pairs: dict[tuple[str, str], int] = {}
    for household in problem.households:
        for apart in household.apart:
            key = tuple(sorted((household.id, apart.household)))
            pairs[key] = max(apart.minutes, pairs.get(key, 0))
    return pairs


def _separated(ours: list[_Placed], theirs: list[_Placed], minutes: int) -> bool:
    if not ours or not theirs:
        return True
    we_come, we_go = min(x.start for x in ours), max(x.end for x in ours)
    they_come, they_go = min(x.start for x in theirs), max(x.end for x in theirs)
    return they_come - we_go >= minutes or we_come - they_go >= minutes


def _pins_kept(problem: Problem, schedule: Schedule) -> Iterator[str]:
    """Rule 6: a pinned conversation is where it is pinned."""
    starts = {item.conversation: item.start for item in schedule.placements}
    for conversation in problem.conversations:
        if conversation.pinned is not None and starts.get(conversation.id) != conversation.pinned:
            pinned = moment_text(conversation.pinned)
            yield f"Rule 6: {conversation.id} is pinned at {pinned} but is not placed there."


def _warnings_named(schedule: Schedule, expected: list[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Rule 6: each rule that a pin overrides is named under warnings."""
    named = [(notice.code, {str(fact) for fact in notice.facts.values()}) for notice in schedule.warnings]
    for code, names in sorted(set(expected)):
        if not any(code == other and set(names) <= facts for other, facts in named):
            yield f"Rule 6: a pin overrides a rule, and no warning says so ({code}: {', '.join(names)})."


def _figures(problem: Problem, schedule: Schedule, placed: list[_Placed]) -> Iterator[str]:
    criteria, families, instructors = _compute(problem, placed)
    for name in (field.name for field in fields(Criteria)):
        claimed, real = getattr(schedule.criteria, name), getattr(criteria, name)
        if claimed != real:
            yield f"Criterion {name} is {real}, not {claimed}."
    for name, real in (("objective", families), ("instructors_objective", instructors)):
        claimed = getattr(schedule, name)
        if abs(claimed - real) > ABSOLUTE + RELATIVE * abs(real):
            yield f"The {name} is {float(real):g}, not {claimed:g}."
    yield from _bounds_hold(problem, schedule, criteria, families)


def _bounds_hold(
    problem: Problem, schedule: Schedule, criteria: Criteria, families: Fraction
) -> Iterator[str]:
    slack = ABSOLUTE + RELATIVE * families
    if schedule.bound is not None and schedule.bound > families + slack:
        yield f"The bound {schedule.bound:g} lies above the objective {float(families):g}."
    if schedule.status == "optimal" and not _proven(problem, schedule, families):
        yield "The status is optimal, but the bound leaves room for a better schedule."
    must, wanted = schedule.bounds.must_unplaced, schedule.bounds.wanted_unplaced
    if must is not None and must > criteria.must_unplaced:
        yield f"The bound of must_unplaced is {must}, but the schedule has {criteria.must_unplaced}."
    same_must = must == criteria.must_unplaced
    if wanted is not None and same_must and wanted > criteria.wanted_unplaced:
        yield f"The bound of wanted_unplaced is {wanted}, but the schedule has {criteria.wanted_unplaced}."
    moved = schedule.bounds.moved
    if moved is not None and moved > criteria.moved:
        yield f"The bound of moved is {moved}, but the schedule has {criteria.moved}."


def _proven(problem: Problem, schedule: Schedule, families: Fraction) -> bool:
    """Is the objective less than its smallest possible step above the bound?"""
    if schedule.bound is None:
        return False
    weights = _exact(problem.weights)
    terms = [weights[name] for name in ("nothing", "moved", "date", "preference")]
    for name in ("must", "wanted"):
        terms += [weights[name], weights[name] * RANK_FACTOR[2], weights[name] * LATER_RANK_FACTOR]
    minutes = [problem.slot_minutes, problem.pause_minutes, problem.walking_minutes, problem.travel_minutes]
    minutes += problem.walking.values()
    for day in problem.dates:
        minutes += [start - day.starts[0] for start in day.starts]
    terms.append(weights["waiting"] * Fraction(math.gcd(*minutes), problem.slot_minutes))
    parts = math.lcm(*(term.denominator for term in terms))
    step = Fraction(math.gcd(*(int(term * parts) for term in terms)), parts)
    return families == 0 or families - Fraction(schedule.bound) < step * Fraction(999999, 1000000)


def _compute(problem: Problem, placed: list[_Placed]) -> tuple[Criteria, Fraction, Fraction]:
    weights = _exact(problem.weights)
    count: Counter[str] = Counter()
    families = Fraction(0)
    here = {item.id: item for item in placed}
    for conversation in problem.conversations:
        if conversation.id in here:
            continue
        count[f"{conversation.priority}_unplaced"] += 1
        factor = RANK_FACTOR.get(conversation.rank, LATER_RANK_FACTOR)
        families += weights[conversation.priority] * conversation.slots * factor
    asked = {conversation.household for conversation in problem.conversations}
    count["households_with_nothing"] = len(asked - {item.conversation.household for item in placed})
    count["moved"] = sum(item.conversation.previous not in (None, item.start) for item in placed)
    evenings = _evenings(placed)
    count["extra_dates"] = len(evenings) - len({household for household, _ in evenings})
    count["waiting_minutes"] = sum(_waiting(problem, evening) for evening in evenings.values())
    count["preferences_missed"] = sum(_preference_missed(item) for item in placed)
    families += weights["nothing"] * count["households_with_nothing"]
    families += weights["moved"] * count["moved"]
    families += weights["date"] * count["extra_dates"]
    families += weights["waiting"] * Fraction(count["waiting_minutes"], problem.slot_minutes)
    families += weights["preference"] * count["preferences_missed"]
    for instructor, evening in _instructor_evenings(problem, placed):
        count["breaks_missed"] += _breaks_missed(problem, instructor, evening)
        count["instructor_waiting_minutes"] += _instructor_waiting(problem, instructor, evening)
    instructors = weights["break"] * count["breaks_missed"]
    waiting = Fraction(count["instructor_waiting_minutes"], problem.slot_minutes)
    instructors += weights["instructor_waiting"] * waiting
    return Criteria(**{field.name: count[field.name] for field in fields(Criteria)}), families, instructors


def _exact(weights: Weights) -> dict[str, Fraction]:
    names = [field.name for field in fields(Weights)]
    return {name.rstrip("_"): Fraction(round(getattr(weights, name) * 1000), 1000) for name in names}


def _waiting(problem: Problem, evening: list[_Placed]) -> int:
    total = 0
    for one, other in pairwise(evening):
        needed = max(problem.pause_minutes, _minutes_between(problem, one, other))
        total += max(0, other.start - one.end - needed)
    return total


def _preference_missed(item: _Placed) -> bool:
    middle = item.day.starts[len(item.day.starts) // 2]
    wish = item.conversation.preference
    return (wish == "early" and item.start >= middle) or (wish == "late" and item.start < middle)


def _instructor_evenings(
    problem: Problem, placed: list[_Placed]
) -> Iterator[tuple[Instructor, list[_Placed]]]:
    evenings: dict[tuple[str, str], list[_Placed]] = defaultdict(list)
    for item in sorted(placed, key=lambda item: (item.start, item.id)):
        for name in item.conversation.instructors:
            evenings[name, item.date].append(item)
    for (name, _), evening in evenings.items():
        yield problem.instructor[name], evening


def _runs(problem: Problem, instructor: Instructor, evening: list[_Placed]) -> list[list[_Placed]]:
    """An instructor's evening cut at every idle gap of at least the break's number of slots."""
    runs = [[evening[0]]]
    for one, other in pairwise(evening):
        if other.start - one.end - problem.pause_minutes >= problem.duration(instructor.break_.slots):
            runs.append([])
        runs[-1].append(other)
    return runs


def _breaks_missed(problem: Problem, instructor: Instructor, evening: list[_Placed]) -> int:
    if instructor.break_ is None:
        return 0
    return sum(len(run) > instructor.break_.after for run in _runs(problem, instructor, evening))


def _instructor_waiting(problem: Problem, instructor: Instructor, evening: list[_Placed]) -> int:
    """Idle minutes between conversations, less a pause per gap, unavailable time and breaks that are due."""
    total = 0
    for one, other in pairwise(evening):
        idle = other.start - one.end - problem.pause_minutes
        idle -= _covered(instructor.unavailable, one.end, other.start)
        total += max(0, idle)
    if instructor.break_ is not None:
        total -= _due_breaks(problem, instructor, evening)
    return total


def _due_breaks(problem: Problem, instructor: Instructor, evening: list[_Placed]) -> int:
    """Minutes of the idle time that are breaks due after a run of `after` or more conversations."""
    length = instructor.break_.slots * (problem.slot_minutes + problem.pause_minutes)
    total = 0
    for run, following in pairwise(_runs(problem, instructor, evening)):
        if len(run) >= instructor.break_.after:
            gap_from, gap_to = run[-1].end, following[0].start
            idle = gap_to - gap_from - problem.pause_minutes
            idle -= _covered(instructor.unavailable, gap_from, gap_to)
            total += min(length, max(0, idle))
    return total


def _covered(intervals: tuple[Interval, ...], begin: int, end: int) -> int:
    """How many minutes of [begin, end) lie in at least one of the intervals."""
    covered, reached = 0, begin
    for start, stop in sorted(intervals):
        start, stop = max(start, reached), min(stop, end)
        if stop > start:
            covered += stop - start
            reached = stop
    return covered
