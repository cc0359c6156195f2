"""Microsoft Teams: events with a meeting in the instructors' Outlook calendars, through Microsoft Graph."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ouderavond.meetings import outlook
from ouderavond.meetings.entra import Microsoft, SignInFailed
from ouderavond.meetings.errors import TRANSIENT
from ouderavond.meetings.graph import BATCH, CALENDARS, PER_ACCOUNT, Answer, Course, Graph, Request
from ouderavond.meetings.protocol import (
    Action,
    Event,
    Failure,
    Finding,
    Found,
    Log,
    NoTokens,
    Options,
    Outcome,
    Step,
    Tokens,
)

TEAMS = "teamsForBusiness"
NOTHING_SET = ("lobby_not_set", "recording_not_set")
# Also guests, whom a school may have invited into its directory, wait where only colleagues enter.
SCOPES = {
    "everyone_waits": "organizer",
    "colleagues_enter": "organizationExcludingGuests",
    "everyone_enters": "everyone",
}
PREFER_SCOPES = "include-unknown-enum-members"


def _no_log(service: str, what: str, *, status: int | None, detail: Mapping) -> None:
    """Where nobody wants to know."""


class Teams:
    """Works in Microsoft 365, with permission for calendars, and for meetings where the school gives it.

    Each event has its key as transactionId, and with the site's marker as a property of its own: by that it
    is found again whatever became of its id. Where it was deleted by hand the key stays used: making it again
    fails as `key_used`, and takes a new one.

    Somebody without a licence for Teams gets the event without its meeting, and Graph calls that a success.
    It is left there and reported as `licence_missing`, as something that may have been done: made `again`
    after the licence was given, it is found and asked for its meeting, and so is not there twice; if it is
    not wanted any more by then, CANCEL without an id finds it too.

    Lobby and recording are set right after the meeting was made, and with every CHANGE and READ. Where that
    is refused the meeting stands and `unset` says so; where it only did not work yet, a new event counts as
    pending, so that it is read and set once more.

    Args:
        settings: the school's registration at Microsoft.
        tokens: where tokens are kept between processes.
    """

    name = "Microsoft Teams"
    batch = BATCH
    per_account = PER_ACCOUNT

    def __init__(self, settings: Microsoft, tokens: Tokens | None = None, log: Log = _no_log):
        self.settings = settings
        self.graph = Graph(settings, tokens or NoTokens(), log)

    def perform(self, steps: Sequence[Step]) -> list[Outcome]:
        """Do these steps; an outcome for each, in the same order. Never raises."""
        courses = {
            Action.CREATE: self._create,
            Action.CHANGE: self._change,
            Action.CANCEL: self._cancel,
            Action.READ: self._read,
        }
        return self.graph.run([courses[step.action](step) for step in steps])

    def look_up(
        self, accounts: Sequence[str], first: datetime, last: datetime, site: str, zone: str
    ) -> dict[str, list[Found] | Failure]:
        """The site's events in these calendars between two moments, by account. Never raises."""
        courses = [self._view(account, first, last, site, zone) for account in accounts]
        return dict(zip(accounts, self.graph.run(courses), strict=True))

    def test(self, accounts: Sequence[str]) -> list[Finding]:
        """Whether a meeting could be made in these calendars; without making one. Never raises."""
        try:
            self.graph.sign_in.fresh()
        except SignInFailed as failed:
            return [Finding(failed.failure.code, detail=failed.failure.detail)]
        calendars = {role for role in self.graph.sign_in.roles() if role.startswith("Calendars.")}
        if calendars and CALENDARS not in calendars:
            return [Finding("consent_missing", detail=CALENDARS)]
        findings = [Finding("connected", good=True)]
        for account, found in zip(accounts, self._tried(accounts), strict=True):
            failed = isinstance(found, Failure)
            findings += [Finding(found.code, account=account, detail=found.detail)] if failed else found
        return findings

    def _tried(self, accounts: Sequence[str]) -> list[list[Finding] | Failure]:
        return self.graph.run([self._try(account) for account in accounts])

    # One step each

    def _create(self, step: Step) -> Course[Outcome]:
        event = step.event
        if step.again:
            there = yield from self._search(event)
            if isinstance(there, Failure) or there:
                return (yield from self._adopt(event, there))
        url = outlook.of_user(event.account, "/calendar/events")
        answer = yield Request("create", "POST", url, event.account, outlook.new(event))
        if answer.key_is_used:
            there = yield from self._search(event)
            return (yield from self._adopt(event, there or Failure("key_used", detail=answer.error)))
        if answer.failure:
            return answer.failure
        return (yield from self._made(event, answer.body))

    def _adopt(self, event: Event, there: list[dict] | Failure) -> Course[Outcome]:
        """Take an event that an earlier try made, and make it as it should be now."""
        if isinstance(there, Failure):
            return replace(there, uncertain=there.code != "key_used")
        if outlook.differs(event, there[0]):
            answer = yield self._patch(event, there[0]["id"], outlook.changes(event))
            if answer.failure:
                return replace(answer.failure, uncertain=True)
            return (yield from self._made(event, answer.body))
        return (yield from self._made(event, there[0]))

    def _made(self, event: Event, body: dict) -> Course[Outcome]:
        if event.online and not body.get("isOnlineMeeting"):
            answer = yield self._patch(event, body["id"], outlook.MEETING)
            if answer.failure:
                return replace(answer.failure, uncertain=True)
            body = answer.body
        if event.online and not body.get("isOnlineMeeting"):
            return Failure("licence_missing", uncertain=True, detail="isOnlineMeeting")
        return (yield from self._with_options(event, body, is_new=True))

    def _change(self, step: Step) -> Course[Outcome]:
        event = step.event
        meeting = outlook.MEETING if step.meeting_lost and event.online else {}
        answer = yield self._patch(event, step.id, outlook.changes(event) | meeting)
        if answer.gone:
            return None
        if answer.failure:
            return answer.failure
        if meeting and not answer.body.get("isOnlineMeeting"):
            return Failure("licence_missing", detail="isOnlineMeeting")
        return (yield from self._with_options(event, answer.body, is_new=bool(meeting)))

    def _cancel(self, step: Step) -> Course[Outcome]:
        """Delete the event; those who were invited are told by Outlook."""
        account = step.event.account
        there = [{"id": step.id}] if step.id else (yield from self._search(step.event))
        if isinstance(there, Failure):
            return there
        for body in there:
            answer = yield Request("cancel", "DELETE", outlook.event_url(account, body["id"]), account)
            if answer.failure and not answer.gone:
                return answer.failure
        return None

    def _read(self, step: Step) -> Course[Outcome]:
        there = yield from self._search(step.event)
        if isinstance(there, Failure):
            return there
        body = next((one for one in there if one["id"] == step.id), there[0] if there else None)
        return (yield from self._with_options(step.event, body)) if body else None

    # Parts of steps

    def _search(self, event: Event) -> Course[list[dict] | Failure]:
        """The events in the calendar that have this event's key: one, or none."""
        answer = yield Request("find", "GET", outlook.search_url(event), event.account)
        if answer.failure:
            return answer.failure
        return [body for body in answer.body["value"] if body.get("isOrganizer", True)]

    def _patch(self, event: Event, id: str, body: Mapping) -> Request:
        return Request("change", "PATCH", outlook.event_url(event.account, id), event.account, body)

    def _view(
        self, account: str, first: datetime, last: datetime, site: str, zone: str
    ) -> Course[list[Found] | Failure]:
        url, bodies = outlook.view_url(account, first, last, zone), {}
        while url:
            answer = yield Request("view", "GET", url, account)
            if answer.failure:
                return answer.failure
            bodies |= {body["id"]: body for body in answer.body["value"]}
            url = self._relative(answer.body.get("@odata.nextLink") or "")
        return outlook.of_site(bodies.values(), account, site, zone)

    def _relative(self, url: str) -> str:
        """The next page as a batch wants it; no token goes to an address that an answer names."""
        base = self.settings.graph.rstrip("/")
        if url and not url.startswith(f"{base}/"):
            raise ValueError("The next page lies elsewhere.")
        return url[len(base) :]

    # Lobby and recording

    def _with_options(self, event: Event, body: dict, is_new: bool = False) -> Course[Found]:
        found = outlook.found_in(body, event.key, event.account, event.zone)
        if not event.online:
            return replace(found, link="", pending=False)
        if not self.settings.with_lobby:
            return replace(found, unset=NOTHING_SET)
        if not found.link:
            return found
        unset, for_now = yield from self._set(event.account, found.link)
        return replace(found, unset=unset, pending=is_new and for_now)

    def _set(self, account: str, link: str) -> Course[tuple[tuple[str, ...], bool]]:
        """Set the options of a meeting.

        Returns:
            What could not be set, and whether it may yet be.
        """
        user = outlook.organiser(link) or (yield from self._object_id(account))
        if not user:
            return NOTHING_SET, False
        answer = yield Request("find meeting", "GET", outlook.meeting_url(user, link), prefer=PREFER_SCOPES)
        meetings = answer.body.get("value") or ()
        if answer.failure or not meetings:
            # What was made a moment ago is not known everywhere yet.
            return NOTHING_SET, _is_passing(answer) or answer.status in (200, 404)
        url = outlook.of_user(user, f"/onlineMeetings/{outlook.quote(meetings[0]['id'], safe='')}")
        lobby, recording = wished(self.settings.options)
        answer = yield Request("set options", "PATCH", url, body=lobby | recording, prefer=PREFER_SCOPES)
        if not answer.failure:
            return (), False
        if answer.status != 400:
            return NOTHING_SET, _is_passing(answer)
        # Not every subscription knows all of it.
        answer = yield Request("set lobby", "PATCH", url, body=lobby, prefer=PREFER_SCOPES)
        return (NOTHING_SET, _is_passing(answer)) if answer.failure else (("recording_not_set",), False)

    def _object_id(self, account: str) -> Course[str]:
        answer = yield Request("user", "GET", outlook.of_user(account, select="id"))
        return "" if answer.failure else str(answer.body["id"])

    # The connection test

    def _try(self, account: str) -> Course[list[Finding]]:
        url = outlook.of_user(account, "/calendar", select="allowedOnlineMeetingProviders")
        answer = yield Request("calendar", "GET", url, account)
        if answer.failure:
            return [Finding(answer.failure.code, account=account, detail=answer.failure.detail)]
        if TEAMS not in (answer.body.get("allowedOnlineMeetingProviders") or ()):
            return [Finding("licence_missing", account=account)]
        good = [Finding("account_good", good=True, account=account)]
        refusal = (yield from self._try_options(account)) if self.settings.with_lobby else None
        return good if refusal is None else [*good, Finding("lobby_not_set", account=account, detail=refusal)]

    def _try_options(self, account: str) -> Course[str | None]:
        """Why options could not be set; None if they could, or if nobody can say."""
        user = yield Request("user", "GET", outlook.of_user(account, select="id"))
        if user.failure:
            return None
        id = str(user.body["id"])
        # Nobody has such a meeting: who may look for it may look for others.
        url = outlook.meeting_url(id, outlook.link_of_none(id, self.settings.tenant))
        answer = yield Request("find meeting", "GET", url, prefer=PREFER_SCOPES)
        return answer.error if answer.status in (401, 403) else None


def wished(options: Options) -> tuple[dict, dict]:
    """Lobby and recording as Graph wants them. Nothing is ever recorded by itself."""
    scope = SCOPES.get(options.lobby, "organizer")
    lobby = {"lobbyBypassSettings": {"scope": scope, "isDialInBypassEnabled": scope == "everyone"}}
    recording = {
        "allowRecording": options.recording,
        "allowTranscription": options.recording,
        "recordAutomatically": False,
    }
    return lobby, recording


def _is_passing(answer: Answer) -> bool:
    return bool(answer.failure) and answer.failure.code in TRANSIENT - {"unclear"}
