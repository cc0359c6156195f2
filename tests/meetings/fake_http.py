"""A web server in this process over https, and the requests and answers that pass through it."""

import json
import ssl
import sys
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


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


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, fake, context: ssl.SSLContext):
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
