"""What a disruption means: which rows of the evening change, and which conversations cannot stay as they are.

`write` changes the rows, through a recorder that remembers them for the undo: the same code serves looking
ahead (in a savepoint that is rolled back) and carrying it out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import cint, getdate, now_datetime

from ouderavond.evening import grid, spans
from ouderavond.evening.bulk import insert_rows
from ouderavond.evening.planning.disruptions import conversations, substitutes, wishes
from ouderavond.evening.planning.disruptions.wishes import Wish

# People who are on their way already are not given another time that is nearer than this.
NOTICE = timedelta(minutes=15)


class Recorder:
    """Remembers rows before they change; this one forgets them, for looking ahead."""

    def keep(self, doctype: str, *names: str) -> None:
        """Rows are about to change or go."""

    def made(self, doctype: str, *names: str) -> None:
        """Rows were made."""


@dataclass(frozen=True)
class Treatment:
    """What is tried for one conversation: with whom, online or not, and at which time it would best be.

    `why` is the sentence where nothing can be tried.
    """

    choice: str
    instructors: tuple[str, ...]
    prefers: datetime | None = None
    online: bool = False
    why: str | None = None


class Situation:
    """A disruption at an evening as it is now."""

    def __init__(self, evening, wish: Wish):
        self.evening, self.wish = evening, wish
        self.now = now_datetime()
        self.bookings = conversations.live(evening.name)
        self.presence = _presence(evening.name)
        self.affected = [row for row in self.bookings.values() if not self.is_over(row) and self._hit(row)]
        self.notes: list[str] = []

    def is_over(self, row) -> bool:
        """Whether a conversation has begun: what happened stays as it was."""
        return row.start <= self.now or bool(row.started)

    def _hit(self, row) -> bool:
        raise NotImplementedError

    def write(self, recorder: Recorder) -> None:
        """Change the rows of the evening (not its conversations)."""
        raise NotImplementedError

    def treatments(self) -> dict[str, Treatment]:
        """{booking: what is tried} for all that are affected."""
        return {row.name: self._treatment(row) for row in self.affected}

    def _treatment(self, row) -> Treatment:
        raise NotImplementedError

    # Rows of instructors

    def _rows(self, instructor: str | None = None, room: str | None = None) -> list[frappe._dict]:
        return [
            row
            for (who, day), row in self.presence.items()
            if day in self.wish.days() and instructor in (None, who) and room in (None, row.room)
        ]

    def _set(self, recorder: Recorder, row, **values) -> None:
        recorder.keep("Evening Instructor", row.name)
        frappe.db.set_value("Evening Instructor", row.name, values)

    def _take_away(self, recorder: Recorder, row) -> None:
        """Somebody is not there on a date; what they held before that stays."""
        over = [
            booking.end
            for booking in self.bookings.values()
            if self.is_over(booking)
            and booking.start.date() == row.date
            and row.instructor in booking.instructors
        ]
        if over:
            self._set(recorder, row, present_until=f"{max(over):%H:%M:%S}")
            return
        recorder.keep("Evening Instructor", row.name)
        frappe.db.delete("Evening Instructor", {"name": row.name})

    def _let_in(self, recorder: Recorder, instructor: str, like) -> None:
        """A substitute who has no place on a date gets that of the one who is missing."""
        if (instructor, like.date) in self.presence:
            return
        row = {
            "name": frappe.generate_hash(length=10),
            "evening": self.evening.name,
            "instructor": instructor,
            "instructor_name": frappe.db.get_value("Instructor", instructor, "instructor_name"),
            "date": like.date,
            "room": like.room,
            "shared_room": cint(like.shared_room),
            "table_label": like.table_label,
        }
        insert_rows("Evening Instructor", [row])
        recorder.made("Evening Instructor", row["name"])
        self.presence[instructor, like.date] = frappe._dict(row)


def _presence(evening: str) -> dict[tuple[str, date], frappe._dict]:
    fields = ["name", "instructor", "instructor_name", "date", "present_from", "present_until"]
    fields += ["room", "shared_room", "table_label"]
    found = frappe.get_all("Evening Instructor", {"evening": evening}, fields, order_by="instructor, date")
    return {(row.instructor, getdate(row.date)): row for row in found}


class _Absence(Situation):
    """Somebody is missing, altogether or for a part of the time."""

    def _is_missing(self, start: datetime, end: datetime) -> bool:
        raise NotImplementedError

    def _hit(self, row) -> bool:
        return (
            self.wish.instructor in row.instructors
            and row.start.date() in self.wish.days()
            and self._is_missing(row.start, row.end)
        )

    def treatments(self) -> dict[str, Treatment]:
        self._free = self._substitutes()
        return super().treatments()

    def _substitutes(self) -> dict[str, str]:
        """{booking: who takes it over at the same time}, where anybody may."""
        wanting = [row for row in self.affected if self._choice(row) == (wishes.SUBSTITUTE, None)]
        return substitutes.assign(self, wanting) if wanting else {}

    def _choice(self, row) -> tuple[str, str | None]:
        """(what to do, with which substitute) with one conversation."""
        single = self.wish.each.get(row.name)
        if single:
            return single["choice"], single["substitute"]
        if self._others(row) and self.wish.alone:
            return "alone", None
        return self.wish.choice, self.wish.substitute

    def _others(self, row) -> tuple[str, ...]:
        return tuple(name for name in row.instructors if name != self.wish.instructor)

    def _treatment(self, row) -> Treatment:
        choice, substitute = self._choice(row)
        if choice == "alone":
            return Treatment(choice, self._others(row), row.start)
        if choice == wishes.SUBSTITUTE:
            return self._with_substitute(row, substitute)
        if choice == wishes.ONLINE:
            return Treatment(choice, tuple(row.instructors), row.start, online=True)
        return Treatment(choice, tuple(row.instructors))

    def _with_substitute(self, row, substitute: str | None) -> Treatment:
        name = substitute or self._free.get(row.name)
        if name:
            people = tuple(dict.fromkeys([*self._others(row), name]))
            return Treatment(wishes.SUBSTITUTE, people, row.start)
        why = _("Nobody who could take it over is free at this time.")
        return Treatment(wishes.RERUN, tuple(row.instructors), why=why)

    def _let_substitutes_in(self, recorder: Recorder) -> None:
        wanted = {one["substitute"] for one in self.wish.each.values()} | {self.wish.substitute}
        for row in self._rows(self.wish.instructor):
            for name in sorted(wanted - {None}):
                self._let_in(recorder, name, row)


class _Ill(_Absence):
    def _is_missing(self, start: datetime, end: datetime) -> bool:
        return True

    def write(self, recorder: Recorder) -> None:
        self._let_substitutes_in(recorder)
        if self.wish.choice == wishes.ONLINE:
            # At home, but to be reached: the times stay, the room does not matter.
            return
        for row in self._rows(self.wish.instructor):
            self._take_away(recorder, row)


class _Later(_Absence):
    def _is_missing(self, start: datetime, end: datetime) -> bool:
        first, last = self._stay(start.date())
        return start < first or end > last

    def _stay(self, day: date) -> tuple[datetime, datetime]:
        row = self.presence[self.wish.instructor, day]
        here = next(one for one in grid.slots(self.evening) if one.date == day)
        first = self.wish.present_from and f"{self.wish.present_from}:00"
        last = self.wish.present_until and f"{self.wish.present_until}:00"
        first = first or (row.present_from if row.present_from is not None else None)
        last = last or (row.present_until if row.present_until is not None else None)
        return (
            grid.at(day, first) if first is not None else here.first,
            grid.at(day, last) if last is not None else here.end,
        )

    def write(self, recorder: Recorder) -> None:
        self._let_substitutes_in(recorder)
        if self.wish.choice == wishes.ONLINE:
            return
        values = {}
        if self.wish.present_from:
            values["present_from"] = f"{self.wish.present_from}:00"
        if self.wish.present_until:
            values["present_until"] = f"{self.wish.present_until}:00"
        for row in self._rows(self.wish.instructor):
            self._set(recorder, row, **values)


class _RoomClosed(Situation):
    def _hit(self, row) -> bool:
        return row.room == self.wish.room and row.mode != "Online" and row.start.date() in self.wish.days()

    def write(self, recorder: Recorder) -> None:
        rows = self._rows(room=self.wish.room)
        if self.wish.choice == wishes.OTHER_ROOM:
            self._to_other_rooms(recorder, rows)
        elif self.wish.choice == wishes.ONLINE:
            for row in rows:
                self._set(recorder, row, room=None, table_label=None, shared_room=0)
        else:
            for row in rows:
                self._take_away(recorder, row)

    def _to_other_rooms(self, recorder: Recorder, rows: list) -> None:
        going = {(row.instructor, row.date): self._room_for(row) for row in rows}
        shared = spans.shared_rooms(self.evening.name)
        for row in rows:
            room = going[row.instructor, row.date]
            together = [key for key, other in going.items() if other == room and key[1] == row.date]
            there = self._sitting(room, row.date) - {row.instructor}
            if there and (room, row.date) not in shared:
                self._refuse_occupied(room, there)
            share = len(together) > 1 or (room, row.date) in shared
            self._set(recorder, row, room=room, shared_room=int(share))

    def _room_for(self, row) -> str:
        room = self.wish.rooms.get(row.instructor) or self.wish.to_room
        if not room:
            name = frappe.utils.escape_html(row.instructor_name or row.instructor)
            frappe.throw(_("Choose the room where {0} sits instead.").format(name))
        return room

    def _sitting(self, room: str, day: date) -> set[str]:
        return {who for (who, that), row in self.presence.items() if that == day and row.room == room}

    def _refuse_occupied(self, room: str, there: Iterable[str]) -> None:
        title = frappe.utils.escape_html(frappe.db.get_value("Room", room, "room_name") or room)
        who = ", ".join(frappe.db.get_value("Instructor", name, "instructor_name") or name for name in there)
        frappe.throw(
            _("{0} sits in room {1} on that date. Choose another room.").format(
                frappe.utils.escape_html(who), title
            )
        )

    def _treatment(self, row) -> Treatment:
        choice = self.wish.each.get(row.name, {}).get("choice") or self.wish.choice
        people = tuple(row.instructors)
        if choice == wishes.OTHER_ROOM:
            return Treatment(choice, people, row.start)
        if choice == wishes.ONLINE:
            return Treatment(choice, people, row.start, online=True)
        return Treatment(choice, people)


class _DateMoved(Situation):
    """All conversations of a date go along; who no longer has a place in the grid is placed anew."""

    def __init__(self, evening, wish: Wish):
        self.old = next(day for day in grid.slots(evening) if str(day.date) == wish.dates[0])
        super().__init__(evening, wish)
        self.new = self._new_day()

    def _hit(self, row) -> bool:
        return row.start.date() == self.old.date

    def _day(self) -> date:
        return getdate(self.wish.new_date) if self.wish.new_date else self.old.date

    def _new_day(self) -> grid.EveningDate:
        """The slots of the date as it will be."""
        day = self._day()
        first = self.wish.first_time or f"{self.old.first:%H:%M}"
        last = self.wish.end_time or f"{self._end_of(first):%H:%M}"
        lone = frappe._dict(
            minutes_per_conversation=self.evening.minutes_per_conversation,
            minutes_between=self.evening.minutes_between,
            dates=[frappe._dict(date=day, first_time=f"{first}:00", end_time=f"{last}:00", place=None)],
        )
        found = next(iter(grid.slots(lone)), None)
        if not found or not found.starts:
            frappe.throw(_("Between these times there is no room for a conversation."))
        return found

    def _end_of(self, first: str) -> datetime:
        """As long an evening as before, where only its beginning was said and all times shift."""
        if self.wish.order == wishes.CLOCK:
            return self.old.end
        begin = grid.at(self.old.date, f"{first}:00")
        last = begin + (self.old.end - self.old.first)
        return last if last.date() == begin.date() else begin.replace(hour=23, minute=59)

    @property
    def shift(self) -> timedelta:
        """How much later the times of day are, where everybody keeps their place in the order."""
        if self.wish.order == wishes.CLOCK:
            return timedelta()
        old = self.old.first - datetime.combine(self.old.date, datetime.min.time())
        return self.new.first - datetime.combine(self.new.date, datetime.min.time()) - old

    def moved(self, moment: datetime) -> datetime:
        """A moment of the old date on the new one."""
        return moment + (self.new.date - self.old.date) + self.shift

    def write(self, recorder: Recorder) -> None:
        self._write_date(recorder)
        for row in self._rows():
            values = {"date": self.new.date}
            for name in ("present_from", "present_until"):
                if row[name] is not None:
                    values[name] = f"{self.moved(grid.at(self.old.date, row[name])):%H:%M:%S}"
            self._set(recorder, row, **values)
        self._write_blocks(recorder)

    def _write_date(self, recorder: Recorder) -> None:
        changed = {
            "date": self.new.date,
            "first_time": f"{self.new.first:%H:%M:%S}",
            "end_time": f"{self.new.end:%H:%M:%S}",
        }
        wanted = [_values_of(row) for row in self.evening.dates]
        wanted = [{**one, **changed} if getdate(one["date"]) == self.old.date else one for one in wanted]
        # The rows keep their order, so that taking it back is a matter of values.
        for row, values in zip(
            self.evening.dates, sorted(wanted, key=lambda one: getdate(one["date"])), strict=True
        ):
            recorder.keep("Parent Evening Date", row.name)
            row.update(values)
            frappe.db.set_value("Parent Evening Date", row.name, values, update_modified=False)
        self._check()
        # Tables of places are read again by it.
        frappe.db.set_value("Parent Evening", self.evening.name, "modified", now_datetime())

    def _check(self) -> None:
        """What must be true of an evening's dates, without a look at its conversations: they follow."""
        for check in ("check_dates", "check_slots", "check_year", "check_request_window"):
            getattr(self.evening, check)()
        self.evening.check_booking_window()

    def _write_blocks(self, recorder: Recorder) -> None:
        """Breaks of everyone go along; what single people said of that date does not say it of another."""
        filters = {"evening": self.evening.name, "from_time": ("<", self.old.end)}
        filters["to_time"] = (">", self.old.first)
        fields = ["name", "who_type", "who_name", "from_time", "to_time"]
        for row in frappe.get_all("Evening Block", filters, fields):
            if row.who_type != "Everyone":
                continue
            recorder.keep("Evening Block", row.name)
            values = {"from_time": self.moved(row.from_time), "to_time": self.moved(row.to_time)}
            frappe.db.set_value("Evening Block", row.name, values)

    def left_behind(self) -> int:
        """How many times that single people blocked stay on the old date."""
        if self.new.date == self.old.date:
            return 0
        filters = {"evening": self.evening.name, "who_type": ("!=", "Everyone")}
        filters |= {"from_time": ("<", self.old.end), "to_time": (">", self.old.first)}
        return frappe.db.count("Evening Block", filters)

    def _treatment(self, row) -> Treatment:
        online = row.mode == "Online"
        return Treatment(wishes.DATE, tuple(row.instructors), self.moved(row.start), online)


def _values_of(row) -> dict:
    return {name: row.get(name) for name in ("date", "first_time", "end_time", "place")}


KINDS: dict[str, Callable[[object, Wish], Situation]] = {
    wishes.ILL: _Ill,
    wishes.LATER: _Later,
    wishes.ROOM: _RoomClosed,
    wishes.DATE: _DateMoved,
}


def read(evening, wish: Wish) -> Situation:
    """The situation that a wish describes, at a Parent Evening document as the database has it now."""
    return KINDS[wish.kind](evening, wish)
