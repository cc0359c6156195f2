"""Times that instructors block for themselves, where the evening lets them.

They see and change only what they said themselves; what staff blocked stays. A person with several records
blocks the time for each of them that sits on that date, so that whoever reads by record finds it.
"""

from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import escape_html, now_datetime

from ouderavond.evening import claims, grid, own_times, publishing, wording
from ouderavond.evening.own_times import Time


def why_not(evening) -> str | None:
    """Why instructors cannot block times of a Parent Evening document now, in a sentence; None: they can."""
    if evening.archived:
        return _("This evening is archived.")
    if not evening.instructors_may_block:
        return _("At this evening the school blocks times for you. Please tell the school.")
    days = grid.slots(evening)
    if not days or days[-1].end <= now_datetime():
        return _("This evening is over.")
    return None


def of(evening: str, instructors: list[str]) -> list[Time]:
    """What the records of one person blocked for themselves, in order."""
    return own_times.joined(
        Time(row.from_time, row.to_time) for row in own_times.rows(evening, "Instructor", instructors)
    )


def of_staff(evening: str, instructors: list[str]) -> list[Time]:
    """What staff blocked for them, in order: it is theirs to see and not to change."""
    filters = {"evening": evening, "who_type": "Instructor", "who": ("in", instructors or [""])}
    filters["source"] = ("!=", "Instructor")
    rows = frappe.get_all("Evening Block", filters, ["from_time", "to_time"])
    return own_times.joined(Time(row.from_time, row.to_time) for row in rows)


def save(evening: str, instructors: list[str], times: list[Time]) -> list[Time]:
    """Make the times that a person blocked for an evening exactly these: all or nothing.

    Starts a transaction of its own: whatever was written before is rolled back.

    Args:
        evening: name of the Parent Evening.
        instructors: the Instructor records of one person.

    Returns:
        The times as they are stored: in order, and joined where they touch.

    Raises:
        frappe.ValidationError: the evening does not allow it, a time is not of the evening or on a date
            on which they do not sit, or a conversation or a block of staff lies in it.
        frappe.PermissionError: they do not sit at this evening.
    """

    def work() -> list[Time]:
        doc = frappe.get_doc("Parent Evening", evening)
        sits = _sits(doc, instructors)
        if refusal := why_not(doc):
            frappe.throw(refusal)
        wanted = own_times.joined(own_times.checked(doc, times))
        there = own_times.rows(evening, "Instructor", instructors)
        known = of(evening, instructors)
        new = [time for time in wanted if time not in known]
        _refuse_elsewhere(sits, new)
        _refuse_over_staff(evening, instructors, new)
        _refuse_over_conversations(doc, instructors, new)
        for instructor in instructors:
            own = [row for row in there if row.who == instructor]
            mine = [time for time in wanted if time.start.date() in sits.get(instructor, ())]
            own_times.replace(evening, own, mine, "Instructor", instructor)
        return wanted

    return claims.transaction(evening, [("Instructor", name) for name in instructors], work)


def _sits(evening, instructors: list[str]) -> dict[str, set]:
    """{record: the dates on which it sits}."""
    filters = {"evening": evening.name, "instructor": ("in", instructors or [""])}
    found: dict[str, set] = {}
    for instructor, day in frappe.get_all(
        "Evening Instructor", filters, ["instructor", "date"], as_list=True
    ):
        found.setdefault(instructor, set()).add(day)
    if not found or not evening.published:
        frappe.throw(_("This evening is not one of yours."), frappe.PermissionError)
    return found


def _refuse_elsewhere(sits: dict[str, set], times: list[Time]) -> None:
    dates = set().union(*sits.values())
    for time in times:
        if time.start.date() not in dates:
            frappe.throw(_("You are not expected on {0}.").format(wording.day(time.start)))


def _refuse_over_staff(evening: str, instructors: list[str], times: list[Time]) -> None:
    for block in of_staff(evening, instructors):
        if any(time.overlaps(*block) for time in times):
            sentence = _("The school already blocked the time from {0} to {1} for you on {2}.")
            start, end = block
            frappe.throw(
                sentence.format(wording.time(start.time()), wording.time(end.time()), wording.day(start))
            )


def _refuse_over_conversations(evening, instructors: list[str], times: list[Time]) -> None:
    """Name the conversation that lies in one of the times; of what they were not told, say no time."""
    if not times:
        return
    secret = False
    for row in _conversations(instructors, times[0].start.date(), times[-1].end.date()):
        told = row.state == "Published" and not row.untold and _is_visible(row.evening)
        if told and any(time.overlaps(row.start, row.end) for time in times):
            sentence = _("You have a conversation about {0} ({1}) on {2}. Ask the school to move it first.")
            what = (escape_html(row.subject), escape_html(row.student_name), wording.moment(row.start))
            frappe.throw(sentence.format(*what))
        secret |= not told and row.evening == evening.name
    if secret:
        # Whatever times are meant: whoever tries them one by one would learn the schedule before it is told.
        frappe.throw(
            _("The school is making the schedule now. Please tell the school at which times you can't come.")
        )


def _conversations(instructors: list[str], first, last) -> list[frappe._dict]:
    booking, sits = frappe.qb.DocType("Evening Booking"), frappe.qb.DocType("Evening Booking Instructor")
    own = frappe.qb.from_(sits).select(sits.parent).where(sits.instructor.isin(instructors))
    return (
        frappe.qb.from_(booking)
        .select(booking.name, booking.evening, booking.state, booking.untold, booking.subject)
        .select(booking.student_name, booking.start, booking.end)
        .where((booking.state != "Cancelled") & booking.name.isin(own))
        .where((booking.start >= first) & (booking.start < last + timedelta(days=1)))
        .orderby(booking.start, booking.name)
    ).run(as_dict=True)


def _is_visible(evening: str) -> bool:
    return publishing.is_visible(frappe.get_cached_doc("Parent Evening", evening))
