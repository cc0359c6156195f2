"""Why a conversation has no place, and what people could decide so that it gets one.

Everything said here is true of the schedule at hand: codes and facts are read off it, and each
alternative has been tried on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .grid import Grid, hits
from .problem import Conversation
from .reading import moment_text
from .schedule import Alternative, Placement, Unplaced
from .score import Score
from .state import State

PER_KIND = 2  # alternatives of one kind
MOVES = 2  # conversations that an alternative may move


def explain(grid: Grid, score: Score, state: State, *, proven: bool) -> tuple[Unplaced, ...]:
    """A reason, its facts and alternatives for each conversation without a place.

    `proven` says that no schedule places more by weight.
    """
    lost = [index for index, cell in enumerate(state.start) if cell < 0]
    if not lost:
        return ()
    variants = _Variants(grid, state, lost)
    result = []
    for index in lost:
        code, facts = _reason(grid, score, state, index, proven)
        alternatives = (
            *_first(_moves(grid, state, index)),
            *_first(variants.other_instructors(index)),
            *_first(_other_dates(grid, state, index)),
            *_first(variants.online(index)),
        )
        result.append(Unplaced(grid.conversations[index].id, code, facts, alternatives))
    return tuple(result)


def _first(found: Iterator[Alternative]) -> list[Alternative]:
    return [option for option, _ in zip(found, range(PER_KIND), strict=False)]


# -- reason and facts


def _reason(grid: Grid, score: Score, state: State, index: int, proven: bool) -> tuple[str, dict[str, Any]]:
    cells = grid.static[index]
    if not cells:
        return "no_common_time", _unavailable_facts(grid, index)
    if all(_household_blocks(grid, state, index, cell) for cell in cells):
        return "household_full", _household_facts(grid, state, index)
    if all("instructor" in _sides(grid, state, index, cell) for cell in cells):
        return "instructor_full", {"instructors": _instructor_facts(grid, state, index)}
    if all("room" in _sides(grid, state, index, cell) for cell in cells):
        rooms = {grid.rooms[index][grid.date_of[cell]] for cell in cells}
        return "room_full", {"rooms": sorted(rooms)}
    if proven:
        return "displaces", _displaced_facts(grid, score, state, index)
    return "time_limit", {}


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


def _unavailable_facts(grid: Grid, index: int) -> dict[str, Any]:
    """How many of the starts each side's unavailable times rule out."""
    cells = grid.fitting[grid.slots[index]]
    facts: dict[str, Any] = {"starts": len(cells)}
    for kind, intervals in grid.calendars(grid.conversations[index]):
        count = sum(hits(intervals, grid.starts[cell], grid.end(index, cell)) for cell in cells)
        if count:
            facts[kind] = max(count, facts.get(kind, 0))
    return facts


def _household_facts(grid: Grid, state: State, index: int) -> dict[str, Any]:
    own = [other for other in grid.of_household[grid.household[index]] if state.start[other] >= 0]
    return {
        "starts": len(grid.static[index]),
        "conversations": [grid.conversations[other].id for other in own],
    }


def _instructor_facts(grid: Grid, state: State, index: int) -> list[dict[str, Any]]:
    """Per instructor the slots asked for, available and still free."""
    facts = []
    for name in grid.conversations[index].instructors:
        person = grid.problem.instructor[name]
        members = grid.of_instructor[grid.instructor_index[name]]
        available = {
            cell
            for cell, start in enumerate(grid.starts)
            if not hits(person.unavailable, start, start + grid.problem.slot_minutes)
        }
        taken = {
            cell
            for other in members
            if state.start[other] >= 0
            for cell in grid.covered(other, state.start[other])
        }
        facts.append(
            {
                "instructor": name,
                "asked": sum(grid.slots[other] for other in members),
                "available": len(available),
                "free": len(available - taken),
            }
        )
    return facts


def _displaced_facts(grid: Grid, score: Score, state: State, index: int) -> dict[str, Any]:
    """The cell where the least would have to give way, if nothing else moves."""
    best: tuple[int, int, int, set[int]] | None = None
    for cell in grid.static[index]:
        displaced = _displaced(grid, state, index, cell)
        pins = sum(grid.conversations[other].pinned is not None for other in displaced)
        lost = sum(score.unplaced[other] for other in displaced)
        if best is None or (pins, lost, cell) < best[:3]:
            best = pins, lost, cell, displaced
    pins, lost, cell, displaced = best
    return {
        "start": moment_text(grid.starts[cell]),
        "conversations": len(displaced),
        "pinned": pins,
        "weight": lost / score.scale,
        "own_weight": score.unplaced[index] / score.scale,
    }


def _displaced(grid: Grid, state: State, index: int, cell: int) -> set[int]:
    """Conversations that must go before a conversation fits at a cell, if nothing else moves."""
    household, date = grid.household[index], grid.date_of[cell]
    displaced = state.blockers(index, cell)
    rest = [pair for pair in state.evening(household, date) if pair[1] not in displaced]
    while rest and not grid.evening_keeps_walking(sorted([*rest, (cell, index)])):
        nearest = min(rest, key=lambda pair: (abs(pair[0] - cell), pair[1]))
        rest.remove(nearest)
        displaced.add(nearest[1])
    if not state.keeps_apart(index, cell):
        for other in grid.apart[household]:
            displaced.update(conversation for _, conversation in state.evening(other, date))
    return displaced


# -- alternatives


def _option(
    grid: Grid, kind: str, index: int, cell: int, instructor: str, moves: dict[int, int] | None = None
) -> Alternative:
    moved = tuple(
        Placement(grid.conversations[other].id, grid.starts[to])
        for other, to in sorted((moves or {}).items())
    )
    return Alternative(kind, grid.starts[cell], instructor, moved)


def _moves(grid: Grid, state: State, index: int) -> Iterator[Alternative]:
    """Places that come free when one or two other conversations move, and nothing loses its place."""
    for cell in grid.static[index]:
        blockers = state.blockers(index, cell)
        if len(blockers) > MOVES:
            continue
        moves = _make_room(grid, state, index, cell, sorted(blockers))
        if moves is not None:
            yield _option(grid, "move", index, cell, grid.conversations[index].instructors[0], moves)


def _make_room(grid: Grid, state: State, index: int, cell: int, blockers: list[int]) -> dict[int, int] | None:
    """New cells for the conversations in the way, or None; the state is left as it was."""
    before = {other: state.remove(other) for other in blockers}
    moves: dict[int, int] = {}
    if state.fits(index, cell):
        state.place(index, cell)
        for other in blockers:
            place = next((to for to in grid.static[other] if state.fits(other, to)), None)
            if place is None:
                break
            state.place(other, place)
            moves[other] = place
        households = {grid.household[other] for other in (index, *blockers)}
        good = len(moves) == len(blockers) and all(state.household_ok(each) for each in households)
        for other in (index, *moves):
            state.remove(other)
    else:
        good = False
    for other, place in before.items():
        state.place(other, place)
    return moves if good else None


def _other_dates(grid: Grid, state: State, index: int) -> Iterator[Alternative]:
    """Places on dates at which the household can't (or would rather not) come but the instructors could."""
    item = grid.conversations[index]
    possible = {grid.date_of[cell] for cell in grid.static[index]}
    busy = [pair for name in item.instructors for pair in grid.problem.instructor[name].unavailable]
    offered = set()
    for cell in grid.fitting[grid.slots[index]]:
        date = grid.date_of[cell]
        if date in possible or date in offered or hits(busy, grid.starts[cell], grid.end(index, cell)):
            continue
        if state.fits(index, cell):
            offered.add(date)
            yield _option(grid, "other_date", index, cell, item.instructors[0])


class _Variants:
    """The schedule with changed copies of the unplaced conversations: one instructor only, or online."""

    def __init__(self, grid: Grid, state: State, lost: list[int]):
        self.of: dict[int, list[tuple[str, Conversation]]] = {index: [] for index in lost}
        for index in lost:
            item = grid.conversations[index]
            if len(item.instructors) > 1:
                for name in item.instructors:
                    self.of[index].append(("other_instructor", replace(item, instructors=(name,))))
            if item.mode == "in_person":
                self.of[index].append(("online", replace(item, mode="online")))
        extra = tuple(variant for variants in self.of.values() for _, variant in variants)
        conversations = grid.problem.conversations + extra
        self.grid = Grid(replace(grid.problem, conversations=conversations))
        self.state = State(self.grid, state.start)
        self.number: dict[tuple[int, int], int] = {}
        following = len(grid.conversations)
        for index, variants in self.of.items():
            for position in range(len(variants)):
                self.number[index, position] = following
                following += 1

    def _places(self, index: int, kind: str) -> Iterator[Alternative]:
        for position, (found, variant) in enumerate(self.of[index]):
            if found == kind:
                number = self.number[index, position]
                cells = self.grid.static[number]
                cell = next((cell for cell in cells if self.state.fits(number, cell)), None)
                if cell is not None:
                    yield _option(self.grid, kind, number, cell, variant.instructors[0])

    def other_instructors(self, index: int) -> Iterator[Alternative]:
        """Places with only one of the conversation's instructors."""
        return self._places(index, "other_instructor")

    def online(self, index: int) -> Iterator[Alternative]:
        """Places at which the conversation could be held online."""
        return self._places(index, "online")
