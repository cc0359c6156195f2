"""What is to be done so that what is there becomes what should be there. Reads and writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ouderavond.evening.online.wanted import Wanted
from ouderavond.meetings.protocol import Action, Event, Step


@dataclass
class Todo:
    """A step, the row it is about, and when what it follows was told."""

    row: object
    step: Step
    told_at: datetime | None = None


@dataclass
class Plan:
    """What is to be done.

    Attributes:
        new: events without a row.
        over: rows of which nothing is in any calendar.
        leaving: rows whose event is to be taken away.
        again: rows that failed, and are wanted otherwise now.
        todo: steps that are due, what was told last first.
        later: the moment at which the next step is due; None if none is.
    """

    new: list[Wanted] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    again: list = field(default_factory=list)
    todo: list[Todo] = field(default_factory=list)
    later: datetime | None = None

    @property
    def changes_rows(self) -> bool:
        """Whether rows are to be written before any step."""
        return bool(self.new or self.over or self.leaving or self.again)


def compare(wanted: dict[str, Wanted], rows: Iterable, now: datetime, zone: str, site: str) -> Plan:
    """Compare the events that should be there with the rows of those that are.

    Args:
        wanted: by booking.
        rows: of Evening Meeting, not cancelled.
    """
    plan = Plan()
    having = set()
    for row in rows:
        if row.live_key:
            having.add(row.live_key)
        _Row(plan, row, wanted.get(row.booking), now, zone, site).compare()
    plan.new = [one for name, one in wanted.items() if name not in having and not one.is_over]
    plan.todo.sort(key=lambda todo: todo.told_at, reverse=True)
    return plan


@dataclass
class _Row:
    plan: Plan
    row: object
    wanted: Wanted | None
    now: datetime
    zone: str
    site: str

    def compare(self) -> None:
        row = self.row
        if row.state == "Cancelling":
            self._step(Action.CANCEL)
        elif not row.live_key or (row.end and row.end <= self.now and not self._ahead()):
            return
        elif not self._is_wanted():
            self._take_away()
        elif row.state == "Failed":
            if row.fingerprint != self.wanted.fingerprint:
                self.plan.again.append(row)
        else:
            self._make()

    def _ahead(self) -> bool:
        """Whether the conversation is still to come, whenever its event is."""
        return bool(self.wanted and not self.wanted.is_over)

    def _is_wanted(self) -> bool:
        row, wanted = self.row, self.wanted
        if not wanted:
            return False
        same = (row.provider, row.account or "", bool(row.online))
        return wanted.is_over or same == (wanted.provider, wanted.account, wanted.online)

    def _take_away(self) -> None:
        there = self.row.event_id or self.row.uncertain
        (self.plan.leaving if there else self.plan.over).append(self.row.name)

    def _make(self) -> None:
        row = self.row
        if self.wanted.is_over:
            return
        if row.state == "Wanted":
            self._step(Action.CREATE)
        elif row.online and not row.link and not row.pending:
            self._step(Action.CHANGE, meeting_lost=True)
        elif row.fingerprint != self.wanted.fingerprint:
            self._step(Action.CHANGE)
        elif row.pending:
            self._step(Action.READ)

    def _step(self, action: Action, **more) -> None:
        row = self.row
        if row.next_attempt and row.next_attempt > self.now:
            later = self.plan.later
            self.plan.later = min(later, row.next_attempt) if later else row.next_attempt
            return
        event = self.wanted.event(row.key) if self._follows() else self._placeholder()
        step = Step(action, event, id=row.event_id or "", again=bool(row.uncertain), **more)
        told_at = self.wanted.told_at if self.wanted else self.now
        self.plan.todo.append(Todo(row, step, told_at))

    def _follows(self) -> bool:
        return bool(self.wanted and self.wanted.account == (self.row.account or ""))

    def _placeholder(self) -> Event:
        """Enough of an event to take it away."""
        row = self.row
        start, end = row.start or self.now, row.end or self.now
        return Event(
            key=row.key,
            account=row.account or "",
            subject="",
            body="",
            start=start,
            end=end,
            zone=self.zone,
            site=self.site,
            online=bool(row.online),
        )
