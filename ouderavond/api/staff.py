"""What staff do on the desk. Each call checks the role, calls `evening`, and returns."""

import json
from dataclasses import asdict

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.evening import blocks, booking, publishing, runs, status
from ouderavond.evening import unplaced as not_placed
from ouderavond.evening.offering import by_course


@frappe.whitelist(methods=["POST"])
def make_offers(
    evening: str,
    programs: str | list | None = None,
    courses: str | list | None = None,
    dry_run: int | bool = False,
) -> dict:
    """Offer conversations from the reference week's lessons, in a job; a dry run answers at once."""
    callers.staff()
    chosen = {"programs": _names(programs), "courses": _names(courses)}
    if int(dry_run):
        return _offer_counts(by_course.offer(evening, **chosen, dry_run=True))
    job = frappe.enqueue(
        offers_job,
        queue="long",
        timeout=600,
        job_id=f"ouderavond-offers-{evening}",
        deduplicate=True,
        enqueue_after_commit=True,
        evening=evening,
        user=frappe.session.user,
        **chosen,
    )
    return {"job": job.id if job else None}


def offers_job(evening: str, user: str, programs: list | None, courses: list | None) -> None:
    """The background job of `make_offers`: tells the user how far it is and how it ended."""

    def tell(**message) -> None:
        frappe.publish_realtime(
            "ouderavond_progress", {"evening": evening, "step": "offers", **message}, user=user
        )

    try:
        report = by_course.offer(
            evening, programs, courses, progress=lambda done, total: tell(done=done, total=total)
        )
    except frappe.ValidationError as error:
        frappe.db.rollback()
        tell(failed=True, message=str(error))
        raise
    tell(finished=True, **_offer_counts(report))


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
    return {"published": publishing.publish(evening)}


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
    evening, student = frappe.db.get_value("Conversation Offer", offer, ["evening", "student"]) or (
        None,
        None,
    )
    guardians = booking.party_of(evening, student, guardian) if evening else []
    return booking.book(offer, start, guardians=guardians, source="Staff", override_reason=reason)


@frappe.whitelist(methods=["POST"])
def move(booking_name: str, start: str, reason: str | None = None) -> None:
    """Move a conversation to another time."""
    callers.staff()
    booking.move(booking_name, start, override_reason=reason)


@frappe.whitelist(methods=["POST"])
def cancel_booking(booking_name: str, reason: str | None = None) -> None:
    """Cancel a conversation."""
    callers.staff()
    booking.cancel(booking_name, reason)


@frappe.whitelist(methods=["POST"])
def pin(booking_name: str, pinned: int | bool) -> None:
    """Pin or unpin a conversation."""
    callers.staff()
    booking.pin(booking_name, bool(int(pinned)))


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


def _names(value: str | list | None) -> list[str] | None:
    """A list of names that came as JSON text, as lists do; empty means all."""
    try:
        names = json.loads(value) if isinstance(value, str) and value else value
    except ValueError:
        names = value
    if names and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        frappe.throw(_("Programs and courses are sent as a list of names."))
    return names or None


def _offer_counts(report) -> dict:
    return report.as_dict()
