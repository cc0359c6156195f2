"""Telling people what they changed once they have been done for a while.

Whoever changes something is marked in the same transaction (`messages.mark`). A scheduled job tells those who
have been quiet since; what fails is marked again and tried later.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from ouderavond.evening import messages
from ouderavond.evening.offering import letters
from ouderavond.evening.offering.letters import Letter, NotTold

QUIET = timedelta(minutes=2)
AGAIN_AFTER = timedelta(minutes=30)

# Makes the letters about a Parent Evening document to a person key, or none.
Compose = Callable[[object, str], tuple[list[Letter], NotTold]]


def tell(event: str, compose: Compose, before: datetime | None = None) -> int:
    """Tell everybody who is marked with `event` and has been quiet since `before`. Commits.

    `compose` asks `messages.once`, in the transaction in which the letter is queued.

    Returns:
        How many were told.
    """
    before = before or now_datetime() - QUIET
    return sum(_tell_safely(event, row, compose, before) for row in messages.marked(event, before))


def _tell_safely(event: str, row, compose: Compose, before: datetime) -> int:
    """Tell one of them: what fails is tried again, and keeps nobody else from theirs."""
    frappe.db.rollback()
    try:
        if frappe.db.get_value("Parent Evening", row.evening, "archived"):
            messages.take_mark(event, row.evening, row.person, before)
            frappe.db.commit()
            return 0
        # Asked first, since what is refused later has been committed by then.
        told = None if letters.obstacle(row.evening) else _tell(event, row, compose, before)
    except Exception:
        frappe.db.rollback()
        frappe.log_error(
            title="Ouderavond: somebody was not told what they changed",
            message=frappe.get_traceback(with_context=False),
        )
        told = None
    if told is None:
        _try_again(event, row)
    return told or 0


def _tell(event: str, row, compose: Compose, before: datetime) -> int | None:
    """How many were told; None where the letter could not be handed over."""
    frappe.db.rollback()
    if not messages.take_mark(event, row.evening, row.person, before):
        return 0
    found, _not_told = compose(frappe.get_doc("Parent Evening", row.evening), row.person)
    if not found:
        frappe.db.commit()
        return 0
    # The mark, that this state is told, and the letter: committed with the letter, or none of them.
    told = letters.tell(row.evening, lambda _doc: (found, []))
    frappe.db.rollback()
    return 1 if told.sent else None


def _try_again(event: str, row) -> None:
    if frappe.db.exists(messages.DOCTYPE, {"event": event, "evening": row.evening, "person": row.person}):
        messages.mark(event, row.evening, row.person, now_datetime() + AGAIN_AFTER - QUIET)
    frappe.db.commit()
