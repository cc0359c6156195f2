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
from datetime import timedelta

import frappe
from frappe.utils import get_system_timezone, now_datetime

from ouderavond.evening import identity, versions
from ouderavond.evening.online import comparing, looking, outcomes, providers, rows, wanted
from ouderavond.evening.online.comparing import Plan, Todo
from ouderavond.evening.online.site import marker
from ouderavond.meetings.protocol import Action, Failure

# Seconds for a job; what is left then is for the next one.
LONGEST = 20 * 60
# Seconds to wait for another job to end, and for a step that is due soon.
PATIENCE = 10
SOON = 60
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
        look: also look into the calendars, for what was deleted or moved there and for what is there too
            often. patience: seconds for which a step that is due soon is waited for.

    Returns:
        What was done; None where another job is at it.
    """
    with _alone() as alone:
        if not alone:
            return None
        run = _Run(time.monotonic() + LONGEST, patience)
        for evening in _evenings():
            with _logged(evening):
                if look and run.is_confirmed:
                    looking.look(evening, run.provider)
                run.evening(evening)
        return run.done


def _evenings() -> list[str]:
    """The evenings with something to make, the soonest first, and those with something to take away."""
    evening, day = frappe.qb.DocType("Parent Evening"), frappe.qb.DocType("Parent Evening Date")
    ahead = (
        frappe.qb.from_(evening)
        .join(day)
        .on((day.parent == evening.name) & (day.parenttype == "Parent Evening"))
        .select(evening.name)
        .distinct()
        .where((evening.meeting_provider != "") & (evening.published == 1) & (evening.archived == 0))
        .where(day.date >= now_datetime().date())
        .orderby(evening.name)
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
        self._providers: dict = {}

    def provider(self, name: str):
        """A provider by name, or a Failure where the settings do not suffice."""
        if name not in self._providers:
            self._providers[name] = providers.of(name)
        return self._providers[name]

    def evening(self, name: str) -> None:
        """Do all that is due of an evening, and what is due soon."""
        while time.monotonic() < self.deadline:
            frappe.db.rollback()
            events, plan = self._plan(name)
            if plan.changes_rows:
                _write(name, plan)
                continue
            batches = list(self._batches(plan.todo))
            if batches:
                for provider, todos in batches[:BATCHES]:
                    self._perform(name, provider, todos, events)
            elif not self._wait(plan):
                return

    def _plan(self, name: str) -> tuple[dict, Plan]:
        found = rows.of_evening(name)
        events, found = _wanted(name, found)
        plan = comparing.compare(events, found, now_datetime(), get_system_timezone(), marker())
        if not self.is_confirmed:
            plan.todo = [todo for todo in plan.todo if not providers.is_outward(todo.row.provider)]
        return events, plan

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
        self._pause(answers)

    def _count(self, todo: Todo, answer) -> None:
        if isinstance(answer, Failure):
            self.done.failed += 1
        else:
            self.done.done[todo.step.action.value] += 1

    def _pause(self, answers: list) -> None:
        """Where most were sent away, others would be too: wait as long as was asked."""
        asked = [one.retry_after or 0 for one in answers if _is_throttled(one)]
        if len(asked) * 2 > len(answers):
            time.sleep(min(max(asked), self.patience))

    def _wait(self, plan: Plan) -> bool:
        """Wait for the next step if it is due soon."""
        if not plan.later:
            return False
        seconds = max(0.0, (plan.later - now_datetime()) / timedelta(seconds=1))
        if seconds > self.patience or time.monotonic() + seconds > self.deadline:
            return False
        frappe.db.rollback()
        time.sleep(seconds)
        return True


def _is_throttled(answer) -> bool:
    return isinstance(answer, Failure) and answer.code == "throttled"


def _wanted(name: str, found: list) -> tuple[dict, list]:
    """What is wanted of an evening, and the rows to compare it with.

    Where the evening is not shown, what is there stays, but for what was to be taken away already. Where it
    was deleted, all is.
    """
    if not frappe.db.exists("Parent Evening", name):
        return {}, found
    evening = frappe.get_doc("Parent Evening", name)
    if evening.archived or not evening.published:
        return {}, [row for row in found if row.state == "Cancelling"]
    return wanted.of_evening(evening), found


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
