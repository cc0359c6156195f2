"""When the calendars are brought up to date: at once after a commit, and every five minutes."""

import frappe
from redis.exceptions import RedisError

from ouderavond.evening.online import job, outcomes, rows

# Seconds after which a job that was asked for and never began is asked for again.
PATIENCE = 30
QUEUE = "default"


def wake(evening: str) -> None:
    """Conversations of an evening changed: bring the calendars up to date soon. Never raises."""
    if frappe.flags.ouderavond_synchronising:
        return
    try:
        if frappe.get_cached_value("Parent Evening", evening, "meeting_provider") or rows.has_any(evening):
            start()
    except Exception:
        # What was written is committed and must not look failed; the scheduler looks again.
        frappe.logger("ouderavond").exception("The meetings could not be woken")


def start() -> None:
    """Have the job run soon, once, however often it is asked for."""
    if frappe.cache.set(_key(), 1, nx=True, ex=PATIENCE):
        frappe.enqueue(run, queue=QUEUE, timeout=job.LONGEST + 120)


def run() -> None:
    """The job after a change."""
    try:
        # From here on a change asks for another one: this one may already have read.
        frappe.cache.delete(_key())
    except RedisError:
        frappe.logger("ouderavond").exception("The cache could not be reached")
    job.synchronise()


def every_five_minutes() -> None:
    """What is missing, changed, or to be taken away still; and a look into the calendars."""
    job.synchronise(look=True)


def hourly() -> None:
    """Try again what failed for a reason of all accounts: somebody may have put the settings right."""
    if rows.retry({"code": ("in", list(outcomes.OF_ALL))}):
        start()


def _key() -> str:
    return frappe.cache.make_key("ouderavond_meetings_wanted")
