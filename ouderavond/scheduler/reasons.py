"""Why a conversation has no place: a code and its facts, and what people could decide about it.

Everything said here is true of the schedule at hand: codes and facts are read off it, and each
alternative has been tried on it. Facts name no other family.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .alternatives import Alternatives, available_slots, taken_slots
from .displacement import Displacement, displacements, left_with_nothing, own_weight
from .grid import Grid, hits
from .problem import Conversation
from .reading import moment_text
from .schedule import Unplaced
from .score import Score
from .state import State


def explain(grid: Grid, score: Score, state: State, *, proven: bool) -> tuple[Unplaced, ...]:
    """A reason, its facts and alternatives for each conversation without a place.

    `proven` says that the schedule is optimal: in what is placed and moved, or in the whole families'
    objective.
    """
    lost = [index for index, cell in enumerate(state.start) if cell < 0]
    if not lost:
        return ()
    alternatives = Alternatives(grid, state)
    result = []
    for index in lost:
        code, facts = _reason(grid, score, state, index, proven)
        result.append(Unplaced(grid.conversations[index].id, code, facts, alternatives.of(index)))
    return tuple(result)


def _reason(grid: Grid, score: Score, state: State, index: int, proven: bool) -> tuple[str, dict[str, Any]]:
    cells = grid.static[index]
    if not cells:
        return "no_common_time", _unavailable_facts(grid, index)
    if all(_household_blocks(grid, state, index, cell) for cell in cells):
        return "household_full", _household_facts(grid, state, index)
    sides = [_sides(grid, state, index, cell) for cell in cells]
    if all("instructor" in each for each in sides):
        return "instructor_full", {"instructors": list(_instructor_facts(grid, state, index))}
    if all("room" in each for each in sides):
        rooms = {grid.rooms[index][grid.date_of[cell]] for cell in cells}
        return "room_full", {"rooms": sorted(rooms)}
    facts = _Cheapest(grid, score, state, index).facts() if proven else None
    return ("time_limit", {}) if facts is None else ("displaces", facts)


# -- who is busy


def _sides(grid: Grid, state: State, index: int, cell: int) -> set[str]:
    """Who is busy at a cell under rule 2: household, instructor, room."""
    item, date = grid.conversations[index], grid.date_of[cell]
    mine = set(grid.resources[index][date])
    sides = set()
    for other in state.blockers(index, cell):
        for kind, name in mine & set(grid.resources[other][date]):
            if kind in ("household", "student") or (kind == "own" and _owns(grid, item, name)):
                sides.add("household")
            if kind == "instructor" or (kind == "own" and name in item.instructors):
                sides.add("instructor")
            if kind == "room":
                sides.add("room")
    return sides


def _owns(grid: Grid, item: Conversation, instructor: str) -> bool:
    return grid.problem.instructor[instructor].household == item.household


def _household_blocks(grid: Grid, state: State, index: int, cell: int) -> bool:
    if "household" in _sides(grid, state, index, cell):
        return True
    return not (state.keeps_walking(index, cell) and state.keeps_apart(index, cell))


# -- facts


def _unavailable_facts(grid: Grid, index: int) -> dict[str, Any]:
    """How many of the starts each side's unavailable times rule out."""
    cells = grid.fitting[grid.slots[index]]
    closed: dict[str, set[int]] = {}
    for side, intervals in grid.calendars(grid.conversations[index]):
        hit = {cell for cell in cells if hits(intervals, grid.starts[cell], grid.end(index, cell))}
        closed.setdefault(side, set()).update(hit)
    return {"starts": len(cells), **{side: len(hit) for side, hit in closed.items() if hit}}


def _household_facts(grid: Grid, state: State, index: int) -> dict[str, Any]:
    own = [other for other in grid.of_household[grid.household[index]] if state.start[other] >= 0]
    return {
        "starts": len(grid.static[index]),
        "conversations": [grid.conversations[other].id for other in own],
    }


def _instructor_facts(grid: Grid, state: State, index: int) -> Iterator[dict[str, Any]]:
    """Per instructor the slots asked for, available and still free.

    Not free are slots in which the instructor's own family has a conversation.
    """
    for name in grid.conversations[index].instructors:
        number = grid.instructor_index[name]
        members, available = grid.of_instructor[number], available_slots(grid, number)
        family = grid.household_index.get(grid.problem.instructor[name].household)
        visits = [] if family is None else grid.of_household[family]
        taken = taken_slots(grid, state, members) | taken_slots(grid, state, visits)
        yield {
            "instructor": name,
            "asked": sum(grid.slots[other] for other in members),
            "available": len(available),
            "free": len(available - taken),
        }


@dataclass
class _Cheapest:
    """The start at which the least is lost by making room for a conversation, if nothing else moves."""

    grid: Grid
    score: Score
    state: State
    index: int

    def facts(self) -> dict[str, Any] | None:
        """What is lost there; None if it is less than what is won, so that no proof can hold."""
        found = displacements(self.grid, self.score, self.state, self.index)
        starts = len(self.grid.static[self.index])
        own = own_weight(self.grid, self.score, self.state, self.index)
        known = {"starts": starts, "pinned": starts - len(found), "own_weight": own / self.score.scale}
        if not found:
            return known
        best = min(found, key=lambda each: (each.units, len(each.gone), each.cell))
        if best.units >= own:
            return {**known, **self._lost(best), "weight": best.units / self.score.scale}
        best = min(found, key=lambda each: (self._worse(each), each.cell))
        rise = self._worse(best)
        if rise < 0:
            return None
        evenings = (own + rise - best.units) / self.score.scale
        weight = (own + rise) / self.score.scale
        return {**known, **self._lost(best), "weight": weight, "evenings": evenings}

    def _lost(self, best: Displacement) -> dict[str, Any]:
        """Where it would be, and what goes for it."""
        grid = self.grid
        previous = self.score.previous[self.index]
        return {
            "start": moment_text(grid.starts[best.cell]),
            "conversations": len(best.gone),
            "households_with_nothing": left_with_nothing(grid, self.state, self.index, best.gone),
            "moved": int(previous not in (None, best.cell)),
        }

    def _worse(self, option: Displacement) -> int:
        """By how much the whole families' objective rises, in units."""
        grid, start = self.grid, list(self.state.start)
        households = sorted({grid.household[other] for other in (self.index, *option.gone)})
        members = [grid.of_household[each] for each in households]
        before = sum(self.score.household(each, start) for each in members)
        for other in option.gone:
            start[other] = -1
        start[self.index] = option.cell
        return sum(self.score.household(each, start) for each in members) - before
