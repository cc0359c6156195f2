"""Timefold Solver (PyPI `timefold`, needs a JDK): local search over conversations with constraint streams.

A planning entity is a conversation, its planning variable one of its cells or none; the hard rules and the
families' objective are constraints over a HardSoftScore. Rules 1 and 3 are kept by the range of each
conversation. The community edition searches with one thread. It begins with its own construction heuristic.
"""

from __future__ import annotations

from collections.abc import Callable

from ouderavond.scheduler.problem import Problem

from .book import Book
from .tables import Answer, Tables
from .timefold_model import Apart, Cell, Household, Plan, Side, Talk, solver_for


def solve_timefold(problem: Problem, seconds: float, seed: int) -> Answer:
    """Search for so many seconds; what then breaks a rule loses its place.

    To start Java and to carry the problem over to it and back comes on top: the search is what is compared.
    """
    tables = Tables(problem)
    best = solver_for(seconds, seed).solve(_plan(tables))
    book = Book(tables)
    for talk in best.talks:
        if talk.cell is None or talk.pinned or talk.cell.id not in book.free(talk.id):
            continue
        household = tables.household[talk.id]
        if book.keeps_rules(household, {**book.of(household), talk.id: talk.cell.id}):
            book.place(talk.id, talk.cell.id)
    return tables.answer(book.starts)


def _plan(tables: Tables) -> Plan:
    late = tables.middle
    cells = [
        Cell(cell, date, start, start >= late[date])
        for cell, (date, start) in enumerate(zip(tables.date_of, tables.starts, strict=True))
    ]
    households = [
        Household(index, tables.nothing, tables.date, tables.waiting)
        for index, members in enumerate(tables.members)
        if members
    ]
    ranges: dict[tuple[int, ...], list[Cell]] = {}
    for options in tables.options:
        ranges.setdefault(options, [cells[cell] for cell in options])
    talks = [_talk(tables, index, ranges[options]) for index, options in enumerate(tables.options)]
    return Plan(households, _sides(tables), talks)


def _sides(tables: Tables) -> list[Side]:
    sides, dates = [], range(len(tables.problem.dates))
    for one, others in enumerate(tables.apart):
        for other, minutes in others.items():
            if one < other:
                counts = [not tables.pins_meet(one, other, date) for date in dates]
                apart = Apart(len(sides), one, minutes, counts)
                sides += [Side(one, apart), Side(other, apart)]
    return sides


def _talk(tables: Tables, index: int, options: list[Cell]) -> Talk:
    item = tables.conversations[index]
    family = tables.members[tables.household[index]]
    dates = range(len(tables.problem.dates))

    def between(minutes: Callable[[int, int, int], int]) -> list[list[int]]:
        return [[0 if other == index else minutes(index, other, date) for other in family] for date in dates]

    return Talk(
        id=index,
        household=tables.household[index],
        siblings=len(family),
        position=family.index(index),
        slots=tables.slots[index],
        duration=tables.duration[index],
        unplaced=tables.unplaced[index],
        early=tables.preference if item.preference == "late" else 0,
        late=tables.preference if item.preference == "early" else 0,
        moved=0 if item.previous is None else tables.moved,
        previous=-1 if item.previous is None else tables.cell_at.get(item.previous, len(tables.starts)),
        resources=tables.resources[index],
        required=between(tables.required) if len(family) > 1 else [],
        gaps=between(tables.gap) if len(family) > 1 else [],
        options=options,
        pinned=tables.pinned[index],
        cell=options[0] if tables.pinned[index] else None,
    )
