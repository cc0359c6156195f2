"""What staff do on the desk. Each call checks the role, calls `evening`, and returns."""

from dataclasses import asdict

import frappe

from ouderavond.api import callers
from ouderavond.evening import blocks, publishing, runs, status
from ouderavond.evening import cant_come as giving_up
from ouderavond.evening import unplaced as not_placed
from ouderavond.evening.online import before_publishing
from ouderavond.evening.planning import moves


@frappe.whitelist(methods=["POST"])
def schedule(
    evening: str, time_limit: int | None = None, scenario: str | None = None, seed: int | None = None
) -> dict:
    """Start a run of the scheduler in the background."""
    callers.staff()
    return {"run": runs.start_run(evening, time_limit=time_limit, scenario=scenario, seed=seed)}


@frappe.whitelist(methods=["POST"])
def cancel_run(run: str) -> None:
    """Stop a run; it keeps its best schedule."""
    callers.staff()
    runs.cancel_run(run)


@frappe.whitelist(methods=["POST"])
def apply_run(run: str) -> dict:
    """Make the bookings of a run, all of them or none."""
    callers.staff()
    return asdict(runs.apply_run(run))


@frappe.whitelist(methods=["POST"])
def publish(evening: str) -> dict:
    """Publish the planned conversations and show the schedule."""
    callers.staff()
    before_publishing.require(frappe.get_doc("Parent Evening", evening))
    return asdict(publishing.publish(evening))


@frappe.whitelist(methods=["POST"])
def hide(evening: str) -> None:
    """Hide the schedule again."""
    callers.staff()
    publishing.hide(evening)


@frappe.whitelist(methods=["POST"])
def block(
    evening: str,
    who_type: str,
    from_time: str,
    to_time: str,
    who: str | None = None,
    reason: str | None = None,
) -> str:
    """Block a time for an instructor, guardian, student, class, room or everyone."""
    callers.staff()
    return blocks.block(evening, who_type, who, from_time, to_time, reason=reason)


@frappe.whitelist(methods=["POST"])
def unblock(block: str) -> None:
    """Take a block away."""
    callers.staff()
    blocks.unblock(block)


@frappe.whitelist(methods=["POST"])
def book(offer: str, start: str, guardian: str | None = None, reason: str | None = None) -> str:
    """Book an offered conversation for a household; a reason overrides every rule but a double booking."""
    callers.staff()
    return moves.book(offer, start, guardian=guardian, reason=reason).more["booking"]


@frappe.whitelist(methods=["POST"])
def move(booking_name: str, start: str, reason: str | None = None) -> None:
    """Move a conversation to another time."""
    callers.staff()
    moves.move(booking_name, start, reason=reason)


@frappe.whitelist(methods=["POST"])
def cancel_booking(booking_name: str, reason: str | None = None) -> None:
    """Cancel a conversation."""
    callers.staff()
    moves.cancel([booking_name], reason=reason)


@frappe.whitelist(methods=["POST"])
def pin(booking_name: str, pinned: int | bool) -> None:
    """Pin or unpin a conversation."""
    callers.staff()
    moves.pin([booking_name], bool(int(pinned)))


@frappe.whitelist(methods=["GET", "POST"])
def summary(evening: str) -> dict:
    """The counts of an evening, and the step that is due."""
    callers.staff()
    return status.summary(evening)


@frappe.whitelist(methods=["GET", "POST"])
def unplaced(run: str) -> list[dict]:
    """What a run could not place, and why, in sentences."""
    callers.staff()
    return not_placed.rows(run)


@frappe.whitelist(methods=["GET", "POST"])
def cant_come(evening: str) -> list[dict]:
    """The conversations that were given up and have no other time yet, with what would suit."""
    callers.staff()
    return giving_up.given_up(evening)


@frappe.whitelist(methods=["GET", "POST"])
def alternatives(booking_name: str) -> list[dict]:
    """The free times for a conversation that was given up, for its instructors and household."""
    callers.staff()
    return giving_up.alternatives(booking_name)


@frappe.whitelist(methods=["POST"])
def place_again(booking_name: str, start: str) -> str:
    """Give a conversation that was given up another time."""
    callers.staff()
    return giving_up.place(booking_name, start)
