"""How the objectives are made up: per criterion a number, its weight, and the points that makes.

The terms follow from a schedule's list of what is not placed and from its criteria, so they can be
weighed again under other weights without looking at a single start.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .problem import Problem, Weights
from .schedule import Schedule

RANKS = {1: 1.0, 2: 0.8}
LATER_RANK = 3
LATER_FACTOR = 0.6


@dataclass(frozen=True)
class Term:
    """One part of an objective: `amount` × `weight` is its points.

    `key` names the weight it uses; `rank` is 1, 2 or 3 (later) for what is not placed, else None.
    `amount` is in slots for what is not placed and for waiting, else a plain number; `factor` is the
    part of the weight that counts for a rank. `count` is what the criteria say: conversations not placed,
    households, dates or minutes.
    """

    key: str
    rank: int | None
    count: int
    amount: float
    weight: float
    factor: float = 1.0

    @property
    def points(self) -> float:
        """What it adds to the objective."""
        return self.amount * self.weight * self.factor


def families_terms(problem: Problem, schedule: Schedule, weights: Weights | None = None) -> tuple[Term, ...]:
    """The terms of the families' objective; their points sum to it. `weights` default to the problem's."""
    weights = weights or problem.weights
    criteria = schedule.criteria
    slots_waited = criteria.waiting_minutes / problem.slot_minutes
    rest = (
        ("nothing", criteria.households_with_nothing, criteria.households_with_nothing),
        ("moved", criteria.moved, criteria.moved),
        ("date", criteria.extra_dates, criteria.extra_dates),
        ("waiting", criteria.waiting_minutes, slots_waited),
        ("preference", criteria.preferences_missed, criteria.preferences_missed),
    )
    terms = [Term(key, None, count, amount, getattr(weights, key)) for key, count, amount in rest]
    return (*_unplaced(problem, schedule, weights), *terms)


def _unplaced(problem: Problem, schedule: Schedule, weights: Weights) -> list[Term]:
    """What is not placed, by priority and rank."""
    count: Counter[tuple[str, int]] = Counter()
    slots: Counter[tuple[str, int]] = Counter()
    for item in schedule.unplaced:
        conversation = problem.conversation[item.conversation]
        key = conversation.priority, min(conversation.rank, LATER_RANK)
        count[key] += 1
        slots[key] += conversation.slots
    return [
        Term(
            priority,
            rank,
            count[priority, rank],
            slots[priority, rank],
            getattr(weights, priority),
            RANKS.get(rank, LATER_FACTOR),
        )
        for priority in ("must", "wanted")
        for rank in (*RANKS, LATER_RANK)
    ]


def instructors_terms(
    problem: Problem, schedule: Schedule, weights: Weights | None = None
) -> tuple[Term, ...]:
    """The terms of the instructors' objective; their points sum to it."""
    weights = weights or problem.weights
    missed, idle = schedule.criteria.breaks_missed, schedule.criteria.instructor_waiting_minutes
    return (
        Term("break", None, missed, missed, weights.break_),
        Term("instructor_waiting", None, idle, idle / problem.slot_minutes, weights.instructor_waiting),
    )


def families_value(problem: Problem, schedule: Schedule, weights: Weights) -> float:
    """What a schedule's families' objective is under some weights, in points."""
    return sum(term.points for term in families_terms(problem, schedule, weights))


def instructors_value(problem: Problem, schedule: Schedule, weights: Weights) -> float:
    """What a schedule's instructors' objective is under some weights, in points."""
    return sum(term.points for term in instructors_terms(problem, schedule, weights))
