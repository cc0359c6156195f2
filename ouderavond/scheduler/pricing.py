"""Pricing: the best evening of each household when instructors' and rooms' cells have a price.

A dynamic program over (set of conversations placed, cell and conversation placed last), date by date,
run for all blocks with the same number of conversations at once. It models everything that concerns one
household alone: rules 1, 3, 4 and 6, and the whole families' objective. After Desaulniers, Desrosiers
and Solomon (eds.), *Column Generation* (2005); the state is that of a travelling salesman with time
windows (Held and Karp 1962).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .coupling import Block, Coupling
from .grid import Grid
from .score import Score

NEVER = 1e15  # the cost of what is impossible
PINNED = 1e13  # the cost of leaving out what is pinned


class Evening(NamedTuple):
    """What a block may do: a cell per conversation (-1: none), and the objective of that in points."""

    cells: tuple[int, ...]
    cost: float


class Pricing:
    """Prices all blocks of a problem.

    `values` has the cheapest evening's cost plus prices, per block, after `price`.
    """

    def __init__(self, grid: Grid, score: Score, coupling: Coupling):
        self.coupling = coupling
        self.values = np.zeros(len(coupling.blocks))
        self.constant = _constant(grid, score)
        by_size: dict[int, list[int]] = {}
        for number, block in enumerate(coupling.blocks):
            by_size.setdefault(len(block.members), []).append(number)
        self.all = [_Group(grid, score, coupling, numbers) for _, numbers in sorted(by_size.items())]
        self.groups = self.all
        self.work = sum(group.work for group in self.groups)

    def only(self, active: np.ndarray | None) -> None:
        """From now on price only these blocks (a Boolean each); None: all."""
        self.groups = self.all
        if active is not None:
            kept = [group.select(np.flatnonzero(active[group.numbers])) for group in self.all]
            self.groups = [group for group in kept if len(group.numbers)]
        self.work = sum(group.work for group in self.groups)

    def price(self, prices: np.ndarray) -> float:
        """Find the cheapest evenings at these prices (points per row, at least 0).

        Returns a lower bound of the families' objective of the whole school, in points, if all blocks
        are priced: the Lagrangian relaxation of the rows.
        """
        for group in self.groups:
            self.values[group.numbers] = group.price(prices)
        return self.constant + float(self.values.sum()) - float(prices.sum())

    def respond(self, prices: np.ndarray, owner: np.ndarray, fee: float) -> None:
        """Find each block's cheapest evening if only it could move.

        `owner` is the block that has a row, or -1; taking it from another one costs `fee` points.
        """
        for group in self.groups:
            self.values[group.numbers] = group.price(prices, owner, fee)

    def favour(self, bonus: dict[tuple[int, int], float]) -> None:
        """From now on let each (conversation, cell) seem so many points cheaper; an empty one ends it."""
        for group in self.all:
            group.favour(self.coupling, bonus)
        self.only(None)

    def evenings(self, worth: np.ndarray | None = None) -> Iterator[tuple[int, Evening]]:
        """The block and evening found by the last `price`, for each block; with `worth` (points per block)
        only those that are cheaper."""
        for group in self.groups:
            yield from group.evenings(worth)


def _constant(grid: Grid, score: Score) -> float:
    """What conversations without any possible start cost in every schedule, in points."""
    points = 0.0
    for members in grid.of_household:
        dead = [index for index in members if not grid.options[index]]
        points += sum(score.lost(index) for index in dead)
        if members and len(dead) == len(members):
            points += score.nothing / score.scale
    return points


class _Group:
    """Blocks of the same number of conversations. Arrays: h block, j conversation, c cell, s set."""

    def __init__(self, grid: Grid, score: Score, coupling: Coupling, numbers: list[int]):
        blocks = [coupling.blocks[number] for number in numbers]
        self.numbers = np.array(numbers)
        self.size = len(blocks[0].members)
        self.starts = np.array(grid.starts, dtype=np.int64)
        self.ranges = [(cells.start, cells.stop) for cells in (grid.cells(date) for date in grid.dates)]
        self.waiting = score.waiting_minute / score.scale
        self.sets = 1 << self.size
        everything = np.arange(self.sets)
        self.without = [everything[everything >> j & 1 == 0] for j in range(self.size)]
        self.bonus: np.ndarray | float = 0.0
        self._costs(grid, score, coupling, blocks)
        self._distances(grid, blocks)
        self._meetings(grid, coupling, blocks)

    @property
    def work(self) -> float:
        """About the seconds that `price` takes."""
        return len(self.starts) * (2e-5 * self.size + 3e-9 * len(self.numbers) * self.size**2 * self.sets)

    def _costs(self, grid: Grid, score: Score, coupling: Coupling, blocks: list[Block]) -> None:
        """Costs of starts (h, j, c) and of leaving sets out (h, s); where the prices of rows count."""
        shape = (len(blocks), self.size, len(self.starts))
        self.own = np.full(shape, NEVER)
        rows, targets = [], []
        for h, block in enumerate(blocks):
            for j, index in enumerate(block.members):
                for cell in grid.options[index]:
                    self.own[h, j, cell] = score.start_cost(index, cell) / score.scale
                    for row in coupling.rows_of(index, cell):
                        rows.append(row)
                        targets.append((h * self.size + j) * shape[2] + cell)
        self.rows, self.targets = np.array(rows, dtype=np.int64), np.array(targets, dtype=np.int64)
        lost = np.array([[_lost(grid, score, index) for index in block.members] for block in blocks])
        absent = np.array([[not s >> j & 1 for s in range(self.sets)] for j in range(self.size)])
        self.left_out = lost @ absent
        self.left_out[:, 0] += [score.nothing / score.scale if block.whole else 0.0 for block in blocks]
        self.first = np.full(self.sets, score.date / score.scale)
        self.first[0] = 0.0

    def _distances(self, grid: Grid, blocks: list[Block]) -> None:
        """Per date: the first cell at which j may follow i at c, and the waiting until then."""
        shape = (len(blocks), self.size, self.size)
        duration = np.array([[grid.duration[index] for index in block.members] for block in blocks])
        self.after: list[np.ndarray] = []
        self.delay: list[np.ndarray] = []
        for date, (low, high) in enumerate(self.ranges):
            required, needed = np.zeros(shape), np.zeros(shape)
            for h, block in enumerate(blocks):
                for i, one in enumerate(block.members):
                    for j, other in enumerate(block.members):
                        if i != j:
                            pinned = grid.both_pinned(one, other)
                            required[h, i, j] = 0 if pinned else grid.required(one, other, date)
                            needed[h, i, j] = grid.gap_needed(one, other, date)
            starts = self.starts[low:high]
            ends = (starts[None, None, :] + duration[:, :, None])[:, :, None, :]
            after = np.searchsorted(starts, ends + required[..., None])
            padded = np.append(starts, 0)
            delay = (padded[after] - ends - needed[..., None]) * self.waiting
            delay[after == high - low] = NEVER
            for i in range(self.size):
                after[:, i, i, :] = high - low
            self.after.append(np.ascontiguousarray(after.transpose(3, 1, 0, 2)))  # c, i, h, j
            self.delay.append(np.ascontiguousarray(np.maximum(delay, 0).transpose(3, 1, 0, 2)))

    def _meetings(self, grid: Grid, coupling: Coupling, blocks: list[Block]) -> None:
        """Per block that must not meet another: date, first row, and where its stay ends for that row."""
        self.meetings: list[tuple[int, int, int, np.ndarray]] = []
        for h, block in enumerate(blocks):
            for date, minutes, row in coupling.meetings.get(block.household, ()) if block.whole else ():
                low, high = self.ranges[date]
                starts = self.starts[low:high]
                ends = np.array([starts + grid.duration[index] for index in block.members])
                self.meetings.append((h, date, row, np.searchsorted(starts, ends + minutes)))

    def select(self, which: np.ndarray) -> _Group:
        """The same for some of the blocks only (their positions)."""
        other = object.__new__(_Group)
        other.__dict__.update(self.__dict__)
        other.numbers, other.own = self.numbers[which], self.own[which]
        other.left_out = self.left_out[which]
        if isinstance(self.bonus, np.ndarray):
            other.bonus = self.bonus[which]
        other.after = [each[:, :, which] for each in self.after]
        other.delay = [each[:, :, which] for each in self.delay]
        position = np.full(len(self.numbers), -1)
        position[which] = np.arange(len(which))
        per_block = self.size * len(self.starts)
        kept = position[self.targets // per_block] >= 0
        other.rows = self.rows[kept]
        targets = self.targets[kept]
        other.targets = position[targets // per_block] * per_block + targets % per_block
        other.meetings = [(int(position[h]), *rest) for h, *rest in self.meetings if position[h] >= 0]
        return other

    def favour(self, coupling: Coupling, bonus: dict[tuple[int, int], float]) -> None:
        """Let starts seem cheaper than they are."""
        self.bonus = 0.0
        if bonus:
            self.bonus = np.zeros(self.own.shape)
            for h, number in enumerate(self.numbers):
                for j, index in enumerate(coupling.blocks[number].members):
                    for cell in np.flatnonzero(self.own[h, j] < NEVER):
                        self.bonus[h, j, cell] = bonus.get((index, int(cell)), 0.0)

    # -- the dynamic program

    def price(self, prices: np.ndarray, owner: np.ndarray | None = None, fee: float = 0.0) -> np.ndarray:
        """The least cost plus prices per block; a row that another block owns costs `fee` besides."""
        paid = prices[self.rows]
        if owner is not None:
            holders = owner[self.rows]
            mine = self.numbers[self.targets // (self.size * len(self.starts))]
            paid = paid + fee * ((holders >= 0) & (holders != mine))
        paid = np.bincount(self.targets, weights=paid, minlength=self.own.size)
        self.paid = paid.reshape(self.own.shape) - self.bonus
        self.place = self.own + self.paid
        self._price_stays(prices, owner, fee)
        blocks = len(self.numbers)
        done = np.full((blocks, self.sets), NEVER)
        done[:, 0] = 0.0
        self.done, self.last = [done], []
        for date in range(len(self.ranges)):
            last = self._date(date, done)
            if len(last):
                closed = last if self.leave is None else last + self.leave[date][..., None]
                done = np.minimum(done, closed.min(axis=(0, 1)))
            self.done.append(done)
            self.last.append(last)
        total = done + self.left_out
        self.final = total.argmin(axis=1)
        self.value = total[np.arange(blocks), self.final]
        return self.value

    def _price_stays(self, prices: np.ndarray, owner: np.ndarray | None, fee: float) -> None:
        """Prices of a stay, as what arriving at a cell saves (h, c) and leaving after one costs (c, j, h)."""
        self.arrive: np.ndarray | None = None
        self.leave: list[np.ndarray] | None = None
        if not self.meetings:
            return
        blocks = len(self.numbers)
        self.arrive = np.zeros((blocks, len(self.starts)))
        self.leave = [np.zeros((high - low, self.size, blocks)) for low, high in self.ranges]
        for h, date, row, ends in self.meetings:
            low, high = self.ranges[date]
            paid = prices[row : row + high - low]
            if owner is not None:
                holders = owner[row : row + high - low]
                paid = paid + fee * ((holders >= 0) & (holders != self.numbers[h]))
            sums = np.concatenate(([0.0], np.cumsum(paid)))
            self.arrive[h, low:high] += sums[:-1]
            self.leave[date][:, :, h] += sums[np.maximum(ends, np.arange(1, high - low + 1))].T

    def _date(self, date: int, done: np.ndarray) -> np.ndarray:
        """Costs (c, j, h, s) of evenings that on this date end with conversation j at cell c."""
        low, high = self.ranges[date]
        blocks, size = len(self.numbers), self.size
        ready = np.full((high - low + 1, size, blocks, self.sets), NEVER)
        last = np.full((high - low, size, blocks, self.sets), NEVER)
        begin = done + self.first
        every_j, every_h = np.arange(size)[None, :], np.arange(blocks)[:, None]
        for c in range(high - low):
            if c:
                idle = self.waiting * (self.starts[low + c] - self.starts[low + c - 1])
                np.minimum(ready[c], ready[c - 1] + idle, out=ready[c])
            fresh = begin if self.arrive is None else begin - self.arrive[:, low + c, None]
            before = np.minimum(ready[c], fresh)
            for j, without in enumerate(self.without):
                last[c, j][:, without | 1 << j] = before[j][:, without] + self.place[:, j, low + c, None]
            for i in range(size if size > 1 else 0):
                after = self.after[date][c, i]
                arriving = last[c, i][:, None, :] + self.delay[date][c, i][:, :, None]
                ready[after, every_j, every_h] = np.minimum(ready[after, every_j, every_h], arriving)
        return last

    # -- reading the evenings off

    def evenings(self, worth: np.ndarray | None = None) -> Iterator[tuple[int, Evening]]:
        """Block number and cheapest evening, for each block or those where it is below its worth."""
        useful = np.ones(len(self.numbers), dtype=bool)
        if worth is not None:
            useful = self.value < worth[self.numbers] - 1e-7
        for h in np.flatnonzero(useful).tolist():
            number = self.numbers[h]
            cells = self._trace(h)
            yield int(number), Evening(tuple(cells), self._cost(h, cells))

    def _trace(self, h: int) -> list[int]:
        cells, chosen = [-1] * self.size, int(self.final[h])
        for date in reversed(range(len(self.ranges))):
            if chosen and self.done[date + 1][h, chosen] < self.done[date][h, chosen]:
                chosen = self._trace_date(h, date, chosen, cells)
        return cells

    def _trace_date(self, h: int, date: int, chosen: int, cells: list[int]) -> int:
        """Fill in the cells of one date, last one first; returns the set placed before that date."""
        low, last = self.ranges[date][0], self.last[date]
        closing = last[:, :, h, chosen]
        if self.leave is not None:
            closing = closing + self.leave[date][:, :, h]
        c, j = divmod(int(closing.argmin()), self.size)
        while True:
            cells[j] = low + c
            chosen &= ~(1 << j)
            fresh = self.done[date][h, chosen] + self.first[chosen]
            if self.arrive is not None:
                fresh = fresh - self.arrive[h, low + c]
            coming = last[:c, :, h, chosen] + self._reaching(h, date, j, c)
            if not coming.size or fresh <= coming.min() + 1e-9:
                return chosen
            c, j = divmod(int(coming.argmin()), self.size)

    def _reaching(self, h: int, date: int, j: int, c: int) -> np.ndarray:
        """Waiting between each (cell before c, conversation) and j at c."""
        low, high = self.ranges[date]
        after = self.after[date][:c, :, h, j]
        starts = self.starts[low:high]
        idle = self.waiting * (starts[c] - starts[np.minimum(after, high - low - 1)])
        return np.where(after <= c, self.delay[date][:c, :, h, j] + idle, NEVER)

    def _cost(self, h: int, cells: list[int]) -> float:
        """What an evening costs without prices."""
        placed = [(j, cell) for j, cell in enumerate(cells) if cell >= 0]
        cost = float(self.value[h]) - sum(float(self.paid[h, j, cell]) for j, cell in placed)
        if self.leave is None or not placed:
            return cost
        for date, (low, high) in enumerate(self.ranges):
            here = sorted((cell - low, j) for j, cell in placed if low <= cell < high)
            if here:
                c, j = here[-1]
                cost -= float(self.leave[date][c, j, h] - self.arrive[h, low + here[0][0]])
        return cost


def _lost(grid: Grid, score: Score, index: int) -> float:
    if grid.conversations[index].pinned is not None:
        return PINNED
    return score.lost(index)
