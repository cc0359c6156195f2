"""Find me times: the best combination of places that are free now, for all of one asker's children together.

Reads the same table as the page and checks what it found with the rules of reserving, so that what is
proposed can be reserved. How an evening is judged is the engine's: `scheduler.household_evening`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.evening import requests
from ouderavond.evening.reserving import basket
from ouderavond.evening.reserving.basket import Pick
from ouderavond.evening.reserving.places import FREE, UNAVAILABLE
from ouderavond.evening.reserving.reading import Column
from ouderavond.evening.reserving.table import Table

# So often is searched again without what a rule refused beside the rest; each time takes some milliseconds.
SEARCHES = 20
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
    dates: int
    waiting_minutes: int

    def rank(self) -> tuple:
        """The better, the smaller."""
        return len(self.left_out), self.dates, self.waiting_minutes


def find(table: Table, wanted: list[Wanted], window: Window) -> Found:
    """Find times for as many conversations as possible, on few dates, with little waiting, early.

    That is proven best where no rule refuses beside each other what is possible one by one: due breaks, an
    instructor's maximum, people who are not to meet. Where one does, it is searched again without what was
    refused, looking from the beginning of the evening and from its end, and the better of both is taken.

    Args:
        table: the asker's table; the asker's own former hold counts as free (`Table(ignore=…)`).
        wanted: the conversations, those that matter most first.
        window: when it suits.

    Raises:
        frappe.ValidationError: one of them cannot be booked, wherever there is a place; the message says why.
    """
    wishes = _distinct(table, wanted)
    found, clean = _Search(table, wishes, window).settle()
    if clean:
        return found
    other, _clean = _Search(table, wishes, window).settle(from_the_end=True)
    return min(found, other, key=Found.rank)


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

        self.engine, self.table, self.wanted = engine, table, wanted
        self.columns = [table.by_offer[wish.offer] for wish in wanted]
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
            evening.dates,
            evening.waiting,
        )

    def settle(self, *, from_the_end: bool = False) -> tuple[Found, bool]:
        """The best combination that the rules of reserving allow, and whether it was the first."""
        for attempt in range(SEARCHES):
            found = self.best()
            trial = self.table.copy()
            picks = list(reversed(found.picks) if from_the_end else found.picks)
            checked = basket.check(trial, picks)
            if not checked.refusals:
                return found, attempt == 0
            self._leave_out(trial, checked.refusals[0].pick, checked.picks)
        kept = {pick.offer: pick.start for pick in checked.picks}
        for number, wish in enumerate(self.wanted):
            self._keep(number, [kept[wish.offer]] if wish.offer in kept else [])
        return self.best(), False

    def _leave_out(self, trial: Table, pick: Pick, others: list[Pick]) -> None:
        """Search on without what is not possible beside the others, which `trial` has as taken."""
        number, day = self._number(pick), pick.start.date()
        here = self._starts(number, day)
        column = trial.by_offer[pick.offer]
        letters = {start: trial.cell(column, start, pick.slots) for start in here}
        beside = [other for other in others if other.start.date() == day and _share(other.column, column)]
        if FREE not in letters.values():
            # The instructor's date is full with the others: whoever has more other dates leaves it.
            leaving = max([number, *map(self._number, beside)], key=self._dates)
            self._remove(leaving, self._starts(leaving, day))
        elif beside:
            # A break is due: nobody of the family has it.
            for each, one in enumerate(self.columns):
                if _share(one, column):
                    self._remove(each, [pick.start])
        else:
            self._remove(number, [pick.start, *(s for s, letter in letters.items() if letter == UNAVAILABLE)])

    def _number(self, pick: Pick) -> int:
        return next(number for number, wish in enumerate(self.wanted) if wish.offer == pick.offer)

    def _dates(self, number: int) -> int:
        return len({start.date() for start in self._starts(number)})

    def _starts(self, number: int, day: date | None = None) -> list[datetime]:
        starts = map(_moment, self.conversations[number].starts)
        return [start for start in starts if day in (None, start.date())]

    def _remove(self, number: int, starts: list[datetime]) -> None:
        self._keep(number, set(self._starts(number)) - set(starts))

    def _keep(self, number: int, starts: Iterable[datetime]) -> None:
        self.conversations[number] = self.conversations[number].at(map(_minute, starts))

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


def _share(one: Column, other: Column) -> bool:
    """Whether two conversations have an instructor in common."""
    return bool(set(one.instructors) & set(other.instructors))


def _minute(moment: datetime) -> int:
    return (moment - ORIGIN) // timedelta(minutes=1)


def _moment(minute: int) -> datetime:
    return ORIGIN + timedelta(minutes=minute)
