"""Looking into the calendars: what was deleted or moved there by hand, and what is there too often."""

from collections.abc import Callable
from datetime import timedelta

import frappe
from frappe.utils import get_system_timezone, now_datetime

from ouderavond.evening.online import rows
from ouderavond.evening.online.comparing import Todo
from ouderavond.evening.online.site import marker
from ouderavond.meetings.protocol import Action, Event, Failure, Found, Step

# What was made a moment ago may not stand in a list of events yet.
SETTLED = timedelta(minutes=2)


def look(evening: str, provider_of: Callable) -> None:
    """Compare the rows of an evening with the calendars, and note what is to be repaired. Commits.

    Args:
        provider_of: the provider with a name, or a Failure.
    """
    found = [row for row in rows.of_evening(evening) if _matters(row)]
    for name in dict.fromkeys(row.provider for row in found):
        provider = provider_of(name)
        if not isinstance(provider, Failure):
            _Look(evening, provider, [row for row in found if row.provider == name]).run()
            frappe.db.commit()


def _matters(row) -> bool:
    ahead = row.end and row.end > now_datetime()
    return bool(row.account and ahead and (row.event_id or row.uncertain))


class _Look:
    def __init__(self, evening: str, provider, found: list):
        self.evening, self.provider = evening, provider
        self.rows = {row.key: row for row in found}
        self.first = min(row.start for row in found) - timedelta(days=1)
        self.last = max(row.end for row in found) + timedelta(days=1)

    def run(self) -> None:
        """See what is there, then read one by one what was not seen: only that decides that it is gone."""
        frappe.db.rollback()
        accounts = sorted({row.account for row in self.rows.values()})
        seen = self.provider.look_up(accounts, self.first, self.last, marker(), get_system_timezone())
        there = [event for events in seen.values() if not isinstance(events, Failure) for event in events]
        by_key: dict[str, list[Found]] = {}
        for event in there:
            by_key.setdefault(event.key, []).append(event)
        for key, events in by_key.items():
            if key in self.rows:
                self._seen(self.rows[key], events)
        silent = {account for account, events in seen.items() if isinstance(events, Failure)}
        self._missing(
            [row for key, row in self.rows.items() if key not in by_key and row.account not in silent]
        )
        self._too_many(by_key)

    def _seen(self, row, events: list[Found]) -> None:
        event = next((one for one in events if one.id == row.event_id), events[0])
        values = {"checked_on": now_datetime(), "event_id": event.id, "uncertain": 0}
        if row.state == "Wanted":
            # It was made, and the job died before it could be kept.
            values.update(state="Made", link=event.link or None, fingerprint=None)
        elif row.state == "Made":
            if (event.start, event.end) != (row.start, row.end):
                values["fingerprint"] = None
            if event.link and event.link != row.link:
                values["link"] = event.link
            if row.online and not event.link and not event.pending:
                values |= {"code": "meeting_lost", "link": None}
        rows.update([row.name], **values)

    def _missing(self, missing: list) -> None:
        known = [row for row in missing if row.event_id and row.state == "Made" and self._is_settled(row)]
        todos = [Todo(row, self._step(Action.READ, row.account, row.key, row.event_id, row)) for row in known]
        for todo, answer in self._performed(todos):
            if answer is None:
                rows.update([todo.row.name], **rows.anew())
            elif isinstance(answer, Found):
                # It was moved out of what was looked at.
                self._seen(todo.row, [answer])

    def _is_settled(self, row) -> bool:
        return not row.checked_on or row.checked_on < now_datetime() - SETTLED

    def _too_many(self, by_key: dict[str, list[Found]]) -> None:
        """Take away what no row knows: left over from a crash, or put back from the deleted items."""
        keys = list(by_key)
        live = {"key": ("in", keys or [""]), "state": ("in", rows.LIVE)}
        known = dict(frappe.get_all(rows.DOCTYPE, live, ["key", "event_id"], as_list=True))
        surplus = [
            event
            for key, events in by_key.items()
            for event in events
            if event.end > now_datetime()
            and (key not in known or (len(events) > 1 and event.id != (known[key] or events[0].id)))
        ]
        todos = [
            Todo(event, self._step(Action.CANCEL, event.account, event.key, event.id, event))
            for event in surplus
        ]
        self._performed(todos)

    def _step(self, action: Action, account: str, key: str, event_id: str, times) -> Step:
        event = Event(
            key=key,
            account=account,
            subject="",
            body="",
            start=times.start,
            end=times.end,
            zone=get_system_timezone(),
            site=marker(),
        )
        return Step(action, event, id=event_id)

    def _performed(self, todos: list[Todo]) -> list[tuple[Todo, object]]:
        done = []
        for first in range(0, len(todos), self.provider.per_account):
            part = todos[first : first + self.provider.per_account]
            done += zip(part, self.provider.perform([todo.step for todo in part]), strict=True)
        return done
