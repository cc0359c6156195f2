"""Timefold's model: its planning classes and constraint streams. Costs are in units (see `tables.py`).

Timefold reads the annotations when this module is imported, and compiles the functions below to Java
bytecode, which is why they are plain loops over plain lists.
"""

from dataclasses import dataclass, field
from typing import Annotated

from timefold.solver import Solver, SolverFactory
from timefold.solver.config import (
    Duration,
    EnvironmentMode,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningPin,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    ConstraintCollectors,
    ConstraintFactory,
    HardSoftScore,
    Joiners,
    constraint_provider,
)

HARD, SOFT = HardSoftScore.ONE_HARD, HardSoftScore.ONE_SOFT


@dataclass
class Cell:
    """A start of a date, in minutes; `late` in the second half of its date."""

    id: int
    date: int
    start: int
    late: bool


@dataclass
class Household:
    """A household that asks; what it costs if it gets nothing, per date beyond its first and per minute."""

    id: int
    nothing: int
    date: int
    waiting: int


@dataclass
class Apart:
    """Two households that must not meet, and the dates on which that holds; `one` is the first of them."""

    id: int
    one: int
    minutes: int
    dates: list


@dataclass
class Side:
    """One of the two households of an `Apart`."""

    household: int
    apart: Apart


@planning_entity
@dataclass
class Talk:
    """A conversation: per date whom it keeps busy, and per date and sibling the minutes between.

    `previous` is a cell, or -1 when moving it costs nothing. Numbers are kept few: each is carried over to
    Java by itself.
    """

    id: Annotated[int, PlanningId]
    household: int
    siblings: int
    position: int
    slots: int
    duration: int
    unplaced: int
    early: int
    late: int
    moved: int
    previous: int
    resources: list
    required: list
    gaps: list
    options: Annotated[list[Cell], ValueRangeProvider]
    pinned: Annotated[bool, PlanningPin]
    cell: Annotated[Cell | None, PlanningVariable(allows_unassigned=True)] = None


@planning_solution
@dataclass
class Plan:
    """The whole school."""

    households: Annotated[list[Household], ProblemFactCollectionProperty]
    sides: Annotated[list[Side], ProblemFactCollectionProperty]
    talks: Annotated[list[Talk], PlanningEntityCollectionProperty]
    score: Annotated[HardSoftScore | None, PlanningScore] = field(default=None)


def in_order(talks: list) -> list:
    """Conversations in order of time."""
    ordered = []
    for talk in talks:
        position = 0
        while position < len(ordered) and ordered[position].cell.id <= talk.cell.id:
            position += 1
        ordered.insert(position, talk)
    return ordered


def too_near(talks: list) -> int:
    """Rule 4: how many of a household's gaps are too short; overlaps are rule 2's."""
    broken = 0
    ordered = in_order(talks)
    for number in range(1, len(ordered)):
        one = ordered[number - 1]
        other = ordered[number]
        if one.cell.date == other.cell.date:
            gap = other.cell.start - one.cell.start - one.duration
            if 0 <= gap < one.required[one.cell.date][other.position]:
                broken += 1
    return broken


def busy(talk: Talk) -> list:
    """Whom and what a conversation keeps busy in which cell, as one number each."""
    found = []
    for resource in talk.resources[talk.cell.date]:
        for more in range(talk.slots):
            found.append(resource * 1000000 + talk.cell.id + more)
    return found


def place_cost(talk: Talk) -> int:
    """Moved and preference."""
    cost = talk.late if talk.cell.late else talk.early
    if talk.previous >= 0 and talk.previous != talk.cell.id:
        cost += talk.moved
    return cost


def waiting(talks: list) -> int:
    """The minutes a household waits."""
    minutes = 0
    ordered = in_order(talks)
    for number in range(1, len(ordered)):
        one = ordered[number - 1]
        other = ordered[number]
        if one.cell.date == other.cell.date:
            gap = other.cell.start - one.cell.start - one.duration
            minutes += max(0, gap - one.gaps[one.cell.date][other.position])
    return minutes


def meetings(apart: Apart, talks: list) -> int:
    """Rule 5: on how many dates two households come nearer to each other than they may."""
    broken = 0
    for date in range(len(apart.dates)):
        ours = stay(talks, date, apart.one, True)
        theirs = stay(talks, date, apart.one, False)
        if apart.dates[date] and nearer(ours, theirs, apart):
            broken += 1
    return broken


def stay(talks: list, date: int, household: int, own: bool) -> list:
    """When a household, or the other one, comes and goes on a date; empty if it does not come."""
    found = []
    for talk in talks:
        if talk.cell.date == date and (talk.household == household) == own:
            begin = talk.cell.start
            end = talk.cell.start + talk.duration
            if len(found) == 0:
                found = [begin, end]
            else:
                found = [min(found[0], begin), max(found[1], end)]
    return found


def dates(talks: list) -> int:
    """On how many dates a household comes."""
    found = []
    for talk in talks:
        if talk.cell.date not in found:
            found.append(talk.cell.date)
    return len(found)


def nearer(ours: list, theirs: list, apart: Apart) -> bool:
    """Are two stays nearer to each other than they may be?"""
    if len(ours) == 0 or len(theirs) == 0:
        return False
    return theirs[0] - ours[1] < apart.minutes and ours[0] - theirs[1] < apart.minutes


@constraint_provider
def constraints(factory: ConstraintFactory) -> list:
    """The hard rules 2, 4 and 5, and the families' objective."""
    evenings = (
        factory.for_each(Household)
        .join(Talk, Joiners.equal(lambda household: household.id, lambda talk: talk.household))
        .filter(lambda household, talk: talk.siblings > 1)
        .group_by(
            lambda household, talk: household, ConstraintCollectors.to_list(lambda household, talk: talk)
        )
        .filter(lambda household, talks: len(talks) > 1)
    )
    return [
        factory.for_each(Talk)
        .flatten_last(lambda talk: busy(talk))
        .group_by(lambda key: key, ConstraintCollectors.count())
        .filter(lambda key, count: count > 1)
        .penalize(HARD, lambda key, count: count - 1)
        .as_constraint("nobody twice"),
        evenings.penalize(HARD, lambda household, talks: too_near(talks)).as_constraint("walking"),
        factory.for_each(Talk)
        .join(Side, Joiners.equal(lambda talk: talk.household, lambda side: side.household))
        .group_by(lambda talk, side: side.apart, ConstraintCollectors.to_list(lambda talk, side: talk))
        .penalize(HARD, lambda apart, talks: meetings(apart, talks))
        .as_constraint("apart"),
        factory.for_each_including_unassigned(Talk)
        .filter(lambda talk: talk.cell is None)
        .penalize(SOFT, lambda talk: talk.unplaced)
        .as_constraint("unplaced"),
        factory.for_each(Household)
        .if_not_exists(Talk, Joiners.equal(lambda household: household.id, lambda talk: talk.household))
        .penalize(SOFT, lambda household: household.nothing)
        .as_constraint("nothing"),
        factory.for_each(Talk)
        .penalize(SOFT, lambda talk: place_cost(talk))
        .as_constraint("moved and preference"),
        evenings.penalize(SOFT, lambda household, talks: household.date * (dates(talks) - 1)).as_constraint(
            "dates"
        ),
        evenings.penalize(SOFT, lambda household, talks: household.waiting * waiting(talks)).as_constraint(
            "waiting"
        ),
    ]


def solver_for(seconds: float, seed: int) -> Solver:
    """The solver as it comes: a construction heuristic, then late acceptance until the time is up."""
    config = SolverConfig(
        solution_class=Plan,
        entity_class_list=[Talk],
        score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=constraints),
        environment_mode=EnvironmentMode.NO_ASSERT,
        termination_config=TerminationConfig(spent_limit=Duration(milliseconds=round(1000 * seconds))),
        random_seed=seed,
    )
    return SolverFactory.create(config).build_solver()
