"""The instructors' side: fewer missed breaks and less idle time at no cost to any family.

Household after household is given, of all evenings that cost it the same, the one that suits the
instructors best; that is repeated until nothing improves or the time is up.
"""

from __future__ import annotations

from .evenings import Evenings, put_back, take_away
from .grid import Grid
from .score import Score
from .session import Session
from .state import State

CHOICES = 300
HOUSEHOLD_WORK = 0.001


def improve_instructors(grid: Grid, score: Score, session: Session, state: State) -> None:
    """Lower the instructors' objective with every household's part of the families' held."""
    session.phase("instructors")
    costs = [score.instructor_cost(index, state.start) for index in range(len(grid.of_instructor))]
    again = True
    while again:
        again = False
        for household, members in enumerate(grid.of_household):
            if session.over():
                return
            if any(costs[each] for each in _instructors(grid, members)):
                again |= _suit(grid, score, state, household, costs)
                session.work += HOUSEHOLD_WORK
            session.poll()


def _instructors(grid: Grid, conversations: list[int]) -> list[int]:
    names = {name for index in conversations for name in grid.conversations[index].instructors}
    return sorted(grid.instructor_index[name] for name in names)


def _suit(grid: Grid, score: Score, state: State, household: int, costs: list[int]) -> bool:
    """Give a household the equally good evening that is cheapest for its instructors."""
    members = grid.of_household[household]
    limit = score.household(members, state.start)
    before = take_away(state, members)
    found = Evenings(grid, score, state, household, limit, keep_all=True).found
    put_back(state, before)
    concerned = _instructors(grid, members)
    best, least = before, sum(costs[each] for each in concerned)
    for _, starts in found[:CHOICES]:
        if state.replace(starts):
            cost = sum(score.instructor_cost(each, state.start) for each in concerned)
            if cost < least:
                best, least = starts, cost
    state.replace(best)
    for each in concerned:
        costs[each] = score.instructor_cost(each, state.start)
    return best is not before
