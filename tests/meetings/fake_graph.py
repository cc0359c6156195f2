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
By hand in Outlook: `server.remove(account, id)`, `server.lose_meeting(account, id)`,
`server.move(account, id, start, end)`.
Switches of a user: `server.add(address, mailbox=False)`, `licensed=`, `allowed=` (mailbox within the app's
policy), `meetings_allowed=` (application access policy of Teams), or the attributes of
`server.users[address]` later on. Switches of the server: `roles`, `token_seconds`, `link_after` (reads until
joinUrl is there), `page`, `short_links`.

Operations: token, discovery, batch; and within batches or alone create, change, cancel, read, find, view,
calendar, user, find_meeting, change_meeting. Faults are taken once each unless `times` says otherwise:

    server.fail("create", account="jan@school.example", status=429, retry_after=3)
    server.fail("batch", moment="after", drop=True)    # the effect is there, the answer never comes
    server.fail("batch", moment="after", slow=2)       # … or too late
    server.fail("batch", garbage=True)                 # 200 and no JSON
    server.expire_tokens()                             # 401 for each token that was given out

`server.hook = f` has `f(moment, operation, account)` called before and after the effect of every operation,
in the thread of the request: there a test may kill the client's process. A request that was read whole has
its effect whatever becomes of the client.
"""

import base64
import functools
import hashlib
import ipaddress
import json
import random
import re
import secrets
import ssl
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from . import graph_schema as schema

UTC = timezone.utc
BLOB = "\n________\nMicrosoft Teams "
FROM_BEFORE = "Access is denied. Check credentials and try again."
BY_POLICY = (
    "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."
)


def _certificate(key, name: str, days: int = 30) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _pem(key, certificate: x509.Certificate) -> str:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode() + certificate.public_bytes(serialization.Encoding.PEM).decode()


@functools.cache
def _server_files() -> tuple[str, str]:
    """The server's key with its certificate, and the certificate alone: made once in a process."""
    folder = Path(tempfile.mkdtemp(prefix="fake-graph-"))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, "localhost")
    (folder / "server.pem").write_text(_pem(key, certificate))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return str(folder / "server.pem"), str(folder / "ca.pem")


@functools.cache
def client_certificate(name: str = "ouderavond") -> tuple[str, x509.Certificate]:
    """A certificate that a school could have registered: PEM of the key and the certificate."""
    key = rsa.generate_private_key(65537, 2048)
    certificate = _certificate(key, name)
    return _pem(key, certificate), certificate


@dataclass
class Answer:
    """An answer on its way: `raw` instead of `body` is no JSON."""

    status: int
    body: dict | None = None
    headers: dict = field(default_factory=dict)
    raw: str | None = None

    def text(self) -> bytes:
        if self.raw is not None:
            return self.raw.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


def error(status: int, code: str, message: str, **headers) -> Answer:
    """An answer in the form of Graph's errors."""
    inner = {"date": "2027-02-01T10:00:00", "request-id": str(uuid.uuid4())}
    return Answer(status, {"error": {"code": code, "message": message, "innerError": inner}}, headers)


class Refused(Exception):
    """Ends the handling of a request with an error."""

    def __init__(self, status: int, code: str, message: str, **headers):
        self.answer = error(status, code, message, **headers)


class Dropped(Exception):
    """The connection ends without an answer."""


@dataclass
class User:
    """Somebody of the school."""

    address: str
    mailbox: bool = True
    licensed: bool = True
    allowed: bool = True
    meetings_allowed: bool = True
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    events: dict[str, dict] = field(default_factory=dict)
    meetings: dict[str, dict] = field(default_factory=dict)
    # transactionId -> what was posted with it, and the event's id
    transactions: dict[str, tuple[str, str]] = field(default_factory=dict)


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


@dataclass
class Asked:
    """A request, alone or within a batch. `headers` have lower case names."""

    method: str
    url: str
    headers: dict
    body: object
    roles: frozenset = frozenset()

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def preferences(self) -> str:
        return self.headers.get("prefer", "")


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
        key, self.ca = _server_files()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(key)
        self._server = _Server(self, context)
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
        retry_after: int | str | None = None,
    ) -> Fault:
        """Let an operation go wrong, before its effect or after it."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        answer = (
            error(status, code or DEFAULT_CODES.get(status, "UnknownError"), message, **headers)
            if status
            else None
        )
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

    def remove(self, account: str, id: str):
        """Somebody deletes the event by hand."""
        with self.lock:
            del self.users[account.lower()].events[id]

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
            return _Login(self).answer(asked)
        try:
            roles = self._roles(asked)
            if asked.path == "/v1.0/$batch" and asked.method == "POST":
                answer = self.perform("batch", "", lambda: self._batch(asked, roles))
                self._note("batch", "", answer, asked)
                return answer
            asked.roles = roles
            return self.one(asked)
        except Refused as refused:
            self._note("batch" if asked.path.endswith("$batch") else "", "", refused.answer, asked)
            return refused.answer

    def _note(self, operation: str, account: str, answer: Answer, asked: Asked):
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
        _valid(schema.batch, asked.body)
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
            self._note("throttled", unquote(who[1]).lower(), answer, asked)
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
        self._note(operation, account, answer, asked)
        return answer

    def _user(self, who: str) -> User | None:
        users = (user for user in self.users.values() if who.lower() in (user.address, user.id))
        return next(users, None)

    def _effect(self, operation: str, user: User | None, asked: Asked, *rest: str) -> Answer:
        part = _Meetings if operation in ("user", "find_meeting", "change_meeting") else _Calendar
        try:
            with self.lock:
                return getattr(part(self, user, asked), operation)(*rest)
        except Refused as refused:
            return refused.answer


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


def _valid(validator: schema.Validator, body):
    wrong = validator(body, "")
    if wrong is not None:
        raise Refused(400, "RequestBodyRead", f"The property '{wrong}' is unknown or has a wrong value.")


class _Login:
    """The token endpoint and the discovery document of a tenant."""

    def __init__(self, server: FakeGraph):
        self.server = server

    def answer(self, asked: Asked) -> Answer:
        tenant = unquote(asked.path.split("/")[1])
        discovery = asked.path.endswith("/.well-known/openid-configuration")
        operation = "discovery" if discovery else "token"
        effect = self._discovery if discovery else lambda: self._token(asked)
        answer = self.server.perform(operation, "", lambda: self._tenant(tenant) or effect())
        self.server._note(operation, "", answer, asked)
        return answer

    def _tenant(self, tenant: str) -> Answer | None:
        if tenant in (self.server.tenant, "school.example"):
            return None
        return self._refusal(400, "invalid_tenant", 90002, f"Tenant '{tenant}' not found.")

    def _refusal(self, status: int, kind: str, number: int, message: str) -> Answer:
        body = {
            "error": kind,
            "error_description": f"AADSTS{number}: {message} Trace ID: 1 Correlation ID: 2",
            "error_codes": [number],
            "timestamp": "2027-02-01 10:00:00Z",
            "trace_id": str(uuid.uuid4()),
            "correlation_id": str(uuid.uuid4()),
        }
        return Answer(status, body)

    @property
    def _endpoint(self) -> str:
        return f"{self.server.origin}/{self.server.tenant}/oauth2/v2.0/token"

    def _discovery(self) -> Answer:
        base = f"{self.server.origin}/{self.server.tenant}"
        body = {
            "token_endpoint": self._endpoint,
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "issuer": f"{base}/v2.0",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
        }
        return Answer(200, body)

    def _token(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body or "").items()}
        if form.get("grant_type") != "client_credentials":
            return self._refusal(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        if form.get("scope") != f"{self.server.origin}/.default":
            return self._refusal(400, "invalid_scope", 70011, "The provided scope is not valid.")
        refusal = self._client(form)
        if refusal:
            return refusal
        claims = {"aud": self.server.graph, "roles": sorted(self.server.roles), "jti": str(uuid.uuid4())}
        token = jwt.encode(claims, "0" * 32, algorithm="HS256")
        with self.server.lock:
            self.server.tokens[token] = frozenset(self.server.roles)
        seconds = self.server.token_seconds
        return Answer(
            200,
            {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token},
        )

    def _client(self, form: dict) -> Answer | None:
        if form.get("client_id") != self.server.client_id:
            return self._refusal(400, "unauthorized_client", 700016, "Application was not found.")
        if "client_assertion" in form:
            number, message = self._assertion(form)
        else:
            number, message = self._secret(form.get("client_secret"))
        if number:
            return self._refusal(401, "invalid_client", number, message)
        if not self.server.principal:
            return self._refusal(401, "invalid_client", 7000229, "Missing service principal in the tenant.")
        return None

    def _secret(self, secret: str | None) -> tuple[int, str]:
        if secret is None:
            return 7000218, "The request body must contain 'client_assertion' or 'client_secret'."
        if secret in self.server.expired_secrets:
            return 7000222, "The provided client secret keys are expired."
        return (0, "") if secret == self.server.secret else (7000215, "Invalid client secret provided.")

    def _assertion(self, form: dict) -> tuple[int, str]:
        text = form["client_assertion"]
        head = jwt.get_unverified_header(text)
        for certificate in (*self.server.certificates, *self.server.expired_certificates):
            if head.get("x5t") == _thumbprint(certificate, hashes.SHA1()) or head.get(
                "x5t#S256"
            ) == _thumbprint(certificate, hashes.SHA256()):
                break
        else:
            return 700027, "Client assertion contains an invalid signature. [Reason - The key was not found.]"
        if certificate in self.server.expired_certificates:
            return 700027, "Client assertion failed. [Reason - The key used is expired.]"
        try:
            claims = jwt.decode(
                text, certificate.public_key(), algorithms=["RS256", "PS256"], audience=self._endpoint
            )
        except jwt.InvalidTokenError:
            return 700027, "Client assertion contains an invalid signature. [Reason - The key used is wrong.]"
        if {claims.get("iss"), claims.get("sub")} != {self.server.client_id}:
            return 700021, "Client assertion application identifier doesn't match 'client_id' parameter."
        return 0, ""


def _thumbprint(certificate: x509.Certificate, algorithm) -> str:
    return base64.urlsafe_b64encode(certificate.fingerprint(algorithm)).decode().rstrip("=")


def _utc(value: dict) -> datetime:
    zone = ZoneInfo(schema.ZONES[value["timeZone"]])
    return datetime.fromisoformat(value["dateTime"]).replace(tzinfo=zone).astimezone(UTC)


class _Calendar:
    """A user's calendar."""

    def __init__(self, server: FakeGraph, user: User | None, asked: Asked):
        self.server, self.user, self.asked = server, user, asked
        if user is None:
            raise Refused(404, "ErrorInvalidUser", "The requested user is invalid.")
        if "Calendars.ReadWrite" not in asked.roles:
            raise Refused(403, "ErrorAccessDenied", FROM_BEFORE)
        if not user.allowed:
            raise Refused(403, "ErrorAccessDenied", BY_POLICY)
        if not user.mailbox:
            raise Refused(404, "MailboxNotEnabledForRESTAPI", "The mailbox is inactive or soft-deleted.")
        zone = re.search(r'outlook\.timezone="([^"]+)"', asked.preferences)
        if zone and zone[1] not in schema.ZONES:
            raise Refused(400, "TimeZoneNotSupportedException", "The time zone is not supported.")
        self.zone = zone[1] if zone else "UTC"

    def calendar(self) -> Answer:
        providers = ["teamsForBusiness"] if self.user.licensed else []
        body = {
            "id": "AQMkAD",
            "name": "Calendar",
            "canEdit": True,
            "allowedOnlineMeetingProviders": providers,
            "defaultOnlineMeetingProvider": providers[0] if providers else "unknown",
        }
        return Answer(200, body)

    def create(self) -> Answer:
        body = self.asked.body
        _valid(schema.new_event, body)
        self._order(body, {})
        transaction = body.get("transactionId")
        posted = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        if transaction in self.user.transactions:
            before, id = self.user.transactions[transaction]
            if posted != before or id not in self.user.events:
                raise Refused(409, "ErrorDuplicateTransactionId", "Your request can't be completed.")
            return Answer(201, self._shown(self.user.events[id]))
        event = self._new(body)
        self.user.events[event["id"]] = event
        if transaction:
            self.user.transactions[transaction] = (posted, event["id"])
        self._mail("invited", event)
        return Answer(201, self._shown(event))

    def _new(self, body: dict) -> dict:
        event = {
            "allowNewTimeProposals": True,
            "attendees": [],
            "hideAttendees": False,
            "importance": "normal",
            "location": {"displayName": ""},
            "responseRequested": True,
            "sensitivity": "normal",
            "showAs": "busy",
            "subject": "",
            **{name: value for name, value in body.items() if name != "singleValueExtendedProperties"},
            "id": f"AAkALg{secrets.token_urlsafe(40)}=",
            "iCalUId": secrets.token_hex(40).upper(),
            "isCancelled": False,
            "isOrganizer": True,
            "type": "singleInstance",
            "isOnlineMeeting": False,
            "onlineMeetingProvider": "unknown",
            "joinUrl": None,
            "start": _utc(body["start"]),
            "end": _utc(body["end"]),
            "properties": body.get("singleValueExtendedProperties", []),
            "version": 1,
            "reads": 0,
        }
        self._meeting(event, body)
        return event

    def _meeting(self, event: dict, body: dict):
        """Make the meeting if it is wanted and not there; without a licence it is silently left out."""
        wanted = body.get("isOnlineMeeting") and not event["isOnlineMeeting"]
        if not wanted or not self.user.licensed:
            return
        thread = f"19:meeting_{secrets.token_urlsafe(30)}@thread.v2"
        context = json.dumps({"Tid": self.server.tenant, "Oid": self.user.id}, separators=(",", ":"))
        url = f"https://teams.microsoft.com/l/meetup-join/{quote(thread, safe='')}/0?context={quote(context)}"
        if self.server.short_links:
            url = f"https://teams.microsoft.com/meet/{random.randrange(10**12)}?p={secrets.token_urlsafe(9)}"
        event.update(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness", joinUrl=url)
        meeting = f"MSp{secrets.token_urlsafe(30)}"
        self.user.meetings[meeting] = {
            "id": meeting,
            "joinWebUrl": url,
            "allowRecording": True,
            "allowTranscription": True,
            "recordAutomatically": False,
            "lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": False},
        }
        content = event.get("body", {}).get("content", "")
        event["body"] = {"contentType": "html", "content": content + BLOB + url}

    def _mail(self, kind: str, event: dict):
        for attendee in event["attendees"]:
            self.server.mails.append((kind, self.user.address, attendee["emailAddress"]["address"]))

    def _event(self, id: str) -> dict:
        if id not in self.user.events:
            raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return self.user.events[id]

    def read(self, id: str) -> Answer:
        event = self._event(id)
        event["reads"] += 1
        return Answer(200, self._shown(event))

    def change(self, id: str) -> Answer:
        event = self._event(id)
        _valid(schema.changed_event, self.asked.body)
        match = self.asked.headers.get("if-match")
        if match and match != self._etag(event):
            raise Refused(412, "ErrorIrresolvableConflict", "The change key does not match.")
        body = dict(self.asked.body)
        self._order(body, event)
        if event["isOnlineMeeting"] and "body" in body and BLOB not in body["body"]["content"]:
            event.update(isOnlineMeeting=False, joinUrl=None)
        properties = body.pop("singleValueExtendedProperties", event["properties"])
        self._meeting(event, body)
        times = {name: _utc(body[name]) for name in ("start", "end") if name in body}
        kept = {
            "isOnlineMeeting": event["isOnlineMeeting"],
            "onlineMeetingProvider": event["onlineMeetingProvider"],
        }
        event.update(body | times | kept, properties=properties, version=event["version"] + 1)
        self._mail("updated", event)
        return Answer(200, self._shown(event))

    def _order(self, body: dict, event: dict):
        start = _utc(body["start"]) if "start" in body else event["start"]
        end = _utc(body["end"]) if "end" in body else event["end"]
        if end < start:
            raise Refused(400, "ErrorCalendarEndDateIsEarlierThanStartDate", "The end is before the start.")

    def cancel(self, id: str) -> Answer:
        self._mail("cancelled", self._event(id))
        del self.user.events[id]
        return Answer(204)

    def find(self) -> Answer:
        events = list(self.user.events.values())
        wanted = self.asked.query.get("$filter")
        if wanted is not None:
            found = re.fullmatch(
                r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']+)' and ep/value eq '([^']*)'\)",
                wanted,
            )
            if not found or not schema.PROPERTY_ID.fullmatch(found[1]):
                raise Refused(
                    400, "ErrorInvalidUrlQueryFilter", "The query filter contains an invalid property."
                )
            events = [event for event in events if _value(event, found[1]).lower() == found[2].lower()]
        return self._paged(events)

    def view(self) -> Answer:
        first, last = (self._moment(name) for name in ("startDateTime", "endDateTime"))
        events = [
            event for event in self.user.events.values() if event["start"] < last and event["end"] > first
        ]
        return self._paged(sorted(events, key=lambda event: event["start"]))

    def _moment(self, name: str) -> datetime:
        try:
            moment = datetime.fromisoformat(self.asked.query[name])
        except (KeyError, ValueError):
            raise Refused(
                400, "ErrorInvalidParameter", f"The value of '{name}' is missing or wrong."
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _paged(self, events: list[dict]) -> Answer:
        query = self.asked.query
        top, skip = int(query.get("$top", 10)), int(query.get("$skip", 0))
        if not 1 <= top <= 1000:
            raise Refused(400, "ErrorInvalidParameter", "The value of '$top' is wrong.")
        top = min(top, self.server.page)
        for event in events[skip : skip + top]:
            event["reads"] += 1
        body = {"value": [self._shown(event) for event in events[skip : skip + top]]}
        if len(events) > skip + top:
            again = urlencode(query | {"$skip": skip + top})
            body["@odata.nextLink"] = f"{self.server.origin}{self.asked.path}?{again}"
        return Answer(200, body)

    def _etag(self, event: dict) -> str:
        return f'W/"{event["id"][6:20]}{event["version"]}"'

    def _shown(self, event: dict) -> dict:
        """The event as a client sees it, after $select and $expand."""
        ready = event["joinUrl"] and event["reads"] >= self.server.link_after
        shown = {name: value for name, value in event.items() if name not in HIDDEN}
        shown |= {
            "id": event["id"]
            if 'IdType="ImmutableId"' in self.asked.preferences
            else f"AAMk{event['id'][6:]}",
            "onlineMeeting": {"joinUrl": event["joinUrl"]} if ready else None,
            "start": self._time(event["start"]),
            "end": self._time(event["end"]),
        }
        query = self.asked.query
        chosen = query.get("$select")
        if chosen:
            names = chosen.split(",")
            if not schema.SELECTABLE.issuperset(names):
                raise Refused(400, "BadRequest", "Could not find a property named so on type 'event'.")
            shown = {name: shown.get(name) for name in ("id", *names)}
        return {"@odata.etag": self._etag(event), **shown, **self._expanded(event, query.get("$expand"))}

    def _expanded(self, event: dict, expand: str | None) -> dict:
        if not expand:
            return {}
        found = re.fullmatch(r"singleValueExtendedProperties\(\$filter=id eq '([^']+)'\)", expand)
        if not found or not schema.PROPERTY_ID.fullmatch(found[1]):
            raise Refused(400, "BadRequest", "Parsing OData Select and Expand failed.")
        properties = [item for item in event["properties"] if _same(item["id"], found[1])]
        return {"singleValueExtendedProperties": properties} if properties else {}

    def _time(self, moment: datetime) -> dict:
        local = moment.astimezone(ZoneInfo(schema.ZONES[self.zone])).replace(tzinfo=None)
        return {"dateTime": local.isoformat(timespec="seconds") + ".0000000", "timeZone": self.zone}


HIDDEN = {"joinUrl", "properties", "version", "reads"}


def _same(one: str, other: str) -> bool:
    """Names of properties: the GUID in any case, the name as it is."""
    return one.partition(" Name ")[0].lower() == other.partition(" Name ")[0].lower() and (
        one.partition(" Name ")[2] == other.partition(" Name ")[2]
    )


def _value(event: dict, id: str) -> str:
    return next((item["value"] for item in event["properties"] if _same(item["id"], id)), "")


class _Meetings:
    """The directory, and the online meetings of a user, which only object ids lead to."""

    def __init__(self, server: FakeGraph, user: User | None, asked: Asked):
        self.server, self.owner, self.asked = server, user, asked

    def user(self) -> Answer:
        if not self.asked.roles & {"User.ReadBasic.All", "User.Read.All"}:
            raise Refused(
                403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )
        if self.owner is None:
            raise Refused(404, "Request_ResourceNotFound", "Resource does not exist.")
        return Answer(200, {"id": self.owner.id})

    def _policy(self):
        if "OnlineMeetings.ReadWrite.All" not in self.asked.roles:
            raise Refused(403, "Forbidden", "Insufficient permissions.")
        who = unquote(self.asked.path.split("/")[3])
        if self.owner is None or self.owner.id != who:
            raise Refused(404, "NotFound", "User not found.")
        if not self.owner.meetings_allowed:
            raise Refused(403, "Forbidden", "No application access policy found for this app.")

    def find_meeting(self) -> Answer:
        self._policy()
        found = re.fullmatch(r"JoinWebUrl eq '([^']+)'", self.asked.query.get("$filter", ""))
        if not found:
            raise Refused(400, "InvalidArgument", "Filter expression expected.")
        value = [one for one in self.owner.meetings.values() if one["joinWebUrl"] == found[1]]
        if not value:
            raise Refused(404, "NotFound", "3004: Meeting not found.")
        return Answer(200, {"value": value})

    def change_meeting(self, id: str) -> Answer:
        self._policy()
        _valid(schema.changed_meeting, self.asked.body)
        meeting = self.owner.meetings.get(id)
        if meeting is None:
            raise Refused(404, "NotFound", "Meeting not found.")
        body = dict(self.asked.body)
        meeting["lobbyBypassSettings"] |= body.pop("lobbyBypassSettings", {})
        meeting.update(body)
        return Answer(200, meeting)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, fake: FakeGraph, context: ssl.SSLContext):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake, self.context = fake, context

    def finish_request(self, request, client_address):
        """Shake hands in the thread of the request, so that a slow client holds nobody up."""
        with suppress(OSError), closing(self.context.wrap_socket(request, server_side=True)) as secured:
            self.RequestHandlerClass(secured, client_address, self)

    def handle_error(self, request, client_address):
        """Keep what broke; that a client was killed or did not wait is no error."""
        broken = sys.exc_info()[1]
        if not isinstance(broken, OSError):
            self.fake.errors.append(broken)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _handle(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            asked = Asked(self.command, self.path, headers, _body(text, headers))
            answer = self.server.fake.answer(asked)
        except Dropped:
            self.close_connection = True
            return
        except Refused as refused:
            answer = refused.answer
        self._send(answer)

    def _send(self, answer: Answer):
        content = answer.text()
        told = {"Content-Type": "application/json", "request-id": str(uuid.uuid4()), **answer.headers}
        self.send_response(answer.status)
        for name, value in told.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self._headers_buffer.append(b"\r\n" + content)
        self.flush_headers()

    do_GET = do_POST = do_PATCH = do_DELETE = _handle

    def log_message(self, *_):
        """Tests have no use for it."""


def _body(text: str, headers: dict):
    if not text or "json" not in headers.get("content-type", ""):
        return text or None
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(400, "BadRequest", "Unable to read JSON request payload.") from None
