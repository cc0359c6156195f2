"""What ties households together: blocks, and the rows of which each may be used by one of them only.

A *block* is what the column generation plans at once: all conversations of a household that have a
possible start. A household with more than `LARGEST` of them is split into blocks of one conversation;
its own rules become rows then, which weakens the bound and nothing else. A *row* is an instructor,
room, student or parent at a cell, or two households that must not meet at a cell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .grid import Grid

LARGEST = 8


@dataclass(frozen=True)
class Block:
    """Conversations (numbers) that are planned together, and their household. `whole` unless split."""

    household: int
    members: tuple[int, ...]
    whole: bool = True


class Coupling:
    """Blocks and rows of a problem.

    `rows_of(conversation, cell)` are the rows a conversation uses at a cell; `meetings[household]` are
    (date, minutes, first row) of the households it must not meet: of such a date the row of each cell
    during its stay, and `minutes` longer, is used. `users[row]` are the blocks that may use a row.
    """

    def __init__(self, grid: Grid):
        self.grid = grid
        self.blocks = list(_blocks(grid))
        self.block_of = {index: number for number, block in enumerate(self.blocks) for index in block.members}
        self.size = 0
        self.users: dict[int, list[int]] = {}
        self._rows: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.meetings: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._add_resources()
        self._add_meetings()

    def rows_of(self, conversation: int, cell: int) -> list[int]:
        """The rows that a conversation at a cell uses."""
        return self._rows.get((conversation, cell), [])

    def _add_resources(self) -> None:
        """Rule 2, for what conversations of different blocks share."""
        grid = self.grid
        for members, cells in _shared(grid, self.blocks):
            starts = [(index, cell) for index in members for cell in grid.options[index] if cell in cells]
            users: dict[int, list[tuple[int, int]]] = defaultdict(list)
            for index, cell in starts:
                for covered in grid.covered(index, cell):
                    users[covered].append((index, cell))
            for cell in sorted(users):
                self._add_row(users[cell])

    def _add_row(self, users: list[tuple[int, int]]) -> None:
        blocks = sorted({self.block_of[index] for index, _ in users})
        if len(blocks) > 1:
            self.users[self.size] = blocks
            for pair in users:
                self._rows[pair].append(self.size)
            self.size += 1

    def _add_meetings(self) -> None:
        """Rule 5: the stays, each that many minutes longer, of two households use no cell both."""
        grid = self.grid
        whole = {block.household for block in self.blocks if block.whole}
        for household, others in enumerate(grid.apart):
            for other, minutes in sorted(others.items()):
                if other < household or household not in whole or other not in whole:
                    continue
                for date in grid.dates:
                    if not grid.pins_break_apart(household, other, date):
                        for each in (household, other):
                            self.meetings[each].append((date, minutes, self.size))
                        self.size += len(grid.cells(date))

    def rows_of_evening(self, number: int, cells: Iterable[int]) -> list[int]:
        """The rows that a block (its number) uses with a cell per conversation; -1 is not placed."""
        block = self.blocks[number]
        placed = [(index, cell) for index, cell in zip(block.members, cells, strict=True) if cell >= 0]
        rows = [row for index, cell in placed for row in self.rows_of(index, cell)]
        for date, minutes, first_row in self.meetings.get(block.household, ()) if block.whole else ():
            rows += self._stay_rows(placed, date, minutes, first_row)
        return rows

    def _stay_rows(
        self, placed: list[tuple[int, int]], date: int, minutes: int, first_row: int
    ) -> Iterable[int]:
        grid = self.grid
        cells = grid.cells(date)
        here = [(cell, index) for index, cell in placed if cell in cells]
        if not here:
            return ()
        begin = min(here)[0]
        end = max(grid.end(index, cell) for cell, index in here) + minutes
        stop = bisect_left(grid.starts, end, lo=cells.start, hi=cells.stop)
        return range(first_row + begin - cells.start, first_row + max(stop, begin + 1) - cells.start)


def _blocks(grid: Grid) -> Iterator[Block]:
    for household, members in enumerate(grid.of_household):
        live = tuple(index for index in members if grid.options[index])
        if len(live) > LARGEST:
            for index in live:
                yield Block(household, (index,), whole=False)
        elif live:
            yield Block(household, live)


def _shared(grid: Grid, blocks: list[Block]) -> Iterator[tuple[list[int], range]]:
    """Sets of conversations no two of which may cover a cell, on the cells of a date each.

    Sets that lie within another (a room that one instructor uses) say nothing new and are left out.
    """
    split = {block.household for block in blocks if not block.whole}
    live = sorted(index for block in blocks for index in block.members)
    for date in grid.dates:
        users: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index in live:
            for key in grid.resources[index][date]:
                if key[0] != "household" or grid.household[index] in split:
                    users[key].append(index)
        by_instructor = {key[1]: set(members) for key, members in users.items() if key[0] == "instructor"}
        for key, members in users.items():
            if key[0] == "instructor" or not _within_one(grid, members, by_instructor):
                yield members, grid.cells(date)


def _within_one(grid: Grid, members: list[int], by_instructor: dict[str, set[int]]) -> bool:
    return any(by_instructor[name].issuperset(members) for name in grid.conversations[members[0]].instructors)
