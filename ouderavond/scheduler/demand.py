"""Who asks what: a model of what families will ask, and the exact distributions it gives.

The problem's conversations are what *may* be asked. The model of who asks:

- each household asks with probability `asking`, independently of the others;
- for each student of a household that asks, and for what it may ask without a student, the number of
  conversations is 1 + Binomial(most − 1, (per_student − 1) / (most − 1)), whose mean is `per_student`; with
  a mean below 1 it is one conversation with that probability, else none. Whoever has fewer offers asks
  them all instead;
- which ones: every set of that size has a probability proportional to the product of its offers' factors
  (conditional Poisson sampling, the choice of largest entropy). An offer's factor is the mean of its
  instructors' in `popularity`, 1 for those not named; offers of factor 0 are never asked;
- students choose independently of each other, given that their household asks.

Under this model the number of slots asked of an instructor is a sum of independent numbers, one per
household; its distribution is computed exactly, by convolution.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .problem import Conversation, EveningDate, Interval, Problem

if TYPE_CHECKING:
    from numpy import ndarray


def numbers_asked(mean: float, most: int) -> tuple[float, ...]:
    """The probabilities that 0, 1, … `most` conversations are asked for a student."""
    if mean <= 1 or most == 1:
        return (1 - mean, mean, *[0.0] * (most - 1))
    chance, tries = (mean - 1) / (most - 1), most - 1
    more = [math.comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(most)]
    return (0.0, *more)


def _bounded(numbers: Sequence[float], offers: int) -> tuple[float, ...]:
    """The same for a student with so many offers."""
    if offers + 1 >= len(numbers):
        return tuple(numbers)
    return (*numbers[:offers], sum(numbers[offers:]))


def _sums(factors: Iterable[float], most: int) -> list[float]:
    """Elementary symmetric polynomials: entry k is the sum over all sets of k factors of their product."""
    sums = [1.0] + [0.0] * most
    for factor in factors:
        for size in range(most, 0, -1):
            sums[size] += factor * sums[size - 1]
    return sums


@lru_cache(maxsize=100_000)
def _student_slots(
    own: tuple[tuple[float, int], ...], others: tuple[float, ...], numbers: tuple[float, ...]
) -> tuple[float, ...]:
    """The distribution of the slots a student asks of one instructor, given that the household asks.

    `own` are the instructor's offers (factor, slots) and `others` the factors of all others, all above 0.
    """
    numbers = _bounded(numbers, len(own) + len(others))
    most = len(numbers) - 1
    among = _sums(others, most)
    ways = {(0, 0): 1.0}  # (offers of the instructor chosen, their slots): sum of products
    for factor, slots in own:
        for (chosen, total), product in [each for each in ways.items() if each[0][0] < most]:
            key = chosen + 1, total + slots
            ways[key] = ways.get(key, 0.0) + product * factor
    every = _sums([*others, *(factor for factor, _ in own)], most)
    found = [0.0] * (sum(slots for _, slots in own) + 1)
    for (chosen, total), product in ways.items():
        for number in range(chosen, most + 1):
            if numbers[number]:
                found[total] += numbers[number] * product * among[number - chosen] / every[number]
    return tuple(found)


@lru_cache(maxsize=100_000)
def _family_slots(students: tuple[tuple[float, ...], ...], asking: float) -> ndarray:
    """The distribution of the slots a household asks of one instructor, from those of its students."""
    family = convolved([_array(student) for student in students]) * asking
    family[0] += 1 - asking
    return family


def _array(chances: Sequence[float]) -> ndarray:
    import numpy

    return numpy.array(chances)


def _power(chances: ndarray, number: int) -> ndarray:
    """The distribution of the sum of so many (at least one) independent numbers that are alike."""
    if number == 1:
        return chances
    half = _power(chances, number // 2)
    return convolved([half, half, *([chances] if number % 2 else [])])


class Demand:
    """Who may ask what, and the distributions of what is asked of an instructor."""

    def __init__(
        self,
        problem: Problem,
        numbers: tuple[float, ...],
        asking: float,
        popularity: Mapping[str, float],
    ):
        self.problem, self.numbers, self.asking = problem, numbers, asking
        self.impossible = 0
        # per household and student the offers: factor, slots, instructors and possible dates
        self.possible: dict[str, dict[str | None, list[Offer]]] = {}
        self.of_instructor: dict[str, dict[tuple[str, str | None], None]] = defaultdict(dict)
        times = _Times(problem)
        for item in problem.conversations:
            dates = times.dates(item)
            if not dates:
                self.impossible += 1
                continue
            factor = sum(popularity.get(name, 1.0) for name in item.instructors) / len(item.instructors)
            if factor > 0:
                self._add(item, Offer(factor, item.slots, item.instructors, dates))

    def _add(self, item: Conversation, offer: Offer) -> None:
        family = self.possible.setdefault(item.household, {})
        family.setdefault(item.student, []).append(offer)
        for name in item.instructors:
            self.of_instructor[name][item.household, item.student] = None

    def asked(self) -> float:
        """The expected number of conversations asked."""
        total = 0.0
        for family in self.possible.values():
            for offers in family.values():
                numbers = _bounded(self.numbers, len(offers))
                total += sum(number * chance for number, chance in enumerate(numbers))
        return total * self.asking

    def slots(self, instructor: str, dates: frozenset[int] | None = None) -> ndarray:
        """The distribution of the slots asked of an instructor; entry n is the chance of n slots.

        `dates` counts only conversations with exactly these possible dates.
        """
        students: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for household, student in self.of_instructor[instructor]:
            offers = self.possible[household][student]
            students[household].append(self._student(offers, instructor, dates))
        alike = Counter(tuple(sorted(each)) for each in students.values())
        return convolved(
            [_power(_family_slots(each, self.asking), number) for each, number in sorted(alike.items())]
        )

    def _student(
        self, offers: list[Offer], instructor: str, dates: frozenset[int] | None
    ) -> tuple[float, ...]:
        own, others = [], []
        for offer in offers:
            if instructor in offer.instructors and (dates is None or dates == offer.dates):
                own.append((offer.factor, offer.slots))
            else:
                others.append(offer.factor)
        return _student_slots(tuple(sorted(own)), tuple(sorted(others)), self.numbers)


@dataclass(frozen=True)
class Offer:
    """A conversation that may be asked."""

    factor: float
    slots: int
    instructors: tuple[str, ...]
    dates: frozenset[int]


def convolved(distributions: list[ndarray]) -> ndarray:
    """The distribution of a sum, added up pairwise so that long arrays meet few others."""
    import numpy

    if not distributions:
        return numpy.ones(1)
    while len(distributions) > 1:
        pairs = zip(distributions[::2], distributions[1::2], strict=False)
        rest = distributions[-1:] if len(distributions) % 2 else []
        distributions = [numpy.convolve(one, other) for one, other in pairs] + rest
    return distributions[0]


class _Times:
    """On which dates a family can have a conversation, whatever the instructors' times are."""

    def __init__(self, problem: Problem):
        self.problem = problem
        self.known: dict[tuple[int, tuple[Interval, ...]], frozenset[int]] = {}

    def dates(self, item: Conversation) -> frozenset[int]:
        """The numbers of the dates on which the family, the attending student and the offer leave a start."""
        problem = self.problem
        busy = problem.household[item.household].unavailable + item.unavailable
        if item.student_attends:
            busy += problem.student[item.student].unavailable
        key = item.slots, busy
        if key not in self.known:
            days = enumerate(problem.dates)
            self.known[key] = frozenset(n for n, day in days if self._fits(day, item.slots, busy))
        return self.known[key]

    def _fits(self, day: EveningDate, slots: int, busy: tuple[Interval, ...]) -> bool:
        spacing = self.problem.slot_minutes + self.problem.pause_minutes
        duration = self.problem.duration(slots)
        starts = set(day.starts)
        return any(
            all(start + number * spacing in starts for number in range(slots))
            and not busy_at(busy, start, duration)
            for start in day.starts
        )


def busy_at(intervals: Iterable[Interval], start: int, minutes: int) -> bool:
    return any(start < stop and begin < start + minutes for begin, stop in intervals)
