"""Giving conversations a time from the board: each act is one change, checked again under the locks."""

from datetime import datetime

import frappe
from frappe import _

from ouderavond.evening import booking, grid
from ouderavond.evening.planning import booked, changes, conversation, moves, unplaced
from ouderavond.evening.planning.conversation import Conversation, Facts
from ouderavond.evening.planning.edit import Shift
from ouderavond.evening.planning.report import Report
from ouderavond.evening.planning.standing import Standing
from ouderavond.evening.planning.unplaced import Option


def move(
    evening,
    name: str,
    start,
    *,
    instructor: str | None = None,
    instead_of: str | None = None,
    slots: int | None = None,
    reason: str | None = None,
) -> Report:
    """Give a conversation of an evening (a document) another time, and another instructor if one is named.

    Args:
        instead_of: which of its instructors that one comes instead of; by default the first.

    Raises:
        claims.TakenError, frappe.ValidationError: it cannot be there; it then stays where it is.
    """
    one = conversation.of_booking(evening, name)
    people = with_other(evening, one, instructor, instead_of)
    same = people == list(one.instructors)
    return moves.move(name, start, instructors=None if same else people, slots=slots, reason=reason)


def with_other(evening, one: Conversation, instructor: str | None, instead_of: str | None) -> list[str]:
    """The instructors of a conversation once another one comes instead of one of them.

    Raises:
        frappe.ValidationError: the other one is not at this evening.
    """
    own = list(one.instructors)
    if not instructor or instructor in own:
        return own
    if not frappe.db.exists("Evening Instructor", {"evening": evening.name, "instructor": instructor}):
        frappe.throw(_("This instructor does not take part in this evening."))
    replaced = instead_of if instead_of in own else next(iter(own), None)
    return [instructor if name == replaced else name for name in own] or [instructor]


def swap(evening, name: str, other: str, *, reason: str | None = None) -> Report:
    """Let two conversations of an evening take each other's time.

    Raises:
        claims.TakenError, frappe.ValidationError: one cannot be there; both then stay where they are.
    """
    for each in (name, other):
        conversation.of_booking(evening, each)
    if name == other:
        frappe.throw(_("Choose two different conversations."))
    return moves.swap(name, other, reason=reason)


def book(
    evening,
    one: Conversation,
    start,
    *,
    instructor: str | None = None,
    instead_of: str | None = None,
    mode: str | None = None,
    reason: str | None = None,
) -> Report:
    """Give a conversation that has no time one; its name is `more["booking"]`.

    Raises:
        claims.TakenError, frappe.ValidationError: it cannot be there, or got a time meanwhile.
    """
    if one.booking:
        frappe.throw(_("This conversation already has a time."))
    people = with_other(evening, one, instructor, instead_of)
    moment = grid.minute(start)

    def work(edit) -> dict:
        return {"booking": _book(edit, one, moment, people, mode or one.mode, reason)}

    return changes.perform(evening.name, "Book", work)


def _book(edit, one: Conversation, start: datetime, people: list[str], mode: str, reason: str | None) -> str:
    if one.request:
        _refuse_answered(one.request)
    return edit.book(
        one.offer,
        start,
        guardians=list(one.guardians),
        request=one.request,
        slots=conversation.slots_of(edit.evening, one.length),
        mode=mode,
        instructors=people,
        reason=reason,
    )


def _refuse_answered(request: str) -> None:
    """Somebody else may have placed or withdrawn it since it was read."""
    state = frappe.db.get_value("Conversation Request", request, "state", for_update=True)
    if state not in unplaced.WAITING:
        frappe.throw(_("This request was placed or withdrawn meanwhile. Look again."))
    if frappe.db.exists("Evening Booking", {"request": request, "state": ("!=", "Cancelled")}):
        frappe.throw(_("This conversation already has a time."))


def place(
    evening,
    request: str,
    kind: str,
    start,
    *,
    instructor: str | None = None,
    reason: str | None = None,
) -> Report:
    """Carry out one of the options of a request (`unplaced.Options`), with the moves of others that it needs.

    Raises:
        claims.TakenError, frappe.ValidationError: it is not possible any more; nothing is moved then.
    """
    option = _option(evening, request, kind, grid.minute(start), instructor)

    def work(edit) -> dict:
        for other, _to in option.moves:
            _refuse_moved(other)
        if option.moves:
            edit.shift([Shift(other.booking, to) for other, to in option.moves], reason=reason)
        one = option.one
        return {"booking": _book(edit, one, option.start, list(one.instructors), one.mode, reason)}

    return changes.perform(evening.name, "Place", work)


def _option(evening, request: str, kind: str, start: datetime, instructor: str | None) -> Option:
    for option in sorted(options(evening, request), key=lambda option: not option.possible):
        people = option.one.instructors
        if (option.kind, option.start) == (kind, start) and (not instructor or instructor in people[:1]):
            return option
    frappe.throw(_("This is not possible any more: the schedule has changed meanwhile. Look again."))


def options(evening, request: str) -> list[Option]:
    """What could be done now for a request that has no time."""
    rows = unplaced.requests(evening.name, request)
    if request not in rows or rows[request].state not in unplaced.WAITING:
        frappe.throw(_("This request was placed or withdrawn meanwhile. Look again."))
    bookings = booked.everything(evening.name)
    one = conversation.of_request(evening, request)
    if one.booking:
        frappe.throw(_("This conversation already has a time."))
    people = {record for row in bookings.values() for record in conversation.people_of(row)}
    standing = Standing(evening, people.union(one.people), bookings)
    found = unplaced.Options(standing, Facts(evening, [one], bookings), {request: one})
    return found.of([rows[request]])[request]


def _refuse_moved(other: Conversation) -> None:
    doc = booking.live(other.booking)
    if doc.start != other.start or doc.pinned:
        text = _("The conversation about {0} was moved or pinned meanwhile. Look again.")
        frappe.throw(text.format(frappe.utils.escape_html(other.student_name)))
