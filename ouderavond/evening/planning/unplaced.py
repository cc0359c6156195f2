"""The conversations that were asked for and have no time: why, and what could be done.

What could be done is what the scheduler found, as far as it is still possible, or else what is found now: a
time that is free, or one that comes free when one other conversation moves.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import frappe
from frappe import _
from pypika.terms import Criterion

from ouderavond.evening import unplaced, wording
from ouderavond.evening.planning import conversation
from ouderavond.evening.planning.conversation import Conversation, Facts
from ouderavond.evening.planning.obstacles import Obstacles
from ouderavond.evening.planning.standing import Standing
from ouderavond.evening.problem import BOOKING_PREFIX

WAITING = ("Requested", "Not Placed")
BRIEFLY = ("name", "state", "priority", "preference", "remark")
FULLY = (
    *BRIEFLY, "offer", "student", "student_name", "subject", "guardian", "guardian_name", "rank", "longer",
    "mode", "reason", "reason_facts",
)  # fmt: skip
# For so many requests alternatives are looked for, and so many of each.
MOST, EACH = 400, 2
# Options that break a rule, so that staff say why.
NEED_REASON = ("other_date",)


def requests(evening: str, only: str | None = None) -> dict[str, frappe._dict]:
    """{name: row} of the requests that wait for a time, and briefly of others for which there is a wish."""
    request = frappe.qb.DocType("Conversation Request")
    of_evening = request.evening == evening
    if only:
        of_evening = of_evening & (request.name == only)
    found = {}
    for fields, which in (
        (BRIEFLY, _says_something(request) & request.state.notin((*WAITING, "Withdrawn"))),
        (FULLY, request.state.isin(WAITING)),
    ):
        query = frappe.qb.from_(request).select(*(request[field] for field in fields))
        found |= {row.name: row for row in query.where(of_evening & which).run(as_dict=True)}
    return found


def _says_something(request) -> Criterion:
    wishes = (request.priority == "Must See") | (request.preference != "")
    return wishes | (request.remark.isnotnull() & (request.remark != ""))


def in_order(rows: Iterable) -> list:
    """Requests in the order in which staff look at them: what must be, then by rank and student."""
    return sorted(
        rows, key=lambda row: (row.priority != "Must See", row.rank or 99, row.student_name or "", row.name)
    )


def why(row, names: dict[str, str]) -> str:
    """Why a request has no time, in words."""
    if row.state == "Not Placed" and row.reason:
        return unplaced.sentence(row.reason, _kept(row).get("facts") or {}, names)
    return _("It was not scheduled yet, or its time was given up.")


def _kept(row) -> dict:
    facts = row.reason_facts or {}
    return json.loads(facts) if isinstance(facts, str) else facts


@dataclass(frozen=True)
class Option:
    """One way to place a conversation: as `one`, at `start`, with the `moves` of others."""

    kind: str
    one: Conversation
    start: datetime
    moves: tuple[tuple[Conversation, datetime], ...] = ()
    possible: bool = True

    def as_dict(self) -> dict:
        """The option as the board shows it."""
        return {
            "kind": self.kind,
            "sentence": self.sentence(),
            "start": f"{self.start:%Y-%m-%dT%H:%M}",
            "instructor": next(iter(self.one.instructors), None),
            "moves": [
                {
                    "booking": other.booking,
                    "name": other.student_name,
                    "from": f"{other.start:%Y-%m-%dT%H:%M}",
                    "start": f"{start:%Y-%m-%dT%H:%M}",
                    "told": other.told,
                }
                for other, start in self.moves
            ],
            "possible": self.possible,
            "needs_reason": self.kind in NEED_REASON,
        }

    def sentence(self) -> str:
        """The option in words for staff."""
        when = wording.moment(self.start)
        if self.kind == "other_instructor":
            return _("With one of the instructors only, {0}.").format(when)
        if self.kind == "other_date":
            return _("On a date on which the family said they cannot: {0}.").format(when)
        if self.kind == "online":
            return _("Online, {0}.").format(when)
        if not self.moves:
            return _("Place it on {0}.").format(when)
        moves = ", ".join(self._move(other, start) for other, start in self.moves)
        return _("Place it on {0}, and move {1}.").format(when, moves)

    def _move(self, other: Conversation, start: datetime) -> str:
        if other.start.date() == start.date():
            times = (wording.time(other.start), wording.time(start))
        else:
            times = (wording.moment(other.start), wording.moment(start))
        text = _("{0} from {1} to {2}")
        if other.told:
            text = _("{0}, who was told {1}, to {2}")
        return text.format(f"{other.student_name} ({other.subject})", *times)


class Options:
    """The options of conversations without a time, checked against what stands now.

    Args:
        conversations: {request: Conversation} of all that wait.
    """

    def __init__(self, standing: Standing, facts: Facts, conversations: dict[str, Conversation]):
        self._standing, self._facts, self._conversations = standing, facts, conversations
        self._by_request = {row.request: row.name for row in standing.bookings.values() if row.request}
        self._starts = [start for day in standing.days for start in day.starts]
        self._open: dict[tuple, list[datetime]] = {}
        self._movable: dict[str, Conversation] = {}
        self._facts_of_movable = facts

    def of(self, rows: Iterable) -> dict[str, list[Option]]:
        """{request: options} of requests (rows of `requests`)."""
        kept = {row.name: _kept(row).get("alternatives") or [] for row in rows}
        ways = {
            name: self._ways(Obstacles(self._standing, self._facts, self._conversations[name]))
            for name in kept
            if name in self._conversations
        }
        self._read_movable(ways.values(), [kept[name] for name in ways])
        return {name: self._of_one(name, kept[name], ways[name]) for name in ways}

    def _ways(self, obstacles: Obstacles) -> "_Ways":
        """Starts are looked at only where the instructors can: that is the same for all who want them."""
        key = (obstacles.one.instructors, obstacles.one.length)
        if key not in self._open:
            self._open[key] = [
                start for start in self._starts if obstacles.are_free(obstacles.one.instructors, start)
            ]
        return _Ways(obstacles, self._starts, self._open[key])

    def _read_movable(self, ways: Iterable["_Ways"], kept: Iterable[list[dict]]) -> None:
        """The conversations that might move, unless they are pinned."""
        names = {name for one in ways for _start, name in one.crowded}
        for options in kept:
            names |= {self._name(move) for row in options for move in row.get("moves") or ()}
        rows = (self._standing.bookings.get(name) for name in sorted(names))
        found = conversation.of_rows(row for row in rows if row and not row.pinned)
        self._movable = {one.booking: one for one in found}
        if self._movable:
            self._standing.look_at(record for one in self._movable.values() for record in one.people)
            self._facts_of_movable = Facts(
                self._standing.evening, self._movable.values(), self._standing.bookings
            )

    def _name(self, move: dict) -> str:
        name = move["conversation"]
        return self._by_request.get(name) or name.removeprefix(BOOKING_PREFIX)

    def _of_one(self, request: str, kept: list[dict], ways: "_Ways") -> list[Option]:
        one = self._conversations[request]
        found = [option for row in kept if (option := self._still(one, row))]
        if any(option.possible for option in found):
            return found
        free = [Option("move", one, start) for start in ways.free[:EACH]]
        return found + (free or self._with_a_move(one, ways))

    def _still(self, one: Conversation, row: dict) -> Option | None:
        """An option that the scheduler found, as it is now."""
        if row["kind"] == "other_instructor":
            one = replace(one, instructors=(row["instructor"],))
        if row["kind"] == "online":
            one = replace(one, mode="Online")
        moves = []
        for move in row.get("moves") or ():
            other = self._movable.get(self._name(move))
            if not other:
                return None
            moves.append((other, datetime.fromisoformat(move["start"])))
        option = Option(row["kind"], one, datetime.fromisoformat(row["start"]), tuple(moves))
        return replace(option, possible=self._is_possible(option))

    def _is_possible(self, option: Option) -> bool:
        names = {other.booking for other, _start in option.moves}
        for other, start in option.moves:
            beside = [(option.one, option.start), *(move for move in option.moves if move[0] is not other)]
            there = Obstacles(self._standing, self._facts_of_movable, other, without=names, beside=beside)
            if not there.fits(other.instructors, start):
                return False
        own = Obstacles(self._standing, self._facts, option.one, without=names, beside=option.moves)
        if option.kind in NEED_REASON:
            return not any(found.double for found in own.at(option.one.instructors, option.start))
        return own.fits(option.one.instructors, option.start)

    def _with_a_move(self, one: Conversation, ways: "_Ways") -> list[Option]:
        """Starts that come free when one conversation moves to another free time, the nearest one."""
        found = []
        for start, name in ways.crowded:
            other = self._movable.get(name)
            to = other and self._nearest(other, one, start)
            if to:
                found.append(Option("move", one, start, ((other, to),)))
            if len(found) == EACH:
                break
        return found

    def _nearest(self, other: Conversation, one: Conversation, start: datetime) -> datetime | None:
        there = Obstacles(self._standing, self._facts_of_movable, other, beside=[(one, start)])
        near = sorted(self._starts, key=lambda to: (abs(to - other.start), to))
        return next((to for to in near if there.fits(other.instructors, to)), None)


class _Ways:
    """The starts at which a conversation fits, or would but for one other."""

    def __init__(self, obstacles: Obstacles, starts: list[datetime], are_open: list[datetime]):
        self._obstacles, self._starts = obstacles, starts
        self._instructors = obstacles.one.instructors
        self.free = [start for start in are_open if obstacles.fits(self._instructors, start)]
        # Whatever moves, an instructor without any free time has none afterwards.
        looks_on = are_open and not self.free and not obstacles.always
        self.crowded = list(self._crowded()) if looks_on else []

    def _crowded(self) -> Iterable[tuple[datetime, str]]:
        for start in self._starts:
            names = self._obstacles.in_the_way(self._instructors, start)
            if names and len(names) == 1:
                yield start, *names
