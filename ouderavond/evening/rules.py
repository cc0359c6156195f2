"""The rules that a booking must keep, each with the sentence that refuses it.

Double bookings are not checked here: the claims refuse them in the database. Read inside
`claims.transaction`, so that nothing changes between the check and the booking.
"""

from collections.abc import Iterator
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
        fields=["evening", "who_type", "who", "who_name", "from_time", "to_time", "reason"],
    )
    concerned = {("Instructor", name) for name in proposal.instructors}
    concerned |= {("Guardian", name) for name in proposal.guardians}
    concerned.add(("Student", proposal.offer.student))
    concerned |= {("Student Group", name) for name in classes_of(proposal.offer.student)}
    for row in rows:
        everyone = row.who_type == "Everyone" and row.evening == proposal.evening.name
        if everyone or (row.who_type, row.who) in concerned:
            who = _("Everyone") if everyone else row.who_name
            yield _("{0} is blocked from {1} to {2}.").format(
                who, format_datetime(row.from_time, "HH:mm"), format_datetime(row.to_time, "HH:mm")
            )


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
    for other, minutes in not_to_meet(proposal.guardians):
        gap = timedelta(minutes=minutes)
        theirs = _stay(_of_guardians(_live_bookings(proposal), [other]), proposal.date)
        own = _stay(_of_guardians(_live_bookings(proposal), proposal.guardians), proposal.date)
        first = min(own[0], proposal.start) if own else proposal.start
        last = max(own[1], proposal.end) if own else proposal.end
        if theirs and first < theirs[1] + gap and theirs[0] < last + gap:
            yield _("At that time these guardians would meet somebody they are not to meet.")


def _stay(bookings: list, date) -> tuple[datetime, datetime] | None:
    on_date = [row for row in bookings if row.start.date() == date]
    if not on_date:
        return None
    return min(row.start for row in on_date), max(row.end for row in on_date)


def not_to_meet(guardians: list[str]) -> list[tuple[str, int]]:
    """(other guardian, minutes) for everybody whom one of the guardians is not to meet, either way round."""
    found = []
    for own, other in (("guardian", "other_guardian"), ("other_guardian", "guardian")):
        rows = frappe.get_all(
            "Guardians Not To Meet", {own: ("in", guardians or [""])}, [other, "minutes"], as_list=True
        )
        found += [(name, minutes) for name, minutes in rows]
    return found
