"""First come, first served, as booking sites behave: households in random order take the best cells left.

Each sees what is still free for all its conversations and takes the evening that costs it the least: all of
them if it can, as near together as it can, with time to walk, on the half of the evening it likes. Nobody
makes room for anybody, and a must-see conversation has no right before others.
"""

from __future__ import annotations

import random

from ouderavond.scheduler.problem import Problem

from .book import Book
from .tables import Answer, Tables

LOOKED_AT = 40  # evenings a guardian keeps in mind


def solve_first_come(problem: Problem, seconds: float, seed: int) -> Answer:
    """Let the households book one after the other; it needs no more time than that takes."""
    tables = Tables(problem)
    book = Book(tables)
    order = [household for household, members in enumerate(tables.members) if members]
    random.Random(seed).shuffle(order)
    for household in order:
        for index, cell in best_evening(book, household).items():
            if index not in book.starts:
                book.place(index, cell)
    return tables.answer(book.starts)


def best_evening(book: Book, household: int) -> dict[int, int]:
    """The cheapest cells found among what is free, looking at conversation after conversation."""
    tables = book.tables
    looked_at = [book.of(household)]
    members: list[int] = list(looked_at[0])
    rest = [index for index in tables.members[household] if index not in book.starts]
    for index in sorted(rest, key=lambda each: tables.conversations[each].rank):
        members.append(index)
        free = book.free(index)
        found = [*looked_at, *({**starts, index: cell} for starts in looked_at for cell in free)]
        found.sort(key=lambda starts: tables.cost(starts, members))
        looked_at = _allowed(book, household, found)
    return looked_at[0]


def _allowed(book: Book, household: int, found: list[dict[int, int]]) -> list[dict[int, int]]:
    """The first of these in which the household is nowhere twice and keeps rules 4 and 5."""
    kept = []
    for starts in found:
        if len(kept) == LOOKED_AT:
            break
        if _apart_in_time(book, starts) and book.keeps_rules(household, starts):
            kept.append(starts)
    return kept


def _apart_in_time(book: Book, starts: dict[int, int]) -> bool:
    """Do a household's conversations keep different things busy?"""
    keys = [key for index, cell in starts.items() for key in set(book.tables.keys(index, cell))]
    return len(keys) == len(set(keys))
