"""The planning board: who sits where, every conversation with its time, and what has none yet and why.

In a handful of queries, whatever the size of the school.
"""

from datetime import datetime

import frappe

from ouderavond.evening import grid, versions
from ouderavond.evening.offering.listing_rows import among
from ouderavond.evening.planning import booked, unplaced
from ouderavond.evening.planning.board_run import Proposal
from ouderavond.evening.planning.conversation import Facts, of_requests, people_of, slots_of
from ouderavond.evening.planning.households import Households
from ouderavond.evening.planning.standing import Standing

# What the board shows of a conversation besides what `booked` reads.
ALSO = ("untold", "cant_come", "table_label", "published_start")


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
        self.run = Proposal(evening, run) if run else None
        self.bookings = booked.everything(evening.name, ALSO)
        self.requests = unplaced.requests(evening.name)
        answered = {row.request for row in self.bookings.values() if row.request}
        self.waiting = unplaced.in_order(
            row
            for row in self.requests.values()
            if row.state in unplaced.WAITING and row.name not in answered
        )
        self.conversations = {one.request: one for one in of_requests(evening, self.waiting)}
        self.waiting = [row for row in self.waiting if row.name in self.conversations]
        people = {record for row in self.bookings.values() for record in people_of(row)}
        waiting = {record for one in self.conversations.values() for record in one.people}
        people |= waiting
        self.standing = Standing(evening, people, self.bookings, closely=waiting)
        self.households = Households(evening, {name for doctype, name in people if doctype == "Guardian"})
        self.classes = _classes(evening)

    def as_dict(self) -> dict:
        found = {
            "version": self.version,
            "run": None,
            "instructors": _instructors(self.standing),
            "rooms": self.standing.rooms,
            "classes": sorted(self._seen_classes()),
            "bookings": [self._booking(row) for row in self.bookings.values()],
            "blocks": [_block(row) for row in self.standing.blocks.values()],
        }
        if self.run:
            return found | self._proposed(found["bookings"])
        options = self._options()
        return found | {"unplaced": [self._unplaced(row, options.get(row.name, [])) for row in self.waiting]}

    def _proposed(self, bookings: list[dict]) -> dict:
        rows = {row.name: self._unplaced(row, []) for row in self.waiting}
        waiting = {name: self._without_time(self.requests[name], row) for name, row in rows.items()}
        bookings, lost = self.run.apply(bookings, waiting, self._room)
        return {
            "run": self.run.about,
            "bookings": bookings,
            "lost": lost,
            "unplaced": self.run.unplaced(list(rows.values()), self.standing.instructors),
        }

    def _room(self, row: dict, start: datetime) -> str | None:
        return self.standing.place(row["instructors"], start.date(), row["mode"])

    def _without_time(self, request, row: dict) -> dict:
        """What a request would look like as a conversation; from the first minute of the evening."""
        one, first = self.conversations[request.name], self.standing.first
        booking = frappe._dict(
            name=f"proposed:{request.name}", request=request.name, student=one.student, subject=one.subject,
            student_name=one.student_name, offer=one.offer, guardians=list(one.guardians), mode=one.mode,
            start=first, end=first + one.length, instructors=list(one.instructors), state="Planned",
            guardian_names=[row["guardian"]] if row["guardian"] else [], pinned=0, untold=0, cant_come=0,
            source="Scheduler",
        )  # fmt: skip
        return self._booking(booking)

    def _options(self) -> dict:
        """What could be done for those that wait; nothing, where nothing has been scheduled yet."""
        if not self.bookings:
            return {}
        facts = Facts(self.evening, self.conversations.values(), self.bookings)
        options = unplaced.Options(self.standing, facts, self.conversations)
        return options.of(self.waiting[: unplaced.MOST])

    def _seen_classes(self) -> set[str]:
        students = {row.student for row in (*self.bookings.values(), *self.waiting)}
        return {self.classes[student] for student in students if student in self.classes}

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
            "slots": slots_of(self.evening, row.end - row.start),
            "instructors": row.instructors,
            "guardians": ", ".join(row.guardian_names),
            "room": row.room,
            "table": row.table_label,
            "mode": row.mode,
            "state": row.state,
            "pinned": row.pinned,
            "untold": row.untold,
            "told": row.published_start,
            "source": row.source,
            "must": int(request.priority == "Must See"),
            "preference": request.preference or "",
            "remark": int(bool(request.remark)),
            "cant_come": row.cant_come,
            "fixed": int(bool(row.pinned) or row.state == "Published"),
        }

    def _unplaced(self, row, options: list) -> dict:
        one = self.conversations[row.name]
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
            "slots": slots_of(self.evening, one.length),
            "preference": row.preference or "",
            "remark": int(bool(row.remark)),
            "mode": one.mode,
            "reason": row.reason if row.state == "Not Placed" else None,
            "sentence": unplaced.why(row, self.standing.instructors),
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


def _classes(evening) -> dict[str, str]:
    """{student: class} of all active members of the classes of the evening's year."""
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    of_year = (group.academic_year == evening.academic_year) & (group.group_based_on == "Batch")
    names = frappe.qb.from_(group).select(group.name).where(of_year & (group.disabled == 0)).run(pluck=True)
    rows = (
        frappe.qb.from_(member)
        .select(member.student, member.parent)
        .where(among(member.parent, names) & (member.active == 1))
        .orderby(member.parent)
    ).run()
    found: dict[str, list[str]] = {}
    for student, name in rows:
        found.setdefault(student, []).append(name)
    return {student: ", ".join(dict.fromkeys(groups)) for student, groups in found.items()}
