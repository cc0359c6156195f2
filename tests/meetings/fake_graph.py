"""Microsoft's login and Graph v1.0 on this machine, behaving as their documentation says.

Use:

    with FakeGraph() as server:                       # starts in a few milliseconds, https on a free port
        server.add("jan@school.example")              # a user with mailbox and licence
        os.environ |= server.environment              # REQUESTS_CA_BUNDLE: also for other processes
        # login address server.login, Graph's address server.graph,
        # server.tenant, server.client_id, server.secret (or server.certificate: PEM of key and certificate)

What is there: `server.count()`, `server.count("jan@school.example")`, `server.counts()`,
`server.events(account)`, `server.keys()`; what was asked: `server.requests` (operation, account, status,
headers, body) and `server.mails`. What broke in the server itself: `server.errors`.
By hand in Outlook: `server.remove(account, id, purge=False)`, `server.lose_meeting(account, id)`,
`server.move(account, id, start, end)`.
Switches of a user: `server.add(address, mailbox=False)`, `licensed=`, `allowed=` (mailbox within the app's
policy), `meetings_allowed=` (application access policy of Teams), or the attributes of
`server.users[address]` later on. Switches of the server: `roles`, `token_seconds`, `link_after` (reads until
joinUrl is there), `page`, `short_links`, `rbac` (Exchange gives the permission out itself, and not in the
token).

Operations: token, discovery, batch; and within batches or alone create, change, cancel, read, find, view,
calendar, user, find_meeting, change_meeting. Faults are taken once each unless `times` says otherwise:

    server.fail("create", account="jan@school.example", status=429, retry_after=3)
    server.fail("batch", moment="after", drop=True)    # the effect is there, the answer never comes
    server.fail("batch", moment="after", slow=2)       # … or too late
    server.fail("batch", garbage=True)                 # 200 and no JSON; or body={…}, an odd answer
    server.expire_tokens()                             # 401 for each token that was given out

`server.hook = f` has `f(moment, operation, account)` called before and after the effect of every operation,
in the thread of the request: there a test may kill the client's process. A request that was read whole has
its effect whatever becomes of the client.
"""

import random
import re
import secrets
import ssl
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from cryptography import x509

from . import graph_schema as schema
from .fake_certificates import client_certificate, server_files
from .fake_http import Answer, Asked, Dropped, Refused, Server, error
from .fake_login import Login
from .fake_outlook import Calendar, Meetings, User, valid

EXPIRED = frozenset({"expired"})
DEFAULT_CODES = {
    401: "InvalidAuthenticationToken",
    403: "ErrorAccessDenied",
    404: "ErrorItemNotFound",
    409: "ErrorIrresolvableConflict",
    412: "ErrorIrresolvableConflict",
    429: "ApplicationThrottled",
    500: "ErrorInternalServerError",
    502: "BadGateway",
    503: "ErrorServerBusy",
    504: "UnknownError",
}
ROUTES = [
    ("GET", "/calendar/calendarView", "view"),
    ("GET", "/calendarView", "view"),
    ("GET", "/calendar", "calendar"),
    ("GET", "(?:/calendar)?/events", "find"),
    ("POST", "(?:/calendar)?/events", "create"),
    ("GET", "(?:/calendar)?/events/([^/]+)", "read"),
    ("PATCH", "(?:/calendar)?/events/([^/]+)", "change"),
    ("DELETE", "(?:/calendar)?/events/([^/]+)", "cancel"),
    ("GET", "/onlineMeetings", "find_meeting"),
    ("PATCH", "/onlineMeetings/([^/]+)", "change_meeting"),
    ("GET", "", "user"),
]


@dataclass
class Fault:
    """What goes wrong the next time that an operation is asked for."""

    operation: str
    account: str | None
    moment: str
    times: int
    skip: int
    slow: float
    drop: bool
    garbage: bool
    answer: Answer | None

    def concerns(self, operation: str, account: str, moment: str) -> bool:
        return (
            self.times > 0
            and self.moment == moment
            and self.operation in (operation, "*")
            and self.account in (None, account)
        )

    def happen(self) -> Answer | None:
        if self.slow:
            time.sleep(self.slow)
        if self.drop:
            raise Dropped
        return Answer(200, raw="<html>Bad gateway</html>") if self.garbage else self.answer


@dataclass
class Seen:
    """One operation that was asked for; those of a batch each by themselves, beside the batch."""

    operation: str
    account: str
    status: int
    headers: dict
    body: object
    url: str


class FakeGraph:
    """See the head of this file."""

    def __init__(self, *addresses: str):
        self.tenant = str(uuid.uuid4())
        self.client_id = str(uuid.uuid4())
        self.secret = secrets.token_urlsafe(30)
        self.expired_secrets: set[str] = set()
        self.certificates: list[x509.Certificate] = []
        self.expired_certificates: list[x509.Certificate] = []
        self.principal = True
        self.roles = {"Calendars.ReadWrite", "OnlineMeetings.ReadWrite.All", "User.ReadBasic.All"}
        self.token_seconds = 3599
        self.link_after = 0
        self.page = 1000
        self.short_links = False
        self.rbac = False
        self.users: dict[str, User] = {}
        self.requests: list[Seen] = []
        self.mails: list[tuple[str, str, str]] = []
        self.faults: list[Fault] = []
        self.errors: list[BaseException] = []
        self.hook: Callable[[str, str, str], None] | None = None
        self.lock = threading.RLock()
        self.tokens: dict[str, frozenset] = {}
        for address in addresses:
            self.add(address)

    # Starting and stopping

    def __enter__(self):
        key, self.ca = server_files()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(key)
        self._server = Server(self, context)
        self.origin = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def login(self) -> str:
        return self.origin

    @property
    def graph(self) -> str:
        return f"{self.origin}/v1.0"

    @property
    def environment(self) -> dict[str, str]:
        return {"REQUESTS_CA_BUNDLE": self.ca}

    @property
    def certificate(self) -> str:
        """The PEM of a key and its certificate, which the application has from now on."""
        pem, certificate = client_certificate()
        if certificate not in self.certificates:
            self.certificates.append(certificate)
        return pem

    # What a test arranges and looks at

    def add(self, address: str, **switches) -> User:
        """A user; `switches` as in `User`."""
        self.users[address.lower()] = user = User(address.lower(), **switches)
        return user

    def fail(
        self,
        operation: str,
        *,
        account: str | None = None,
        times: int = 1,
        skip: int = 0,
        moment: str = "before",
        slow: float = 0,
        drop: bool = False,
        garbage: bool = False,
        status: int | None = None,
        code: str = "",
        message: str = "It went wrong.",
        body: object = None,
        retry_after: int | str | None = None,
        location: str = "",
    ) -> Fault:
        """Let an operation go wrong, before its effect or after it."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        headers |= {"Location": location} if location else {}
        answer = (
            error(status, code or DEFAULT_CODES.get(status, "UnknownError"), message, **headers)
            if status
            else None
        )
        if body is not None:
            answer = Answer(status or 200, body, headers)
        fault = Fault(operation, account, moment, times, skip, slow, drop, garbage, answer)
        with self.lock:
            self.faults.append(fault)
        return fault

    def expire_tokens(self):
        """Make each token that was given out worthless; clients believe that they are good."""
        with self.lock:
            self.tokens = dict.fromkeys(self.tokens, EXPIRED)

    def events(self, account: str | None = None) -> list[dict]:
        """The events as they are kept (times in UTC)."""
        with self.lock:
            users = self.users.values() if account is None else [self.users[account.lower()]]
            return [event for user in users for event in user.events.values()]

    def count(self, account: str | None = None) -> int:
        return len(self.events(account))

    def counts(self) -> dict[str, int]:
        """How many events each account has."""
        with self.lock:
            return {address: len(user.events) for address, user in self.users.items()}

    def keys(self) -> Counter:
        """How often the value of each extended property is there: more than once is a double event."""
        return Counter(item["value"] for event in self.events() for item in event["properties"])

    def asked(self, *operations: str) -> list[Seen]:
        """The requests of these operations."""
        return [seen for seen in self.requests if seen.operation in operations]

    def remove(self, account: str, id: str, *, purge: bool = False):
        """Somebody deletes the event by hand; until it is purged its id still leads to it."""
        with self.lock:
            user = self.users[account.lower()]
            event = user.events.pop(id)
            if not purge:
                user.deleted[id] = event

    def lose_meeting(self, account: str, id: str):
        """Somebody switches the meeting off by hand."""
        with self.lock:
            self.users[account.lower()].events[id].update(isOnlineMeeting=False, joinUrl=None)

    def move(self, account: str, id: str, start: datetime, end: datetime):
        """Somebody drags the event to another time (UTC)."""
        with self.lock:
            self.users[account.lower()].events[id].update(start=start, end=end)

    # One operation

    def perform(self, operation: str, account: str, effect: Callable[[], Answer]) -> Answer:
        """An operation's effect and answer, with what was scripted to go wrong before and after it."""
        self._tell("before", operation, account)
        answer = self._fault(operation, account, "before")
        if answer is None:
            answer = effect()
            answer = self._fault(operation, account, "after") or answer
        self._tell("after", operation, account)
        return answer

    def _tell(self, moment: str, operation: str, account: str):
        if self.hook:
            self.hook(moment, operation, account)

    def _fault(self, operation: str, account: str, moment: str) -> Answer | None:
        with self.lock:
            fault = next((one for one in self.faults if one.concerns(operation, account, moment)), None)
            if fault and fault.skip:
                fault.skip -= 1
                fault = None
            elif fault:
                fault.times -= 1
        return fault.happen() if fault else None

    def answer(self, asked: Asked) -> Answer:
        """What a whole HTTP request gets."""
        if "/v2.0" in asked.path:
            return Login(self).answer(asked)
        try:
            roles = self._roles(asked)
            if asked.path == "/v1.0/$batch" and asked.method == "POST":
                answer = self.perform("batch", "", lambda: self._batch(asked, roles))
                self.note("batch", "", answer, asked)
                return answer
            asked.roles = roles
            return self.one(asked)
        except Refused as refused:
            self.note("batch" if asked.path.endswith("$batch") else "", "", refused.answer, asked)
            return refused.answer

    def note(self, operation: str, account: str, answer: Answer, asked: Asked):
        with self.lock:
            self.requests.append(
                Seen(operation, account, answer.status, asked.headers, asked.body, asked.url)
            )

    def _roles(self, asked: Asked) -> frozenset:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        roles = self.tokens.get(token) if kind == "Bearer" else None
        if roles is None:
            raise Refused(401, "InvalidAuthenticationToken", "Access token is empty or malformed.")
        if roles is EXPIRED:
            raise Refused(
                401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."
            )
        return roles

    def _batch(self, asked: Asked, roles: frozenset) -> Answer:
        valid(schema.batch, asked.body)
        inner = asked.body["requests"]
        ids = [one["id"] for one in inner]
        if not 1 <= len(inner) <= 20 or len(set(ids)) < len(ids):
            raise Refused(
                400, "BadRequest", "Invalid batch payload format: 1 to 20 requests, each its own id."
            )
        at_once: Counter[str] = Counter()
        answers = [self._within_batch(one, roles, at_once) for one in inner]
        random.Random(len(inner)).shuffle(answers)
        return Answer(200, {"responses": answers})

    def _within_batch(self, one: dict, roles: frozenset, at_once: Counter) -> dict:
        headers = {name.lower(): value for name, value in one.get("headers", {}).items()}
        asked = Asked(one["method"], "/v1.0/" + one["url"].lstrip("/"), headers, one.get("body"), roles)
        if asked.body is not None and "content-type" not in headers:
            raise Refused(400, "BadRequest", "Write request without Content-Type.")
        who = re.match(r"/v1\.0/users/([^/?]+)/(?:events|calendar)", asked.url)
        at_once[who[1].lower() if who else ""] += bool(who)
        if who and at_once[who[1].lower()] > 4:
            answer = error(
                429,
                "ApplicationThrottled",
                "Application is over its MailboxConcurrency limit.",
                **{"Retry-After": "1"},
            )
            self.note("throttled", unquote(who[1]).lower(), answer, asked)
        else:
            answer = self.one(asked)
        told = {"id": one["id"], "status": answer.status, "headers": answer.headers}
        if answer.raw is not None or answer.body is not None:
            told["body"] = answer.body if answer.raw is None else answer.raw
        return told

    def one(self, asked: Asked) -> Answer:
        """One request for a user's calendar or meetings."""
        routes = (
            (operation, re.fullmatch(r"/v1\.0/users/([^/]+)" + pattern, asked.path, re.IGNORECASE))
            for method, pattern, operation in ROUTES
            if method == asked.method
        )
        operation, found = next((route for route in routes if route[1]), (None, None))
        if operation is None:
            raise Refused(400, "BadRequest", "Resource not found for the segment.")
        who, *rest = (unquote(part) for part in found.groups())
        user = self._user(who)
        account = user.address if user else who.lower()
        answer = self.perform(operation, account, lambda: self._effect(operation, user, asked, *rest))
        self.note(operation, account, answer, asked)
        return answer

    def _user(self, who: str) -> User | None:
        users = (user for user in self.users.values() if who.lower() in (user.address, user.id))
        return next(users, None)

    def _effect(self, operation: str, user: User | None, asked: Asked, *rest: str) -> Answer:
        part = Meetings if operation in ("user", "find_meeting", "change_meeting") else Calendar
        try:
            with self.lock:
                return getattr(part(self, user, asked), operation)(*rest)
        except Refused as refused:
            return refused.answer
