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

        self.evening = evening
        everything = booked.everything(evening.name)
        self.conversations = [one for name in bookings if (one := _conversation(evening, name))]
        people = {record for one in self.conversations for record in one.people}
        self.standing = Standing(evening, people, everything)
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
        options = {one.booking: self._options(one) for one in self.conversations}
        found: list[tuple] = []
        for one in sorted(self.conversations, key=lambda one: (len(options[one.booking]), one.start)):
            start = next((at for at in options[one.booking] if self._fits(one, at, found)), None)
            if start:
                found.append((one, start))
        return {one.booking: start.strftime("%Y-%m-%dT%H:%M") for one, start in found}

    def _options(self, one) -> list[datetime]:
        """The starts at which it could be by itself, the best first."""
        obstacles = Obstacles(self.standing, self.facts, one)
        scored = []
        for start in self.starts:
            if start != one.start and not self._is_blocked(one, start):
                there = obstacles.at(one.instructors, start)
                if all(row.soft for row in there):
                    scored.append((self._cost(one, start, there), start))
        return [start for _cost, start in sorted(scored)]

    def _is_blocked(self, one, start: datetime) -> bool:
        room = self.standing.place(one.instructors, start.date(), one.mode)
        row = frappe._dict(instructors=one.instructors, student=one.student, mode=one.mode)
        return bool(self.concerns.of(row, start, start + one.length, room))

    def _cost(self, one, start: datetime, there: list) -> float:
        away = abs(start - datetime.combine(start.date(), one.start.time())) / timedelta(minutes=1)
        return away + OTHER_DATE * (start.date() != one.start.date()) + WORTH_KNOWING * len(there)

    def _fits(self, one, start: datetime, found: list[tuple]) -> bool:
        """Whether it still fits beside those that have found a place."""
        obstacles = Obstacles(self.standing, self.facts, one, beside=found)
        return all(row.soft for row in obstacles.at(one.instructors, start))


def _conversation(evening, name: str):
    try:
        return conversation.of_booking(evening, name)
    except frappe.ValidationError:
        # What it was offered as is gone: nothing says who may have it when.
        frappe.clear_last_message()
        return None
