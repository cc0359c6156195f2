"""What staff do with single conversations, each as one change that can be taken back."""

from collections.abc import Iterable

import frappe
from frappe import _

from ouderavond.evening import booking
from ouderavond.evening.planning import changes
from ouderavond.evening.planning.report import Report


def book(
    offer: str,
    start,
    *,
    guardian: str | None = None,
    request: str | None = None,
    slots: int | None = None,
    mode: str | None = None,
    reason: str | None = None,
) -> Report:
    """Book an offered conversation for the household of a guardian; its name is `more["booking"]`.

    Raises:
        claims.TakenError: somebody has another conversation then.
        frappe.ValidationError: a rule is broken, and there is no reason to override it.
    """
    evening, student = frappe.db.get_value("Conversation Offer", offer, ["evening", "student"]) or (
        None,
        None,
    )
    if not evening:
        frappe.throw(_("This conversation is not offered any more."), frappe.DoesNotExistError)
    guardians = booking.party_of(evening, student, guardian)

    def work(edit) -> dict:
        options = {"request": request, "slots": slots, "mode": mode, "reason": reason}
        return {"booking": edit.book(offer, start, guardians=guardians, **options)}

    return changes.perform(evening, "Book", work)


def move(
    name: str,
    start=None,
    *,
    instructors: list[str] | None = None,
    slots: int | None = None,
    reason: str | None = None,
) -> Report:
    """Give a conversation another time, other instructors or another length; its name is `more["booking"]`.

    Raises:
        claims.TakenError, frappe.ValidationError: as `book`.
    """
    operation = "Change Instructor" if instructors else "Move" if start else "Change Length"

    def work(edit) -> dict:
        return {"booking": edit.move(name, start, instructors=instructors, slots=slots, reason=reason)}

    return changes.perform(_evening_of(name), operation, work)


def swap(name: str, other: str, *, reason: str | None = None) -> Report:
    """Let two conversations change their times.

    Raises:
        claims.TakenError, frappe.ValidationError: as `book`.
    """
    return changes.perform(_evening_of(name), "Swap", lambda edit: edit.swap(name, other, reason=reason))


def cancel(names: Iterable[str], *, reason: str | None = None) -> Report:
    """Cancel conversations of one evening; their requests wait for a place again.

    Raises:
        frappe.ValidationError: one has been cancelled already; none is then.
    """
    names = list(names)

    def work(edit) -> None:
        for name in names:
            edit.cancel(name, reason=reason)

    return changes.perform(_evening_of(*names), "Cancel", work)


def pin(names: Iterable[str], pinned: bool) -> Report:
    """Pin conversations of one evening, so that the scheduler leaves them where they are, or unpin them."""
    names = list(names)

    def work(edit) -> None:
        for name in names:
            edit.pin(name, pinned)

    return changes.perform(_evening_of(*names), "Pin" if pinned else "Unpin", work)


def _evening_of(*names: str) -> str:
    """The evening of conversations.

    Raises:
        frappe.DoesNotExistError: there are none, one is gone, or they are of several evenings.
    """
    found = frappe.get_all("Evening Booking", {"name": ("in", names or [""])}, pluck="evening")
    if len(found) < len(set(names)) or len(set(found)) != 1:
        frappe.throw(_("This conversation is not known any more."), frappe.DoesNotExistError)
    return found[0]
