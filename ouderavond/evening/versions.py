"""A number per evening that grows when its table of places changes: what makes a refresh cost nearly nothing.

Kept in the cache alone. Where the cache has lost it, it starts again from the clock, so that an old number
never comes back. A process that dies between its commit and the new number would leave others with an old
table; the `WINDOW` in the tag ends that. Nothing is booked by the table: `reserving.basket` reads everything
again, under locks.
"""

import time
from contextlib import suppress
from datetime import datetime

import frappe
from frappe.utils import cstr, get_datetime, now_datetime
from redis.exceptions import RedisError

# Seconds after which a table is read again although no change was told.
WINDOW = 120
# Seconds between two live messages to staff: in the minute of opening everything changes all the time.
LIVE_EVERY = 1
KEPT = 7 * 24 * 3600


def bump(evening: str) -> None:
    """The table of an evening changes with what is being written now: tell it after the commit, once."""
    told = frappe.flags.setdefault("ouderavond_changed_evenings", set())
    if evening in told:
        return
    told.add(evening)
    frappe.db.after_commit.add(lambda: _tell(evening))
    frappe.db.after_rollback.add(lambda: told.discard(evening))


def _tell(evening: str) -> None:
    frappe.flags.get("ouderavond_changed_evenings", set()).discard(evening)
    # What was written is committed: a cache that cannot be reached must not make it look failed.
    with suppress(RedisError):
        current(evening)
        version = frappe.cache.incrby(_key(evening), 1)
        _tell_staff(evening, version)
    from ouderavond.evening.online import waking
    from ouderavond.evening.waiting import serving

    serving.wake(evening)
    waking.wake(evening)


def _tell_staff(evening: str, version: int) -> None:
    """A live message to whoever has the evening open on the desk; who misses one looks by themselves."""
    if frappe.cache.set(frappe.cache.make_key(f"ouderavond_live:{evening}"), 1, nx=True, ex=LIVE_EVERY):
        message = {"evening": evening, "version": int(version)}
        frappe.publish_realtime("ouderavond_schedule", message, doctype="Parent Evening", docname=evening)


def current(evening: str) -> int:
    """The number of an evening's table."""
    key = _key(evening)
    value = frappe.cache.get(key)
    if value is None:
        frappe.cache.set(key, time.time_ns() // 1000, nx=True, ex=KEPT)
        value = frappe.cache.get(key)
    return int(value)


def read_anew() -> None:
    """Read from here on what is in the database now, at least as new as the numbers read before this.

    The transaction of a request sees the database as it was at its first reading. A number read after that
    may tell of changes that it does not see: what is then shown would count as up to date. Nothing may have
    been written in the transaction.
    """
    frappe.db.rollback()


def expect(evening: str, moment: datetime) -> None:
    """The table will change at a moment by itself: a hold expires then."""
    key = _moments_key(evening)
    with suppress(RedisError):
        frappe.cache.zadd(key, {cstr(moment): moment.timestamp()})
        frappe.cache.expire(key, KEPT)


def tag(evening, user: str, state: str) -> str:
    """The ETag of a user's table of a Parent Evening document.

    Args:
        state: what else decides what is shown, such as whether booking is open.
    """
    now = now_datetime()
    passed = frappe.cache.zcount(_moments_key(evening.name), "-inf", now.timestamp())
    parts = (
        current(evening.name),
        passed,
        int(now.timestamp()) // WINDOW,
        get_datetime(evening.modified).timestamp(),
        user,
        state,
        frappe.local.lang,
    )
    return frappe.utils.sha256_hash("|".join(map(str, parts)))[:24]


def _key(evening: str) -> str:
    return frappe.cache.make_key(f"ouderavond_version:{evening}")


def _moments_key(evening: str) -> str:
    return frappe.cache.make_key(f"ouderavond_moments:{evening}")
