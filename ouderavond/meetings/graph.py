"""Requests to Microsoft Graph, in batches, and what its refusals mean."""

import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ouderavond.meetings.entra import SERVICE, Microsoft, SignIn, SignInFailed, retry_after
from ouderavond.meetings.protocol import Failure, Log, Tokens

BATCH = 20
# Exchange serves so many requests for one mailbox at once, and refuses the others.
PER_ACCOUNT = 4
CALENDARS = "Calendars.ReadWrite"
# Ids that stay when an event is filed elsewhere, and times that need no table of zones.
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'

UNKNOWN_ACCOUNT = frozenset(
    {
        "ErrorInvalidUser",
        "Request_ResourceNotFound",
        "ResourceNotFound",
        "AccountDisabled",
        "ErrorAccountDisabled",
    }
)
NO_MAILBOX = frozenset(
    {
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotSupportedForRESTAPI",
        "MailboxNotHostedInExchangeOnline",
        "ErrorNonExistentMailbox",
        "ErrorNoMailbox",
        "OrganizationFromTenantGuidNotFound",
    }
)
# What was deleted keeps its immutable id for a while, and is then not missing but cannot be deleted.
GONE = frozenset({"ErrorItemNotFound", "ErrorCannotDeleteObject"})
# Exchange says so where a policy keeps the application out of a mailbox.
POLICY = ("RAOP", "AccessPolicy")
CONFLICTS = frozenset({409, 412, 423})
STATUSES = {408: "timeout", 504: "timeout", 429: "throttled"}

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """One request within a batch.

    Attributes:
        what: one word for the log.
        account: whose mailbox it concerns; empty if none.
    """

    what: str
    method: str
    url: str
    account: str = ""
    body: Mapping | None = None
    prefer: str = PREFER

    def in_batch(self, id: str) -> dict:
        """As $batch wants it."""
        inner = {"id": id, "method": self.method, "url": self.url, "headers": {"Prefer": self.prefer}}
        if self.body is not None:
            inner["headers"]["Content-Type"] = "application/json"
            inner["body"] = self.body
        return inner


@dataclass(frozen=True)
class Answer:
    """What came of a request.

    Attributes:
        failure: what is wrong, None if nothing is.
        error: Graph's own code.
        of_all: whether the batch as a whole got this answer.
    """

    status: int | None = None
    body: dict = field(default_factory=dict)
    failure: Failure | None = None
    error: str = ""
    of_all: bool = False

    @property
    def gone(self) -> bool:
        """Whether the event is not there, or not any more."""
        return self.error in GONE

    @property
    def key_is_used(self) -> bool:
        """Whether an event was made with this transactionId already."""
        return self.status == 409 and "DuplicateTransaction" in self.error


# A course of requests: yields each, is sent its answer, and returns what came of it all.
Course = Generator[Request, Answer, T]


class Graph:
    """Sends the requests of several courses together.

    Args:
        settings: where, and as whom.
    """

    def __init__(self, settings: Microsoft, tokens: Tokens, log: Log):
        self.settings, self.log = settings, log
        self._session = None
        self._tokens = tokens
        self._sign_in: SignIn | None = None
        self._calendar_seen = False
        self._renewed_in_vain = False

    @property
    def session(self):
        """One session for all calls, so that the connection is kept."""
        if self._session is None:
            import requests

            self._session = requests.Session()
        return self._session

    @property
    def sign_in(self) -> SignIn:
        """Where tokens come from."""
        if self._sign_in is None:
            self._sign_in = SignIn(self.settings, self.session, self._tokens, self.log)
        return self._sign_in

    def run(self, courses: Sequence[Course[T]]) -> list[T | Failure]:
        """Follow each course to its end; what comes of it, in the same order."""
        results: list = [None] * len(courses)
        answers: dict[int, Answer | None] = dict.fromkeys(range(len(courses)))
        while answers:
            requests = {}
            for index, answer in answers.items():
                try:
                    requests[index] = courses[index].send(answer)
                except StopIteration as end:
                    results[index] = end.value
                except (KeyError, TypeError, ValueError, AttributeError) as odd:
                    # An answer of a form that is documented nowhere: the others go on.
                    results[index] = Failure("unclear", uncertain=True, detail=type(odd).__name__)
            answers = self._answers(requests)
        return results

    def _answers(self, requests: dict[int, Request]) -> dict[int, Answer]:
        answers: dict[int, Answer] = {}
        stopped: Failure | None = None
        for chunk in chunks(requests):
            if stopped:
                answers |= _all(chunk, replace(stopped, uncertain=False))
                continue
            found = self._renewed(chunk)
            answers |= found
            stopped = _stops(list(found.values()))
        return answers

    def _renewed(self, requests: dict[int, Request]) -> dict[int, Answer]:
        """The answers of a batch; what a token that has ended was refused for is asked once again."""
        answers: dict[int, Answer] = {}
        left = requests
        try:
            token = self.sign_in.token()
            answers = self._sent(requests, token)
            left = {index: requests[index] for index, answer in answers.items() if answer.status == 401}
            if left and not self._renewed_in_vain:
                again = self._sent(left, self.sign_in.token(refused=token))
                self._renewed_in_vain = any(answer.status == 401 for answer in again.values())
                answers |= again
        except SignInFailed as failed:
            answers |= _all(left, failed.failure)
        if any(_lacks_consent(answer) for index, answer in answers.items() if requests[index].account):
            self.sign_in.forget()
        return answers

    def _sent(self, requests: dict[int, Request], token: str) -> dict[int, Answer]:
        import requests as http

        body = {"requests": [request.in_batch(str(index)) for index, request in requests.items()]}
        try:
            reply = self.session.post(
                f"{self.settings.graph.rstrip('/')}/$batch",
                json=body,
                headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
                timeout=(self.settings.connect_seconds, self.settings.read_seconds),
                allow_redirects=False,
            )
        except http.RequestException as broken:
            self._note(requests, None, {"error": type(broken).__name__})
            return _all(requests, lost(broken))
        answers = self._read(requests, reply)
        codes = Counter(f"{answer.status} {answer.error}" for answer in answers.values() if answer.error)
        detail = {"request_id": reply.headers.get("request-id", ""), "errors": dict(codes)}
        self._note(requests, reply.status_code, detail)
        return answers

    def _note(self, requests: dict[int, Request], status: int | None, detail: dict) -> None:
        counts = Counter(request.what for request in requests.values())
        what = ", ".join(f"{number} {what}" for what, number in counts.items())
        self.log(SERVICE, f"batch: {what}", status=status, detail=detail)

    def _read(self, requests: dict[int, Request], reply) -> dict[int, Answer]:
        try:
            content = reply.json()
        except ValueError:
            content = None
        if reply.status_code != 200:
            inner = {"status": reply.status_code, "headers": dict(reply.headers), "body": content}
            answers = {index: self._answer(request, inner) for index, request in requests.items()}
            return {index: replace(answer, of_all=True) for index, answer in answers.items()}
        responses = content.get("responses") if isinstance(content, dict) else None
        responses = responses if isinstance(responses, list) else []
        by_id = {str(one.get("id")): one for one in responses if isinstance(one, dict)}
        self._calendar_seen = self._calendar_seen or any(
            _status(by_id.get(str(index))) < 300 for index, request in requests.items() if request.account
        )
        return {index: self._answer(one, by_id.get(str(index))) for index, one in requests.items()}

    def _answer(self, request: Request, inner: dict | None) -> Answer:
        status = _status(inner)
        body = inner.get("body") if inner else None
        if status < 300 and (isinstance(body, dict) or request.method == "DELETE"):
            return Answer(status, body if isinstance(body, dict) else {})
        error = body.get("error") if isinstance(body, dict) else None
        code, message = _told(error)
        if status < 400 or status == UNANSWERED:
            return Answer(status, failure=Failure("unclear", uncertain=True, detail=code), error=code)
        meaning = self._meaning(status, code, message)
        failure = Failure(
            meaning,
            uncertain=request.method != "GET" and status in (408, 500, 502, 503, 504),
            retry_after=retry_after(inner.get("headers")),
            detail=code or str(status),
        )
        return Answer(status, body if isinstance(body, dict) else {}, failure, code or str(status))

    def _meaning(self, status: int, code: str, message: str) -> str:
        if code in UNKNOWN_ACCOUNT:
            return "unknown_account"
        if code in NO_MAILBOX:
            return "no_mailbox"
        if status == 403:
            return self._forbidden(code, message)
        if status in CONFLICTS:
            return "changed_meanwhile"
        if status in STATUSES:
            return STATUSES[status]
        if status >= 500 and status != 507:
            return "unavailable"
        return "unclear" if status in (401, 404) else "refused"

    def _forbidden(self, code: str, message: str) -> str:
        """Whether the permission is lacking altogether, or only for this mailbox; Exchange says the same.

        Permissions that Exchange gives out itself (RBAC for applications) do not stand in the token; then a
        calendar that could be read tells that there is one.
        """
        if code == "Authorization_RequestDenied":
            return "consent_missing"
        if code != "ErrorAccessDenied":
            return "refused"
        by_policy = any(word in message for word in POLICY)
        known = self._calendar_seen or CALENDARS in self.sign_in.roles()
        return "not_allowed" if by_policy or known else "consent_missing"


UNANSWERED = 599


def _status(inner: dict | None) -> int:
    status = inner.get("status") if inner else None
    return status if isinstance(status, int) else UNANSWERED


def _told(error) -> tuple[str, str]:
    """Graph's code, if it is one and nothing else, and its message."""
    error = error if isinstance(error, dict) else {}
    code = str(error.get("code") or "")
    return code if re.fullmatch(r"[\w.-]{1,80}", code) else "", str(error.get("message") or "")


def _lacks_consent(answer: Answer) -> bool:
    return bool(answer.failure) and answer.failure.code == "consent_missing"


def _stops(answers: list[Answer]) -> Failure | None:
    """Why no further batch is worth sending now: this one came to nothing, and not by what was in it."""
    first = answers[0]
    if not first.failure or not all(answer.of_all for answer in answers):
        return None
    passing = first.failure.code in ("throttled", "unavailable", "timeout")
    return first.failure if passing or first.status is None else None


def _all(requests: dict[int, Request], failure: Failure) -> dict[int, Answer]:
    return {index: Answer(failure=failure, of_all=True) for index in requests}


def lost(broken: Exception) -> Failure:
    """What a call that brought no answer means: only where there was no connection, nothing was done."""
    import requests
    from urllib3.exceptions import NewConnectionError

    reason = getattr(broken.args[0], "reason", None) if broken.args else None
    unconnected = isinstance(broken, requests.ConnectTimeout | requests.exceptions.SSLError)
    if unconnected or isinstance(reason, NewConnectionError):
        return Failure("unavailable", detail=type(broken).__name__)
    code = "timeout" if isinstance(broken, requests.Timeout) else "unavailable"
    return Failure(code, uncertain=True, detail=type(broken).__name__)


def chunks(requests: dict[int, Request]) -> Iterator[dict[int, Request]]:
    """The requests in batches, of which few concern the same mailbox."""
    left = requests
    while left:
        chunk, counts, rest = {}, Counter(), {}
        for index, request in left.items():
            account = request.account.lower()
            served = not account or counts[account] < PER_ACCOUNT
            (chunk if served and len(chunk) < BATCH else rest)[index] = request
            counts[account] += 1
        yield chunk
        left = rest
