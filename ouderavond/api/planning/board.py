"""The planning board: reading it, and where a conversation fits."""

import frappe

from ouderavond.api.planning.page import evening_of
from ouderavond.evening.planning import board
from ouderavond.evening.planning import fits as fitting


@frappe.whitelist(methods=["GET", "POST"])
def read(evening: str, run: str | None = None) -> dict:
    """Who sits where, every conversation with its time, the blocks, and what has no time yet and why."""
    return board.read(evening_of(evening), run or None)


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
