"""Times at which a household can't come, as a guardian or a student says for themselves.

They are blocks of that person: everybody who attends a conversation together with them cannot have it then
either, and learns no more than that the time is not available. Only what somebody said themselves is shown to
them and changed by them; what staff blocked stays.
"""

from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import escape_html

from ouderavond.evening import claims, messages, own_times, people, publishing, request_rules, wording
from ouderavond.evening.own_times import Time
from ouderavond.evening.participants import participants_query
from ouderavond.evening.reserving import windows


def of(evening: str, asker) -> list[Time]:
    """What an asker said before, in order."""
    return [Time(row.from_time, row.to_time) for row in _rows(evening, asker)]


def save(evening: str, asker, times: list[Time]) -> list[Time]:
    """Make an asker's times of an evening exactly these: all or nothing.

    Starts a transaction of its own: whatever was written before is rolled back.

    Returns:
        The times as they are stored: in order, and joined where they touch.

    Raises:
        frappe.ValidationError: it is too late, a time is not of the evening, or a conversation lies in it.
        frappe.PermissionError: the asker has nobody who takes part in this evening.
    """
    records = [("Guardian", name) for name in asker.guardians]
    if asker.student:
        records.append(("Student", asker.student))

    def work() -> list[Time]:
        doc = frappe.get_doc("Parent Evening", evening)
        stored = replace(doc, asker, times)
        messages.changed(evening, asker)
        return stored

    return claims.transaction(evening, records, work)


def replace(evening, asker, times: list[Time]) -> list[Time]:
    """As `save`, within `claims.transaction` with locks on the asker's records."""
    who_type, who = _who(evening, asker)
    _check_open(evening, asker)
    wanted = own_times.joined(own_times.checked(evening, times))
    there = _rows(evening.name, asker)
    new = own_times.new_among(wanted, there)
    if new:
        _refuse_over_conversations(evening, asker, new)
    own_times.replace(evening.name, there, wanted, who_type, who)
    return wanted


def _rows(evening: str, asker) -> list[frappe._dict]:
    return own_times.rows(evening, asker.source, [asker.student] if asker.student else asker.guardians)


def _who(evening, asker) -> tuple[str, str]:
    """The record that is blocked: the student, or the guardian of somebody who takes part."""
    student = frappe.qb.DocType("Student")
    links = [("Student", asker.student, asker.student)] if asker.student else []
    links += [("Guardian", row.guardian, row.student) for row in people.guardian_links(asker.guardians)]
    names = sorted({name for _doctype, _record, name in links})
    found = set(participants_query(evening).where(student.name.isin(names or [""])).run(pluck=True))
    who = next(((doctype, record) for doctype, record, name in links if name in found), None)
    if not who or not evening.published:
        frappe.throw(_("This evening is not one of yours."), frappe.PermissionError)
    return who


def _check_open(evening, asker) -> None:
    if _is_booking(evening, asker):
        return
    if evening.procedure == "Book Directly":
        frappe.throw(_("These times can be changed while places can be booked."))
    request_rules.check_evening(evening, asker)


def _is_booking(evening, asker) -> bool:
    return windows.booking_state(evening, asker)["state"] == "open"


def _refuse_over_conversations(evening, asker, times: list[Time]) -> None:
    """Name the asker's own conversation in one of the times; of what is not told yet, say no time."""
    bookings = _own_bookings(asker, times[0].start.date(), times[-1].end.date())
    told, secret = [], []
    for row in bookings:
        known = row.state == "Published" and not row.untold and _is_visible(row.evening)
        (told if known else secret).append(row)
    for row in told:
        if any(time.overlaps(row.start, row.end) for time in times):
            sentence = _("You have a conversation about {0} ({1}) on {2}. Move or cancel it first.")
            what = (escape_html(row.subject), escape_html(row.student_name), wording.moment(row.start))
            frappe.throw(sentence.format(*what))
    if any(row.evening == evening.name for row in secret):
        # Whatever times are meant: whoever tries them one by one would learn the schedule before it is told.
        frappe.throw(
            _("The school is making the schedule now. Please tell the school at which times you can't come.")
        )


def _own_bookings(asker, first, last) -> list[frappe._dict]:
    booking = frappe.qb.DocType("Evening Booking")
    query = (
        frappe.qb.from_(booking)
        .select(booking.name, booking.evening, booking.state, booking.untold, booking.subject)
        .select(booking.student_name, booking.start, booking.end)
        .where((booking.state != "Cancelled") & (booking.start >= first))
        .where(booking.start < last + timedelta(days=1))
        .orderby(booking.start, booking.name)
    )
    if asker.student:
        return query.where((booking.student == asker.student) & (booking.student_attends == 1)).run(as_dict=1)
    row = frappe.qb.DocType("Evening Booking Guardian")
    own = frappe.qb.from_(row).select(row.parent).where(row.guardian.isin(list(asker.guardians)))
    # Of a child that they no longer reach, they learn nothing.
    students = {link.student for link in people.guardian_links(asker.guardians)}
    return query.where(booking.name.isin(own) & booking.student.isin(sorted(students) or [""])).run(as_dict=1)


def _is_visible(evening: str) -> bool:
    return publishing.is_visible(frappe.get_cached_doc("Parent Evening", evening))
