"""The geometry that solver, reasons and report share: cells, places, resources and distances.

A *cell* is one start of one date; cells are numbered through all dates in the order of the problem.
Conversations, households and instructors are numbers too. A conversation of k slots placed at cell s
covers the cells s … s+k-1. Two conversations may not cover one cell if they share a *resource*: an
instructor, household, attending student, unshared room, or the pair of an instructor and the
instructor's own household.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .problem import Conversation, Interval, Problem


class Grid:
    """Tables over cells and conversations, made once per problem.

    `static[c]` are the cells at which conversation c keeps rules 1 and 3; `options[c]` are those at
    which the solver may place it: the pin alone if it has one, and else none that a pin has taken.
    """

    def __init__(self, problem: Problem):
        self.problem = problem
        self.spacing = problem.slot_minutes + problem.pause_minutes
        self.starts = [start for day in problem.dates for start in day.starts]
        self.date_of = [index for index, day in enumerate(problem.dates) for _ in day.starts]
        self.first_cell = [0]
        for day in problem.dates:
            self.first_cell.append(self.first_cell[-1] + len(day.starts))
        self.cell_at = {start: cell for cell, start in enumerate(self.starts)}
        self.conversations = problem.conversations
        self.slots = [item.slots for item in self.conversations]
        self.duration = [problem.duration(item.slots) for item in self.conversations]
        self._number(problem)
        self._free = [self._availability(item) for item in self.conversations]
        self.fitting = {k: self._fitting(k) for k in set(self.slots)}
        self.static = [self._static(index) for index in range(len(self.conversations))]
        self.rooms = [self._rooms(item) for item in self.conversations]
        self.resources = self._resources()
        self.options = self._options()
        self.apart = self._apart()
        self._required: dict[tuple[int, int, int], int] = {}

    def _number(self, problem: Problem) -> None:
        self.household_index = {item.id: index for index, item in enumerate(problem.households)}
        self.instructor_index = {item.id: index for index, item in enumerate(problem.instructors)}
        self.household = [self.household_index[item.household] for item in self.conversations]
        self.of_household: list[list[int]] = [[] for _ in problem.households]
        self.of_instructor: list[list[int]] = [[] for _ in problem.instructors]
        for index, item in enumerate(self.conversations):
            self.of_household[self.household[index]].append(index)
            for name in item.instructors:
                self.of_instructor[self.instructor_index[name]].append(index)

    @property
    def dates(self) -> range:
        """The numbers of the dates."""
        return range(len(self.problem.dates))

    def cells(self, date: int) -> range:
        """The cells of a date."""
        return range(self.first_cell[date], self.first_cell[date + 1])

    def covered(self, conversation: int, cell: int) -> range:
        """The cells a conversation covers when it is placed at a cell."""
        return range(cell, cell + self.slots[conversation])

    def end(self, conversation: int, cell: int) -> int:
        """The minute at which a conversation placed at a cell ends."""
        return self.starts[cell] + self.duration[conversation]

    def _fitting(self, slots: int) -> list[int]:
        """The cells from which there are so many consecutive slots on one date."""
        return [
            cell
            for cell, start in enumerate(self.starts)
            if all(
                self.cell_at.get(start + number * self.spacing) == cell + number
                and self.date_of[cell + number] == self.date_of[cell]
                for number in range(slots)
            )
        ]

    def calendars(self, conversation: Conversation) -> Iterator[tuple[str, Iterable[Interval]]]:
        """The unavailable times that count for a conversation, with whose they are."""
        problem = self.problem
        yield "conversation", conversation.unavailable
        yield "household", problem.household[conversation.household].unavailable
        if conversation.student_attends:
            yield "student", problem.student[conversation.student].unavailable
        for name in conversation.instructors:
            yield "instructor", problem.instructor[name].unavailable

    def _availability(self, conversation: Conversation) -> list[Interval]:
        return [pair for _, intervals in self.calendars(conversation) for pair in intervals]

    def _static(self, index: int) -> tuple[int, ...]:
        busy = self._free[index]
        return tuple(
            cell
            for cell in self.fitting[self.slots[index]]
            if not hits(busy, self.starts[cell], self.end(index, cell))
        )

    def _rooms(self, conversation: Conversation) -> list[str | None]:
        rooms = self.problem.instructor[conversation.instructors[0]].rooms
        return [rooms.get(day.date) for day in self.problem.dates]

    def _resources(self) -> list[list[tuple[tuple[str, str], ...]]]:
        """Per conversation and date the resources it occupies."""
        problem = self.problem
        owners: dict[str, list[str]] = {}
        for instructor in problem.instructors:
            if instructor.household is not None:
                owners.setdefault(instructor.household, []).append(instructor.id)
        result = []
        for index, item in enumerate(self.conversations):
            fixed = {("household", item.household)}
            fixed.update(("instructor", name) for name in item.instructors)
            fixed.update(
                ("own", name) for name in item.instructors if problem.instructor[name].household is not None
            )
            fixed.update(("own", name) for name in owners.get(item.household, ()))
            if item.student_attends:
                fixed.add(("student", item.student))
            by_date = []
            for room in self.rooms[index]:
                extra = set() if room is None or problem.room[room].shared else {("room", room)}
                by_date.append(tuple(sorted(fixed | extra)))
            result.append(by_date)
        return result

    def _options(self) -> list[tuple[int, ...]]:
        taken: dict[tuple[str, str], set[int]] = {}
        for index, item in enumerate(self.conversations):
            if item.pinned is not None:
                cell = self.cell_at[item.pinned]
                for key in self.resources[index][self.date_of[cell]]:
                    taken.setdefault(key, set()).update(self.covered(index, cell))
        return [
            self._untaken(taken, index) if item.pinned is None else (self.cell_at[item.pinned],)
            for index, item in enumerate(self.conversations)
        ]

    def _untaken(self, taken: dict[tuple[str, str], set[int]], index: int) -> tuple[int, ...]:
        """The cells at which no pin has what a conversation needs."""
        keys = {key for by_date in self.resources[index] for key in by_date if key in taken}
        if not keys:
            return self.static[index]
        return tuple(
            cell
            for cell in self.static[index]
            if not any(
                each in taken.get(key, ())
                for key in self.resources[index][self.date_of[cell]]
                for each in self.covered(index, cell)
            )
        )

    def _apart(self) -> list[dict[int, int]]:
        """Per household the households it must not meet, with the minutes; symmetric."""
        apart: list[dict[int, int]] = [{} for _ in self.problem.households]
        for index, household in enumerate(self.problem.households):
            for item in household.apart:
                other = self.household_index[item.household]
                minutes = max(item.minutes, apart[index].get(other, 0))
                apart[index][other] = apart[other][index] = minutes
        return apart

    def required(self, one: int, other: int, date: int) -> int:
        """Minutes that rule 4 asks between two conversations of a household that follow each other."""
        key = (one, other, date) if one < other else (other, one, date)
        found = self._required.get(key)
        if found is None:
            found = self._required[key] = self._distance(one, other, date)
        return found

    def _distance(self, one: int, other: int, date: int) -> int:
        problem, first, second = self.problem, self.conversations[one], self.conversations[other]
        if first.mode != second.mode:
            return problem.travel_minutes
        if first.mode == "online":
            return 0
        here, there = self.rooms[one][date], self.rooms[other][date]
        if here is None or there is None:
            return 0 if set(first.instructors) & set(second.instructors) else problem.walking_minutes
        if here == there:
            return 0
        return problem.walking.get((here, there), problem.walking_minutes)

    def gap_needed(self, one: int, other: int, date: int) -> int:
        """Minutes between two consecutive conversations of a household that do not count as waiting."""
        minutes = max(self.problem.pause_minutes, self.required(one, other, date))
        if self.both_pinned(one, other):  # two pins may break rule 4; that is no negative waiting
            early, late = sorted((one, other), key=lambda index: self.conversations[index].pinned)
            begin = self.conversations[early].pinned + self.duration[early]
            minutes = min(minutes, self.conversations[late].pinned - begin)
        return minutes

    def both_pinned(self, one: int, other: int) -> bool:
        """Are both conversations pinned, so that rules 4 and 5 give way between them?"""
        return self.conversations[one].pinned is not None and self.conversations[other].pinned is not None

    def evening_keeps_walking(self, evening: Sequence[tuple[int, int]]) -> bool:
        """Does rule 4 hold for a household's conversations (cell, conversation) of one date, in order?"""
        for (cell, one), (following, other) in zip(evening, evening[1:], strict=False):
            gap = self.starts[following] - self.end(one, cell)
            if gap < self.required(one, other, self.date_of[cell]) and not self.both_pinned(one, other):
                return False
        return True

    def pins_break_apart(self, one: int, other: int, date: int) -> bool:
        """Do the pins of two households alone break rule 5 on a date?"""
        ours, theirs = self._pinned_stay(one, date), self._pinned_stay(other, date)
        return not separated(ours, theirs, self.apart[one].get(other, 0))

    def _pinned_stay(self, household: int, date: int) -> Interval | None:
        pinned = [
            (self.options[index][0], index)
            for index in self.of_household[household]
            if self.conversations[index].pinned is not None
        ]
        return self.stay([pair for pair in pinned if self.date_of[pair[0]] == date])

    def stay(self, evening: Iterable[tuple[int, int]]) -> Interval | None:
        """From the first start to the last end of some (cell, conversation) of one date."""
        evening = list(evening)
        if not evening:
            return None
        return (
            min(self.starts[cell] for cell, _ in evening),
            max(self.end(index, cell) for cell, index in evening),
        )

    def middle(self, date: int) -> int:
        """The minute at which the late half of a date begins."""
        starts = self.problem.dates[date].starts
        return starts[len(starts) // 2]

    def misses_preference(self, conversation: int, cell: int) -> bool:
        """Is a conversation at this cell in the other half of the evening than was asked?"""
        wish = self.conversations[conversation].preference
        if wish == "none":
            return False
        late = self.starts[cell] >= self.middle(self.date_of[cell])
        return late if wish == "early" else not late


def hits(intervals: Iterable[Interval], begin: int, end: int) -> bool:
    """Does [begin, end) overlap one of the intervals?"""
    return any(begin < stop and start < end for start, stop in intervals)


def separated(one: Interval | None, other: Interval | None, minutes: int) -> bool:
    """Do two stays lie at least so many minutes apart?"""
    if one is None or other is None:
        return True
    return other[0] - one[1] >= minutes or one[0] - other[1] >= minutes
