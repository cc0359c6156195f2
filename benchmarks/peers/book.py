"""A schedule under construction, as a booking site keeps it: who is busy where, and what still fits."""

from __future__ import annotations

from collections.abc import Iterable

from .tables import Tables, separated


class Book:
    """The cells of what is placed (`starts`); pins are in it from the beginning."""

    def __init__(self, tables: Tables):
        self.tables = tables
        self.starts: dict[int, int] = {}
        self.busy: set[int] = set()
        for index, pinned in enumerate(tables.pinned):
            if pinned:
                self.place(index, tables.options[index][0])

    def place(self, index: int, cell: int) -> None:
        """Put a conversation where it fits."""
        self.starts[index] = cell
        self.busy.update(self.tables.keys(index, cell))

    def remove(self, index: int) -> None:
        """Take a placed conversation away."""
        self.busy.difference_update(self.tables.keys(index, self.starts.pop(index)))

    def free(self, index: int) -> list[int]:
        """The cells at which nobody and nothing a conversation needs is busy: rules 1, 2 and 3."""
        tables = self.tables
        return [cell for cell in tables.options[index] if self.busy.isdisjoint(tables.keys(index, cell))]

    def keeps_rules(self, household: int, starts: dict[int, int]) -> bool:
        """Would rules 4 and 5 hold for a household with its conversations at these cells?"""
        tables = self.tables
        for date, evening in tables.evenings(starts, tables.members[household]).items():
            if not tables.keeps_walking(evening):
                return False
            stay = tables.stay(evening)
            for other, minutes in tables.apart[household].items():
                theirs = tables.stay(tables.evenings(self.starts, tables.members[other]).get(date, ()))
                if not separated(stay, theirs, minutes) and not tables.pins_meet(household, other, date):
                    return False
        return True

    def of(self, household: int) -> dict[int, int]:
        """The cells of a household's placed conversations."""
        return {index: self.starts[index] for index in self.tables.members[household] if index in self.starts}


def fill(book: Book, order: Iterable[int]) -> None:
    """Place conversations in an order, each where it costs its household the least, while they fit."""
    tables = book.tables
    for index in order:
        if index in book.starts:
            continue
        household = tables.household[index]
        known = book.of(household)
        places = sorted(
            (tables.cost({**known, index: cell}, tables.members[household]), cell)
            for cell in book.free(index)
        )
        for _, cell in places:
            if book.keeps_rules(household, {**known, index: cell}):
                book.place(index, cell)
                break


def greedy(tables: Tables) -> Book:
    """A quick schedule: heavy conversations first, and of those the ones with the least choice."""
    book = Book(tables)

    def choice(index: int) -> int:
        names = tables.conversations[index].instructors
        return len(tables.options[index]) - max(len(tables.of_instructor[name]) for name in names)

    fill(book, sorted(range(len(tables.slots)), key=lambda i: (-tables.unplaced[i], choice(i), i)))
    return book
