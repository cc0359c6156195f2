"""Calendars in memory, as a provider: what they hold, what they were asked, and what is to go wrong."""

from dataclasses import replace

from ouderavond.meetings.protocol import Action, Failure, Finding, Found


class Calendars:
    """A provider without another system.

    `events` {id: Found}; `steps` all that was asked for; `fail` [(action or None, account or None, Failure,
    done all the same)]: each is used up by the first step that it fits.
    """

    batch = 20
    per_account = 4

    def __init__(self, name="Microsoft Teams"):
        self.name = name
        self.events, self.sent, self.steps, self.fail = {}, {}, [], []
        self.pending = self.lost = 0
        self.made = 0

    def of(self, account):
        return [one for one in self.events.values() if one.account == account]

    def perform(self, steps):
        assert len(steps) <= self.batch
        self.steps += steps
        return [self._perform(step) for step in steps]

    def _perform(self, step):
        for fault in self.fail:
            action, account, failure, done = fault
            if action in (None, step.action) and account in (None, step.event.account):
                self.fail.remove(fault)
                if done:
                    self._do(step)
                return failure
        return self._do(step)

    def _do(self, step):
        event = step.event
        if step.action == Action.CREATE:
            found = next((one for one in self.events.values() if one.key == event.key), None)
            if found:
                assert step.again, "a second event with the same key"
                return found
            self.made += 1
            return self._keep(f"id{self.made}", event)
        if step.action == Action.CANCEL:
            gone = [
                name for name, one in self.events.items() if step.id in (name, "") and one.key == event.key
            ]
            return [self.events.pop(name) for name in gone] and None
        if step.id not in self.events:
            return None
        if step.action == Action.CHANGE:
            return self._keep(step.id, event)
        if self.events[step.id].pending:
            self.events[step.id] = replace(
                self.events[step.id], pending=False, link=f"https://meet/{step.id}"
            )
        return self.events[step.id]

    def _keep(self, name, event):
        link = f"https://meet/{name}" if event.online and not self.pending else ""
        found = Found(name, event.key, event.account, event.start, event.end, link, bool(self.pending))
        self.events[name], self.sent[name] = found, event
        return found

    def look_up(self, accounts, first, last, site, zone):
        return {
            account: [one for one in self.of(account) if first <= one.start < last] for account in accounts
        }

    def test(self, accounts):
        return [Finding("connected", True), *(Finding("account_good", True, one) for one in accounts)]


def failing(code, **options):
    """A Failure, for `Calendars.fail`."""
    return Failure(code, **options)
