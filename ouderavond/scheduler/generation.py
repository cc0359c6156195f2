"""Column generation: prices and a bound for the whole objective, and schedules made with them.

Pricing finds the evenings that the master program lacks; the prices at which it finds no better ones give
the bound. A schedule is *assembled* (block after block takes its best free evening), or made by *diving*:
fix the blocks that the master has (most nearly) decided, price again, and so on until all are. Sources:
Desaulniers, Desrosiers and Solomon (eds.), *Column Generation* (2005); Wentges, *Weighted Dantzig-Wolfe
decomposition for linear mixed-integer programming* (1997), for the smoothing; Sadykov et al., *Primal
heuristics for branch and price: the assets of diving methods* (2019).
"""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np

from .columns import BLOCKED, Master, Pool, Relaxed
from .coupling import Coupling
from .grid import Grid
from .pricing import Evening, Pricing
from .score import Score
from .session import Session
from .state import State, fill, only_pins

SHAKES = 12  # pricings at disturbed prices that give the master its first columns
SHAKE_POINTS = 2.0
SMOOTHING = 0.7
INNER = 6  # pricings per solution of the master, at most
SHARE = 0.05  # of all blocks are fixed per round of a dive, beside those that are decided
DECIDED = 0.999
REBUILD = 0.7  # a smaller master is built when fewer than this share of its blocks are open
ENOUGH = 0.05  # part of what could be gained: nearer than this to its bound, a master is good to dive from
FAVOUR = 20.0  # points for a start that the relaxation of placement chose
ROUNDS = 2  # of pricing between two steps of a dive


class ColumnGeneration:
    """Columns, prices and the bound (points) of a school."""

    def __init__(self, grid: Grid, score: Score, coupling: Coupling, session: Session):
        self.grid, self.score, self.coupling, self.session = grid, score, coupling, session
        self.pricing = Pricing(grid, score, coupling)
        self.pool = Pool(coupling)
        self.bound = -float("inf")
        self.prices = np.zeros(coupling.size)
        self.values = np.zeros(len(coupling.blocks))  # of the blocks at these prices
        self.random = random.Random(session.seed)
        self.everyone = np.ones(len(coupling.blocks), dtype=bool)
        self.nothing = np.zeros(coupling.size, dtype=bool)
        self.master: Master | None = None
        self.least_gain = score.tie or score.step / score.scale  # points between two schedules

    # -- prices and columns

    def price(self, prices: np.ndarray, worth: np.ndarray | None = None) -> int:
        """Price everyone, and keep the prices that give the best bound; the number of new columns.

        With `worth` (points per block) only evenings that are cheaper become columns.
        """
        bound = self.pricing.price(prices)
        self._count()
        if bound > self.bound:
            self.bound, self.prices, self.values = bound, prices, self.pricing.values.copy()
        return self.pool.add_all(self.pricing.evenings(worth))

    def _count(self) -> None:
        self.session.work += self.pricing.work
        self.session.poll()

    def start(self, prices: np.ndarray) -> None:
        """First columns: pins alone, the best at these prices, and at prices a little disturbed."""
        for number, block in enumerate(self.coupling.blocks):
            self._add(number, tuple(self._pin(index) for index in block.members))
        self.price(prices)
        shaker = np.random.default_rng(self.session.seed)
        for _ in range(SHAKES // 4 if self.score.tie else SHAKES):  # a re-run has few open questions
            if self.session.over():
                return
            self.price(prices + shaker.exponential(SHAKE_POINTS, len(prices)))

    def _pin(self, index: int) -> int:
        return -1 if self.grid.conversations[index].pinned is None else self.grid.options[index][0]

    def evenings(self, state: State) -> list[tuple[int, ...]]:
        """A schedule's cells by block, which become columns."""
        found = [tuple(state.start[index] for index in block.members) for block in self.coupling.blocks]
        for number, cells in enumerate(found):
            self._add(number, cells)
        return found

    def _add(self, number: int, cells: tuple[int, ...]) -> None:
        block = self.coupling.blocks[number]
        score = self.score
        cost = score.household(block.members, dict(zip(block.members, cells, strict=True))) / score.scale
        lost = [index for index, cell in zip(block.members, cells, strict=True) if cell < 0]
        cost += sum(score.lost(index) - score.unplaced[index] / score.scale for index in lost)
        if not block.whole and lost:
            cost -= score.nothing / score.scale
        self.pool.add(number, Evening(cells, cost))

    def converge(self, state: State, share: float, close: float) -> Relaxed | None:
        """Solve the master to within `close` points of the bound, or until the share of limits is used.

        It begins at a schedule.
        """
        if self.master is None:
            known = [self.pool.number(number, cells) for number, cells in enumerate(self.evenings(state))]
            self.master = Master(self.pool, self.everyone, self.nothing, known)
        # a re-run starts near its end, where the master's own prices soon are the right ones
        solution, smoothing, most = None, 0.0, 0.0 if self.score.tie else SMOOTHING
        while not self.session.over(share):
            found = self.master.solve(self.session)
            if found is None:
                break
            # where the master stands still its own prices are trusted more and more
            stands = solution is not None and found.objective > solution.objective - 1e-6
            smoothing = 0.5 * smoothing if stands else most
            solution = found
            new = self._price_between(found, smoothing)
            if not new or found.objective + self.pricing.constant - self.bound <= close:
                break
        return solution

    def _price_between(self, found: Relaxed, share: float) -> int:
        """Price between the best prices and the master's; the number of new columns."""
        total = 0
        for _ in range(INNER):
            before = self.bound
            between = share * self.prices + (1 - share) * found.prices
            new = self.price(between, None if share else found.worth)
            total += new
            if share == 0 or new and self.bound <= before:
                break
            if not new:
                share = 0.0
        return total

    def promising_columns(self, state: State) -> tuple[list[int], set[int]]:
        """Columns whose reduced cost is below the gap, so that a better schedule may have them; and those
        that the schedule has, which are among them."""
        cells = self.evenings(state)
        kept = {self.pool.number(number, evening) for number, evening in enumerate(cells)}
        gap = sum(self.pool.cost[number] for number in kept) + self.pricing.constant - self.bound
        numbers = [
            number
            for number, block in enumerate(self.pool.block)
            if number in kept or self._reduced(number) - self.values[block] < gap
        ]
        return numbers, kept

    def _reduced(self, number: int) -> float:
        return self.pool.cost[number] + float(self.prices[self.pool.rows[number]].sum())

    # -- schedules

    def assemble(self, prices: np.ndarray) -> State:
        """A schedule: block after block takes its cheapest evening at these prices among what is free."""
        chosen: dict[int, tuple[int, ...]] = {}
        active = self.everyone.copy()
        owner = self.owners(only_pins(self.grid))  # nobody may take from others what they have pinned
        while active.any():
            self.pricing.only(active)
            self.pricing.respond(prices, owner, BLOCKED)
            self._count()
            evenings = list(self.pricing.evenings())
            self.random.shuffle(evenings)
            # must-see conversations first: who comes later finds less
            evenings.sort(key=lambda found: -self._stake(*found))
            for number, evening in evenings:
                rows = self.coupling.rows_of_evening(number, evening.cells)
                if _free(owner, rows, number):
                    owner[rows], active[number] = number, False
                    chosen[number] = evening.cells
        self.pricing.only(None)
        return self.state(chosen)

    def _stake(self, number: int, evening: Evening) -> int:
        """The most that one of an evening's conversations would cost if it had no place."""
        members = self.coupling.blocks[number].members
        placed = [index for index, cell in zip(members, evening.cells, strict=True) if cell >= 0]
        return max((self.score.unplaced[index] for index in placed), default=0)

    def polish(self, state: State) -> State:
        """Give each household its cheapest evening by itself, until that helps nobody any more."""
        best = state
        while not self.session.over():
            start = list(best.start)
            owner = self.owners(best)
            self.pricing.respond(np.zeros(self.coupling.size), owner, BLOCKED)
            self._count()
            for number, evening in self.pricing.evenings():
                self._take(start, owner, number, evening)
            found = State(self.grid, start)
            if self.score.families(found.start) >= self.score.families(best.start):
                return best
            best = found
        return best

    def owners(self, state: State) -> np.ndarray:
        """The block that has a row, or -1."""
        owner = np.full(self.coupling.size, -1)
        for number, block in enumerate(self.coupling.blocks):
            owner[self.coupling.rows_of_evening(number, [state.start[i] for i in block.members])] = number
        return owner

    def _take(self, start: list[int], owner: np.ndarray, number: int, evening: Evening) -> None:
        """Change a block's evening if its rows are still free."""
        block = self.coupling.blocks[number]
        before = tuple(start[index] for index in block.members)
        rows = self.coupling.rows_of_evening(number, evening.cells)
        if not block.whole or before == evening.cells or not _free(owner, rows, number):
            return
        now = self.score.household(block.members, start)
        for index, cell in zip(block.members, evening.cells, strict=True):
            start[index] = cell
        if self.score.household(block.members, start) >= now:
            for index, cell in zip(block.members, before, strict=True):
                start[index] = cell
            return
        owner[self.coupling.rows_of_evening(number, before)] = -1
        owner[rows] = number

    def state(self, chosen: dict[int, tuple[int, ...]]) -> State:
        """The schedule of these evenings; what a split household can't keep goes elsewhere or is left out."""
        state, later = State(self.grid), []
        for number, cells in sorted(chosen.items()):
            block = self.coupling.blocks[number]
            for index, cell in zip(block.members, cells, strict=True):
                if cell >= 0 and (block.whole or self.grid.conversations[index].pinned is not None):
                    state.place(index, cell)
                elif cell >= 0:
                    later.append((index, cell))
        for index, cell in later:
            if state.fits(index, cell):
                state.place(index, cell)
        fill(self.grid, self.score, state)
        return state

    def follow(self, wishes: dict[tuple[int, int], float], prices: np.ndarray | None = None) -> State:
        """A schedule that takes as many as it can of the (conversation, cell) wished for, by weight."""
        self.pricing.favour({key: FAVOUR * value for key, value in wishes.items()})
        try:
            return self.assemble(self.nothing * 0.0 if prices is None else prices)
        finally:
            self.pricing.favour({})

    def dive(self, share: float) -> State | None:
        """A schedule of all blocks by diving; None if the share of limits was used up first."""
        return self._dive(self.everyone, self.nothing, {}, share, self.master)

    def replan(self, state: State, free: Iterable[int], share: float) -> State | None:
        """Plan some blocks (numbers) again by diving, all others held; None if that is proven useless."""
        cells = self.evenings(state)
        active, taken, chosen = ~self.everyone, self.nothing.copy(), {}
        active[list(free)] = True
        known = []
        for number, evening in enumerate(cells):
            column = self.pool.number(number, evening)
            if active[number]:
                known.append(column)
            else:
                chosen[number] = evening
                taken[self.pool.rows[column]] = True
        master = Master(self.pool, active, taken, known)
        now = sum(self.pool.cost[column] for column in known)
        if not self._promising(master, active, taken, now, share):
            return None
        return self._dive(active, taken, chosen, share, master)

    def _promising(
        self, master: Master, active: np.ndarray, taken: np.ndarray, now: float, share: float
    ) -> bool:
        """May these blocks cost less than `now` points together? Column generation for them alone."""
        target = now - 0.5 * self.least_gain
        self.pricing.only(active)
        try:
            while not self.session.over(share):
                solution = master.solve(self.session)
                if solution is None:
                    return False
                open_prices = solution.prices[~taken].sum()
                self.pricing.price(np.where(taken, BLOCKED, solution.prices))
                self._count()
                bound = self.pricing.values[active].sum() - open_prices
                if bound > target:
                    return False
                if not self.pool.add_all(self.pricing.evenings(solution.worth)):
                    return solution.objective < target
                if solution.objective - bound < ENOUGH * (now - bound):
                    return solution.objective < target
            return False
        finally:
            self.pricing.only(None)

    def _dive(
        self,
        active: np.ndarray,
        taken: np.ndarray,
        chosen: dict[int, tuple[int, ...]],
        share: float,
        master: Master | None,
    ) -> State | None:
        active, taken, chosen = active.copy(), taken.copy(), dict(chosen)
        total = int(active.sum())
        while active.any():
            if master is None or active.sum() < REBUILD * master.active.sum():
                master = Master(self.pool, active, taken)
            solution = self._solve(master, active, taken, share)
            if solution is None:
                self.pricing.only(None)
                return None
            for number in self._decided(solution, active, taken, total):
                block = self.pool.block[number]
                chosen[block] = self.pool.cells[number]
                active[block] = False
                taken[self.pool.rows[number]] = True
                master.choose(number)
        self.master = None  # what was fixed stays fixed in it
        self.pricing.only(None)
        return self.state(chosen)

    def _solve(self, master: Master, active: np.ndarray, taken: np.ndarray, share: float) -> Relaxed | None:
        """Solve the master of a dive, with a few rounds of pricing for the blocks still open."""
        self.pricing.only(active)
        solution = None
        for _ in range(ROUNDS):
            if self.session.over(share):
                return None
            solution = master.solve(self.session)
            if solution is None:
                return None
            self.pricing.price(np.where(taken, BLOCKED, solution.prices))
            self._count()
            if not self.pool.add_all(self.pricing.evenings(solution.worth)):
                break
        return solution

    def _decided(self, solution: Relaxed, active: np.ndarray, taken: np.ndarray, total: int) -> list[int]:
        """Columns to fix: those that are whole, and those that are most nearly so."""
        quota = max(1, int(SHARE * total))
        taken, open_ = taken.copy(), active.copy()
        result: list[int] = []
        for number, value in sorted(solution.values.items(), key=lambda each: (-each[1], each[0])):
            if value < DECIDED and len(result) >= quota:
                break
            if open_[self.pool.block[number]] and not taken[self.pool.rows[number]].any():
                open_[self.pool.block[number]] = False
                taken[self.pool.rows[number]] = True
                result.append(number)
        return result


def _free(owner: np.ndarray, rows: list[int], block: int) -> bool:
    """Does nobody else have one of these rows?"""
    return bool(np.isin(owner[rows], (-1, block)).all())
