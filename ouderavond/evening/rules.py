"""The rules that a booking must keep, each with the sentence that refuses it.

Double bookings are not checked here: the claims refuse them in the database. Read inside
`claims.transaction`, so that nothing changes between the check and the booking.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import format_datetime, formatdate, getdate

from ouderavond.evening import class_dates, grid
from ouderavond.evening.participants import participants_query


@dataclass(frozen=True)
class Proposal:
    """A conversation somebody wants to book: documents of the evening and the offer, and who comes when."""

    evening: object
    offer: object
    start: datetime
    end: datetime
    guardians: list[str]
    mode: str
    ignore: tuple[str, ...] = ()
    instructors: list[str] = field(default_factory=list)

    @property
    def date(self):
        return self.start.date()


def broken(proposal: Proposal) -> Iterator[str]:
    """The sentences of all rules that a proposal breaks, in the order in which people would look."""
    for rule in (_offered, _participates, _on_grid, _present, _not_forbidden, _not_blocked):
        yield from rule(proposal)
    for rule in (_not_yet_booked, _student_maximum, _instructor_maximum, _not_to_meet):
        yield from rule(proposal)


def impossible(proposal: Proposal, stays: bool = False) -> Iterator[str]:
    """What no reason of staff overrides, besides double booking: what is no time of the evening at all.

    Args:
        stays: it begins there already; the evening may have had other times then.
    """
    day = next((day for day in grid.slots(proposal.evening) if day.date == proposal.date), None)
    when = format_datetime(proposal.start, "d MMMM yyyy HH:mm")
    if not stays and (not day or proposal.start not in day.starts):
        yield _("No slot of this evening begins on {0}.").format(when)
    if is_endless(proposal.evening, day, proposal.start, proposal.end):
        yield _("A conversation from {0} on would take more than the evening.").format(when)


def is_endless(evening, day: grid.EveningDate | None, start: datetime, end: datetime) -> bool:
    """Whether a time is longer than all slots of its date, or goes on the day after."""
    slots = len(day.starts) if day else 0
    return end.date() != start.date() or (slots > 0 and end - start > grid.duration(evening, slots))


def _offered(proposal: Proposal) -> Iterator[str]:
    if not proposal.offer.offered:
        yield _("This conversation is not offered.")
    if proposal.evening.archived:
        yield _("This evening is archived.")


def _participates(proposal: Proposal) -> Iterator[str]:
    student = frappe.qb.DocType("Student")
    found = participants_query(proposal.evening).where(student.name == proposal.offer.student).run()
    if not found:
        yield _("{0} does not take part in this evening.").format(proposal.offer.student_name)


def _on_grid(proposal: Proposal) -> Iterator[str]:
    for day in grid.slots(proposal.evening):
        if proposal.start in day.starts and proposal.end <= day.end:
            return
    when = format_datetime(proposal.start, "d MMMM HH:mm")
    yield _("{0} is not a slot of this evening with room for the whole conversation.").format(when)


def _present(proposal: Proposal) -> Iterator[str]:
    for instructor in proposal.instructors:
        row = evening_instructor(proposal.evening.name, instructor, proposal.date)
        if not row or not _within(row, proposal):
            name = frappe.db.get_value("Instructor", instructor, "instructor_name")
            yield _("{0} is not present at that time.").format(name)


def evening_instructor(evening: str, instructor: str, date):
    """The Evening Instructor row of an instructor on a date, or None."""
    fields = ["room", "table_label", "present_from", "present_until", "maximum_conversations"]
    filters = {"evening": evening, "instructor": instructor, "date": date}
    return frappe.db.get_value("Evening Instructor", filters, fields, as_dict=True)


def _within(row, proposal: Proposal) -> bool:
    first = row.present_from is None or grid.at(proposal.date, row.present_from) <= proposal.start
    last = row.present_until is None or proposal.end <= grid.at(proposal.date, row.present_until)
    return first and last


def _not_forbidden(proposal: Proposal) -> Iterator[str]:
    if proposal.date in {getdate(row.date) for row in proposal.offer.forbidden_dates}:
        yield _("This conversation cannot be on {0}.").format(formatdate(proposal.date))
    for name in class_dates.forbidding(proposal.evening.name, proposal.offer.student, proposal.date):
        yield _("Conversations of class {0} cannot be on {1}.").format(name, formatdate(proposal.date))


def _not_blocked(proposal: Proposal) -> Iterator[str]:
    rows = frappe.get_all(
        "Evening Block",
        filters={"from_time": ("<", proposal.end), "to_time": (">", proposal.start)},
        fields=["evening", "who_type", "who", "who_name", "from_time", "to_time", "source"],
    )
    concerned = {("Instructor", name) for name in proposal.instructors}
    concerned |= {("Guardian", name) for name in proposal.guardians}
    concerned.add(("Student", proposal.offer.student))
    concerned |= {("Student Group", name) for name in classes_of(proposal.offer.student)}
    concerned |= {("Room", name) for name in _rooms(proposal)}
    for row in rows:
        if row.source == "Student":
            # Their own times: they keep the student away, by the claims, and nobody else.
            continue
        everyone = row.who_type == "Everyone" and row.evening == proposal.evening.name
        if everyone or (row.who_type, row.who) in concerned:
            who = _("Everyone") if everyone else row.who_name
            yield _("{0} is blocked from {1} to {2}.").format(
                who, format_datetime(row.from_time, "HH:mm"), format_datetime(row.to_time, "HH:mm")
            )


def _rooms(proposal: Proposal) -> list[str]:
    """The room that a conversation would be in; also a shared one can be blocked."""
    if proposal.mode == "Online" or not proposal.instructors:
        return []
    row = evening_instructor(proposal.evening.name, proposal.instructors[0], proposal.date)
    return [row.room] if row and row.room else []


def classes_of(student: str) -> list[str]:
    """The Student Groups in which a student is active."""
    return frappe.get_all("Student Group Student", {"student": student, "active": 1}, pluck="parent")


def _live_bookings(proposal: Proposal, **filters) -> list:
    filters |= {"evening": proposal.evening.name, "state": ("!=", "Cancelled")}
    filters["name"] = ("not in", proposal.ignore or ("",))
    return frappe.get_all("Evening Booking", filters=filters, fields=["name", "start", "end"])


def _of_guardians(bookings: list, guardians: list[str]) -> list:
    names = [row.name for row in bookings]
    filters = {"parent": ("in", names or [""]), "guardian": ("in", guardians or [""])}
    theirs = set(frappe.get_all("Evening Booking Guardian", filters=filters, pluck="parent"))
    return [row for row in bookings if row.name in theirs]


def _not_yet_booked(proposal: Proposal) -> Iterator[str]:
    if _of_guardians(_live_bookings(proposal, offer=proposal.offer.name), proposal.guardians):
        yield _("This conversation already has a time.")


def _student_maximum(proposal: Proposal) -> Iterator[str]:
    maximum = proposal.evening.maximum_per_student
    if not maximum:
        return
    booked = _of_guardians(_live_bookings(proposal, student=proposal.offer.student), proposal.guardians)
    if len(booked) >= maximum:
        yield _("There are already {0} conversations about {1}; the maximum is {2}.").format(
            len(booked), proposal.offer.student_name, maximum
        )


def _instructor_maximum(proposal: Proposal) -> Iterator[str]:
    for instructor in proposal.instructors:
        row = evening_instructor(proposal.evening.name, instructor, proposal.date)
        if not row or not row.maximum_conversations:
            continue
        names = frappe.get_all("Evening Booking Instructor", {"instructor": instructor}, pluck="parent")
        that_date = [
            b for b in _live_bookings(proposal) if b.name in names and b.start.date() == proposal.date
        ]
        if len(that_date) >= row.maximum_conversations:
            name = frappe.db.get_value("Instructor", instructor, "instructor_name")
            yield _("{0} already has {1} conversations on {2}, the maximum.").format(
                name, len(that_date), formatdate(proposal.date)
            )


def _not_to_meet(proposal: Proposal) -> Iterator[str]:
    pairs = not_to_meet(proposal.guardians)
    if not pairs:
        return
    own = _times(_of_guardians(_live_bookings(proposal), proposal.guardians))
    for other, minutes in pairs:
        theirs = _times(_of_guardians(_live_bookings(proposal), [other]))
        if would_meet(theirs, minutes, own, proposal.start, proposal.end):
            yield _("At that time these guardians would meet somebody they are not to meet.")


def _times(bookings: list) -> list[tuple[datetime, datetime]]:
    return [(row.start, row.end) for row in bookings]


def would_meet(theirs, minutes: int, own, start: datetime, end: datetime) -> bool:
    """Whether one who comes from `start` to `end` too would be there within `minutes` of somebody's stay.

    Args:
        theirs, own: times (start, end) of the other's and of one's own conversations, of all dates; or None.
    """
    day = start.date()
    theirs = [time for time in theirs or () if time[0].date() == day]
    if not theirs:
        return False
    stay = [time for time in own or () if time[0].date() == day] + [(start, end)]
    gap = timedelta(minutes=minutes)
    first, last = min(time[0] for time in stay), max(time[1] for time in stay)
    return first < max(time[1] for time in theirs) + gap and min(time[0] for time in theirs) < last + gap


def not_to_meet(guardians: list[str]) -> list[tuple[str, int]]:
    """(other guardian, minutes) for everybody whom one of the guardians is not to meet, either way round."""
    return [(other, minutes) for _own, other, minutes in pairs_not_to_meet(guardians)]


def pairs_not_to_meet(guardians: Iterable[str]) -> list[tuple[str, str, int]]:
    """(guardian, other guardian, minutes) of the pairs of these guardians, either way round."""
    found, names = [], list(guardians) or [""]
    pair = frappe.qb.DocType("Guardians Not To Meet")
    for own, other in ((pair.guardian, pair.other_guardian), (pair.other_guardian, pair.guardian)):
        found += frappe.qb.from_(pair).select(own, other, pair.minutes).where(own.isin(names)).run()
    return found


def times_of_guardians(evening: str, guardians: Iterable[str]) -> dict[str, list[tuple[datetime, datetime]]]:
    """{guardian: the (start, end) of their live conversations at an evening}."""
    booking, attends = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Guardian")
    rows = (
        frappe.qb.from_(booking)
        .join(attends)
        .on(attends.parent == booking.name)
        .select(attends.guardian, booking.start, booking.end)
        .where((booking.evening == evening) & (booking.state != "Cancelled"))
        .where(attends.guardian.isin(list(guardians) or [""]))
    ).run()
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for guardian, start, end in rows:
        found.setdefault(guardian, []).append((start, end))
    return found
