"""The planning board: reading it, where a conversation fits, and what staff do with conversations on it."""

import frappe
from frappe import _

from ouderavond.api import running
from ouderavond.api.planning.page import evening_of
from ouderavond.evening import versions
from ouderavond.evening.planning import board, board_search, conversation, moves, placing
from ouderavond.evening.planning import fits as fitting
from ouderavond.evening.planning.report import Report

MOST = 2_000
REASON_LENGTH = 1_000


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str, run: str | None = None) -> dict:
    """Who sits where, every conversation with its time, the blocks, and what has no time yet and why."""
    doc = evening_of(evening)
    versions.read_anew()
    return board.read(doc, run or None)


@frappe.whitelist(methods=["GET", "POST"])
def fits(
    evening: str,
    booking: str | None = None,
    request: str | None = None,
    offer: str | None = None,
    guardian: str | None = None,
    slots: int | None = None,
    instead_of: str | None = None,
) -> dict:
    """For every instructor and slot whether one conversation fits there, and else why not."""
    return fitting.fits(
        evening_of(evening),
        booking=booking or None,
        request=request or None,
        offer=offer or None,
        guardian=guardian or None,
        slots=slots or None,
        instead_of=instead_of or None,
    )


@frappe.whitelist(methods=["GET", "POST"])
def offers(evening: str, text: str) -> list[dict]:
    """Conversations that could be booked by hand, by words from the student, class, subject or instructor."""
    return board_search.offers(evening_of(evening), text)


@frappe.whitelist(methods=["GET", "POST"])
def about(evening: str, booking: str) -> dict:
    """What staff want to know of a conversation: who comes, what they asked for, what happened to it."""
    return board_search.about(evening_of(evening), booking)


@frappe.whitelist(methods=["POST"])
def move(
    evening: str,
    booking: str,
    start: str,
    instructor: str | None = None,
    instead_of: str | None = None,
    slots: int | None = None,
    reason: str | None = None,
) -> dict:
    """Give a conversation another time, and another instructor where one is named."""
    people = {"instructor": instructor or None, "instead_of": instead_of or None}
    doc = evening_of(evening)
    return _answer(
        doc, placing.move(doc, booking, start, **people, slots=slots or None, reason=_reason(reason))
    )


@frappe.whitelist(methods=["POST"])
def swap(evening: str, booking: str, other: str, reason: str | None = None) -> dict:
    """Let two conversations take each other's time."""
    doc = evening_of(evening)
    return _answer(doc, placing.swap(doc, booking, other, reason=_reason(reason)))


@frappe.whitelist(methods=["POST"])
def book(
    evening: str,
    start: str,
    request: str | None = None,
    offer: str | None = None,
    guardian: str | None = None,
    slots: int | None = None,
    mode: str | None = None,
    instructor: str | None = None,
    instead_of: str | None = None,
    reason: str | None = None,
) -> dict:
    """Give a request, or an offer that nobody asked for, a time."""
    doc = evening_of(evening)
    if request:
        one = conversation.of_request(doc, request, slots or None)
    else:
        one = conversation.of_offer(doc, offer or "", guardian or None, slots or None)
    people = {"instructor": instructor or None, "instead_of": instead_of or None}
    return _answer(doc, placing.book(doc, one, start, **people, mode=_mode(mode), reason=_reason(reason)))


@frappe.whitelist(methods=["POST"])
def cancel(
    evening: str,
    booking: str | None = None,
    bookings: str | list | None = None,
    reason: str | None = None,
) -> dict:
    """Cancel one conversation, or several at once."""
    doc = evening_of(evening)
    return _answer(doc, moves.cancel(_names(doc, bookings or [booking]), reason=_reason(reason)))


@frappe.whitelist(methods=["POST"])
def pin(evening: str, bookings: str | list, pinned: int | bool) -> dict:
    """Pin conversations, so that the scheduler leaves them where they are, or unpin them."""
    doc = evening_of(evening)
    return _answer(doc, moves.pin(_names(doc, bookings), bool(int(pinned))))


@frappe.whitelist(methods=["POST"])
def lengthen(evening: str, booking: str, slots: int, reason: str | None = None) -> dict:
    """Give a conversation another length, from the same start."""
    doc = evening_of(evening)
    one = conversation.of_booking(doc, booking)
    if slots < 1:
        frappe.throw(_("A conversation takes at least one slot."))
    return _answer(doc, moves.move(one.booking, slots=slots, reason=_reason(reason)))


@frappe.whitelist(methods=["POST"])
def place(
    evening: str,
    request: str,
    kind: str,
    start: str,
    instructor: str | None = None,
    reason: str | None = None,
) -> dict:
    """Carry out one of the alternatives of a request, with the moves of others that it needs."""
    doc = evening_of(evening)
    return _answer(
        doc,
        placing.place(doc, request, kind, start, instructor=instructor or None, reason=_reason(reason)),
    )


def _answer(evening, report: Report) -> dict:
    return {"report": {**report.as_dict(), "version": versions.current(evening.name)}}


def _reason(text: str | None) -> str | None:
    running.check_length(text or "", REASON_LENGTH)
    return (text or "").strip() or None


def _mode(text: str | None) -> str | None:
    if text and text not in ("In Person", "Online"):
        frappe.throw(_("A conversation is in person or online."))
    return text or None


def _names(evening, value: str | list) -> list[str]:
    """Names of conversations of an evening, as they arrive.

    Raises:
        frappe.ValidationError: these are none, too many, or of another evening.
    """
    names = running.parsed(value) if isinstance(value, str) else value
    if (
        not isinstance(names, list)
        or not 0 < len(names) <= MOST
        or not all(isinstance(n, str) for n in names)
    ):
        frappe.throw(_("Choose at least one conversation, and at most {0}.").format(MOST))
    known = {"name": ("in", names), "evening": evening.name}
    if frappe.db.count("Evening Booking", known) != len(set(names)):
        frappe.throw(_("This conversation is not there any more."), frappe.DoesNotExistError)
    return list(dict.fromkeys(names))
