"""A local server that behaves as Google's Calendar API (version 3) and its token endpoint are documented.

    with FakeGoogle() as google:
        google.url                         # for `ouderavond_google_api` or `Connection.api`
        google.service_account             # JSON of a service account that may act for every user
        google.connect("jan@school.example")     # client, secret and refresh token of one user
        ...
        google.count()                     # {"jan@school.example": 3}: live events by calendar
        google.live("jan@school.example")  # those events
        google.calls                       # what came in, in order: Call(what, account, …)

Every call is one of `token`, `batch`, `insert`, `get`, `patch`, `delete`, `list`, `calendar`; the calls in a
batch come after the `batch` itself. What should go wrong is said beforehand; `times` calls are hit:

    google.fail("insert", status=403, reason="rateLimitExceeded", account="jan@school.example", times=2)
    google.fail("batch", status=429, retry_after=7)                   # the whole batch, nothing of it done
    google.fail("batch", delay=1.0, effect=True)                      # done, but the answer comes late
    google.fail("batch", status=503, effect=True, skip=2)             # the third batch: done, but says 503
    google.fail("get", raw="<html>", status=200)                      # an answer that is not JSON
    google.fail("batch", drop=True, effect=True)                      # done; the connection breaks

`google.hook = function(moment, call)` is called in the server's thread at every call, with "before" and with
"after" (done, but not answered yet). It may kill the client (which the server does not mind), wait, or raise
`HangUp` to break the connection.
"""

import copy
import email
import itertools
import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.message import Message
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.meetings import google_schema as schema

EVENTS = "https://www.googleapis.com/auth/calendar.events"
CALENDARS = "https://www.googleapis.com/auth/calendar.calendars.readonly"
CALENDAR = "https://www.googleapis.com/auth/calendar"

MEET = "hangoutsMeet"
OWN_ID = re.compile(r"[a-v0-9]{5,1024}")
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLES_TOKEN_ADDRESS = "https://oauth2.googleapis.com/token"
MOST_IN_A_BATCH = 50
EVENT_PATH = re.compile(r"/calendar/v3/calendars/([^/]+)/events(?:/([^/]+))?")
CALENDAR_PATH = re.compile(r"/calendar/v3/calendars/([^/]+)")
METHODS = {
    ("GET", True): "get",
    ("PATCH", True): "patch",
    ("DELETE", True): "delete",
    ("GET", False): "list",
    ("POST", False): "insert",
}


class HangUp(Exception):
    """The connection breaks without an answer."""


class Refused(Exception):
    """The call is answered with an error."""

    def __init__(self, status: int, reason: str, message: str):
        self.answer = error(status, reason, message)


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """One call, as it came in."""

    what: str
    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    account: str = ""
    scopes: frozenset[str] = frozenset()
    calendar: str = ""
    event_id: str = ""
    inner: bool = False
    status: int | None = None

    def json(self):
        return json.loads(self.raw) if self.raw else {}

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]


@dataclass
class Fault:
    """What goes wrong with the next `times` calls of a kind, after `skip` that go well."""

    what: str
    account: str = ""
    times: int = 1
    skip: int = 0
    status: int | None = None
    reason: str = "backendError"
    message: str = "Scripted."
    retry_after: float | str | None = None
    location: str = ""
    raw: str | None = None
    delay: float = 0.0
    drop: bool = False
    effect: bool = False

    def hits(self, call: Call) -> bool:
        """Does it happen to this call? Counts it."""
        if call.what != self.what or (self.account and call.account != self.account) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True

    def answer(self) -> Answer | None:
        """What is answered instead; None: what would have been answered."""
        if self.drop:
            raise HangUp
        if self.status is None:
            return None
        answer = error(self.status, self.reason, self.message)
        if self.raw is not None:
            answer.body = self.raw.encode()
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        if self.location:
            answer.headers["Location"] = self.location
        return answer


@dataclass
class Stored:
    """An event in a calendar, and how many more reads its conference waits for."""

    body: dict
    reads: int = 0
    fails: bool = False


def error(status: int, reason: str, message: str) -> Answer:
    """An error in the form that the Calendar API gives it."""
    inner = {"domain": "global", "reason": reason, "message": message}
    return as_json({"error": {"errors": [inner], "code": status, "message": message}}, status)


def as_json(value, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=UTF-8"})


@lru_cache
def service_key(number: int = 0) -> tuple[str, bytes]:
    """A private key as text and its public key; shorter than Google's, which take long to read."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public


class FakeGoogle:
    """Google's calendars of a school, on this machine.

    Attributes:
        users: addresses that exist; None: every address does.
        domains: the domains of the school; None: every address is in it.
        delegated: the scopes that the school allowed the service account.
        api_on: whether the Calendar API is switched on in the project.
        no_calendar: users for whom Google Calendar is off.
        no_meet: users whose calendars may not have Google Meet.
        pending_reads: how many reads it takes until a conference is there; 0: it is there at once.
        failing_conferences: how many of the next conferences fail.
        token_seconds: how long a token lasts.
        at_once: how many calls for one calendar a batch may contain; more of them are throttled. None: any.
        deleted_patch: what a patch of a deleted event gets: the published description does not say.
    """

    def __init__(self):
        self.users: set[str] | None = None
        self.domains: set[str] | None = None
        self.delegated = {EVENTS}
        self.api_on = True
        self.no_calendar: set[str] = set()
        self.no_meet: set[str] = set()
        self.pending_reads = 0
        self.failing_conferences = 0
        self.token_seconds = 3600
        self.at_once: int | None = None
        self.deleted_patch = 403
        self.calls: list[Call] = []
        self.hook: Callable[[str, Call], None] | None = None
        self.client_email = "ouderavond@school-project.iam.gserviceaccount.com"
        self._calendars: dict[str, dict[str, Stored]] = {}
        self._tokens: dict[str, tuple[str, frozenset[str], float]] = {}
        self._refresh: dict[str, tuple[str, frozenset[str]]] = {}
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._closing = threading.Event()

    # -- for tests -----------------------------------------------------------------------------------------

    def __enter__(self) -> "FakeGoogle":
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()
        return self

    def __exit__(self, *_why):
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    @property
    def token_uri(self) -> str:
        return f"{self.url}token"

    @property
    def service_account(self) -> str:
        """The JSON that the Cloud console gives for a service account's key."""
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "school-project",
                "private_key_id": "key-1",
                "private_key": service_key()[0],
                "client_email": self.client_email,
                "client_id": "1234567890",
                "token_uri": self.token_uri,
            }
        )

    def connect(self, account: str, scopes=(CALENDAR,)) -> dict:
        """What is kept of a user who gave consent."""
        token = f"1//{secrets.token_hex(12)}"
        self._refresh[token] = (account, frozenset(scopes))
        return {
            "client_id": "client.apps.googleusercontent.com",
            "client_secret": "client-secret",
            "refresh_token": token,
            "token_uri": self.token_uri,
        }

    def revoke(self, account: str):
        """The user takes the consent back."""
        self._refresh = {token: of for token, of in self._refresh.items() if of[0] != account}
        self.expire_tokens(account)

    def expire_tokens(self, account: str = ""):
        """Tokens given out so far are good no longer."""
        with self._lock:
            self._tokens = {token: of for token, of in self._tokens.items() if account and of[0] != account}

    def fail(self, what: str, **how) -> Fault:
        """Script what goes wrong; see `Fault`."""
        with self._lock:
            self._faults.append(Fault(what, **how))
            return self._faults[-1]

    def live(self, account: str = "") -> list[dict]:
        """The events that are there, of one calendar or of all."""
        with self._lock:
            return [
                copy.deepcopy(stored.body)
                for owner, events in self._calendars.items()
                for stored in events.values()
                if account in ("", owner) and stored.body["status"] != "cancelled"
            ]

    def count(self) -> dict[str, int]:
        """How many events each calendar has; calendars without any are left out."""
        with self._lock:
            found = {account: len(self.live(account)) for account in self._calendars}
        return {account: number for account, number in found.items() if number}

    def delete_by_hand(self, account: str, event_id: str):
        """Somebody throws the event away in Google Calendar: it stays as a cancelled one."""
        with self._lock:
            self._calendars[account][event_id].body["status"] = "cancelled"

    def purge(self, account: str, event_id: str):
        """The event is gone for good."""
        with self._lock:
            del self._calendars[account][event_id]

    def change_by_hand(self, account: str, event_id: str, **fields):
        """Somebody changes the event in Google Calendar; None takes a field away."""
        with self._lock:
            stored = self._calendars[account][event_id]
            stored.body = merged(stored.body, fields)
            self._touch(stored.body)

    def forget(self):
        """Nothing came in so far."""
        with self._lock:
            self.calls.clear()

    def made(self, what: str) -> list[Call]:
        """The calls of one kind so far."""
        with self._lock:
            return [call for call in self.calls if call.what == what]

    # -- a call --------------------------------------------------------------------------------------------

    def receive(self, method: str, target: str, headers: dict, raw: bytes, inner: bool = False) -> Answer:
        """Answer one call: note it, let the hook and the faults have their way, do it."""
        call = self._understand(method, target, headers, raw, inner)
        with self._lock:
            self.calls.append(call)
        self._tell("before", call)
        with self._lock:
            fault = next((one for one in self._faults if one.hits(call)), None)
        answer = self._faulty(fault, call) if fault else self._do(call)
        call.status = answer.status
        self._tell("after", call)
        return answer

    def _tell(self, moment: str, call: Call):
        if self.hook:
            self.hook(moment, call)

    def _faulty(self, fault: Fault, call: Call) -> Answer:
        done = self._do(call) if fault.effect or (fault.delay and fault.status is None) else None
        self._closing.wait(fault.delay)
        return fault.answer() or done or self._do(call)

    def _understand(self, method, target, headers, raw, inner) -> Call:
        address = urlsplit(target)
        headers = {name.lower(): value for name, value in headers.items()}
        call = Call(
            "unknown", method, address.path, parse_qs(address.query, keep_blank_values=True), headers, raw
        )
        call.inner = inner
        if not inner and (method, address.path) == ("POST", "/token"):
            call.what = "token"
        elif not inner and (method, address.path) == ("POST", "/batch/calendar/v3"):
            call.what = "batch"
        elif found := EVENT_PATH.fullmatch(address.path):
            call.calendar, call.event_id = unquote(found[1]), unquote(found[2] or "")
            call.what = METHODS.get((method, bool(found[2])), "unknown")
        elif method == "GET" and (found := CALENDAR_PATH.fullmatch(address.path)):
            call.what, call.calendar = "calendar", unquote(found[1])
        self._who(call)
        return call

    def _who(self, call: Call):
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        with self._lock:
            account, scopes, until = self._tokens.get(token, ("", frozenset(), 0))
        if kind == "Bearer" and time.time() < until:
            call.account, call.scopes = account, scopes

    def _do(self, call: Call) -> Answer:
        try:
            if call.what == "batch":
                return self._batch(call)
            with self._lock:
                return self._token(call) if call.what == "token" else self._api(call)
        except Refused as refused:
            return refused.answer

    # -- batches -------------------------------------------------------------------------------------------

    def _batch(self, call: Call) -> Answer:
        kind = call.headers.get("content-type", "")
        whole = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + call.raw)
        if whole.get_content_type() != "multipart/mixed" or not whole.is_multipart():
            raise Refused(400, "badRequest", "Failed to parse batch request.")
        parts = whole.get_payload()
        if len(parts) > MOST_IN_A_BATCH:
            raise Refused(400, "badRequest", f"The batch request contains more than {MOST_IN_A_BATCH} calls.")
        seen: dict[str, int] = {}
        boundary = f"batch_{secrets.token_hex(12)}"
        answers = [self._part(part, call, seen) for part in parts]
        body = b"".join(b"--" + boundary.encode() + b"\r\n" + one + b"\r\n" for one in answers)
        body += b"--" + boundary.encode() + b"--\r\n"
        return Answer(200, body, {"Content-Type": f"multipart/mixed; boundary={boundary}"})

    def _part(self, part: Message, outer: Call, seen: dict[str, int]) -> bytes:
        name = part["Content-ID"]
        if part.get_content_type() != "application/http" or not re.fullmatch(r"<.+>", name or ""):
            raise Refused(400, "badRequest", "Failed to parse batch request.")
        text = part.get_payload(decode=True).decode()
        head, _, body = text.replace("\r\n", "\n").partition("\n\n")
        first, _, lines = head.partition("\n")
        method, target, _version = first.split(" ")
        # What the outer request says holds for each of the inner ones that does not say so itself.
        headers = {"authorization": outer.headers.get("authorization", "")}
        headers |= {name.lower(): value for name, value in email.message_from_string(lines).items()}
        answer = self._crowded(headers, seen) or self.receive(
            method, target, headers, body.strip("\n").encode(), inner=True
        )
        head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        head += [f"{key}: {value}" for key, value in answer.headers.items()]
        head += [f"Content-Length: {len(answer.body)}", "", ""]
        outside = f"Content-Type: application/http\r\nContent-ID: <response-{name[1:]}\r\n\r\n"
        return outside.encode() + "\r\n".join(head).encode() + answer.body

    def _crowded(self, headers: dict, seen: dict[str, int]) -> Answer | None:
        if self.at_once is None:
            return None
        who = headers["authorization"]
        seen[who] = seen.get(who, 0) + 1
        if seen[who] <= self.at_once:
            return None
        return error(403, "rateLimitExceeded", "Rate Limit Exceeded")

    # -- tokens --------------------------------------------------------------------------------------------

    def _token(self, call: Call) -> Answer:
        form = {key: values[-1] for key, values in parse_qs(call.raw.decode()).items()}
        if form.get("grant_type") == JWT_GRANT:
            account, scopes = self._delegated(form.get("assertion", ""))
        elif form.get("grant_type") == "refresh_token":
            account, scopes = self._refreshed(form)
        else:
            raise _no_token(400, "unsupported_grant_type", "Invalid grant_type")
        call.account = account
        token = f"ya29.{secrets.token_hex(16)}"
        self._tokens[token] = (account, scopes, time.time() + self.token_seconds)
        return as_json(
            {
                "access_token": token,
                "expires_in": self.token_seconds,
                "scope": " ".join(sorted(scopes)),
                "token_type": "Bearer",
            }
        )

    def _delegated(self, assertion: str) -> tuple[str, frozenset[str]]:
        import jwt

        try:
            claims = jwt.decode(
                assertion,
                service_key()[1],
                algorithms=["RS256"],
                audience=[self.token_uri, GOOGLES_TOKEN_ADDRESS],
                options={"require": ["iss", "iat", "exp"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidSignatureError:
            raise _no_token(400, "invalid_grant", "Invalid JWT Signature.") from None
        except jwt.InvalidTokenError:
            raise _no_token(400, "invalid_grant", "Invalid JWT: Failed audience check.") from None
        if claims["iss"] != self.client_email:
            raise _no_token(400, "invalid_grant", "Invalid grant: account not found")
        now = time.time()
        if not (claims["iat"] - 300 <= now < claims["exp"] <= claims["iat"] + 3600):
            raise _no_token(400, "invalid_grant", _SHORT_LIVED)
        scopes = frozenset(claims.get("scope", "").split())
        if not scopes:
            raise _no_token(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return self._acting_for(claims.get("sub", ""), scopes)

    def _acting_for(self, account: str, scopes: frozenset[str]) -> tuple[str, frozenset[str]]:
        if not account:
            return self.client_email, scopes
        outside = self.domains is not None and account.rpartition("@")[2] not in self.domains
        if self.users is not None and account not in self.users and not outside:
            raise _no_token(400, "invalid_grant", "Invalid email or User ID")
        if outside or not scopes <= self.delegated:
            raise _no_token(401, "unauthorized_client", _NOT_DELEGATED)
        return account, scopes

    def _refreshed(self, form: dict) -> tuple[str, frozenset[str]]:
        if form.get("client_id") != "client.apps.googleusercontent.com":
            raise _no_token(401, "invalid_client", "The OAuth client was not found.")
        if form.get("client_secret") != "client-secret":
            raise _no_token(401, "invalid_client", "Unauthorized")
        if form.get("refresh_token") not in self._refresh:
            raise _no_token(400, "invalid_grant", "Token has been expired or revoked.")
        account, granted = self._refresh[form["refresh_token"]]
        wanted = frozenset(form.get("scope", "").split()) or granted
        if not wanted <= granted:
            raise _no_token(400, "invalid_scope", "Some requested scopes were invalid.")
        return account, wanted

    # -- the API -------------------------------------------------------------------------------------------

    def _api(self, call: Call) -> Answer:
        resource, name = ("calendars", "get") if call.what == "calendar" else ("events", call.what)
        if call.what == "unknown":
            raise Refused(404, "notFound", "Not Found")
        self._allowed(call, schema.scopes(resource, name))
        wrong = schema.wrong_parameters(resource, name, call.query)
        if call.what in ("insert", "patch"):
            wrong += self._body_problems(call)
        if wrong:
            raise Refused(400, "badRequest", "; ".join(wrong))
        if call.calendar not in ("primary", call.account):
            raise Refused(404, "notFound", "Not Found")
        return getattr(self, f"_{call.what}")(call)

    def _allowed(self, call: Call, scopes: set[str]):
        if not call.account:
            raise Refused(401, "authError", "Invalid Credentials")
        if not self.api_on:
            raise Refused(
                403, "accessNotConfigured", "Google Calendar API has not been used in this project."
            )
        if not call.scopes & scopes:
            raise Refused(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        if call.account in self.no_calendar:
            raise Refused(403, "notACalendarUser", "The user must be signed up for Google Calendar.")

    def _body_problems(self, call: Call) -> list[str]:
        if call.headers.get("content-type") != "application/json":
            return ["The body is not application/json."]
        try:
            return schema.wrong_body("events", call.what, call.json())
        except ValueError:
            return ["Parse Error"]

    def _calendar(self, call: Call) -> Answer:
        kinds = [] if call.account in self.no_meet else [MEET]
        return as_json(
            {
                "kind": "calendar#calendar",
                "id": call.account,
                "summary": call.account,
                "timeZone": "Europe/Amsterdam",
                "conferenceProperties": {"allowedConferenceSolutionTypes": kinds},
            }
        )

    def _events_of(self, call: Call) -> dict[str, Stored]:
        return self._calendars.setdefault(call.account, {})

    def _there(self, call: Call) -> Stored:
        stored = self._events_of(call).get(call.event_id)
        if stored is None:
            raise Refused(404, "notFound", "Not Found")
        wanted = call.headers.get("if-match")
        if wanted not in (None, "*", stored.body["etag"]):
            raise Refused(412, "conditionNotMet", "Precondition Failed")
        return stored

    def _insert(self, call: Call) -> Answer:
        body = call.json()
        name = body.get("id") or secrets.token_hex(13)
        if not OWN_ID.fullmatch(name):
            raise Refused(400, "invalid", "Invalid resource id value.")
        if name in self._events_of(call):
            raise Refused(409, "duplicate", "The requested identifier already exists.")
        me = {"email": call.account, "self": True}
        fixed = {
            "kind": "calendar#event",
            "id": name,
            "status": "confirmed",
            "htmlLink": f"https://www.google.com/calendar/event?eid={name}",
            "created": _now(),
            "creator": me,
            "organizer": me,
            "iCalUID": f"{name}@google.com",
            "sequence": 0,
            "eventType": "default",
        }
        stored = Stored({**body, **fixed})
        wanted = stored.body.pop("conferenceData", None)
        check(stored.body)
        if wanted and call.one("conferenceDataVersion") == "1":
            self._confer(stored, wanted, call)
        self._touch(stored.body)
        self._events_of(call)[name] = stored
        return as_json(stored.body)

    def _get(self, call: Call) -> Answer:
        stored = self._there(call)
        self._progress(stored)
        return as_json(stored.body)

    def _patch(self, call: Call) -> Answer:
        stored = self._there(call)
        if stored.body["status"] == "cancelled":
            if self.deleted_patch != 200:
                raise Refused(self.deleted_patch, *_DELETED_PATCH[self.deleted_patch])
        body = call.json()
        version = call.one("conferenceDataVersion")
        wanted = body.pop("conferenceData", "unchanged")
        fresh = Stored(merged(stored.body, body), stored.reads, stored.fails)
        check(fresh.body)
        if wanted != "unchanged" and version == "1":
            self._confer(fresh, wanted, call)
        moved = any(fresh.body.get(name) != stored.body.get(name) for name in ("start", "end", "location"))
        fresh.body["sequence"] += int(moved)
        self._touch(fresh.body)
        self._events_of(call)[call.event_id] = fresh
        return as_json(fresh.body)

    def _delete(self, call: Call) -> Answer:
        stored = self._there(call)
        if stored.body["status"] == "cancelled":
            raise Refused(410, "deleted", "Resource has been deleted")
        stored.body["status"] = "cancelled"
        self._touch(stored.body)
        return Answer(204)

    def _list(self, call: Call) -> Answer:
        found = [stored for stored in self._events_of(call).values() if _listed(stored.body, call)]
        first = int(call.one("pageToken", "0"))
        last = first + int(call.one("maxResults", "250"))
        for stored in found[first:last]:
            self._progress(stored)
        answer = {
            "kind": "calendar#events",
            "etag": '"list"',
            "summary": call.account,
            "timeZone": "Europe/Amsterdam",
            "accessRole": "owner",
            "items": [stored.body for stored in found[first:last]],
        }
        answer |= {"nextPageToken": str(last)} if last < len(found) else {"nextSyncToken": "sync"}
        wanted = call.one("fields")
        return as_json({key: answer[key] for key in wanted.split(",") if key in answer} if wanted else answer)

    # -- conferences ---------------------------------------------------------------------------------------

    def _confer(self, stored: Stored, wanted: dict | None, call: Call):
        """Make a conference, or take it away."""
        before = stored.body.get("conferenceData", {}).get("createRequest", {})
        if wanted is None:
            for name in ("conferenceData", "hangoutLink"):
                stored.body.pop(name, None)
            return
        request = wanted.get("createRequest", {})
        if not request.get("requestId"):
            raise Refused(400, "required", "Missing conference request id.")
        if request["requestId"] == before.get("requestId"):
            return
        if request.get("conferenceSolutionKey", {}).get("type") != MEET or call.account in self.no_meet:
            raise Refused(400, "invalid", "Invalid conference type value.")
        stored.body.pop("hangoutLink", None)
        stored.body["conferenceData"] = {
            "createRequest": {
                "requestId": request["requestId"],
                "conferenceSolutionKey": {"type": MEET},
                "status": {"statusCode": "pending"},
            }
        }
        stored.reads, stored.fails = self.pending_reads, self.failing_conferences > 0
        self.failing_conferences -= int(stored.fails)
        self._settle(stored)

    def _progress(self, stored: Stored):
        if stored.reads:
            stored.reads -= 1
            self._settle(stored)

    def _settle(self, stored: Stored):
        if stored.reads:
            return
        conference = stored.body["conferenceData"]
        conference["createRequest"]["status"]["statusCode"] = "failure" if stored.fails else "success"
        if not stored.fails:
            letters = f"{next(self._numbers):010d}".translate(str.maketrans("0123456789", "abcdefghij"))
            code = f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
            link = f"https://meet.google.com/{code}"
            stored.body["hangoutLink"] = link
            conference |= {
                "entryPoints": [{"entryPointType": "video", "uri": link, "label": link[8:]}],
                "conferenceSolution": {"key": {"type": MEET}, "name": "Google Meet"},
                "conferenceId": code,
                "signature": "signed",
            }

    def _touch(self, body: dict):
        body["etag"] = f'"{next(self._numbers)}"'
        body["updated"] = _now()


_SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
_NOT_DELEGATED = (
    "Client is unauthorized to retrieve access tokens using this method, "
    "or client not authorized for any of the scopes requested."
)
_DELETED_PATCH = {
    403: ("forbidden", "Forbidden"),
    404: ("notFound", "Not Found"),
    410: ("deleted", "Resource has been deleted"),
}


def _no_token(status: int, code: str, description: str) -> Refused:
    refused = Refused(status, code, description)
    refused.answer = as_json({"error": code, "error_description": description}, status)
    return refused


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def merged(old: dict, new: dict) -> dict:
    """The old object with a patch: objects are merged, lists replaced, nulls take away."""
    result = copy.deepcopy(old)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def check(body: dict):
    """The rules that the schema cannot express; times get their offset."""
    for name in ("start", "end"):
        body[name] = _moment(body.get(name) or {}, name)
    if _instant(body["start"]) >= _instant(body["end"]):
        raise Refused(400, "timeRangeEmpty", "The specified time range is empty.")
    for attendee in body.get("attendees", ()):
        if not ADDRESS.fullmatch(attendee.get("email", "")):
            raise Refused(400, "invalid", "Invalid attendee email.")
        attendee.setdefault("responseStatus", "needsAction")
    for kept in body.get("extendedProperties", {}).values():
        if any(len(key) > 44 or len(value) > 1024 for key, value in kept.items()):
            raise Refused(400, "invalid", "Invalid extended property.")
    if body.get("visibility", "default") not in ("default", "public", "private", "confidential"):
        raise Refused(400, "invalid", "Invalid value for visibility.")


def _moment(value: dict, name: str) -> dict:
    if "date" in value and "dateTime" not in value:
        return value
    if "dateTime" not in value or "date" in value:
        raise Refused(400, "required", f"Missing or invalid {name} time.")
    try:
        zone = ZoneInfo(value["timeZone"]) if "timeZone" in value else None
        when = datetime.fromisoformat(value["dateTime"].replace("Z", "+00:00"))
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused(400, "invalid", f"Invalid value for {name} time.") from None
    if when.tzinfo is None and zone is None:
        raise Refused(400, "required", f"Missing time zone definition for {name} time.")
    when = when.replace(tzinfo=zone) if when.tzinfo is None else when
    return {**value, "dateTime": when.isoformat()}


def _instant(value: dict) -> datetime:
    if "date" in value:
        return datetime.fromisoformat(value["date"]).replace(tzinfo=timezone.utc)
    return datetime.fromisoformat(value["dateTime"])


def _listed(body: dict, call: Call) -> bool:
    if body["status"] == "cancelled" and call.one("showDeleted") != "true":
        return False
    private = body.get("extendedProperties", {}).get("private", {})
    for wanted in call.query.get("privateExtendedProperty", ()):
        name, _, value = wanted.partition("=")
        if private.get(name) != value:
            return False
    low, high = (call.one(name).replace("Z", "+00:00") for name in ("timeMin", "timeMax"))
    if low and _instant(body["end"]) <= datetime.fromisoformat(low):
        return False
    return not high or _instant(body["start"]) < datetime.fromisoformat(high)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    fake: FakeGoogle

    def handle_error(self, request, client_address):
        """A client that is gone (killed, or tired of waiting) is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            answer = self.server.fake.receive(self.command, self.path, dict(self.headers.items()), raw)
        except HangUp:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve

    def log_message(self, *_arguments):
        """Nothing on the screen."""
