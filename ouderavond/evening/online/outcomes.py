"""Keeping what came of a step: the one place that decides whether something is tried again, and when."""

import random
from datetime import datetime, timedelta

from frappe.utils import now_datetime

from ouderavond.evening.online import rows
from ouderavond.evening.online.comparing import Todo
from ouderavond.meetings.errors import PERMANENT
from ouderavond.meetings.protocol import Action, Failure, Found

# Seconds before the first repetition; each further one waits twice as long, at most an hour.
FIRST_WAIT = 5
LONGEST_WAIT = 3600
# With these waits the last try is some six hours after the first.
ATTEMPTS = 14
# The calendar does not exist any more, and so nothing is in it.
NO_CALENDAR = ("unknown_account", "no_mailbox")
# Whatever account it is about, the next call would fail in the same way.
OF_ALL = frozenset(
    {
        "wrong_settings",
        "wrong_secret",
        "expired_secret",
        "unknown_tenant",
        "unknown_client",
        "consent_missing",
    }
)


def keep(todo: Todo, outcome, wanted) -> None:
    """Write down what came of a step.

    Args:
        wanted: the `Wanted` that the step followed; None where an event is taken away.
    """
    if isinstance(outcome, Failure):
        _failed(todo, outcome)
    elif todo.step.action == Action.CANCEL:
        rows.over([todo.row.name])
    elif isinstance(outcome, Found):
        _found(todo, outcome, wanted)
    else:
        rows.anew(todo.row.name)


def _found(todo: Todo, found: Found, wanted) -> None:
    row = todo.row
    event = todo.step.event
    lost = event.online and not found.link and not found.pending
    attempts = (row.attempts or 0) + 1 if lost or found.pending else 0
    if attempts >= ATTEMPTS:
        _give_up(todo, "pending", "")
        return
    # An event that was found again may have been made before the conversation moved.
    as_wanted = (found.start, found.end) == (event.start, event.end)
    values = {
        "state": "Made",
        "event_id": found.id,
        "link": found.link or None,
        "pending": int(found.pending),
        "unset": ",".join(found.unset) or None,
        "start": event.start,
        "end": event.end,
        "uncertain": 0,
        "code": "meeting_lost" if lost else None,
        "detail": None,
        "attempts": attempts,
        "next_attempt": _later(attempts) if attempts else None,
        "checked_on": now_datetime(),
    }
    if todo.step.action != Action.READ or not as_wanted:
        values["fingerprint"] = wanted.fingerprint if wanted and as_wanted else None
    rows.update([row.name], **values)


def _failed(todo: Todo, failure: Failure) -> None:
    row, step = todo.row, todo.step
    if failure.code == "key_used":
        rows.anew(row.name)
    elif step.action == Action.CANCEL and failure.code in NO_CALENDAR:
        rows.over([row.name])
    elif failure.code in PERMANENT or (row.attempts or 0) + 1 >= ATTEMPTS:
        _give_up(todo, failure.code, failure.detail)
    else:
        _again(todo, failure)


def _again(todo: Todo, failure: Failure) -> None:
    row, step = todo.row, todo.step
    throttled = failure.code == "throttled"
    attempts = (row.attempts or 0) + (0 if throttled else 1)
    values = {
        "code": failure.code,
        "detail": failure.detail or None,
        "attempts": attempts,
        "next_attempt": _later(max(attempts, 1), failure.retry_after),
    }
    if step.action == Action.CREATE:
        # Who looked for it first and then failed still does not know.
        values["uncertain"] = int(failure.uncertain or step.again)
    rows.update([row.name], **values)


def _give_up(todo: Todo, code: str, detail: str) -> None:
    values = {"state": "Failed", "code": code, "detail": detail or None, "next_attempt": None}
    if todo.step.action == Action.CANCEL:
        # The conversation is not to wait for an event that nobody can take away.
        values["live_key"] = None
    rows.update([todo.row.name], **values)


def _later(attempts: int, asked: float | None = None) -> datetime:
    """When to try again: waits that double, spread so that not all come back at once, and never too early."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1)) * random.uniform(0.5, 1)
    if asked:
        wait = max(wait, asked * random.uniform(1, 1.2))
    return now_datetime() + timedelta(seconds=wait)
