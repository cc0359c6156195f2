"""What is kept of what came of a step: whether something is tried again, and when. Writes nothing."""

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
        "service_off",
        "clock_wrong",
    }
)
# Of these it is sure. A missing consent cannot always be told from one account that the app may not use.
SURELY_OF_ALL = OF_ALL - {"consent_missing"}


def values(todo: Todo, outcome, wanted) -> dict:
    """What is to be written into the row of a step.

    Args:
        outcome: as `protocol.Provider.perform` gives it.
        wanted: the `Wanted` that the step followed; None where an event is taken away.
    """
    if isinstance(outcome, Failure):
        return _failed(todo, outcome, wanted)
    if todo.step.action == Action.CANCEL:
        return rows.OVER
    if isinstance(outcome, Found):
        return _found(todo, outcome, wanted)
    return rows.anew()


def _found(todo: Todo, found: Found, wanted) -> dict:
    event = todo.step.event
    lost = event.online and not found.link and not found.pending
    # An event that was found again may have been made before the conversation moved.
    as_wanted = (found.start, found.end) == (event.start, event.end)
    refused = not as_wanted and todo.step.action == Action.CHANGE
    attempts = (todo.row.attempts or 0) + 1 if lost or found.pending or refused else 0
    if attempts >= ATTEMPTS:
        return _given_up(todo, Failure("unclear" if refused else "pending"), wanted)
    kept = {
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
        kept["fingerprint"] = wanted.fingerprint if wanted and as_wanted else None
    return kept


def _failed(todo: Todo, failure: Failure, wanted) -> dict:
    step = todo.step
    if failure.code == "key_used":
        return rows.anew()
    if step.action == Action.CANCEL and failure.code in NO_CALENDAR:
        return rows.OVER
    tried_enough = failure.code != "throttled" and (todo.row.attempts or 0) + 1 >= ATTEMPTS
    if failure.code in PERMANENT or tried_enough:
        return _given_up(todo, failure, wanted)
    return _again(todo, failure)


def _again(todo: Todo, failure: Failure) -> dict:
    attempts = (todo.row.attempts or 0) + 1
    if failure.code == "throttled":
        # Being sent away is no reason to give up, but one to come back ever later.
        attempts = min(attempts, ATTEMPTS - 2)
    kept = {
        "code": failure.code,
        "detail": failure.detail or None,
        "attempts": attempts,
        "next_attempt": _later(attempts, failure.retry_after),
    }
    if todo.step.action == Action.CREATE:
        kept["uncertain"] = _may_be_there(todo, failure)
    return kept


def _given_up(todo: Todo, failure: Failure, wanted) -> dict:
    kept = {
        "state": "Failed",
        "code": failure.code,
        "detail": failure.detail or None,
        "next_attempt": None,
    }
    if todo.step.action == Action.CANCEL:
        # The conversation is not to wait for an event that nobody can take away.
        kept["live_key"] = None
    elif wanted:
        # Tried in vain as it is now: only another change of it, or somebody, is reason to try again.
        kept["fingerprint"] = wanted.fingerprint
    if todo.step.action == Action.CREATE:
        kept["uncertain"] = _may_be_there(todo, failure)
    return kept


def _may_be_there(todo: Todo, failure: Failure) -> int:
    """Whether an event may have been made; who looked for it first and then failed still does not know."""
    return int(failure.uncertain or todo.step.again)


def _later(attempts: int, asked: float | None = None) -> datetime:
    """When to try again: waits that double, spread so that not all come back at once, and never too early."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1)) * random.uniform(0.5, 1)
    if asked:
        wait = max(wait, asked * random.uniform(1, 1.2))
    return now_datetime() + timedelta(seconds=wait)
