"""A number per evening that grows with every tap: what makes looking again cost nearly nothing.

As `evening.versions` does for the table of places, in the cache alone.
"""

import time
from contextlib import suppress

import frappe
from redis.exceptions import RedisError

KEPT = 24 * 3600


def bump(evening: str) -> None:
    """Taps are being written: tell it after the commit."""
    frappe.db.after_commit.add(lambda: _tell(evening))


def _tell(evening: str) -> None:
    # What was tapped is committed: a cache that cannot be reached must not make it look failed.
    with suppress(RedisError):
        current(evening)
        frappe.cache.incrby(_key(evening), 1)


def current(evening: str) -> int:
    """The number of an evening's taps."""
    key = _key(evening)
    value = frappe.cache.get(key)
    if value is None:
        frappe.cache.set(key, time.time_ns() // 1000, nx=True, ex=KEPT)
        value = frappe.cache.get(key)
    return int(value or 0)


def _key(evening: str) -> str:
    return frappe.cache.make_key(f"ouderavond_taps:{evening}")
