"""Choosing among the evenings found so far, with CP-SAT: its own neighbourhood search uses every processor.

Only columns count whose reduced cost is below the gap: no other can be part of a better schedule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from .generation import ColumnGeneration
from .session import Job
from .state import State


class Selection:
    """A CP-SAT model that takes one column of each block and uses no row twice."""

    def __init__(self, generation: ColumnGeneration, state: State, bound: float):
        from ortools.sat.python import cp_model

        self.generation = generation
        self.cp = cp_model.CpModel()
        self.chosen: dict[int, Any] = {}
        pool, unit = generation.pool, generation.least_gain
        numbers, kept = generation.promising_columns(state)
        of_block: dict[int, list[Any]] = defaultdict(list)
        of_row: dict[int, list[Any]] = defaultdict(list)
        for number in numbers:
            literal = self.chosen[number] = self.cp.new_bool_var("")
            of_block[pool.block[number]].append(literal)
            for row in pool.rows[number]:
                of_row[row].append(literal)
            self.cp.add_hint(literal, number in kept)
        for literals in of_block.values():
            self.cp.add_exactly_one(literals)
        for literals in of_row.values():
            if len(literals) > 1:
                self.cp.add_at_most_one(literals)
        self.cp.minimize(sum(round(pool.cost[n] / unit) * v for n, v in self.chosen.items()))
        # what is proven already need not be proven again
        least = int((bound - generation.pricing.constant) / unit - 0.5 * len(of_block))
        self.cp.proto.objective.domain.extend([least, 2**62])

    def starts(self, value: Callable[[Any], bool]) -> dict[int, int]:
        """The cells of a solution; `value` gives a literal's truth."""
        blocks, pool = self.generation.coupling.blocks, self.generation.pool
        return {
            index: cell
            for number, literal in self.chosen.items()
            if value(literal)
            for index, cell in zip(blocks[pool.block[number]].members, pool.cells[number], strict=True)
        }

    def solve(self, share: float) -> State | None:
        """The best schedule found until this share of the limits is used up, if there is any."""
        session = self.generation.session
        seconds, work = session.left(share)
        [answer] = session.solve([Job(self, seconds, work, session.threads)])
        if answer.starts is None:
            return None
        return self.generation.state(
            {
                number: tuple(answer.starts[index] for index in block.members)
                for number, block in enumerate(self.generation.coupling.blocks)
            }
        )
