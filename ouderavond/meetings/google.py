"""Google Meet: events with a meeting in the instructors' Google calendars.

What is allowed: one scope, `https://www.googleapis.com/auth/calendar.events`. It suffices for everything, for
`test` too, which asks for the access role of the calendar and for none of its events. Whether a calendar may
have Google Meet at all is only said by the calendar itself, and that takes another scope,
`https://www.googleapis.com/auth/calendar.calendars.readonly`: `test` uses it where the school granted it, and
otherwise leaves that open; who lacks Meet is then seen when the first event is made (`licence_missing`).

What is decided here:

- The event's id is its `key`, so that a second event with it is impossible: whatever is tried again finds the
  first. Google keeps deleted events and their ids; then, and where the event is another site's, the outcome
  is `key_used`, and the caller takes a new key.
- It is private: colleagues who may look into the calendar see that the time is taken, and not with whom.
  Guests don't see each other, and cannot change the event or invite others.
- Google writes to the guests only if one of them has an address outside the organiser's domain: guardians.
  Fellow instructors find the event in their calendars without a mail for each conversation.
- Lobby and recording cannot be set through the calendar. A meeting made in it lets colleagues and guests in
  and makes everyone else ask, and who holds it may record. Hence `unset` has `lobby_not_set` unless just this
  was wished ("colleagues_enter"), and `recording_not_set` unless recording is allowed anyway.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from ouderavond.meetings import google_errors as errors
from ouderavond.meetings import google_events as events
from ouderavond.meetings.google_batch import GONE, SIZE, Call, Client, Round, Said, Talk, Workspace
from ouderavond.meetings.protocol import (
    Action,
    Event,
    Failure,
    Finding,
    Found,
    Log,
    NoTokens,
    Outcome,
    Step,
    Tokens,
)

__all__ = ["Google", "Workspace"]

EVENTS = "https://www.googleapis.com/auth/calendar.events"
CALENDARS = "https://www.googleapis.com/auth/calendar.calendars.readonly"
# The calendar of the one for whom the token is, whatever its address.
PRIMARY = "primary"
PAGE = 250
PAGES = 100


class Google:
    """A `protocol.Provider` for Google Meet."""

    name = "Google Meet"
    # Google takes 50 calls at once; many at once for one calendar get in each other's way.
    batch = SIZE
    per_account = 4

    def __init__(self, workspace: Workspace, tokens: Tokens | None = None, log: Log | None = None):
        self.workspace = workspace
        self._tokens = NoTokens() if tokens is None else tokens
        self._log = _no_log if log is None else log
        self._opened: Client | None = None

    def perform(self, steps: Sequence[Step]) -> list[Outcome]:
        """Do these steps, each in as many calls as it takes; see `protocol.Provider`."""
        talks = {number: (step.event.account, partial(self._talk, step)) for number, step in enumerate(steps)}
        done = self._converse(talks, EVENTS)
        return [done[number] for number in range(len(steps))]

    def look_up(
        self, accounts: Sequence[str], first: datetime, last: datetime, site: str, zone: str
    ) -> dict[str, list[Found] | Failure]:
        """The site's events in these calendars; see `protocol.Provider`."""
        talks = {
            account: (account, partial(self._list, account, first, last, site, zone))
            for account in dict.fromkeys(accounts)
        }
        found = self._converse(talks, EVENTS)
        certain = errors.certain
        return {name: certain(one) if isinstance(one, Failure) else one for name, one in found.items()}

    def test(self, accounts: Sequence[str]) -> list[Finding]:
        """Whether a meeting could be made in these calendars; see `protocol.Provider`."""
        try:
            return self._tested(list(dict.fromkeys(accounts)))
        except Exception as problem:
            return [Finding("unclear", detail=type(problem).__name__)]

    # -- the connection test -------------------------------------------------------------------------------

    def _tested(self, accounts: list[str]) -> list[Finding]:
        login = self._client().login
        if not login.own:
            failure = login.itself(EVENTS)
            if failure:
                return [Finding(failure.code, detail=failure.detail)]
        roles = self._converse({name: (name, self._role) for name in accounts}, EVENTS)
        found = [self._finding(name, roles[name]) for name in accounts]
        self._look_for_meet(found, EVENTS if login.own else CALENDARS)
        if not login.own or any(one.good for one in found):
            return [Finding("connected", good=True), *found]
        return found or [Finding("no_account")]

    def _role(self) -> Talk:
        # Only the role: what is in the calendar is none of our business.
        asked = {"calendarId": PRIMARY, "maxResults": 1, "fields": "accessRole"}
        said = yield Call("test", self._client().events.list(**asked))
        return said.failure or (said.body or {}).get("accessRole")

    def _finding(self, account: str, role: object) -> Finding:
        if isinstance(role, Failure):
            return Finding(role.code, account=account, detail=role.detail)
        if role in ("owner", "writer"):
            return Finding("account_good", good=True, account=account)
        return Finding("not_allowed", account=account)

    def _look_for_meet(self, found: list[Finding], scope: str):
        """Say whose calendar may not have Google Meet, where that may be asked at all."""
        for place, one in enumerate(found):
            if not one.good:
                continue
            kinds = self._converse({one.account: (one.account, self._kinds)}, scope)[one.account]
            if isinstance(kinds, Failure):
                return
            if events.MEET not in (kinds or ()):
                found[place] = Finding("licence_missing", account=one.account)

    def _kinds(self) -> Talk:
        calendars = self._client().calendars
        said = yield Call("test", calendars.get(calendarId=PRIMARY, fields="conferenceProperties"))
        properties = (said.body or {}).get("conferenceProperties", {})
        return said.failure or properties.get("allowedConferenceSolutionTypes")

    # -- what is said for each step ------------------------------------------------------------------------

    def _talk(self, step: Step) -> Talk:
        does = {
            Action.CREATE: self._create,
            Action.CHANGE: self._change,
            Action.CANCEL: self._cancel,
            Action.READ: self._read,
        }
        return does[step.action](step)

    def _create(self, step: Step) -> Talk:
        event = step.event
        if step.again:
            # Google does not promise to notice at once that an id is there already.
            seen = yield self._get(step)
            if seen.status not in GONE:
                return (yield from self._adopt(step, seen))
        made = yield self._insert(event)
        if made.status != 409:
            return self._found(event, made)
        seen = yield self._get(step)
        return (yield from self._adopt(step, seen))

    def _adopt(self, step: Step, seen: Said) -> Talk:
        """Take an event with our key for what was wanted; make it so where it differs."""
        event = step.event
        if seen.gone:
            return Failure("key_used", detail="deleted")
        if seen.failure:
            return replace(seen.failure, uncertain=True)
        if events.site_of(seen.body) != event.site:
            return Failure("key_used", detail="other site")
        if not events.differs(event, seen.body):
            return self._found(event, seen)
        changed = yield self._patch(step, seen.body)
        return Failure("key_used", detail="deleted") if changed.gone else self._found(event, changed)

    def _change(self, step: Step) -> Talk:
        before = {}
        if step.event.attendees:
            # A list is replaced as a whole: without this, what guests answered would be lost.
            seen = yield self._get(step)
            if seen.gone:
                return None
            if seen.failure:
                return seen.failure
            before = seen.body
        changed = yield self._patch(step, before)
        if changed.failure and changed.failure.code == "not_allowed":
            # It is not described what a change of a deleted event gets.
            seen = yield self._get(step)
            return None if seen.gone else changed.failure
        return None if changed.gone else self._found(step.event, changed)

    def _cancel(self, step: Step) -> Talk:
        said = yield self._delete(step)
        return None if said.gone else said.failure

    def _read(self, step: Step) -> Talk:
        seen = yield self._get(step)
        return None if seen.gone else self._found(step.event, seen)

    def _list(self, account: str, first: datetime, last: datetime, site: str, zone: str) -> Talk:
        found: list[Found] = []
        asked = {
            "calendarId": PRIMARY,
            "timeMin": first.replace(tzinfo=ZoneInfo(zone)).isoformat(),
            "timeMax": last.replace(tzinfo=ZoneInfo(zone)).isoformat(),
            "privateExtendedProperty": [f"{events.SITE}={site}"],
            "showDeleted": False,
            "singleEvents": True,
            "maxResults": PAGE,
        }
        for _page in range(PAGES):
            said = yield Call("look up", self._client().events.list(**asked))
            if said.failure:
                return said.failure
            options = self.workspace.options
            found += [events.read_out(one, account, zone, options) for one in said.body.get("items", ())]
            asked["pageToken"] = said.body.get("nextPageToken")
            if not asked["pageToken"]:
                return found
        return Failure("unclear", detail="too many pages")

    # -- calls ---------------------------------------------------------------------------------------------

    def _insert(self, event: Event) -> Call:
        request = self._client().events.insert(
            calendarId=PRIMARY,
            body=events.fresh(event),
            conferenceDataVersion=1,
            sendUpdates=events.to_whom(event, unknown="none"),
        )
        return Call("create", request, writes=True)

    def _get(self, step: Step) -> Call:
        return Call("read", self._client().events.get(calendarId=PRIMARY, eventId=_id(step)))

    def _patch(self, step: Step, before: Mapping) -> Call:
        event = step.event
        body = events.changes(event, before)
        if step.meeting_lost and event.online:
            body["conferenceData"] = events.meeting(f"{event.key}-{uuid.uuid4().hex[:12]}")
        request = self._client().events.patch(
            calendarId=PRIMARY,
            eventId=_id(step),
            body=body,
            conferenceDataVersion=1,
            sendUpdates=events.to_whom(event),
        )
        if before.get("etag"):
            request.headers["If-Match"] = before["etag"]
        return Call("change", request, writes=True)

    def _delete(self, step: Step) -> Call:
        request = self._client().events.delete(
            calendarId=PRIMARY, eventId=_id(step), sendUpdates=events.to_whom(step.event)
        )
        return Call("cancel", request, writes=True)

    def _found(self, event: Event, said: Said) -> Found | Failure:
        if said.failure:
            return said.failure
        return events.read_out(said.body, event.account, event.zone, self.workspace.options)

    def _converse(self, talks: Mapping[object, tuple[str, Callable[[], Talk]]], scope: str) -> dict:
        try:
            return Round(self._client(), self._log).hold(talks, scope)
        except Exception as problem:
            failure = Failure("unclear", uncertain=True, detail=type(problem).__name__)
            return dict.fromkeys(talks, failure)

    def _client(self) -> Client:
        if self._opened is None:
            self._opened = Client(self.workspace, self._tokens, self._log)
        return self._opened


def _no_log(service: str, what: str, *, status: int | None, detail: Mapping) -> None:
    """Nothing is noted."""


def _id(step: Step) -> str:
    return step.id or step.event.key
