"""Where a conversation fits: for every instructor and start of an evening, whether it does, and else why not.

It says of every cell what trying it would say: the rules (`evening.rules`) and the claims, of other evenings,
blocks and holds too. It is no reservation; whoever moves a conversation is checked again, under the locks.
"""

from collections.abc import Iterable
from datetime import datetime

from ouderavond.evening.planning import conversation
from ouderavond.evening.planning.conversation import Facts
from ouderavond.evening.planning.obstacles import Obstacles
from ouderavond.evening.planning.sentences import Obstacle
from ouderavond.evening.planning.standing import Standing

SOFT = "!"


def fits(
    evening,
    *,
    booking: str | None = None,
    request: str | None = None,
    offer: str | None = None,
    guardian: str | None = None,
    slots: int | None = None,
    instead_of: str | None = None,
) -> dict:
    """Where one booking, request or offer of a Parent Evening document fits.

    Args:
        guardian: for whom an offer would be booked; by default the student's first party.
        slots: how long; by default as long as it is or was asked for.
        instead_of: which of its instructors another one would come instead of; by default the first.

    Returns:
        {"reasons": ["", sentence, …], "rows": {instructor: {date: [index per start]}}, "own", "never",
        "free_instead"}. Index 0 fits; a sentence that begins with SOFT is only worth knowing. In rows of
        instructors who are not its own, that one would come instead. `never` are the indexes that no reason
        of staff overrides. `free_instead` is {"starts": the other times with its own instructors,
        "instructors": who is free at its own time}.

    Raises:
        frappe.ValidationError: it is not there any more.
    """
    if booking:
        one = conversation.of_booking(evening, booking, slots)
    elif request:
        one = conversation.of_request(evening, request, slots)
    else:
        one = conversation.of_offer(evening, offer, guardian, slots)
    standing = Standing(evening, one.people)
    return _Grid(Obstacles(standing, Facts(evening, [one]), one), instead_of).as_dict()


class _Grid:
    """The answer: each combination of reasons has a number, and each cell one of these numbers."""

    def __init__(self, obstacles: Obstacles, instead_of: str | None):
        self._obstacles, self._one = obstacles, obstacles.one
        self._instead_of = instead_of if instead_of in self._one.instructors else None
        self._numbers: dict[tuple[Obstacle, ...], int] = {(): 0}

    def as_dict(self) -> dict:
        days = self._obstacles.standing.days
        rows = {
            name: {str(day.date): [self._number(people, start) for start in day.starts] for day in days}
            for name, people in self._everybody()
        }
        return {
            "reasons": [_sentence(found) for found in self._numbers],
            "never": [number for found, number in self._numbers.items() if any(one.double for one in found)],
            "rows": rows,
            "own": list(self._one.instructors),
            "free_instead": self._free_instead(rows),
        }

    def _everybody(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Each instructor of the evening with those who would hold the conversation in that row."""
        own = self._one.instructors
        replaced = self._instead_of or next(iter(own), None)
        for name in {**dict.fromkeys(own), **self._obstacles.standing.instructors}:
            instead = tuple(name if other == replaced else other for other in own) or (name,)
            yield name, own if name in own else instead

    def _number(self, instructors: tuple[str, ...], start: datetime) -> int:
        found = tuple(self._obstacles.at(instructors, start))
        return self._numbers.setdefault(found, len(self._numbers))

    def _free_instead(self, rows: dict) -> dict:
        good = {number for found, number in self._numbers.items() if all(one.soft for one in found)}
        own, start = self._one.instructors, self._one.start
        starts, instructors = [], []
        for day in self._obstacles.standing.days:
            for place, moment in enumerate(day.starts):
                if own and moment != start and rows[own[0]][str(day.date)][place] in good:
                    starts.append(f"{moment:%Y-%m-%dT%H:%M}")
                if moment == start:
                    free = (name for name in rows if rows[name][str(day.date)][place] in good)
                    instructors = [name for name in free if name not in own]
        return {"starts": starts, "instructors": instructors}


def _sentence(found: tuple[Obstacle, ...]) -> str:
    text = " ".join(one.sentence for one in found)
    return SOFT + text if found and all(one.soft for one in found) else text
