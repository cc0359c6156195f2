"""Making what is in the calendars what it should be. Any number may be started; one works at a time.

Nothing is held in memory between steps: a job that is killed anywhere is repeated by the next one. Before an
event is made its key is written down, and that a call is on its way; who finds that looks for the event
first.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe
from frappe.query_builder.functions import Min
from frappe.utils import get_system_timezone, now_datetime

from ouderavond.evening import identity, publishing, versions
from ouderavond.evening.online import comparing, looking, outcomes, providers, rows, wanted
from ouderavond.evening.online.comparing import Plan, Todo
from ouderavond.evening.online.site import marker
from ouderavond.meetings.protocol import Action, Failure

# Seconds for a job; what is left then is for the next one.
LONGEST = 20 * 60
# Seconds to wait for another job to end, and for a step that is due soon.
PATIENCE = 10
SOON = 30
# Seconds for which a provider is left alone that did not say how long.
FIRST_PAUSE = 5
# Batches until what is wanted is read again: what is booked meanwhile comes first then.
BATCHES = 4
PROGRESS = "ouderavond_meetings"


@dataclass
class Done:
    """How many steps were done, by action, and how many failed."""

    done: Counter = field(default_factory=Counter)
    failed: int = 0


def synchronise(*, look: bool = False, patience: float = SOON) -> Done | None:
    """Make, change and take away what is due in all calendars. Commits.

    Args:
        look: also look into the calendars, for what was deleted or moved there, and is there too often.
        patience: seconds for which a step that is due soon is waited for.

    Returns:
        What was done; None where another job is at it.
    """
    run = _Run(time.monotonic() + LONGEST, patience)
    while True:
        with _alone() as alone:
            if not alone:
                return run.done if run.has_worked else None
            due = run.all(look=look and not run.has_worked)
        # Without the lock: what is booked meanwhile is not to wait for this.
        if not run.wait(due):
            return run.done


def evenings() -> list[str]:
    """The evenings with something to make, the soonest first, and those with something to take away."""
    evening, day = frappe.qb.DocType("Parent Evening"), frappe.qb.DocType("Parent Evening Date")
    ahead = (
        frappe.qb.from_(evening)
        .join(day)
        .on((day.parent == evening.name) & (day.parenttype == "Parent Evening"))
        .select(evening.name)
        .where((evening.meeting_provider != "") & (evening.published == 1) & (evening.archived == 0))
        .where(day.date >= now_datetime().date())
        .groupby(evening.name)
        .orderby(Min(day.date), evening.name)
    ).run(pluck=True)
    return list(dict.fromkeys([*ahead, *sorted(rows.evenings_with_rows())]))


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this is the only job at work; the database knows when the other one died."""
    name = f"ouderavond_meetings_{frappe.conf.db_name}"
    alone = frappe.db.sql("SELECT GET_LOCK(%s, %s)", (name, PATIENCE))[0][0] == 1
    try:
        yield alone
    finally:
        if alone:
            frappe.db.sql("SELECT RELEASE_LOCK(%s)", (name,))


@contextmanager
def _logged(evening: str) -> Iterator[None]:
    """One evening that fails is noted, and does not keep the others waiting."""
    frappe.flags.ouderavond_synchronising = True
    try:
        yield
    except Exception:
        frappe.db.rollback()
        frappe.log_error(
            title="Ouderavond: the meetings could not be brought up to date",
            message=frappe.get_traceback(with_context=False),
            reference_doctype="Parent Evening",
            reference_name=evening,
        )
        frappe.db.commit()
    finally:
        frappe.flags.ouderavond_synchronising = False


class _Run:
    """One job: its providers, its figures, and until when it may take."""

    def __init__(self, deadline: float, patience: float):
        self.deadline, self.patience = deadline, patience
        self.done = Done()
        self.is_confirmed = identity.is_confirmed()
        self.has_worked = False
        self._providers: dict = {}
        # Until when a provider that sends most away is left alone.
        self._paused: dict[str, datetime] = {}

    def provider(self, name: str):
        """A provider by name, or a Failure where the settings do not suffice."""
        if name not in self._providers:
            self._providers[name] = providers.of(name)
        return self._providers[name]

    def all(self, *, look: bool) -> list[datetime]:
        """Do all that is due of all evenings; the moments at which more is."""
        self.has_worked = True
        due = []
        for name in evenings():
            with _logged(name):
                if look and self.is_confirmed:
                    looking.look(name, self.provider)
                due.append(self.evening(name))
        return [moment for moment in due if moment]

    def evening(self, name: str) -> datetime | None:
        """Do all that is due of an evening; when its next step is due, None if none is."""
        while time.monotonic() < self.deadline:
            frappe.db.rollback()
            events, plan = self._plan(name)
            if plan.changes_rows:
                _write(name, plan)
                continue
            batches = list(self._batches(plan.todo))
            if not batches:
                return plan.later
            for provider, todos in batches[:BATCHES]:
                if provider not in self._paused:
                    self._perform(name, provider, todos, events)
        return None

    def wait(self, due: list[datetime]) -> bool:
        """Wait for the next step if it is due soon; one job does so for all."""
        if not due:
            return False
        seconds = max(0.0, (min(due) - now_datetime()) / timedelta(seconds=1))
        if seconds > self.patience or time.monotonic() + seconds > self.deadline:
            return False
        key = frappe.cache.make_key("ouderavond_meetings_waits")
        if not frappe.cache.set(key, 1, nx=True, ex=int(seconds) + 1):
            return False
        time.sleep(seconds)
        frappe.cache.delete(key)
        self._paused.clear()
        return True

    def _plan(self, name: str) -> tuple[dict, Plan]:
        found = rows.of_evening(name)
        events, found = _wanted(name, found)
        plan = comparing.compare(events, found, now_datetime(), get_system_timezone(), marker())
        if not self.is_confirmed:
            plan.todo = [todo for todo in plan.todo if not providers.is_outward(todo.row.provider)]
        self._leave_paused(plan)
        return events, plan

    def _leave_paused(self, plan: Plan) -> None:
        until = [self._paused[todo.row.provider] for todo in plan.todo if todo.row.provider in self._paused]
        plan.todo = [todo for todo in plan.todo if todo.row.provider not in self._paused]
        plan.later = min([*until, *([plan.later] if plan.later else [])], default=None)

    def _batches(self, todos: list[Todo]) -> Iterator[tuple[str, list[Todo]]]:
        """Steps in batches of a provider, few for each account."""
        for name in dict.fromkeys(todo.row.provider for todo in todos):
            left = [todo for todo in todos if todo.row.provider == name]
            size, each = self._sizes(name)
            while left:
                batch, counted, rest = [], Counter(), []
                for todo in left:
                    fits = len(batch) < size and counted[todo.row.account] < each
                    (batch if fits else rest).append(todo)
                    counted[todo.row.account] += fits
                yield name, batch
                left = rest

    def _sizes(self, name: str) -> tuple[int, int]:
        provider = self.provider(name)
        if isinstance(provider, Failure):
            return len(rows.FIELDS) * 1000, 10_000
        return provider.batch, provider.per_account

    def _perform(self, evening: str, name: str, todos: list[Todo], events: dict) -> None:
        provider = self.provider(name)
        if isinstance(provider, Failure):
            answers = [provider] * len(todos)
        else:
            # From here on nobody knows whether an event was made, until the answer is kept.
            making = [todo.row.name for todo in todos if todo.step.action == Action.CREATE]
            rows.update(making, uncertain=1)
            frappe.db.commit()
            answers = provider.perform([todo.step for todo in todos])
        kept = {}
        for todo, answer in zip(todos, answers, strict=True):
            kept[todo.row.name] = outcomes.values(todo, answer, events.get(todo.row.booking))
            self._count(todo, answer)
        rows.write(kept)
        wide = next(
            (one for one in answers if isinstance(one, Failure) and one.code in outcomes.SURELY_OF_ALL), None
        )
        if wide:
            self._providers[name] = wide
            _fail_all(name, wide)
        versions.bump(evening)
        frappe.db.commit()
        frappe.publish_realtime(PROGRESS, {"evening": evening}, doctype="Parent Evening", docname=evening)
        self._pause(name, answers)

    def _count(self, todo: Todo, answer) -> None:
        if isinstance(answer, Failure):
            self.done.failed += 1
        else:
            self.done.done[todo.step.action.value] += 1

    def _pause(self, name: str, answers: list) -> None:
        """Where most were sent away, others would be too: leave the provider alone as long as was asked."""
        asked = [one.retry_after or 0 for one in answers if _is_throttled(one)]
        if len(asked) * 2 > len(answers):
            self._paused[name] = now_datetime() + timedelta(seconds=max(FIRST_PAUSE, *asked))


def _is_throttled(answer) -> bool:
    return isinstance(answer, Failure) and answer.code == "throttled"


def _wanted(name: str, found: list) -> tuple[dict, list]:
    """What is wanted of an evening, and the rows to compare it with.

    Where its conversations are not shown, what is there stays, but for those that are off; nothing new is
    made. Where the evening was deleted, everything goes.
    """
    if not frappe.db.exists("Parent Evening", name):
        return {}, found
    evening = frappe.get_doc("Parent Evening", name)
    events = wanted.of_evening(evening)
    if evening.published and not evening.archived and publishing.is_visible(evening):
        return events, found
    return {}, [row for row in found if row.state == "Cancelling" or row.booking not in events]


def _write(evening: str, plan: Plan) -> None:
    """Write down what is to be made and to be taken away, before anything is called."""
    rows.update(plan.over, **rows.OVER)
    rows.update(plan.leaving, **rows.UNTRIED, state="Cancelling")
    rows.update([row.name for row in plan.again if row.event_id], **rows.UNTRIED, state="Made")
    rows.update([row.name for row in plan.again if not row.event_id], **rows.UNTRIED, state="Wanted")
    rows.add(evening, plan.new)
    frappe.db.commit()


def _fail_all(provider: str, failure: Failure) -> None:
    """No further call could succeed: say so of all that wait for it."""
    filters = {"provider": provider, "state": "Wanted"}
    names = frappe.get_all(rows.DOCTYPE, filters, pluck="name")
    rows.update(names, state="Failed", code=failure.code, detail=failure.detail or None, next_attempt=None)
