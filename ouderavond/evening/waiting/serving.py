"""Offering places that come free to the first in line who can come, and passing on what was let pass.

Woken after whatever changed the places of an evening has been committed, and every five minutes for what was
missed. The place is held in the same transaction in which it is seen as free, under the locks of everybody
concerned; what has expired is given up and held for the next in one step. Any number may run at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import frappe
from frappe.utils import now_datetime
from redis.exceptions import RedisError

from ouderavond.evening import claims, versions
from ouderavond.evening.spans import Span
from ouderavond.evening.waiting import entries, letters
from ouderavond.evening.waiting.deciding import Place, Round

# A claim outlives its offer until this has surely run: nobody slips in before the next in line.
GRACE = timedelta(minutes=10)
# Seconds after which a job that was asked for and never began is asked for again.
PATIENCE = 60
ROUNDS = 20


def wake(evening: str) -> None:
    """The places of an evening changed: look soon whether somebody who waits can have one. Never raises."""
    if frappe.flags.ouderavond_serving:
        return
    try:
        if entries.somebody_waits(evening) and frappe.cache.set(_key(evening), 1, nx=True, ex=PATIENCE):
            frappe.enqueue(serve, queue="short", evening=evening)
    except Exception:
        # What was written is committed and must not look failed; the scheduler looks again.
        frappe.logger("ouderavond").exception("The waiting list could not be woken")


def serve_all() -> None:
    """Every five minutes: what was missed, and what expired."""
    for evening in entries.evenings():
        try:
            serve(evening)
        except Exception:
            frappe.db.rollback()
            frappe.log_error(
                title="Ouderavond: the waiting list could not be served",
                message=frappe.get_traceback(with_context=False),
                reference_doctype="Parent Evening",
                reference_name=evening,
            )
            frappe.db.commit()


def serve(evening: str) -> int:
    """Offer what is free to those who wait, and tell them. Commits.

    Returns:
        How many places were offered.
    """
    with suppress(RedisError):
        # From here on a change wakes another run: this one may already have read.
        frappe.cache.delete(_key(evening))
    with _serving():
        offered = _serve(evening)
        letters.tell_offered(evening)
    return offered


def _serve(evening: str) -> int:
    offered, taken = 0, set()
    for _round in range(ROUNDS):
        frappe.db.rollback()
        plan = _plan(evening, taken)
        if not plan:
            break
        names, people = plan
        step = _Step(evening, names)
        try:
            claims.transaction(evening, people, step.work)
        except claims.TakenError:
            # Somebody was quicker: what is behind this one in line is not to wait for it.
            taken.add(step.current)
            continue
        frappe.db.commit()
        offered += step.offered
        if not step.changed:
            break
    frappe.db.rollback()
    return offered


def _plan(evening: str, leave_out: set) -> tuple[list[str], set[tuple[str, str]]] | None:
    """The entries for which something is due, and everybody concerned; None where nothing is."""
    rows = [row for row in entries.in_line(evening) if row.name not in leave_out]
    if not rows:
        return None
    now = Round(frappe.get_doc("Parent Evening", evening), rows)
    names = list(now.released)
    for row in now.waiting:
        if place := now.place_for(row):
            now.give(row, place)
            names.append(row.name)
    return (names, now.people(names)) if names else None


class _Step:
    """What is due for some entries, decided again and written; repeatable, for `claims.transaction`."""

    def __init__(self, evening: str, names: list[str]):
        self.evening, self.names = evening, names
        self.current: str | None = None
        self.offered, self.changed = 0, False

    def work(self) -> None:
        """Give up what is over, then hold places for who is next."""
        self.offered = 0
        rows = entries.in_line(self.evening, only=self.names, locking=True)
        now = Round(frappe.get_doc("Parent Evening", self.evening), rows)
        self._give_up(now)
        for row in now.waiting:
            self.current = row.name
            if place := now.place_for(row):
                self._hold(now, row, place)
        self.changed = bool(now.released or self.offered)

    def _give_up(self, now: Round) -> None:
        if now.released:
            claims.replace(self.evening, now.released, [])
        for state in set(now.done.values()):
            entries.close([name for name, end in now.done.items() if end == state], state)
        entries.back_in_line(now.lost)

    def _hold(self, now: Round, row, place: Place) -> None:
        people = now.outlook.people(row) | ({("Room", place.room)} if place.room else set())
        claimed_until = place.until + GRACE
        span = Span(tuple(sorted(people)), place.start, place.end, "Hold", row.name, claimed_until)
        claims.replace(self.evening, [], [span])
        entries.change(
            row.name,
            state="Offered",
            offered_start=place.start,
            slots=place.slots,
            offered_at=now_datetime(),
            expires=place.until,
        )
        versions.expect(self.evening, claimed_until)
        now.give(row, place)
        self.offered += 1


@contextmanager
def _serving() -> Iterator[None]:
    """Act for everybody who waits, and do not wake oneself."""
    user = frappe.session.user
    if user != "Administrator":
        frappe.set_user("Administrator")
    frappe.flags.ouderavond_serving = True
    try:
        yield
    finally:
        frappe.flags.ouderavond_serving = False
        if user != "Administrator":
            frappe.set_user(user)


def _key(evening: str) -> str:
    return frappe.cache.make_key(f"ouderavond_waiting:{evening}")
