"""The table of places of an evening as one asker sees it: times by the instructors of each child.

What is here is what may be told: of others only that a place is taken or not available. The same object
decides in `basket`, read again under locks, so that what is shown as free is what can be reserved.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import datetime, timedelta
from functools import cached_property

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.evening import grid, publishing, request_rules, requests, waiting, wording
from ouderavond.evening.online import joining
from ouderavond.evening.reserving import holds, reading, windows
from ouderavond.evening.reserving.places import FREE, HELD, Places
from ouderavond.evening.reserving.reading import Column


class Table:
    """The places of an evening for an asker, as the database says now.

    Args:
        evening: Parent Evening document.
        asker: who asks (`requests.Asker`).
        user: whose holds are their own; by default the session's user.
        ignore: references (bookings, holds) to be given up in the same step: their time counts as free.
        own_holds: further references that are held for this asker.
    """

    def __init__(
        self,
        evening,
        asker,
        *,
        user: str | None = None,
        ignore: Iterable[str] = (),
        own_holds: Iterable[str] = (),
    ):
        self.evening, self.asker = evening, asker
        self.groups = reading.groups(evening, asker)
        self.columns = reading.columns(evening, self.groups)
        self.requests = requests.rows_of(evening.name, self.groups)
        self._durations: dict[int, timedelta] = {}
        self.user = user or frappe.session.user
        bookings = reading.bookings(evening.name, self.groups)
        own_holds = set(own_holds)
        self.places = Places(
            evening,
            asker,
            self.groups,
            self.columns,
            bookings,
            is_own_hold=lambda reference: reference in own_holds or holds.is_of(reference, self.user),
            ignore=ignore,
        )
        self.by_offer = {name: column for column in self.columns for name in column.offers}
        for column in self.columns:
            self._complete(column)

    def _complete(self, column: Column) -> None:
        asked = [row for row in self.requests if row.offer in column.offers and row.state in requests.ACTIVE]
        column.invitation = any(request_rules.is_invitation(row) for row in asked)
        about = [row for row in self.places.bookings.values() if self._is_about(row, column)]
        mine = [row for row in about if self._is_of_party(row, column)]
        column.booking = mine[0].name if mine else None
        column.exists = not mine and any(self._is_of_other_kind(row) for row in about)

    def _is_about(self, booking, column: Column) -> bool:
        if booking.student != column.student:
            return False
        return booking.offer in column.offers or set(booking.instructors) == set(column.instructors)

    def _is_of_party(self, booking, column: Column) -> bool:
        if self.asker.student:
            return not booking.guardians or self.places.attends(booking)
        return bool(set(booking.guardians) & set(self.groups[column.student]))

    def _is_of_other_kind(self, booking) -> bool:
        """Where guardians and students may both book, there is one conversation of either."""
        return bool(booking.guardians) if self.asker.student else not booking.guardians

    # Cells

    def duration(self, slots: int) -> timedelta:
        """How long a conversation of so many slots lasts."""
        if slots not in self._durations:
            self._durations[slots] = grid.duration(self.evening, slots)
        return self._durations[slots]

    def slots(self, column: Column, longer: bool = False) -> int:
        """How many slots a conversation takes; a longer one, where the evening allows it, twice as many."""
        return column.slots * (2 if longer and self.evening.longer_conversation else 1)

    def cell(self, column: Column, start: datetime, slots: int, *, moving: bool = False) -> str:
        """What a conversation of `slots` slots from `start` is: a letter of `places`.

        Where it does not fit although its first slot is free, the place is not available.
        """
        day = self.places.days.get(start.date())
        if not day or start not in day.starts:
            return "u"
        first = self.places.state(column, start, start + self.duration(1), moving=moving)
        if slots == 1 or first not in (FREE, HELD):
            return first
        if start + self.duration(slots) > day.end:
            return "u"
        whole = self.places.state(column, start, start + self.duration(slots), moving=moving)
        return whole if whole in (FREE, HELD) else "u"

    def cells(self, column: Column, slots: int, within: dict[str, str] | None = None) -> dict[str, str]:
        """{date: a letter per start}.

        Args:
            within: the cells of a shorter conversation, where they are known: a longer one fits nowhere else.
        """
        found = {}
        for date, day in self.places.days.items():
            letters = within[str(date)] if within else self.places.letters(column, day, self.duration(1))
            if slots > 1:
                letters = self._of_longer(column, day, slots, letters)
            found[str(date)] = "".join(letters)
        return found

    def _of_longer(self, column: Column, day, slots: int, shorter: Iterable[str]) -> list[str]:
        """The letters of a longer conversation, from those of a shorter one, as `cell` has them."""
        latest = day.end - self.duration(slots)
        whole = self.places.letters(column, day, self.duration(slots))
        return [
            letter
            if letter not in (FREE, HELD)
            else longer
            if start <= latest and longer in (FREE, HELD)
            else "u"
            for start, letter, longer in zip(day.starts, shorter, whole, strict=True)
        ]

    def free_starts(self, column: Column, slots: int | None = None) -> list[datetime]:
        """The starts at which a conversation of this column could be reserved now."""
        slots = slots or column.slots
        return [
            start
            for day in self.places.days.values()
            for start in day.starts
            if self.cell(column, start, slots) in (FREE, HELD)
        ]

    def copy(self) -> "Table":
        """The same table, to try a basket on: what is taken there is not taken here."""
        other = copy(self)
        other.places = self.places.copy()
        other.columns = [copy(column) for column in self.columns]
        other.by_offer = {name: column for column in other.columns for name in column.offers}
        return other

    # Counts

    @property
    def _invited(self) -> set[str]:
        return {column.booking for column in self.columns if column.invitation and column.booking}

    def booked(self, student: str | None = None) -> int:
        """How many conversations count towards the maximum, of one student or of all."""
        return sum(1 for row in self.counting() if student in (None, row.student))

    def counting(self) -> Iterator:
        """The live conversations of the asker's parties that count towards the maximum."""
        invited = self._invited
        for row in self.places.bookings.values():
            if row.name not in invited and self._counts(row):
                yield row

    def _counts(self, booking) -> bool:
        if self.asker.student:
            return bool(booking.student_attends) and not booking.guardians
        return bool(set(booking.guardians) & set(self.groups.get(booking.student, ())))

    # As the page gets it

    def as_dict(self) -> dict:
        """The table as the page shows it; times are local ISO texts to the minute."""
        evening = self.evening
        booking = windows.booking_state(evening, self.asker)
        # Before, the places would tell of a schedule that is only planned.
        students = self._students() if booking["state"] in ("open", "closed") else []
        return {
            "evening": evening.name,
            "title": evening.title,
            "now": self.places.now.isoformat(timespec="seconds"),
            "booking": booking,
            "rules": self._rules(),
            "dates": [self._date(day) for day in self.places.days.values()],
            "children": [self._child(student) for student in students],
            "mine": self.mine(),
            "hold": self.hold(),
            "waiting": waiting.rows(evening, self.asker, self.groups),
        }

    def _rules(self) -> dict:
        evening = self.evening
        return {
            "minutes": cint(evening.minutes_per_conversation),
            "pause": cint(evening.minutes_between),
            "maximum_per_student": cint(evening.maximum_per_student),
            "maximum_per_household": cint(evening.maximum_per_household),
            "longer": bool(evening.longer_conversation),
            "remarks": bool(evening.guardian_remarks),
            "mode_choice": evening.mode == "Household's Choice",
            "mode": requests.default_mode(evening),
            "change_sentence": windows.change_sentence(evening),
        }

    def _date(self, day) -> dict:
        return {
            "date": str(day.date),
            "label": wording.day(day.date),
            "place": day.place,
            "starts": [f"{start:%H:%M}" for start in day.starts],
            "labels": [wording.time(start.time()) for start in day.starts],
        }

    def _students(self) -> list[str]:
        return list(dict.fromkeys(column.student for column in self.columns))

    def _child(self, student: str) -> dict:
        columns = [column for column in self.columns if column.student == student]
        columns.sort(key=lambda column: (not column.invitation, column.subject))
        return {
            "student": student,
            "name": columns[0].student_name,
            "booked": self.booked(student),
            "columns": [self._column(column) for column in columns],
        }

    def _column(self, column: Column) -> dict:
        cells = self.cells(column, column.slots)
        found = {
            "offer": column.offer,
            "subjects": column.subjects,
            "subject": column.subject,
            "instructors": column.instructor_names,
            "instructor_ids": list(column.instructors),
            "slots": column.slots,
            "room": self._rooms(column),
            "booking": column.booking if column.booking in self.shown else None,
            "exists": self.exists_sentence(column),
            "full": not column.booking and not any(FREE in row or HELD in row for row in cells.values()),
            "invitation": column.invitation,
            "cells": cells,
        }
        if self.evening.longer_conversation:
            found["longer_cells"] = self.cells(column, self.slots(column, longer=True), within=cells)
        return found

    def _rooms(self, column: Column) -> dict[str, str]:
        if self.evening.mode == "Online":
            return {}
        places = {date: self.places.place(column, date) for date in self.places.days}
        return {
            str(date): place_text(self.room_names.get(room), label)
            for date, (room, label) in places.items()
            if room or label
        }

    @cached_property
    def room_names(self) -> dict[str, str]:
        """{room: its name} of the rooms that occur here."""
        rooms = {self.places.place(column, date)[0] for column in self.columns for date in self.places.days}
        rooms |= {row.room for row in self.places.bookings.values()}
        room = frappe.qb.DocType("Room")
        known = room.name.isin([name for name in rooms if name] or [""])
        return dict(frappe.qb.from_(room).select(room.name, room.room_name).where(known).run())

    @cached_property
    def guardian_names(self) -> dict[str, str]:
        """{guardian: their name} of all who attend together with the asker."""
        guardian = frappe.qb.DocType("Guardian")
        attending = guardian.name.isin([name for party in self.groups.values() for name in party] or [""])
        return dict(
            frappe.qb.from_(guardian).select(guardian.name, guardian.guardian_name).where(attending).run()
        )

    def exists_sentence(self, column: Column) -> str | None:
        """What is said where the other kind of asker has this conversation; None where they have not."""
        if not column.exists:
            return None
        if self.asker.student:
            return _("Your parents or guardians already have a conversation about {0}.").format(
                column.subject
            )
        return _("{0} already has a conversation about {1} by themselves.").format(
            column.student_name, column.subject
        )

    @cached_property
    def shown(self) -> set[str]:
        """The conversations that the asker sees, by name."""
        return {row["booking"] for row in self.mine()}

    def mine(self) -> list[dict]:
        """The conversations that the asker attends and has been told of, or may see otherwise."""
        if not publishing.is_visible(self.evening):
            return []
        return [
            self._mine(row)
            for row in self.places.bookings.values()
            if row.state == "Published" and self._may_see(row)
        ]

    def _may_see(self, booking) -> bool:
        if self.places.attends(booking):
            return True
        of_student = self.asker.guardians and booking.student_attends and not booking.guardians
        return bool(of_student and self.evening.guardians_see_student_bookings)

    @cached_property
    def _meetings(self) -> dict[str, joining.Joining]:
        return joining.of(row.name for row in self.places.bookings.values() if row.mode == "Online")

    def _mine(self, row) -> dict:
        why_not = self.why_not_change(row)
        return {
            "booking": row.name,
            "offer": row.offer,
            "student": row.student,
            "name": row.student_name,
            "subject": row.subject,
            "instructors": row.instructor_names,
            "date": str(row.start.date()),
            "start": iso(row.start),
            "end": iso(row.end),
            "time": f"{wording.time(row.start.time())} – {wording.time(row.end.time())}",
            "mode": row.mode,
            "place": _("Online")
            if row.mode == "Online"
            else place_text(self.room_names.get(row.room), row.table_label),
            "link": self._link(row),
            "can_change": not why_not,
            "why_not": why_not,
            "pinned": bool(row.pinned),
        }

    def _link(self, row) -> str | None:
        meeting = self._meetings.get(row.name) if row.mode == "Online" else None
        return (meeting and meeting.link) or None

    def why_not_change(self, booking) -> str | None:
        """Why the asker cannot move or cancel a conversation, as a sentence; None where they can."""
        state = windows.booking_state(self.evening, self.asker)
        if not self.places.attends(booking) or (self.asker.student and booking.guardians):
            return _("This conversation is not one of yours.")
        if state["state"] != "open":
            return state["sentence"] or _("At this evening the school makes the schedule.")
        if booking.untold:
            return _("The school is changing this conversation. You will be told; please wait for that.")
        invited = booking.name in self._invited or self._is_about_invitation(booking)
        return windows.why_fixed(
            self.evening, start=booking.start, pinned=bool(booking.pinned), invited=invited
        )

    def _is_about_invitation(self, booking) -> bool:
        """Also where the conversation itself is left out of this table, since it is being moved."""
        column = self.by_offer.get(booking.offer)
        return bool(column and column.invitation)

    def hold(self) -> dict | None:
        """What is held for the asker: its places, and the seconds that are left; None where nothing is."""
        rows = [
            row
            for rows in self.places.held_by_asker()
            for row in rows
            if holds.is_of(row.reference, self.user)
        ]
        if not rows:
            return None
        basket = {
            row.reference: {
                "offer": holds.offer_of(row.reference),
                "start": iso(row.start),
                "slots": self._slots_of(row.end - row.start),
            }
            for row in rows
        }
        reference = max(basket)
        expires = frappe.db.get_value("Booking Claim", {"reference": reference}, "expires")
        whole = holds.whole(reference)
        return {
            "hold": whole,
            "expires": expires.strftime("%Y-%m-%dT%H:%M:%S"),
            "seconds": max(0, int((expires - self.places.now).total_seconds())),
            "may_extend": expires < holds.latest_end(whole),
            "basket": sorted(
                (place for name, place in basket.items() if holds.whole(name) == whole),
                key=lambda place: place["start"],
            ),
        }

    def _slots_of(self, length: timedelta) -> int:
        return next((slots for slots in range(1, 20) if self.duration(slots) >= length), 1)


def place_text(room: str | None, label: str | None) -> str:
    """Room and table in one line."""
    return ", ".join(part for part in (room, label) if part)


def iso(moment: datetime) -> str:
    """A moment to the minute, as the calls write it."""
    return moment.strftime("%Y-%m-%dT%H:%M")
