"""When the calendars are brought up to date: at once after a commit, and every five minutes."""

from contextlib import suppress

import frappe
from frappe.utils import now_datetime
from redis.exceptions import RedisError

from ouderavond.evening.online import job, outcomes, rows

# Seconds after which a job that was asked for and never began is asked for again.
PATIENCE = 30
QUEUE = "default"
# Seconds for which is known when the calendars were looked into.
LOOKED = 24 * 3600


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
    """Have what is missing, changed, or to be taken away still done; and the calendars looked into."""
    if job.evenings():
        # A job of its own: the scheduler's have less time than a large evening takes.
        _look_soon()


def ask_to_look() -> None:
    """Have the calendars looked into now, once, however often it is asked for."""
    _keep_looked("asked", job.LONGEST)
    _look_soon()


def _look_soon() -> None:
    frappe.enqueue(look, queue=QUEUE, timeout=job.LONGEST + 120, job_id="ouderavond_look", deduplicate=True)


def look() -> None:
    """Look into the calendars, and repair what is found there."""
    done = job.synchronise(look=True)
    _keep_looked("busy" if done is None else "done", LOOKED)


def looked() -> dict | None:
    """What is known of the latest look: {state, on}; asked, done, or busy where another job was at work."""
    return frappe.cache.get_value("ouderavond_looked", expires=True)


def _keep_looked(state: str, seconds: int) -> None:
    with suppress(RedisError):
        value = {"state": state, "on": now_datetime()}
        frappe.cache.set_value("ouderavond_looked", value, expires_in_sec=seconds)


def hourly() -> None:
    """Try again what failed for a reason of all accounts, and what no page shows any more. Commits."""
    of_all = rows.retry({"code": ("in", list(outcomes.OF_ALL))})
    if of_all + rows.retry({"name": ("in", rows.of_deleted_evenings() or [""])}):
        frappe.db.commit()
        start()


def _key() -> str:
    return frappe.cache.make_key("ouderavond_meetings_wanted")
