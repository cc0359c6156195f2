"""The warnings of a schedule: rules that pins override, and weights in an unusual order."""

from __future__ import annotations

from collections.abc import Iterator

from .grid import Grid, hits, separated
from .problem import Weights
from .reading import moment_text
from .schedule import Notice
from .state import State


def notices(grid: Grid, state: State) -> Iterator[Notice]:
    """The warnings of a schedule."""
    yield from _weights_order(grid.problem.weights)
    for index, item in enumerate(grid.conversations):
        if item.pinned is not None:
            yield from _unavailable(grid, index)
    for household in range(len(grid.of_household)):
        for date in grid.dates:
            yield from _walking(grid, state, household, date)
            yield from _apart(grid, state, household, date)


def _unavailable(grid: Grid, index: int) -> Iterator[Notice]:
    item = grid.conversations[index]
    end = item.pinned + grid.duration[index]
    who = [kind for kind, intervals in grid.calendars(item) if hits(intervals, item.pinned, end)]
    if who:
        text = f"{item.id} is pinned at {moment_text(item.pinned)}, when its {who[0]} is unavailable."
        yield Notice("pin_unavailable", text, {"conversation": item.id, "unavailable": sorted(set(who))})


def _walking(grid: Grid, state: State, household: int, date: int) -> Iterator[Notice]:
    evening = state.evening(household, date)
    for (cell, one), (following, other) in zip(evening, evening[1:], strict=False):
        gap, needed = grid.starts[following] - grid.end(one, cell), grid.required(one, other, date)
        if gap < needed and grid.both_pinned(one, other):
            names = grid.conversations[one].id, grid.conversations[other].id
            text = (
                f"The pins of {names[0]} and {names[1]} leave {gap} minutes between them, where {needed} "
                "are needed to walk or travel."
            )
            facts = {"conversation": names[0], "next": names[1], "minutes": gap, "needed": needed}
            yield Notice("pin_walking", text, facts)


def _apart(grid: Grid, state: State, household: int, date: int) -> Iterator[Notice]:
    stay = grid.stay(state.evening(household, date))
    for other, minutes in sorted(grid.apart[household].items()):
        if other > household and not separated(stay, grid.stay(state.evening(other, date)), minutes):
            one, two = sorted(grid.problem.households[each].id for each in (household, other))
            day = grid.problem.dates[date].date
            text = f"Pins bring households {one} and {two} nearer than {minutes} minutes on {day}."
            facts = {"household": one, "other": two, "date": day, "minutes": minutes}
            yield Notice("pin_apart", text, facts)


def _weights_order(weights: Weights) -> Iterator[Notice]:
    """The default order is must, wanted, moved, dates, then waiting and preferences."""
    order = [("must", weights.must * 0.6, weights.must), ("wanted", weights.wanted * 0.6, weights.wanted)]
    rest = [("moved", weights.moved), ("date", weights.date)]
    rest.append(("waiting and preference", max(weights.waiting, weights.preference)))
    order += [(name, weight, weight) for name, weight in rest if weight]
    for (name, least, _), (other, _, most) in zip(order, order[1:], strict=False):
        if least <= most:
            text = f"The weight of {name} does not outweigh that of {other}, as it usually does."
            yield Notice("weights_order", text, {"weight": name, "other": other})
