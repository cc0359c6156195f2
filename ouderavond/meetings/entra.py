"""Signing in to Microsoft Entra ID as an application: with a secret or a certificate, through msal."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from ouderavond.meetings.protocol import Failure, Log, Options, Tokens

SERVICE = "Microsoft Teams"
PUBLIC_LOGIN = "https://login.microsoftonline.com"
PUBLIC_GRAPH = "https://graph.microsoft.com/v1.0"
# What Entra ID says in numbers (AADSTS…); every other refusal is shown as it is.
CODES = {
    7000215: "wrong_secret",
    7000218: "wrong_secret",
    7000222: "expired_secret",
    700016: "unknown_client",
    900144: "unknown_client",
    90002: "unknown_tenant",
    90013: "unknown_tenant",
    900021: "unknown_tenant",
    900023: "unknown_tenant",
    65001: "consent_missing",
    500011: "consent_missing",
    650052: "consent_missing",
    650056: "consent_missing",
    7000229: "consent_missing",
    53003: "not_allowed",
    7000112: "not_allowed",
    700024: "clock_wrong",
    90024: "unavailable",
    90033: "unavailable",
    50196: "throttled",
}
# A certificate that is not registered with the application, does not fit its key, or is over.
CERTIFICATE = 700027
# Before a token ends; msal renews it by then.
MARGIN = 300
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class Microsoft:
    """A school's registration of the application at Microsoft.

    Attributes:
        certificate: private key and certificate as PEM, instead of a secret.
        with_lobby: whether lobby and recording are to be set too, which takes a further permission.
        login, graph: addresses of a national cloud.
        connect_seconds, read_seconds: for how long an answer is waited for.
    """

    tenant: str
    client_id: str
    secret: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    with_lobby: bool = False
    options: Options = Options()
    login: str = PUBLIC_LOGIN
    graph: str = PUBLIC_GRAPH
    connect_seconds: float = 10
    read_seconds: float = 60


class SignInFailed(Exception):
    """There is no token, for this reason."""

    def __init__(self, failure: Failure):
        super().__init__(failure.code)
        self.failure = failure


class SignIn:
    """Tokens for Graph, shared with other processes through `tokens`.

    Args:
        session: a requests.Session.
    """

    def __init__(self, settings: Microsoft, session, tokens: Tokens, log: Log):
        self.settings, self.tokens = settings, tokens
        self.http = _Http(session, settings, log)
        self._app = None
        self._token, self._until = "", 0.0

    def token(self, refused: str = "") -> str:
        """A token that is good for some minutes.

        Args:
            refused: the one that Graph did not accept; another process may have a newer one already.

        Raises:
            SignInFailed
        """
        if not self._token or self._token == refused or time.monotonic() > self._until:
            found = self._explained(refused)
            self._token = found["access_token"]
            self._until = time.monotonic() + found["expires_in"] - MARGIN
        return self._token

    def fresh(self) -> str:
        """A token that is given out now, whatever is kept: it shows what the registration is worth."""
        self.forget()
        return self.token()

    def forget(self) -> None:
        """Let the next token be a new one: consent that was given since is not in the old one."""
        self.tokens.set(self._key, "", 1)
        self._token, self._app = "", None

    def roles(self) -> frozenset[str]:
        """The permissions that the token names; only to explain a refusal, and empty if it cannot be read."""
        try:
            part = self._token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            return frozenset(claims.get("roles") or ())
        except (ValueError, IndexError, AttributeError, TypeError):
            return frozenset()

    def _explained(self, refused: str) -> dict:
        import requests

        try:
            found = self._acquire(refused)
        except requests.Timeout as slow:
            raise SignInFailed(Failure("timeout", detail="login")) from slow
        except requests.RequestException as broken:
            raise SignInFailed(Failure("unavailable", detail="login")) from broken
        except SignInFailed:
            raise
        except Exception as unclear:
            # msal says with exceptions of many kinds that an answer of the login was none that it can use.
            raise SignInFailed(self.http.failure()) from unclear
        if "access_token" not in found:
            raise SignInFailed(self.http.failure())
        return found

    def _acquire(self, refused: str) -> dict:
        app = self._application()
        with suppress(ValueError):
            app.token_cache.deserialize(self.tokens.get(self._key) or None)
        found = app.acquire_token_for_client([self._scope])
        if refused and found.get("access_token") == refused:
            app.remove_tokens_for_client()
            found = app.acquire_token_for_client([self._scope])
        if app.token_cache.has_state_changed and "access_token" in found:
            self.tokens.set(self._key, app.token_cache.serialize(), int(found["expires_in"]))
        if "access_token" in found:
            found["expires_in"] = int(found["expires_in"])
        return found

    def _application(self):
        if not self._app:
            import msal

            self._app = msal.ConfidentialClientApplication(
                self.settings.client_id,
                client_credential=self._credential(),
                authority=f"{self.settings.login.rstrip('/')}/{quote(self.settings.tenant, safe='')}",
                token_cache=msal.SerializableTokenCache(),
                http_client=self.http,
                # The address is ours or a national cloud's: no other host need be asked whether it is good.
                instance_discovery=False,
            )
        return self._app

    def _credential(self) -> str | dict:
        if not self.settings.certificate:
            return self.settings.secret
        try:
            return certificate_credential(self.settings.certificate)
        except ValueError as wrong:
            raise SignInFailed(Failure("wrong_settings", detail="certificate")) from wrong

    @property
    def _scope(self) -> str:
        graph = urlsplit(self.settings.graph)
        return f"{graph.scheme}://{graph.netloc}/.default"

    @property
    def _key(self) -> str:
        """Another secret has other tokens: with the old ones a wrong one would go unnoticed for an hour."""
        settings = self.settings
        parts = (
            *(settings.login, settings.graph, settings.tenant, settings.client_id),
            *(settings.secret, settings.certificate),
        )
        return f"microsoft:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


class _Http:
    """What msal sends its requests through: with time-outs, noted, and the last answer remembered."""

    def __init__(self, session, settings: Microsoft, log: Log):
        self.session, self.log = session, log
        self.timeout = (settings.connect_seconds, settings.read_seconds)
        self.last = None

    def get(self, url, **how):
        return self._send("GET", url, how)

    def post(self, url, **how):
        return self._send("POST", url, how)

    def close(self):
        """The session is not msal's to close."""

    def _send(self, method: str, url: str, how: dict):
        import requests

        what = "sign in: token" if method == "POST" else "sign in: discovery"
        how = {**how, "timeout": self.timeout, "allow_redirects": False}
        try:
            self.last = self.session.request(method, url, **how)
        except requests.RequestException as broken:
            self.log(SERVICE, what, status=None, detail={"error": type(broken).__name__})
            raise
        number = self._number()
        detail = {"code": f"AADSTS{number}"} if number else {}
        self.log(SERVICE, what, status=self.last.status_code, detail=detail)
        return self.last

    def _number(self) -> int | None:
        if self.last is None or self.last.status_code < 400:
            return None
        found = re.search(r"AADSTS(\d+)", self.last.text)
        return int(found[1]) if found else None

    def failure(self) -> Failure:
        """What the login's last answer means."""
        status = self.last.status_code if self.last is not None else None
        if status == 429:
            return Failure("throttled", retry_after=retry_after(self.last.headers), detail="login")
        if status and status >= 500:
            return Failure("unavailable", retry_after=retry_after(self.last.headers), detail="login")
        number = self._number()
        if number is None:
            return Failure("unclear", detail=f"login {status or ''}".strip())
        code = CODES.get(number, "refused")
        if number == CERTIFICATE:
            code = "expired_secret" if "expired" in self.last.text.lower() else "wrong_secret"
        return Failure(code, detail=f"AADSTS{number}")


def retry_after(headers) -> float | None:
    """The seconds that a server asks to wait, given in seconds or as a moment."""
    from email.utils import parsedate_to_datetime

    headers = headers if isinstance(headers, Mapping) else {}
    given = {str(name).lower(): value for name, value in headers.items()}.get("retry-after")
    if given is None:
        return None
    try:
        return max(0.0, float(given))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(str(given)).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def pem_blocks(text: str) -> list[tuple[str, bytes]]:
    """The blocks of a PEM text with their labels, whose line breaks a form may have taken away.

    Raises:
        ValueError: a block is not what it says.
    """
    blocks = []
    for label, content in BLOCK.findall(text.replace("\\r", "").replace("\\n", "\n")):
        content = "".join(content.split())
        base64.b64decode(content, validate=True)
        lines = "\n".join(content[at : at + 64] for at in range(0, len(content), 64))
        blocks.append((label, f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()))
    return blocks


def certificate_credential(text: str) -> dict[str, str]:
    """What msal needs of a private key and its certificate.

    Raises:
        ValueError: one of the two is missing or locked, they do not belong together, or the key is not RSA.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509 import load_pem_x509_certificate

    blocks = pem_blocks(text)
    private = next((pem for label, pem in blocks if label.endswith("PRIVATE KEY")), b"")
    try:
        key = serialization.load_pem_private_key(private, None)
        certificates = [load_pem_x509_certificate(pem) for label, pem in blocks if label == "CERTIFICATE"]
    except (TypeError, UnsupportedAlgorithm) as locked:
        raise ValueError("The key cannot be read.") from locked
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("The key is not an RSA key.")
    own = [one for one in certificates if one.public_key() == key.public_key()]
    if not own:
        raise ValueError("There is no certificate of this key.")
    # Entra ID names certificates by this hash; nothing rests on its strength.
    return {"private_key": private.decode(), "thumbprint": own[0].fingerprint(hashes.SHA1()).hex()}
