"""A household's waiting on a date, in the Boolean model: the time it is there, less what is no waiting.

Per date the placed conversations form one path: each has one that follows it or is the last, and one that it
follows or is the first. An arc leads to a later conversation, so the path is the order of time, and the
minutes that each gap needs are those of its arc.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .boolean_model import BooleanModel

Here = dict[int, dict[int, Any]]
Starts = Mapping[int, int]


def add_waiting(model: BooleanModel, date: int, here: Here, comes: Any) -> None:
    """Charge a household's waiting on a date; `here` are its literals then, per conversation and cell."""
    tables = model.tables
    arcs = {pair: model.helper(partial(_follows, pair, here)) for pair in permutations(here, 2)}
    _path(model, here, comes, arcs)
    base = min(tables.starts[cell] for cells in here.values() for cell in cells)
    length = max(tables.end(index, cell) for index, cells in here.items() for cell in cells) - base
    come, go = (model.cp.new_int_var(0, length, "") for _ in range(2))
    model.cp.add(come <= go)
    spent = [tables.gap(*pair, date) * literal for pair, literal in arcs.items()]
    for index, cells in here.items():
        model.cp.add(go >= sum((tables.end(index, cell) - base) * v for cell, v in cells.items()))
        early = sum((length - tables.starts[cell] + base) * v for cell, v in cells.items())
        model.cp.add(come <= length - early)
        spent += [tables.duration[index] * v for v in cells.values()]
    model.charge(tables.waiting, go - come - sum(spent))

    def stay(starts: Starts) -> tuple[int, int]:
        evening = _evening(here, starts)
        begin, end = tables.stay(evening) or (base, base)
        return begin - base, end - base

    model.helpers.append((come, lambda starts: stay(starts)[0]))
    model.helpers.append((go, lambda starts: stay(starts)[1]))


def _path(model: BooleanModel, here: Here, comes: Any, arcs: dict[tuple[int, int], Any]) -> None:
    first = {index: model.helper(partial(_ends, 0, index, here)) for index in here}
    last = {index: model.helper(partial(_ends, -1, index, here)) for index in here}
    for index, cells in here.items():
        placed = sum(cells.values())
        model.cp.add(sum(v for (_, other), v in arcs.items() if other == index) + first[index] == placed)
        model.cp.add(sum(v for (one, _), v in arcs.items() if one == index) + last[index] == placed)
    model.cp.add(sum(first.values()) == comes)
    model.cp.add(sum(last.values()) == comes)
    for (one, other), literal in arcs.items():
        for cell, placed in here[one].items():
            early = [v for each, v in here[other].items() if each < cell]
            if early:
                model.cp.add(sum(early) + placed + literal <= 2)


def _evening(here: Here, starts: Starts) -> list[tuple[int, int]]:
    """The (cell, conversation) of a schedule on this date, in order of time."""
    return sorted((starts[index], index) for index, cells in here.items() if starts.get(index) in cells)


def _follows(pair: tuple[int, int], here: Here, starts: Starts) -> bool:
    order = [index for _, index in _evening(here, starts)]
    return pair in pairwise(order)


def _ends(end: int, index: int, here: Here, starts: Starts) -> bool:
    order = [each for _, each in _evening(here, starts)]
    return bool(order) and order[end] == index
