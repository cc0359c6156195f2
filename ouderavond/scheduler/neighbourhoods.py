"""Better evenings for families: some households at a time are planned again, everyone else held.

The prices of column generation tell where a schedule loses: a household whose evening costs more than its
cheapest at these prices. A neighbourhood is such a household and those with whom it competes. After Shaw,
*Using constraint programming and local search methods to solve vehicle routing problems* (1998).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from .generation import ColumnGeneration
from .state import State

SMALLEST = 100  # blocks planned again at once
LARGEST = 700
GROWTH = 1.25  # after a failure
PATIENCE = 40  # failures of the largest size
SPREAD = 6  # at most this part of a neighbourhood is brought in by one of its blocks


class Neighbourhoods:
    """Chooses blocks to plan again in a schedule; `share` of the run's limits may be used."""

    def __init__(self, generation: ColumnGeneration, state: State, share: float):
        self.generation, self.state, self.share = generation, state, share
        self.size = float(SMALLEST)
        self._tried = np.zeros(len(generation.coupling.blocks))
        self._sharing: dict[str, list[int]] = defaultdict(list)
        for number in range(len(generation.coupling.blocks)):
            for name in self._instructors(number):
                self._sharing[name].append(number)

    def _instructors(self, number: int) -> list[str]:
        generation = self.generation
        items = (generation.grid.conversations[index] for index in generation.coupling.blocks[number].members)
        return sorted({name for item in items for name in item.instructors})

    def run(self, finished: Callable[[], bool], keep: Callable[[State], bool]) -> None:
        """Plan neighbourhoods again until nothing more is to be gained or the limits are used up.

        `keep` is given what was found and says whether it was better; then `state` has become it.
        """
        everyone, patience = len(self._tried), PATIENCE
        while not self.generation.session.over(self.share) and not finished():
            scope = self._scope()
            found = self.generation.replan(self.state, scope, self.share)
            self._tried[scope] += 1
            if found is None or not keep(found):
                patience -= len(scope) >= LARGEST
                if len(scope) == everyone or not patience:
                    return
                self.size = min(self.size * GROWTH, LARGEST)

    def _losses(self) -> np.ndarray:
        """Per block, how many points its evening costs above the best at the prices."""
        generation = self.generation
        prices, pool = generation.prices, generation.pool
        losses = -generation.values
        for number, cells in enumerate(generation.evenings(self.state)):
            column = pool.number(number, cells)
            losses[number] += pool.cost[column] + prices[pool.rows[column]].sum()
        return losses + self._idle(prices)

    def _idle(self, prices: np.ndarray) -> np.ndarray:
        """Per block its part of the prices of rows that nobody has but it could use."""
        generation, parts = self.generation, np.zeros(len(self._tried))
        owner = generation.owners(self.state)
        for row in np.flatnonzero((owner < 0) & (prices > 1e-6)):
            users = generation.coupling.users.get(int(row), ())
            parts[list(users)] += prices[row] / max(1, len(users))
        return parts

    def _scope(self) -> list[int]:
        """A block that loses, and blocks that share its instructors, those that lose more first."""
        chance = self.generation.random
        noise = np.array([chance.random() for _ in self._tried])
        worth = (self._losses() + noise) / (1 + self._tried)
        scope: dict[int, None] = {}
        front: list[int] = []
        while len(scope) < min(self.size, len(worth)):
            if not front:
                worst = next(each for each in np.argsort(-worth, kind="stable").tolist() if each not in scope)
                front, scope[worst] = [worst], None
            near = {each for name in self._instructors(front.pop(0)) for each in self._sharing[name]}
            ordered = sorted(near.difference(scope), key=lambda each: (-worth[each], each))
            room = min(max(4, int(self.size / SPREAD)), int(self.size) - len(scope))
            scope.update(dict.fromkeys(ordered[: max(0, room)]))
            front += ordered[: max(0, room)]
        return list(scope)
