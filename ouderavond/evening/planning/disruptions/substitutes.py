"""Who could take conversations over from somebody who is missing: free at their times, known to the child."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import now_datetime

from ouderavond.evening import grid, people

TEACHES, SUBJECT = "teaches", "subject"


class Candidates:
    """The instructors of an evening, beside some conversations that somebody else should take over."""

    def __init__(self, situation, bookings: Iterable):
        self.evening, self.presence = situation.evening, situation.presence
        self.missing = situation.wish.instructor
        self.bookings = list(bookings)
        self.days = {day.date: day for day in grid.slots(self.evening)}
        names = {who for who, _day in self.presence} - {self.missing}
        self.keys = people.person_keys(
            [("Instructor", name) for name in names]
            + [("Guardian", name) for row in self.bookings for name in row.guardians]
        )
        self.names = sorted(names)
        self.busy = {row.name: self._busy(row.start, row.end) for row in self.bookings}
        self.teaches = _teaches(self.evening, {row.student for row in self.bookings if row.student})
        self.subjects = _subjects(self.evening.name, {row.subject for row in self.bookings})

    def _busy(self, start: datetime, end: datetime) -> set[str]:
        """The keys of those who have a conversation, a block or a hold then."""
        claim = frappe.qb.DocType("Booking Claim")
        counts = (claim.kind != "Hold") | (claim.expires >= now_datetime())
        query = frappe.qb.from_(claim).select(claim.who).distinct()
        return set(query.where((claim.tick >= start) & (claim.tick < end) & counts).run(pluck=True))

    def is_free(self, name: str, row) -> bool:
        """Whether an instructor is there and has nothing else at the time of a conversation."""
        key = self.keys[("Instructor", name)]
        own_child = key in {self.keys[("Guardian", one)] for one in row.guardians}
        if name in row.instructors or own_child or key in self.busy[row.name]:
            return False
        there, day = self.presence.get((name, row.start.date())), self.days[row.start.date()]
        if not there:
            return False
        first = grid.at(day.date, there.present_from) if there.present_from is not None else day.first
        last = grid.at(day.date, there.present_until) if there.present_until is not None else day.end
        return first <= row.start and row.end <= last

    def relation(self, name: str, row) -> str:
        """What makes somebody fit for a conversation: they teach the child, or the subject."""
        if name in self.teaches[row.student]:
            return TEACHES
        return SUBJECT if name in self.subjects[row.subject] else ""

    def fit(self, row) -> list[str]:
        """Those who are free for a conversation, the fittest first."""
        free = [name for name in self.names if self.is_free(name, row)]
        order = {TEACHES: 0, SUBJECT: 1, "": 2}
        return sorted(free, key=lambda name: (order[self.relation(name, row)], name))


def assign(situation, bookings: Iterable) -> dict[str, str]:
    """{booking: who takes it over at the same time}: who knows the child first, and evenly.

    Conversations for which fewer are free choose first, so that as many as possible find somebody.
    """
    found = Candidates(situation, bookings)
    load = _load(situation.evening.name)
    taken: dict[str, list] = defaultdict(list)
    given: dict[str, str] = {}
    fit = {row.name: found.fit(row) for row in found.bookings}
    order = {TEACHES: 0, SUBJECT: 1, "": 2}
    for row in sorted(found.bookings, key=lambda row: (len(fit[row.name]), row.start, row.name)):
        free = [one for one in fit[row.name] if not _meets(taken[one], row)]
        if free:
            best = min(free, key=lambda one: (order[found.relation(one, row)], load.get(one, 0), one))
            given[row.name] = best
            taken[best].append(row)
            load[best] = load.get(best, 0) + 1
    return given


def _meets(taken: list, row) -> bool:
    return any(other.start < row.end and row.start < other.end for other in taken)


def choices(situation) -> list[dict]:
    """Everybody who could be the substitute, the most useful first.

    Returns:
        {instructor, title, code, free (of how many times they are free), of, teaches (how many of the
        children), subject (of how many subjects), conversations (how many they have), there}.
    """
    found = Candidates(situation, situation.affected)
    load, codes = _load(situation.evening.name), _titles()
    rows = []
    for name, (title, code) in codes.items():
        if name == situation.wish.instructor:
            continue
        relations = [found.relation(name, row) for row in found.bookings]
        there = name in set(found.names)
        free = sum(1 for row in found.bookings if found.is_free(name, row)) if there else 0
        rows.append(
            {
                "instructor": name,
                "title": title,
                "code": code,
                "there": there,
                # Who has nothing to do that evening would come for this alone.
                "free": free if there else len(found.bookings),
                "of": len(found.bookings),
                "teaches": relations.count(TEACHES),
                "subject": relations.count(SUBJECT),
                "conversations": load.get(name, 0),
            }
        )
    return sorted(rows, key=lambda row: (not row["there"], -row["free"], -row["teaches"], row["title"]))


def _titles() -> dict[str, tuple[str, str]]:
    fields = ["name", "instructor_name", "ouderavond_code"]
    found = frappe.get_all("Instructor", {"status": "Active"}, fields)
    return {row.name: (row.instructor_name or row.name, row.ouderavond_code or "") for row in found}


def _load(evening: str) -> dict[str, int]:
    booking, sits = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Instructor")
    return dict(
        frappe.qb.from_(sits)
        .join(booking)
        .on(booking.name == sits.parent)
        .select(sits.instructor, Count("*"))
        .where((booking.evening == evening) & (booking.state != "Cancelled"))
        .groupby(sits.instructor)
        .run()
    )


def _teaches(evening, students: set[str]) -> dict[str, set[str]]:
    """{student: who teaches or taught them}: by the evening's offers and by their groups of any year."""
    found: dict[str, set[str]] = defaultdict(set)
    offer, sits = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Offer Instructor")
    wanted = sorted(students) or [""]
    offered = (
        frappe.qb.from_(offer)
        .join(sits)
        .on(sits.parent == offer.name)
        .select(offer.student, sits.instructor)
        .where((offer.evening == evening.name) & offer.student.isin(wanted))
    ).run()
    member = frappe.qb.DocType("Student Group Student")
    teaches = frappe.qb.DocType("Student Group Instructor")
    grouped = (
        frappe.qb.from_(member)
        .join(teaches)
        .on(teaches.parent == member.parent)
        .select(member.student, teaches.instructor)
        .where(member.student.isin(wanted))
    ).run()
    for student, instructor in (*offered, *grouped):
        found[student].add(instructor)
    return found


def _subjects(evening: str, subjects: set[str]) -> dict[str, set[str]]:
    """{subject: who offers conversations about it at this evening}."""
    offer, sits = frappe.qb.DocType("Conversation Offer"), frappe.qb.DocType("Conversation Offer Instructor")
    rows = (
        frappe.qb.from_(offer)
        .join(sits)
        .on(sits.parent == offer.name)
        .select(offer.subject, sits.instructor)
        .distinct()
        .where((offer.evening == evening) & offer.subject.isin(sorted(subjects) or [""]))
    ).run()
    found: dict[str, set[str]] = defaultdict(set)
    for subject, instructor in rows:
        found[subject].add(instructor)
    return found
