"""Find me times: the best combination of places that are free now, for all of one asker's children together.

Reads the same table as the page and checks what it found with the rules of reserving, so that what is
proposed can be reserved. How an evening is judged is the engine's: `scheduler.household_evening`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.evening import requests
from ouderavond.evening.reserving import basket
from ouderavond.evening.reserving.basket import Pick
from ouderavond.evening.reserving.reading import Column
from ouderavond.evening.reserving.table import Table

# What a rule refuses beside the rest is left out and searched again: that costs a reading of the table.
SEARCHES = 8
# So often refused, a conversation is left out altogether.
PATIENCE = 3
DAY = 24 * 60
ORIGIN = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Window:
    """When it suits: times of the day, and a date. None: any."""

    earliest: time | None = None
    latest: time | None = None
    day: date | None = None

    def suits(self, start: datetime, end: datetime) -> bool:
        """Whether [start, end) lies within."""
        if self.day and start.date() != self.day:
            return False
        if self.earliest and start.time() < self.earliest:
            return False
        return not self.latest or end <= datetime.combine(start.date(), self.latest)


@dataclass(frozen=True)
class Wanted:
    """A conversation to find a time for."""

    offer: str
    longer: bool = False


@dataclass(frozen=True)
class Found:
    """The best combination: what is placed when, in order; what has no time; the waiting in between."""

    picks: tuple[Pick, ...]
    left_out: tuple[Column, ...]
    waiting_minutes: int


def find(read: Callable[[], Table], wanted: list[Wanted], window: Window) -> Found:
    """Find times for as many conversations as possible, on few dates, with little waiting, early.

    Args:
        read: reads the asker's table; the asker's own former hold counts as free (`Table(ignore=…)`).
        wanted: the conversations, those that matter most first.
        window: when it suits.

    Raises:
        frappe.ValidationError: one of them cannot be booked, wherever there is a place; the message says why.
    """
    table = read()
    search = _Search(table, _distinct(table, wanted), window)
    for attempt in range(SEARCHES):
        found = search.best()
        # Checking marks the places in the table as taken.
        refusals = basket.check(table if not attempt else read(), list(found.picks)).refusals
        if not refusals:
            return found
        for refusal in refusals:
            search.leave_out(refusal.pick)
    return Found((), tuple(search.columns), 0)


def _distinct(table: Table, wanted: list[Wanted]) -> list[Wanted]:
    """The wishes, a column once; refuses what cannot be booked whatever is free."""
    found = {}
    for wish in wanted:
        column = table.by_offer.get(wish.offer)
        if not column:
            frappe.throw(_("This conversation is not one that you can book."))
        if not column.booking and not column.exists:
            found.setdefault(column.offer, Wanted(column.offer, wish.longer))
    if not found:
        frappe.throw(_("Choose at least one conversation that has no time yet."))
    _check_maxima(table, list(found))
    return list(found.values())


def _check_maxima(table: Table, offers: list[str]) -> None:
    columns = [table.by_offer[offer] for offer in offers]
    asked = Counter(column.student for column in columns if not column.invitation)
    names = {column.student: column.student_name for column in columns}
    maximum = cint(table.evening.maximum_per_student)
    for student, count in asked.items():
        if maximum and table.booked(student) + count > maximum:
            sentence = _("At most {0} conversations can be booked about {1}.")
            frappe.throw(frappe.utils.escape_html(sentence.format(maximum, names[student])))
    maximum = cint(table.evening.maximum_per_household)
    if maximum and table.booked() + asked.total() > maximum:
        frappe.throw(_("At most {0} conversations can be booked for all children together.").format(maximum))


class _Search:
    def __init__(self, table: Table, wanted: list[Wanted], window: Window):
        # Imports numpy, which not every process needs.
        from ouderavond.scheduler import household_evening as engine

        self.engine, self.wanted = engine, wanted
        self.columns = [table.by_offer[wish.offer] for wish in wanted]
        self.refused = Counter()
        evening = table.evening
        online = requests.default_mode(evening) == "Online"
        self.conversations = [self._conversation(table, wish, window, online) for wish in wanted]
        self.fixed = [
            self._booked(row)
            for row in table.places.bookings.values()
            if row.state == "Published" and table.places.attends(row)
        ]
        self.distances = engine.Distances(
            pause=cint(evening.minutes_between),
            walking=cint(evening.walking_minutes),
            travel=cint(evening.travel_minutes),
        )

    def best(self) -> Found:
        """The best combination of the starts that are left."""
        evening = self.engine.best_evening(self.conversations, self.fixed, self.distances)
        pairs = list(zip(self.wanted, evening.starts, strict=True))
        picks = [Pick(wish.offer, _moment(start), wish.longer) for wish, start in pairs if start is not None]
        return Found(
            tuple(sorted(picks, key=lambda pick: pick.start)),
            tuple(
                column for column, start in zip(self.columns, evening.starts, strict=True) if start is None
            ),
            evening.waiting,
        )

    def leave_out(self, pick: Pick) -> None:
        """Search on without a start that was refused, and in the end without the conversation."""
        self.refused[pick.offer] += 1
        for number, wish in enumerate(self.wanted):
            if wish.offer == pick.offer:
                kept = set(self.conversations[number].starts) - {_minute(pick.start)}
                if self.refused[pick.offer] >= PATIENCE:
                    kept = ()
                self.conversations[number] = self.conversations[number].at(kept)

    def _conversation(self, table: Table, wish: Wanted, window: Window, online: bool):
        column = table.by_offer[wish.offer]
        slots = table.slots(column, wish.longer)
        lasts = table.duration(slots)
        starts = [start for start in table.free_starts(column, slots) if window.suits(start, start + lasts)]
        rooms = {}
        for day in {start.date() for start in starts}:
            room, _label = table.places.place(column, day)
            if room:
                rooms[_minute(datetime.combine(day, time())) // DAY] = room
        instructors = frozenset(column.instructors)
        minutes = lasts // timedelta(minutes=1)
        return self.engine.Conversation(minutes, tuple(map(_minute, starts)), rooms, online, instructors)

    def _booked(self, row):
        start = _minute(row.start)
        minutes = (row.end - row.start) // timedelta(minutes=1)
        rooms = {start // DAY: row.room} if row.room else {}
        online = row.mode == "Online"
        return self.engine.Conversation(minutes, (start,), rooms, online, frozenset(row.instructors))


def _minute(moment: datetime) -> int:
    return (moment - ORIGIN) // timedelta(minutes=1)


def _moment(minute: int) -> datetime:
    return ORIGIN + timedelta(minutes=minute)
