"""What an evening counts, each figure by one query."""

from dataclasses import dataclass, field

import frappe
from frappe.query_builder.functions import Count, Sum
from pypika import Case

from ouderavond.evening.online import report
from ouderavond.evening.participants import participants_query

LIVE = ("Planned", "Published")
ASKED = ("Requested", "Placed", "Not Placed")


@dataclass
class Counts:
    """The figures of one evening, as the form, the command line and the due step use them."""

    participants: int = 0
    classes: int = 0
    offers: int = 0
    offers_withheld: int = 0
    students_with_offers: int = 0
    instructors: int = 0
    blocks: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    households: int = 0
    bookings: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    pinned: int = 0
    untold: int = 0
    meetings_failed: int = 0
    run: frappe._dict | None = None
    changed_since_run: bool = False

    @property
    def asked(self) -> int:
        """Requests that were not withdrawn."""
        return sum(self.requests.get(state, 0) for state in ASKED)

    @property
    def booked(self) -> int:
        """Conversations that have a time."""
        return sum(self.bookings.get(state, 0) for state in LIVE)


def of(evening) -> Counts:
    """All figures of a Parent Evening document."""
    name = evening.name
    offers, withheld, students = _offers(name)
    run = latest_run(name)
    return Counts(
        participants=participants(evening),
        classes=classes(evening),
        offers=offers,
        offers_withheld=withheld,
        students_with_offers=students,
        instructors=_distinct("Evening Instructor", "instructor", name),
        blocks=frappe.db.count("Evening Block", {"evening": name}),
        requests=_by_state("Conversation Request", name),
        households=_asking_households(name),
        bookings=_by_state("Evening Booking", name),
        waiting=_by_state("Waiting List Entry", name),
        pinned=frappe.db.count("Evening Booking", {"evening": name, "pinned": 1, "state": ("in", LIVE)}),
        untold=frappe.db.count("Evening Booking", {"evening": name, "untold": 1}),
        meetings_failed=report.failed(name),
        run=run,
        changed_since_run=bool(run) and _changed_since(name, run.creation),
    )


def participants(evening) -> int:
    """How many students take part."""
    if not evening.participants:
        return 0
    return frappe.qb.from_(participants_query(evening)).select(Count("*")).run()[0][0]


def classes(evening) -> int:
    """How many classes have at least one participant."""
    if not evening.participants:
        return 0
    group, member = frappe.qb.DocType("Student Group"), frappe.qb.DocType("Student Group Student")
    return (
        frappe.qb.from_(member)
        .join(group)
        .on(group.name == member.parent)
        .select(Count(group.name).distinct())
        .where((group.group_based_on == "Batch") & (group.academic_year == evening.academic_year))
        .where((group.disabled == 0) & (member.active == 1))
        .where(member.student.isin(participants_query(evening)))
    ).run()[0][0]


def booked(evenings: list[str]) -> dict[str, int]:
    """The number of conversations with a time, of many evenings at once."""
    if not evenings:
        return {}
    booking = frappe.qb.DocType("Evening Booking")
    return dict(
        frappe.qb.from_(booking)
        .select(booking.evening, Count("*"))
        .where(booking.evening.isin(evenings) & booking.state.isin(LIVE))
        .groupby(booking.evening)
        .run()
    )


def times_booked(evening: str) -> list[tuple]:
    """The distinct (start, end, number) of conversations with a time."""
    booking = frappe.qb.DocType("Evening Booking")
    return (
        frappe.qb.from_(booking)
        .select(booking.start, booking.end, Count("*"))
        .where((booking.evening == evening) & booking.state.isin(LIVE))
        .groupby(booking.start, booking.end)
    ).run()


def latest_run(evening: str) -> frappe._dict | None:
    """The last Schedule Run."""
    fields = [
        "name",
        "state",
        "scenario",
        "placed",
        "total",
        "objective",
        "bound",
        "status",
        "applied_on",
        "creation",
    ]
    # What answers something that happened is no schedule to be applied.
    filters = {"evening": evening, "options": ("not like", '%"disruption"%')}
    runs = frappe.get_all("Schedule Run", filters, fields, order_by="creation desc", limit=1)
    return runs[0] if runs else None


def _changed_since(evening: str, moment) -> bool:
    return bool(frappe.db.exists("Conversation Request", {"evening": evening, "modified": (">", moment)}))


def _offers(evening: str) -> tuple[int, int, int]:
    offer = frappe.qb.DocType("Conversation Offer")
    student = Case().when(offer.offered == 1, offer.student)
    rows = (
        frappe.qb.from_(offer)
        .select(Count("*"), Sum(offer.offered), Count(student).distinct())
        .where(offer.evening == evening)
    ).run()
    total, offered, students = rows[0]
    return int(offered or 0), int(total - (offered or 0)), students


def _by_state(doctype: str, evening: str) -> dict[str, int]:
    table = frappe.qb.DocType(doctype)
    query = frappe.qb.from_(table).select(table.state, Count("*")).where(table.evening == evening)
    return dict(query.groupby(table.state).run())


def _distinct(doctype: str, fieldname: str, evening: str) -> int:
    table = frappe.qb.DocType(doctype)
    query = frappe.qb.from_(table).select(Count(table[fieldname]).distinct())
    return query.where(table.evening == evening).run()[0][0]


def _asking_households(evening: str) -> int:
    """Groups of people who attend together for one child or another, among those who asked."""
    request = frappe.qb.DocType("Conversation Request")
    query = frappe.qb.from_(request).select(request.party).distinct()
    parties = query.where((request.evening == evening) & request.state.isin(ASKED)).run(pluck=True)
    households: list[set[str]] = []
    of_person: dict[str, set[str]] = {}
    for party in parties:
        household = set((party or "").split("|"))
        for other in {
            id(of_person[person]): of_person[person] for person in household & of_person.keys()
        }.values():
            household |= other
            households.remove(other)
        households.append(household)
        of_person.update(dict.fromkeys(household, household))
    return len(households)
