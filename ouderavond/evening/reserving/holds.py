"""Holding places for a short time. A hold is claims that expire by themselves; it has no other record.

The reference of its claims says when it began, whose it is, and for which conversation: nobody else can
extend, accept or release it.
"""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import now_datetime

HOLD = "hold:"
SECONDS, LONGEST = 120, 600


def new_reference(user: str) -> str:
    """The reference of a new hold of a user, as a whole."""
    return f"{HOLD}{int(now_datetime().timestamp())}:{_mark(user)}:{frappe.generate_hash(length=16)}"


def of_conversation(whole: str, offer: str) -> str:
    """The reference of one conversation of a hold, as its claims have it."""
    return f"{whole}:{offer}"


def whole(reference: str) -> str:
    """The hold that a claim's reference belongs to."""
    return ":".join(reference.split(":")[:4])


def offer_of(reference: str) -> str:
    """The offer that a claim's reference is about."""
    return reference.split(":")[4]


def is_of(reference: str | None, user: str) -> bool:
    """Whether a hold, as a whole or of one conversation, is this user's."""
    parts = (reference or "").split(":")
    return len(parts) in (4, 5) and reference.startswith(HOLD) and parts[2] == _mark(user)


def _mark(user: str) -> str:
    return frappe.utils.sha256_hash(user)[:16]


def latest_end(reference: str) -> datetime:
    """The moment beyond which a hold cannot be extended."""
    return datetime.fromtimestamp(int(reference.split(":")[1])) + timedelta(seconds=LONGEST)


def references(evening: str, user: str) -> list[str]:
    """The references of all claims that are held for a user at an evening, expired or not."""
    claim = frappe.qb.DocType("Booking Claim")
    rows = (
        frappe.qb.from_(claim)
        .select(claim.reference)
        .distinct()
        .where((claim.kind == "Hold") & (claim.evening == evening))
        .where(claim.reference.like(f"{HOLD}%:{_mark(user)}:%"))
    ).run(pluck=True)
    return [reference for reference in rows if is_of(reference, user)]


def refuse() -> None:
    """Refuse a hold that is not there any more or is not the caller's, in the same words."""
    frappe.throw(_("These times are not held for you any more. Please look for times again."))
