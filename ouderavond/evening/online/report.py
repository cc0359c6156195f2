"""What staff see of the meetings of an evening: how many are where, and why some are not there."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe
from frappe.query_builder.functions import Coalesce, Count, Max, Min, Sum
from frappe.utils import get_datetime, now_datetime
from pypika import Case
from pypika.terms import ExistsCriterion

from ouderavond.evening import told
from ouderavond.evening.online import accounts, outcomes, rows, sentences, standing
from ouderavond.evening.online.wanted import WITHOUT_CALENDAR

# Something is due for so long, and nothing was done: no job runs.
STALLED = timedelta(minutes=15)
# What is due so soon is waited for by the job itself.
SOON = timedelta(seconds=60)


@dataclass
class Figures:
    """How many events of an evening are where; see `standing`.

    `making` also counts those that the next job is to begin with. `follows` is how many online conversations
    people know of for which there is no link yet, `next` when the next is tried again, `due` since when
    something waits for a job.
    """

    made: int = 0
    making: int = 0
    retry: int = 0
    failed: int = 0
    leaving: int = 0
    over: int = 0
    follows: int = 0
    next: datetime | None = None
    due: datetime | None = None

    @property
    def total(self) -> int:
        """How many events there should be."""
        return self.made + self.making + self.retry + self.failed

    @property
    def is_busy(self) -> bool:
        """Whether something is being done, or will be in a moment."""
        return bool(self.due) or bool(self.next and self.next - now_datetime() < SOON)


def figures(evening) -> Figures:
    """The figures of a Parent Evening document."""
    now, found = now_datetime(), Figures()
    row = frappe.qb.DocType(rows.DOCTYPE)
    where = standing.of(row, now)
    ahead = (row.online == 1) & row.live_key.isnotnull() & (row.end > now)
    follows = Case().when(ahead & standing.has_link(row).negate(), 1).else_(0)
    is_due = row.next_attempt.isnull() | (row.next_attempt <= now)
    query = (
        frappe.qb.from_(row)
        .select(where.as_("standing"), Count("*").as_("number"), Sum(follows).as_("follows"))
        .select(Min(Case().when(row.next_attempt > now, row.next_attempt)).as_("next"))
        .select(Min(Case().when(is_due, Coalesce(row.next_attempt, row.modified))).as_("due"))
        .where((row.evening == evening.name) & (row.state != "Cancelled"))
        .groupby(where)
    )
    for part in query.run(as_dict=True):
        setattr(found, part.standing, part.number)
        found.follows += int(part.follows or 0)
        if part.standing in ("retry", "leaving"):
            found.next = _first(found.next, part.next)
        if part.standing in ("making", "leaving"):
            found.due = _first(found.due, part.due)
    _add_begun_never(evening, found, now)
    return found


def _add_begun_never(evening, found: Figures, now: datetime) -> None:
    """Conversations that people know of, for which no job has begun an event yet."""
    if not evening.meeting_provider or not is_shown(evening):
        return
    booking, meeting = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType(rows.DOCTYPE)
    is_online = told.value(booking, "mode") == "Online"
    query = (
        frappe.qb.from_(booking)
        .left_join(meeting)
        .on(meeting.live_key == booking.name)
        .select(Count("*"), Sum(Case().when(is_online, 1).else_(0)), Min(booking.modified))
        .where((booking.evening == evening.name) & told.criterion(booking) & meeting.name.isnull())
        .where((told.value(booking, "end") > now) & _has_instructor(booking))
    )
    if not evening.in_person_in_calendar or evening.meeting_provider == WITHOUT_CALENDAR:
        query = query.where(is_online)
    number, online, since = query.run()[0]
    found.making += number
    found.follows += int(online or 0)
    # It may have been told long before somebody chose what makes the meetings.
    found.due = _first(found.due, since and max(since, get_datetime(evening.modified)))


def _has_instructor(booking) -> ExistsCriterion:
    present = frappe.qb.DocType("Evening Booking Instructor")
    query = frappe.qb.from_(present).select(present.name)
    return ExistsCriterion(query.where((present.parent == booking.name) & present.instructor.isnotnull()))


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def is_shown(evening) -> bool:
    """Whether anything is made for an evening at all."""
    return bool(evening.published) and not evening.archived


def failed(evening: str) -> int:
    """How many events could not be made or taken away, and wait for somebody."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    query = frappe.qb.from_(row).select(Count("*")).where((row.evening == evening) & (row.state == "Failed"))
    return query.where(standing.of(row, now_datetime()) == "failed").run()[0][0]


def failed_names(evening: str, code: str | None, names: list[str] | None) -> list[str]:
    """The Evening Meetings that failed, those of a reason or some of them."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    query = frappe.qb.from_(row).select(row.name)
    query = query.where((row.evening == evening) & (standing.of(row, now_datetime()) == "failed"))
    if code:
        query = query.where(row.code == code)
    if names is not None:
        query = query.where(row.name.isin(names or [""]))
    return query.run(pluck=True)


def waiting_names(evening: str) -> list[str]:
    """The Evening Meetings that wait for their next attempt, but for those that were asked to wait."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    query = frappe.qb.from_(row).select(row.name).where(row.evening == evening)
    query = query.where((row.next_attempt > now_datetime()) & (Coalesce(row.code, "") != "throttled"))
    return query.where(row.state != "Cancelled").run(pluck=True)


def stalled_for(found: Figures) -> int | None:
    """For how many minutes something has been due while no job did anything; None where all is well."""
    if not found.due:
        return None
    row = frappe.qb.DocType(rows.DOCTYPE)
    latest = frappe.qb.from_(row).select(Max(row.modified)).run()[0][0]
    since = max(found.due, latest) if latest else found.due
    waited = now_datetime() - since
    return int(waited / timedelta(minutes=1)) if waited > STALLED else None


# Why some are not there


@dataclass
class Reason:
    """Events that could not be made for one reason.

    `leaving` of them could not be taken away, `linked` of them have a link that is right all the same.
    `of_all`: it is about the settings, not about an account.
    """

    code: str
    sentence: str = ""
    number: int = 0
    leaving: int = 0
    linked: int = 0
    of_all: bool = False
    instructors: list[dict] = field(default_factory=list)


def reasons(evening: str) -> list[Reason]:
    """What somebody has to put right, the most frequent reason first, with the instructors concerned."""
    row, instructor = frappe.qb.DocType(rows.DOCTYPE), frappe.qb.DocType("Instructor")
    is_live = row.live_key.isnotnull()
    found = (
        frappe.qb.from_(row)
        .left_join(instructor)
        .on(instructor.name == row.instructor)
        .select(row.code, row.instructor, instructor.instructor_name.as_("title"), row.account)
        .select(Count("*").as_("number"), Max(row.detail).as_("detail"))
        .select(Sum(Case().when(row.live_key.isnull(), 1).else_(0)).as_("leaving"))
        .select(Sum(Case().when(is_live & standing.has_link(row), 1).else_(0)).as_("linked"))
        .where((row.evening == evening) & (standing.of(row, now_datetime()) == "failed"))
        .groupby(row.code, row.instructor, instructor.instructor_name, row.account)
        .orderby(instructor.instructor_name, row.instructor)
    ).run(as_dict=True)
    by_code = defaultdict(list)
    for part in found:
        by_code[part.code or ""].append(part)
    return sorted((_reason(code, parts) for code, parts in by_code.items()), key=lambda one: -one.number)


def _reason(code: str, parts: list) -> Reason:
    """One reason; its sentence names the account, and the other system's code, where there is only one."""
    who = {part.account or "" for part in parts}
    details = {part.detail or "" for part in parts}
    account = who.pop() if len(who) == 1 else ""
    detail = details.pop() if len(details) == 1 else ""
    said = sentences.of_failed(code or "unclear", account, detail)
    reason = Reason(code, said, of_all=code in outcomes.OF_ALL)
    for part in parts:
        reason.number += part.number
        reason.leaving += int(part.leaving)
        reason.linked += int(part.linked)
        names = {"name": part.instructor, "title": part.title or part.instructor or ""}
        reason.instructors.append({**names, "account": part.account or "", "number": part.number})
    return reason


def unset(evening: str) -> list[dict]:
    """What could not be set for meetings that are there: {code, sentence, number}."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    found = (
        frappe.qb.from_(row)
        .select(row.unset, Count("*"))
        .where((row.evening == evening) & (row.state == "Made") & (row.end > now_datetime()))
        .where(row.unset.isnotnull() & (row.unset != ""))
        .groupby(row.unset)
    ).run()
    numbers: dict[str, int] = defaultdict(int)
    for codes, number in found:
        for code in codes.split(","):
            numbers[code] += number
    return [
        {"code": code, "sentence": sentences.sentence(code), "number": number}
        for code, number in sorted(numbers.items())
    ]


def without_account(evening) -> list[dict]:
    """The instructors of an evening in whose calendar nothing can be put: {name, title}."""
    names = [name for name, account in accounts.of_evening(evening.name).items() if not account]
    fields = ["name", "instructor_name as title"]
    return frappe.get_all("Instructor", {"name": ("in", names or [""])}, fields, order_by="instructor_name")


def instructors(evening: str) -> list[dict]:
    """The instructors who have events at an evening: {name, title}."""
    row, instructor = frappe.qb.DocType(rows.DOCTYPE), frappe.qb.DocType("Instructor")
    return (
        frappe.qb.from_(row)
        .join(instructor)
        .on(instructor.name == row.instructor)
        .select(instructor.name, instructor.instructor_name.as_("title"))
        .distinct()
        .where(row.evening == evening)
        .orderby(instructor.instructor_name, instructor.name)
    ).run(as_dict=True)


def online_bookings(evening) -> dict[str, int]:
    """How many online conversations still to come have a time: those that were told, and the others."""
    booking = frappe.qb.DocType("Evening Booking")
    known = told.criterion(booking)
    query = (
        frappe.qb.from_(booking)
        .select(Count("*"), Sum(Case().when(known, 1).else_(0)))
        .where((booking.evening == evening.name) & ((booking.state == "Planned") | known))
        .where((told.value(booking, "mode") == "Online") & (told.value(booking, "end") > now_datetime()))
    )
    number, of_them = query.run()[0]
    return {"told": int(of_them or 0), "planned": number - int(of_them or 0)}
