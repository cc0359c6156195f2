"""Calls of Google's Calendar API, many at once, each with the token of its own calendar."""

import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from ouderavond.meetings import google_errors as errors
from ouderavond.meetings.protocol import Failure, Log, Options, Tokens

API = "https://www.googleapis.com/"
# How many calls Google takes at once.
SIZE = 50
GONE = (404, 410)
# The whole of it does not answer: what was not sent yet is not sent.
OUT_OF_ORDER = frozenset({"unavailable", "timeout", "throttled"})


@dataclass(frozen=True)
class Workspace:
    """How to reach a school's Google calendars: one of `service_account` and `accounts`.

    Attributes:
        service_account: the JSON of a service account with domain-wide delegation.
        accounts: instructors' own connections by address in small letters, as a mapping or a function:
            client_id, client_secret, refresh_token and maybe token_uri. Who is not there: `not_connected`.
        api: where the API is; only where this is not Google's are tokens fetched from elsewhere too.
        timeout: seconds for one batch.
    """

    service_account: str = field(default="", repr=False)
    accounts: Mapping[str, Mapping] | Callable[[str], Mapping | None] | None = field(default=None, repr=False)
    options: Options = Options()
    api: str = API
    timeout: float = 60.0

    def account(self, address: str) -> Mapping | None:
        """What is kept of an instructor's own connection."""
        if self.accounts is None:
            return None
        get = self.accounts if callable(self.accounts) else self.accounts.get
        return get(address.lower())


@dataclass(frozen=True)
class Call:
    """One call to make: what it is called in the log, and the client's request."""

    what: str
    request: object
    writes: bool = False


@dataclass(frozen=True)
class Said:
    """What came back of a call: an object, or why not."""

    status: int | None
    body: dict | None = None
    failure: Failure | None = None
    reason: str = ""

    @property
    def gone(self) -> bool:
        """Is the event not there, or in the bin?"""
        return self.status in GONE or (self.body or {}).get("status") == "cancelled"


Talk = Generator[Call, Said, object]


class Round:
    """Some talks, each with one calendar, until all have come to an end."""

    def __init__(self, client: "Client", log: Log):
        self.client, self.log = client, log
        self.results: dict = {}
        self.stopped: Failure | None = None

    def hold(self, talks: Mapping[object, tuple[str, Callable[[], Talk]]], scope: str) -> dict:
        """What each of them came to."""
        accounts = [account for account, _start in talks.values() if account]
        tokens = self.client.login.of(accounts, scope)
        held: dict[object, tuple[Talk, object]] = {}
        waiting: list[tuple[object, Call]] = []
        for name, (account, start) in talks.items():
            token = tokens.get(account) or Failure("no_account")
            if isinstance(token, Failure):
                self.results[name] = token
            else:
                held[name] = (start(), token)
                waiting += self._next(name, held[name][0], None)
        while waiting:
            part, waiting = waiting[:SIZE], waiting[SIZE:]
            answers = self._send([(call, held[name][1]) for name, call in part])
            for (name, _call), said in zip(part, answers, strict=True):
                waiting += self._next(name, held[name][0], said)
        return self.results

    def _next(self, name: object, talk: Talk, said: Said | None) -> list[tuple[object, Call]]:
        """What a talk says next; nothing when it has come to its result."""
        try:
            return [(name, talk.send(said))]
        except StopIteration as end:
            self.results[name] = end.value
        except Exception as problem:
            # An answer that is good JSON, and nothing else that it should be.
            self.results[name] = Failure("unclear", uncertain=True, detail=type(problem).__name__)
        return []

    def _send(self, calls: list[tuple[Call, object]]) -> list[Said]:
        """Make some calls as one batch."""
        if self.stopped:
            return [Said(None, failure=self.stopped)] * len(calls)
        answers: dict[str, Said] = {}
        batch = self.client.batch(partial(self._heard, calls, answers))
        for place, (call, token) in enumerate(calls):
            batch.add(self.client.prepared(call.request, token), request_id=str(place))
        started, status, whole = time.monotonic(), 200, None
        try:
            batch.execute(http=self.client.http)
        except Exception as problem:
            status, whole = self._broken(problem)
        self._note(calls, answers, status, whole, time.monotonic() - started)
        return [answers.get(str(place)) or _unheard(call, whole) for place, (call, _) in enumerate(calls)]

    def _heard(self, calls, answers, place: str, body, problem):
        """The answer to one call of a batch."""
        call, token = calls[int(place)]
        if problem:
            answers[place] = self._refused(call, token, problem)
        elif isinstance(body, dict):
            answers[place] = Said(200, body)
        elif call.what == "cancel":
            # There is nothing to say.
            answers[place] = Said(204, {})
        else:
            answers[place] = Said(200, failure=Failure("unclear", uncertain=call.writes, detail="200"))

    def _refused(self, call: Call, token, problem) -> Said:
        status = int(problem.resp.status)
        failure, reason = errors.of_answer(status, problem.content, problem.resp, call.writes)
        failure = replace(failure, code=errors.of_own(failure.code, self.client.login.own))
        if status == 401 and token.failure:
            failure = token.failure
        return Said(status, failure=failure, reason=reason)

    def _broken(self, problem: Exception) -> tuple[int | None, Failure]:
        """The batch as a whole came to nothing."""
        from googleapiclient.errors import HttpError

        if isinstance(problem, HttpError):
            status = int(problem.resp.status)
            failure, _reason = errors.of_answer(status, problem.content, problem.resp, writes=True)
        else:
            status, failure = None, errors.of_exception(problem, writes=True)
        if failure.code in OUT_OF_ORDER:
            self.stopped = errors.certain(failure)
        elif failure.code != "service_off":
            # Whatever it was, it is not about any one of the calendars.
            failure = replace(failure, code="unclear")
        return status, failure

    def _note(self, calls, answers, status, whole: Failure | None, seconds: float):
        counted = Counter(
            f"{calls[int(place)][0].what} {said.status} {said.reason}".strip()
            for place, said in answers.items()
        )
        detail = {
            "calls": dict(Counter(call.what for call, _token in calls)),
            "answers": dict(counted),
            "seconds": round(seconds, 2),
        }
        if whole:
            detail["reason"] = f"{whole.code} {whole.detail}".strip()
        self.log("Google Meet", "batch", status=status, detail=detail)


class Client:
    """Google's client library, set up for one workspace."""

    def __init__(self, workspace: Workspace, tokens: Tokens, log: Log):
        from ouderavond.meetings import google_login

        self.http = google_login.connection(workspace.timeout)
        elsewhere = workspace.api.rstrip("/") != API.rstrip("/")
        self.login = google_login.Login(
            workspace.service_account,
            workspace.account,
            f"{workspace.api.rstrip('/')}/token" if elsewhere else "",
            tokens,
            log,
            min(workspace.timeout, google_login.PATIENCE),
        )
        self._service = self._build(workspace.api)
        self.events = self._service.events()
        self.calendars = self._service.calendars()

    def _build(self, api: str):
        """The client, from the description that it brings along; nothing is fetched for it."""
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc

        described = json.loads(get_static_doc("calendar", "v3"))
        described["rootUrl"] = f"{api.rstrip('/')}/"
        return build_from_document(described, http=self.http, model=_forgiving())

    def batch(self, callback):
        """A batch without calls."""
        return self._service.new_batch_http_request(callback=callback)

    def prepared(self, request, token):
        """A call with the token of its calendar; asked anew for every batch."""
        import google_auth_httplib2

        request.http = google_auth_httplib2.AuthorizedHttp(token, http=self.http)
        return request


def _forgiving():
    """How answers are read: one that is not JSON is None, and keeps nobody from reading the others."""
    from googleapiclient.model import JsonModel

    class Forgiving(JsonModel):
        def deserialize(self, content):
            try:
                return super().deserialize(content)
            except ValueError:
                return None

    return Forgiving()


def _unheard(call: Call, whole: Failure | None) -> Said:
    """What a call came to that got no answer of its own."""
    failure = whole or Failure("unclear", uncertain=True, detail="no answer")
    return Said(None, failure=replace(failure, uncertain=failure.uncertain and call.writes))
