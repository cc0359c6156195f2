"""Where conversations go when their time is taken from them: the best free times of the same people."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe

from ouderavond.evening.planning import booked, conversation
from ouderavond.evening.planning.obstacles import Obstacles
from ouderavond.evening.planning.standing import Standing

# Minutes that another date counts, and what is only worth knowing (a short walk, a break too late).
OTHER_DATE, WORTH_KNOWING = 600, 30


def places(evening, bookings: list[str], wants: list, replacing: Iterable[str] = ()) -> dict[str, str]:
    """{booking: start} of those for which there is another time at which nothing is in the way.

    Who has the fewest times to choose from chooses first; on the same date and as near as possible.

    Args:
        evening: Parent Evening document.
        wants: the times (`blocking.Wanted`) that are to be blocked.
        replacing: blocks that count as gone.
    """
    if not bookings:
        return {}
    return _Search(evening, bookings, wants, replacing).run()


class _Search:
    def __init__(self, evening, bookings: list[str], wants: list, replacing: Iterable[str]):
        from ouderavond.evening.planning.blocking import Concerns

        everything = booked.everything(evening.name)
        going = [everything[name] for name in bookings if name in everything]
        # Without what it was offered as, nothing says who may have a conversation when: it stays out.
        self.conversations = list(conversation.of_rows(going))
        own = {record for one in self.conversations for record in one.people}
        # Everybody, since a guardian elsewhere may be an instructor here.
        people = {record for row in everything.values() for record in conversation.people_of(row)}
        self.standing = Standing(evening, people | own, everything, closely=own)
        for name in replacing:
            self._forget(name)
        self.facts = conversation.Facts(evening, self.conversations, everything)
        self.concerns = Concerns(evening.name, wants)
        self.starts = [start for day in self.standing.days for start in day.starts]

    def _forget(self, block: str) -> None:
        for key, taken in self.standing.taken.items():
            self.standing.taken[key] = [row for row in taken if row.reference != block]
        self.standing.blocks.pop(block, None)

    def run(self) -> dict[str, str]:
        open_starts = {one.booking: self._open_starts(one) for one in self.conversations}
        found: list[tuple] = []
        for one in sorted(self.conversations, key=lambda one: (len(open_starts[one.booking]), one.start)):
            if start := self._best(one, open_starts[one.booking], found):
                found.append((one, start))
        return {one.booking: start.strftime("%Y-%m-%dT%H:%M") for one, start in found}

    def _open_starts(self, one) -> list[datetime]:
        """The starts at which none of its instructors is taken, the nearest first."""
        taken = [
            (row.start, row.end)
            for name in one.instructors
            for row in self.standing.taken.get(self.standing.key("Instructor", name), ())
            if row.reference != one.booking
        ]
        found = [
            start
            for start in self.starts
            if start != one.start
            and not any(begin < start + one.length and start < end for begin, end in taken)
            and not self._is_blocked(one, start)
        ]
        return sorted(found, key=lambda start: (self._cost(one, start), start))

    def _is_blocked(self, one, start: datetime) -> bool:
        room = self.standing.place(one.instructors, start.date(), one.mode)
        row = frappe._dict(instructors=one.instructors, student=one.student, mode=one.mode)
        return bool(self.concerns.of(row, start, start + one.length, room))

    def _cost(self, one, start: datetime) -> float:
        away = abs(start - datetime.combine(start.date(), one.start.time())) / timedelta(minutes=1)
        return away + OTHER_DATE * (start.date() != one.start.date())

    def _best(self, one, starts: list[datetime], found: list[tuple]) -> datetime | None:
        """The start at which nothing is in the way, also beside those that have found a place."""
        obstacles = Obstacles(self.standing, self.facts, one, beside=found)
        best = None
        for start in starts:
            cost = self._cost(one, start)
            if best and best[0] <= cost:
                break
            there = obstacles.at(one.instructors, start)
            if all(row.soft for row in there):
                total = cost + WORTH_KNOWING * len(there)
                best = min(best or (total, start), (total, start))
        return best and best[1]
