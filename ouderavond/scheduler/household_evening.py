"""The best evening of one household among starts that are free now.

A dynamic program over (set of conversations placed, conversation placed last, its start), date by date: the
recurrence of `pricing` for one household, in whole numbers, without prices, and around conversations that
have their time already. After Held and Karp, *A Dynamic Programming Approach to Sequencing Problems* (1962).
Needs numpy and nothing of OR-Tools.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from .reading import DAY

LARGEST = 10  # conversations planned at once: work and memory double with each
NEVER = 1 << 61
POSSIBLE = 1 << 60  # costs stay far below this


@dataclass(frozen=True)
class Conversation:
    """A conversation of so many minutes that may begin at any of `starts` (minutes, days times `DAY`).

    `rooms` is its room by day (start // DAY), where known. One that has its time already has one start.
    """

    minutes: int
    starts: tuple[int, ...]
    rooms: Mapping[int, str] = field(default_factory=dict)
    online: bool = False
    instructors: frozenset[str] = frozenset()

    def within(self, earliest: int | None, latest: int | None) -> Conversation:
        """The same, beginning and ending within these minutes of the day."""
        first, last = earliest or 0, DAY if latest is None else latest
        return self.at(start for start in self.starts if first <= start % DAY <= last - self.minutes)

    def at(self, starts: Iterable[int]) -> Conversation:
        """The same, beginning at one of these minutes."""
        return replace(self, starts=tuple(sorted(set(starts))))


@dataclass(frozen=True)
class Distances:
    """Minutes that must lie between two conversations of a household that follow each other."""

    pause: int = 0
    walking: int = 0
    travel: int = 0
    between: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def needed(self, one: Conversation, other: Conversation, day: int) -> int:
        """Between two conversations of a day: rule 4 of the problem file, and never less than the pause."""
        return max(self.pause, self._walk(one, other, day))

    def _walk(self, one: Conversation, other: Conversation, day: int) -> int:
        if one.online != other.online:
            return self.travel
        here, there = one.rooms.get(day), other.rooms.get(day)
        if one.online or (here == there and here is not None):
            return 0
        if here is None or there is None:
            return 0 if one.instructors & other.instructors else self.walking
        return self.between.get((here, there), self.walking)


@dataclass(frozen=True)
class Evening:
    """A start per conversation (None: left out), and how good that is, fixed conversations included.

    `waiting` is what lies between conversations beyond the minutes needed, `stay` from the first start to the
    last end, summed over the dates. `proven`: no evening is better.
    """

    starts: tuple[int | None, ...]
    dates: int
    waiting: int
    stay: int
    proven: bool

    @property
    def left_out(self) -> int:
        """How many conversations have no start."""
        return sum(start is None for start in self.starts)


def best_evening(
    wanted: Sequence[Conversation],
    fixed: Sequence[Conversation] = (),
    distances: Distances | None = None,
) -> Evening:
    """Place as many conversations as possible; then on the fewest dates, with the least waiting, the shortest
    stay, and the earliest starts (the least sum of their ranks among all starts).

    Up to `LARGEST` conversations the result is proven best. Of more, the first `LARGEST` are placed so, then
    the next around them, and so on: good, not proven, and still quick.

    Args:
        wanted: the conversations to place, the more important first.
        fixed: the household's other conversations, which stay where they are, one start each.
    """
    distances = distances or Distances()
    starts: list[int | None] = []
    around = list(fixed)
    for first in range(0, len(wanted), LARGEST):
        portion = wanted[first : first + LARGEST]
        found = _Search(portion, around, distances).starts()
        starts += found
        around += [one.at([at]) for one, at in zip(portion, found, strict=True) if at is not None]
    return _judged(starts, around, distances, proven=len(wanted) <= LARGEST)


def _judged(
    starts: list[int | None], placed: list[Conversation], distances: Distances, proven: bool
) -> Evening:
    days = _by_day(placed)
    waiting = stay = 0
    for day, talks in days.items():
        stay += max(_end(one) for one in talks) - talks[0].starts[0]
        for one, other in pairwise(talks):
            gap = other.starts[0] - _end(one)
            waiting += max(0, gap - distances.needed(one, other, day))
    return Evening(tuple(starts), len(days), waiting, stay, proven)


def _end(conversation: Conversation) -> int:
    return conversation.starts[0] + conversation.minutes


def _by_day(fixed: Sequence[Conversation]) -> dict[int, list[Conversation]]:
    """Conversations that have their time, in order, by day."""
    days: dict[int, list[Conversation]] = defaultdict(list)
    for one in sorted(fixed, key=lambda one: (one.starts[0], one.minutes)):
        days[one.starts[0] // DAY].append(one)
    return days


class _Costs:
    """One whole number for all criteria: each outweighs all later ones together."""

    def __init__(self, wanted: Sequence[Conversation], fixed: Sequence[Conversation], ranks: int):
        minutes = DAY * (len(wanted) + len(fixed)) + 1
        self.minute_of_stay = len(wanted) * ranks + 1
        self.minute_of_waiting = self.minute_of_stay * minutes
        self.date = self.minute_of_waiting * minutes
        self.left_out = self.date * (len(wanted) + 1)


class _Search:
    """The dynamic program over all dates."""

    def __init__(self, wanted: Sequence[Conversation], fixed: Sequence[Conversation], distances: Distances):
        self.wanted, self.size = wanted, len(wanted)
        self.fixed = _by_day(fixed)
        every = sorted({start for one in wanted for start in one.starts})
        self.rank = {start: number for number, start in enumerate(every)}
        self.days = sorted({start // DAY for start in every})
        self.costs = _Costs(wanted, fixed, len(every))
        self.distances = distances

    def starts(self) -> list[int | None]:
        """The best start of each conversation, or None."""
        sets = np.arange(1 << self.size)
        done = np.full(1 << self.size, NEVER)
        done[0] = 0
        before, dates = [], []
        for day in self.days:
            date = _Date(self, day)
            before.append(done)
            dates.append(date)
            done = date.run(done)
        left_out = self.size - sum(sets >> j & 1 for j in range(self.size))
        # A date with a fixed conversation costs the same whatever is placed there.
        chosen = int((done + left_out * self.costs.left_out).argmin())
        found: list[int | None] = [None] * self.size
        for date, done in zip(reversed(dates), reversed(before), strict=True):
            chosen = date.trace(done, chosen, found)
        return found


class _Date:
    """The dynamic program of one date. Nodes are the wanted conversations, then the fixed ones of the date.

    `last[time, node]` is the cost, per set of conversations placed, of an evening so far that ends with this
    node at this time; `reach[time, node]` of one that could go on with it then.
    """

    def __init__(self, search: _Search, day: int):
        self.size, self.costs, self.rank = search.size, search.costs, search.rank
        self.fixed = search.fixed.get(day, [])
        self.nodes = [*search.wanted, *self.fixed]
        here = [[start for start in one.starts if start // DAY == day] for one in self.nodes]
        self.times = sorted({start for starts in here for start in starts})
        position = {time: number for number, time in enumerate(self.times)}
        self.nodes_at: list[list[int]] = [[] for _ in self.times]
        # Fixed ones first: whatever else begins at their time would overlap them.
        for node in [*range(self.size, len(self.nodes)), *range(self.size)]:
            for start in here[node]:
                self.nodes_at[position[start]].append(node)
        self.last: dict[tuple[int, int], np.ndarray] = {}
        needed = [[search.distances.needed(one, other, day) for other in self.nodes] for one in self.nodes]
        self._measure(np.array(needed).reshape(len(self.nodes), len(self.nodes)))

    def _measure(self, needed: np.ndarray) -> None:
        """Per time, node and next node: when that may follow at the earliest, and what lies between costs."""
        times = np.array(self.times)
        minutes = np.array([one.minutes for one in self.nodes])
        ends = times[:, None, None] + minutes[:, None]
        self.after = np.searchsorted(times, ends + needed)
        # Among fixed ones: they follow each other however little lies between them.
        for node in range(self.size, len(self.nodes) - 1):
            self.after[:, node, node + 1] = self.times.index(self.nodes[node + 1].starts[0])
        gaps = np.maximum(0, np.append(times, 0)[self.after] - ends)
        self.delay = gaps * self.costs.minute_of_stay
        self.delay += np.maximum(0, gaps - needed) * self.costs.minute_of_waiting
        self.needed = needed

    def run(self, done: np.ndarray) -> np.ndarray:
        """The cost per set after this date, from that before it."""
        every, fresh = np.arange(len(self.nodes)), done + self.costs.date
        reach = np.full((len(self.times) + 1, len(self.nodes), len(done)), NEVER)
        idle = self.costs.minute_of_stay + self.costs.minute_of_waiting
        for now, time in enumerate(self.times):
            if now:
                waited = reach[now - 1] + idle * (time - self.times[now - 1])
                np.minimum(reach[now], waited, out=reach[now])
            for node in self.nodes_at[now]:
                before = np.minimum(reach[now, node], fresh)
                if node >= self.size:
                    # Nobody comes past a fixed conversation without having it.
                    reach[now:], fresh = NEVER, NEVER
                cost, view = self._placed(now, node, before), self._with(node, reach)
                if cost.min() < POSSIBLE:
                    self.last[now, node] = cost
                    after = self.after[now, node]
                    arriving = self._with(node, cost) + self.delay[now, node][:, None, None]
                    view[after, every] = np.minimum(view[after, every], arriving)
        closing = [cost for key, cost in self.last.items() if self._may_close(*key)]
        return np.minimum.reduce(closing if self.fixed else [done, *closing])

    def _placed(self, now: int, node: int, before: np.ndarray) -> np.ndarray:
        if node >= self.size:
            return before + self._own(now, node)
        cost = np.full(len(before), NEVER)
        without = before.reshape(-1, 2, 1 << node)[:, 0]
        self._with(node, cost)[:] = without + self._own(now, node)
        return cost

    def _with(self, node: int, costs: np.ndarray) -> np.ndarray:
        """A view of the part of an array that is about sets with this node (all sets for a fixed one)."""
        if node >= self.size:
            return costs[..., None]
        return costs.reshape(*costs.shape[:-1], -1, 2, 1 << node)[..., 1, :]

    def _own(self, now: int, node: int) -> int:
        """What a conversation costs by itself: it lengthens the stay, and the earlier the better."""
        earliness = self.rank[self.times[now]] if node < self.size else 0
        return self.nodes[node].minutes * self.costs.minute_of_stay + earliness

    def _may_close(self, now: int, node: int) -> bool:
        """May the date end with this? Not before its last fixed conversation."""
        return not self.fixed or node == len(self.nodes) - 1 or self.fixed[-1].starts[0] < self.times[now]

    # -- reading the evening off

    def trace(self, done: np.ndarray, chosen: int, found: list[int | None]) -> int:
        """Fill in the starts of this date, last one first; returns the set placed before it."""
        closing = [(int(cost[chosen]), key) for key, cost in self.last.items() if self._may_close(*key)]
        if not self.fixed:
            closing.append((int(done[chosen]), (-1, -1)))
        cost, (now, node) = min(closing)
        while node >= 0:
            if node < self.size:
                found[node] = self.times[now]
                chosen &= ~(1 << node)
            cost, now, node = self._before(now, node, chosen, cost - self._own(now, node), done)
        return chosen

    def _before(self, now: int, node: int, chosen: int, cost: int, done: np.ndarray) -> tuple[int, int, int]:
        """What came before a node: cost until then, time and node; -1 where the date began with it."""
        for (when, other), costs in self.last.items():
            so_far = int(costs[chosen])
            if so_far < POSSIBLE and self._leads_to(when, other, now, node):
                if so_far + self._between(when, other, now, node) == cost:
                    return so_far, when, other
        return cost, -1, -1

    def _leads_to(self, when: int, other: int, now: int, node: int) -> bool:
        """May a node at a time directly follow another at its time?"""
        first = self.after[when, other, node]
        skipped = any(one >= self.size for time in range(when + 1, now) for one in self.nodes_at[time])
        return bool(first <= now) and not skipped

    def _between(self, when: int, other: int, now: int, node: int) -> int:
        """What lies between two that follow each other costs."""
        idle = self.costs.minute_of_stay + self.costs.minute_of_waiting
        first = int(self.after[when, other, node])
        return int(self.delay[when, other, node]) + idle * (self.times[now] - self.times[first])
