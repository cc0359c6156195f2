"""The planning board: who sits where, every conversation with its time, and what has none yet and why.

In a handful of queries, whatever the size of the school.
"""

from datetime import timedelta

import frappe
from frappe.utils import cint

from ouderavond.evening import grid, versions
from ouderavond.evening.offering.listing_rows import among, classes_query
from ouderavond.evening.planning import booked, unplaced
from ouderavond.evening.planning.booked import TEXT, as_text
from ouderavond.evening.planning.conversation import Facts, of_requests
from ouderavond.evening.planning.households import Households
from ouderavond.evening.planning.standing import Standing

# What the board shows of a conversation besides what `booked` reads.
ALSO = ("untold", "cant_come", "table_label")


def read(evening, run: str | None = None) -> dict:
    """What the board of a Parent Evening document shows; of a Schedule Run, what it proposes.

    Raises:
        frappe.ValidationError: the run is of another evening, or has no schedule.
    """
    return _Board(evening, run).as_dict()


class _Board:
    def __init__(self, evening, run: str | None):
        self.evening = evening
        # Before all else: what changes while this is read is read again.
        self.version = versions.current(evening.name)
        self.bookings = booked.everything(evening.name, ALSO)
        self.requests = unplaced.requests(evening.name)
        answered = {row.request for row in self.bookings.values() if row.request}
        self.waiting = unplaced.in_order(
            row
            for row in self.requests.values()
            if row.state in unplaced.WAITING and row.name not in answered
        )
        self._told = _told(evening.name)

    def as_dict(self) -> dict:
        conversations = {one.request: one for one in of_requests(self.evening, self.waiting)}
        guardians = {name for row in self.bookings.values() for name in row.guardians}
        guardians |= {name for one in conversations.values() for name in one.guardians}
        self.households = Households(self.evening, guardians)
        people = {("Guardian", name) for name in guardians} | {
            ("Student", row.student) for row in self.bookings.values() if row.student_attends
        }
        people |= {record for one in conversations.values() for record in one.people}
        standing = Standing(self.evening, people, self.bookings)
        self.classes = _classes(self.evening.name, self._students())
        options = self._options(standing, conversations)
        bookings = [self._booking(row) for row in self.bookings.values()]
        return {
            "version": self.version,
            "run": None,
            "instructors": _instructors(standing),
            "rooms": standing.rooms,
            "classes": sorted({name for name in self.classes.values() if name}),
            "bookings": bookings,
            "blocks": [_block(row) for row in standing.blocks.values()],
            "unplaced": [
                self._unplaced(row, conversations[row.name], options.get(row.name, []), standing)
                for row in self.waiting
                if row.name in conversations
            ],
        }

    def _options(self, standing: Standing, conversations: dict) -> dict:
        """What could be done for those that wait; nothing, where nothing has been scheduled yet."""
        if not self.bookings:
            return {}
        facts = Facts(self.evening, conversations.values(), self.bookings)
        rows = self.waiting[: unplaced.MOST]
        return unplaced.Options(standing, facts, conversations).of(rows)

    def _students(self) -> list[str]:
        return sorted({row.student for row in (*self.bookings.values(), *self.waiting) if row.student})

    def _booking(self, row) -> dict:
        request = self.requests.get(row.request) or frappe._dict()
        return {
            "booking": row.name,
            "offer": row.offer,
            "request": row.request,
            "student": row.student,
            "name": row.student_name,
            "class": self.classes.get(row.student, ""),
            "subject": row.subject,
            "household": self.households.of(row.guardians, row.student),
            "start": f"{row.start:%Y-%m-%dT%H:%M}",
            "end": f"{row.end:%Y-%m-%dT%H:%M}",
            "slots": self._slots(row.end - row.start),
            "instructors": row.instructors,
            "guardians": ", ".join(row.guardian_names),
            "room": row.room,
            "table": row.table_label,
            "mode": row.mode,
            "state": row.state,
            "pinned": row.pinned,
            "untold": row.untold,
            "told": self._told.get(row.name),
            "source": row.source,
            "must": int(request.priority == "Must See"),
            "preference": request.preference or "",
            "remark": int(bool(request.remark)),
            "cant_come": row.cant_come,
            "fixed": int(bool(row.pinned) or row.state == "Published"),
        }

    def _slots(self, length: timedelta) -> int:
        """How many slots a length is, with the pauses within it."""
        pause = timedelta(minutes=cint(self.evening.minutes_between))
        step = timedelta(minutes=cint(self.evening.minutes_per_conversation)) + pause
        return max(1, round((length + pause) / step))

    def _unplaced(self, row, one, options: list, standing: Standing) -> dict:
        return {
            "request": row.name,
            "offer": row.offer,
            "student": one.student,
            "name": one.student_name,
            "class": self.classes.get(one.student, ""),
            "subject": one.subject,
            "household": self.households.of(list(one.guardians), one.student),
            "instructors": list(one.instructors),
            "guardian": row.guardian_name,
            "priority": row.priority,
            "must": int(row.priority == "Must See"),
            "rank": row.rank,
            "longer": row.longer,
            "slots": self._slots(one.length),
            "preference": row.preference or "",
            "remark": int(bool(row.remark)),
            "mode": one.mode,
            "reason": row.reason if row.state == "Not Placed" else None,
            "sentence": unplaced.why(row, standing.instructors),
            "alternatives": [option.as_dict() for option in options],
        }


def _instructors(standing: Standing) -> list[dict]:
    """Who is there, by name, with where and when on each date."""
    instructor = frappe.qb.DocType("Instructor")
    query = frappe.qb.from_(instructor).select(instructor.name, instructor.ouderavond_code)
    codes = dict(query.where(among(instructor.name, sorted(standing.instructors))).run())
    found = {
        name: {"name": name, "title": title or name, "code": codes.get(name) or "", "present": {}}
        for name, title in standing.instructors.items()
    }
    for (name, day), row in standing.presence.items():
        found[name]["present"][str(day)] = {
            "from": _clock(day, row.present_from),
            "until": _clock(day, row.present_until),
            "room": row.room,
            "room_title": standing.rooms.get(row.room),
            "shared": row.shared_room,
            "table": row.table_label,
            "break_after": row.break_after,
            "maximum": row.maximum_conversations,
        }
    return list(found.values())


def _clock(day, time) -> str | None:
    return None if time is None else f"{grid.at(day, time):%H:%M}"


def _block(row) -> dict:
    return {
        "block": row.name,
        "who_type": row.who_type,
        "who": row.who or "",
        "who_name": row.who_name,
        "from": f"{row.from_time:%Y-%m-%dT%H:%M}",
        "to": f"{row.to_time:%Y-%m-%dT%H:%M}",
        "reason": row.reason,
        "source": row.source,
    }


def _classes(evening: str, students: list[str]) -> dict[str, str]:
    """{student: class}."""
    member, query = classes_query(evening)
    rows = query.select(member.student, member.parent).where(among(member.student, students))
    found: dict[str, list[str]] = {}
    for student, group in rows.orderby(member.student).orderby(member.parent).run():
        found.setdefault(student, []).append(group)
    return {student: ", ".join(dict.fromkeys(groups)) for student, groups in found.items()}


def _told(evening: str) -> dict[str, str]:
    """{booking: the start that people were told} of the live conversations of an evening."""
    booking = frappe.qb.DocType("Evening Booking")
    query = frappe.qb.from_(booking).select(booking.name, as_text(booking.published_start, TEXT))
    live = (booking.evening == evening) & (booking.state != "Cancelled")
    return dict(query.where(live & booking.published_start.isnotnull()).run())
