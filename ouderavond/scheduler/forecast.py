"""How crowded an evening will be, before anybody has asked: each instructor's demand against the slots.

The problem's conversations are what may be asked; `demand` describes the model of who asks what. A
conversation belongs to a date if the household, the attending student and the conversation itself leave a
start for it there. Demand that can be on one date only takes that date's slots, all other demand takes what
is left on any date.

What is ignored: that a household's demand for one date only and its other demand hang together (through
its students and the number asked). And, each of which makes an evening tighter than forecast: with three
dates or more, that some demand can be on two of them only; that a conversation of several slots needs
consecutive ones, and one with several instructors a time common to them; that a family is in one place at a
time and needs time to walk. Pins, previous starts, priorities and ranks play no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .demand import Demand, busy_at, convolved, numbers_asked
from .problem import Instructor, Problem
from .reading import DAY, midnight, moment_text

if TYPE_CHECKING:
    from numpy import ndarray

FORMAT = "ouderavond-forecast/1"
MOST = 3
FEWEST_AND_MOST = (1, 20)
FACTORS = (0.001, 1000.0)
EXTRAS = 8  # extra times looked at per instructor
LEAST_GAIN = 0.05  # an extra slot that is expected to help less is not named
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class DateForecast:
    """One instructor on one date, all in slots.

    `slots` are available; `demand` is the mean, demand that can be on several dates shared out by the slots
    the instructor has on them; `only` is the mean of the demand that can be on no other date.
    """

    date: str
    slots: int
    demand: float
    only: float


@dataclass(frozen=True)
class InstructorForecast:
    """One instructor over all dates; demand is in slots.

    `offers` is how many conversations may be asked, `low` and `high` are the 10th and 90th percentile of
    demand, `exceeds` is the probability that some demand finds no place, `short` how much is expected to.
    """

    instructor: str
    offers: int
    slots: int
    demand: float
    low: int
    high: int
    exceeds: float
    short: float
    dates: tuple[DateForecast, ...]


@dataclass(frozen=True)
class Extra:
    """A slot an instructor could give beyond those available; `start` is in minutes.

    `kind` is freed (a time of the grid at which the instructor is unavailable now) or added (after the
    date's last start). `gain` is the expected number of slots of demand that then find a place, given all
    the instructor's extras with a larger gain: the gains of one instructor may be added up.
    """

    instructor: str
    date: str
    start: int
    kind: str
    gain: float

    def to_dict(self) -> dict[str, Any]:
        """The extra in the document "ouderavond-forecast/1"."""
        return {**asdict(self), "start": moment_text(self.start)}


@dataclass(frozen=True)
class Forecast:
    """The expectations of an evening: totals, instructors (tightest first) and extras (best first).

    `offers` may be asked; `impossible` ones leave their family no time on any date and are left out of
    everything else. `households` can ask. `demand`, `slots` and `short` are sums over the instructors, in
    slots, so a conversation with two instructors counts twice.
    """

    households: int
    offers: int
    impossible: int
    asked: float
    demand: float
    slots: int
    short: float
    instructors: tuple[InstructorForecast, ...]
    extras: tuple[Extra, ...]

    def to_dict(self) -> dict[str, Any]:
        """The document "ouderavond-forecast/1", its figures to four decimals."""
        document = {"format": FORMAT, **asdict(self)}
        document["extras"] = [item.to_dict() for item in self.extras]
        return _rounded(document)


def _rounded(value: Any) -> Any:
    """A document with all its figures to four decimals."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def forecast(
    problem: Problem,
    *,
    asking: float = 0.7,
    per_student: float = 1.5,
    most: int = MOST,
    popularity: Mapping[str, float] | None = None,
) -> Forecast:
    """What is to be expected if families may ask what the problem's conversations offer.

    `asking` is the share of households that ask, `per_student` the mean number of conversations they ask
    per student, at most `most` (1 to 20); `popularity` has a factor per instructor, 0 or from 0.001 to 1000
    (default 1).
    Raises `ValueError` with a sentence for expectations that cannot be. Nothing is random in it.
    """
    popularity = popularity or {}
    _check_expectations(problem, asking, per_student, most, popularity)
    demand = Demand(problem, numbers_asked(per_student, most), asking, popularity)
    people, extras = [], []
    for person in problem.instructors:
        known = _Crowd(problem, person, demand)
        people.append(known.forecast())
        extras += known.extras()
    return Forecast(
        households=len(demand.possible),
        offers=len(problem.conversations),
        impossible=demand.impossible,
        asked=demand.asked(),
        demand=sum(each.demand for each in people),
        slots=sum(each.slots for each in people),
        short=sum(each.short for each in people),
        instructors=tuple(sorted(people, key=lambda each: (-each.short, -each.exceeds, each.instructor))),
        extras=tuple(sorted(extras, key=lambda each: -each.gain)),
    )


def _check_expectations(
    problem: Problem, asking: float, per_student: float, most: int, popularity: Mapping[str, float]
) -> None:
    if not 0 <= asking <= 1:
        raise ValueError(f"The share of households that ask is from 0 to 1, not {asking:g}.")
    least, largest = FEWEST_AND_MOST
    if not least <= most <= largest:
        raise ValueError(f"The most that is asked per student is from {least} to {largest}, not {most}.")
    if not 0 <= per_student <= most:
        raise ValueError(f"The mean asked per student is from 0 to {most}, not {per_student:g}.")
    for name, factor in popularity.items():
        if name not in problem.instructor:
            raise ValueError(f"There is no instructor {name!r}.")
        if factor != 0 and not FACTORS[0] <= factor <= FACTORS[1]:
            raise ValueError(
                f"The factor of {name} is 0, or from {FACTORS[0]:g} to {FACTORS[1]:g}, not {factor:g}."
            )


class _Crowd:
    """One instructor: the demand, split by the dates it can be on, against the slots.

    `fixed[d]` is the demand for date d alone and `free` all other demand; `slots` are those per date.
    """

    def __init__(self, problem: Problem, person: Instructor, demand: Demand):
        self.problem, self.person = problem, person
        offers = [
            offer
            for household, student in demand.of_instructor[person.id]
            for offer in demand.possible[household][student]
            if person.id in offer.instructors
        ]
        self.offers = len(offers)
        self.total = demand.slots(person.id)
        groups = {offer.dates for offer in offers}
        self.groups = {
            dates: self.total if len(groups) == 1 else demand.slots(person.id, dates) for dates in groups
        }
        none = convolved([])
        self.fixed = [self.groups.get(frozenset([date]), none) for date in range(len(problem.dates))]
        self.free = convolved([each for dates, each in self.groups.items() if len(dates) > 1])
        self.away = [
            [start for start in day.starts if busy_at(person.unavailable, start, problem.slot_minutes)]
            for day in problem.dates
        ]
        self.slots = [len(day.starts) - len(away) for day, away in zip(problem.dates, self.away, strict=True)]

    def forecast(self) -> InstructorForecast:
        """The instructor's figures."""
        from numpy import cumsum

        below = cumsum(self.total)
        return InstructorForecast(
            instructor=self.person.id,
            offers=self.offers,
            slots=sum(self.slots),
            demand=_mean(self.total),
            low=int((below < LOW - 1e-12).sum()),
            high=int((below < HIGH - 1e-12).sum()),
            exceeds=self._exceeds(),
            short=self._short(self.slots),
            dates=tuple(
                DateForecast(day.date, slots, self._share(date), _mean(self.fixed[date]))
                for date, (day, slots) in enumerate(zip(self.problem.dates, self.slots, strict=True))
            ),
        )

    def _share(self, date: int) -> float:
        """Expected demand on a date, each group shared out over its dates by the slots there."""
        total = 0.0
        for dates, chances in self.groups.items():
            if date in dates:
                slots = sum(self.slots[each] for each in dates)
                total += _mean(chances) * (self.slots[date] / slots if slots else 1 / len(dates))
        return total

    def _left(self, slots: Sequence[int]) -> ndarray:
        """Slots that the demand for single dates leaves; entry n is the chance of n."""
        return convolved([_left(fixed, count) for fixed, count in zip(self.fixed, slots, strict=True)])

    def _short(self, slots: Sequence[int]) -> float:
        """Expected slots of demand without a place if there are so many slots on each date."""
        from numpy import maximum, subtract

        alone = [_above(fixed, count) for fixed, count in zip(self.fixed, slots, strict=True)]
        left = self._left(slots)
        beyond = maximum(subtract.outer(range(len(self.free)), range(len(left))), 0)
        return float(sum(alone) + self.free @ beyond @ left)

    def _exceeds(self) -> float:
        """The chance that some demand finds no place."""
        kept = [_left(fixed[: count + 1], count) for fixed, count in zip(self.fixed, self.slots, strict=True)]
        left = convolved(kept)
        below = self.free.cumsum()
        fits = sum(chance * below[min(number, len(below) - 1)] for number, chance in enumerate(left))
        return float(min(1.0, max(0.0, 1.0 - fits)))

    def extras(self) -> list[Extra]:
        """The slots that would help most, each given those before it."""
        slots, found = list(self.slots), []
        short = self._short(slots)
        while len(found) < EXTRAS and short > LEAST_GAIN:
            gains = [(gain, date) for date, gain in enumerate(self._gains(slots, short))]
            gain, date = max(gains, key=lambda each: (round(each[0], 9), self._rank(slots, each[1])))
            if gain < LEAST_GAIN:
                break
            kind, start = self._next(slots, date)
            found.append(Extra(self.person.id, self.problem.dates[date].date, start, kind, gain))
            slots[date] += 1
            short -= gain
        return found

    def _gains(self, slots: list[int], short: float) -> list[float]:
        """What one slot more on each date saves; 0 where the date has no room for one."""
        gains = []
        for date in range(len(slots)):
            more = [count + (each == date) for each, count in enumerate(slots)]
            gains.append(short - self._short(more) if self._next(slots, date) else 0.0)
        return gains

    def _rank(self, slots: list[int], date: int) -> tuple[bool, int, int]:
        """Of equal gains a time on the grid comes first, then the date with fewest so far, then the first."""
        following = self._next(slots, date)
        return following is not None and following[0] == "freed", self.slots[date] - slots[date], -date

    def _next(self, slots: list[int], date: int) -> tuple[str, int] | None:
        """The next extra slot of a date: a time that is freed, then times after its end; None at midnight."""
        taken = slots[date] - self.slots[date]
        day, away = self.problem.dates[date], self.away[date]
        if taken < len(away):
            return "freed", away[taken]
        if not day.starts:
            return None
        spacing = self.problem.slot_minutes + self.problem.pause_minutes
        start = day.starts[-1] + (taken - len(away) + 1) * spacing
        fits = start + self.problem.slot_minutes <= midnight(day.date) + DAY
        return ("added", start) if fits else None


def _mean(chances: ndarray) -> float:
    return float(chances @ range(len(chances)))


def _above(chances: ndarray, limit: int) -> float:
    """The expected part of a number above a limit."""
    return float(sum((number - limit) * chances[number] for number in range(limit + 1, len(chances))))


def _left(chances: ndarray, limit: int) -> ndarray:
    """The distribution of what a number leaves of a limit, at least 0."""
    import numpy

    left = numpy.zeros(limit + 1)
    within = chances[: limit + 1]
    left[limit + 1 - len(within) :] = within[::-1]
    left[0] += chances[limit + 1 :].sum()
    return left
