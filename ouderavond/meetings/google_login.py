"""Logging in at Google: a token for each account, kept for all processes.

This file imports Google's libraries: import it only where they are needed.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone

import google_auth_httplib2
import httplib2
from google.auth import credentials, exceptions
from google.oauth2 import credentials as own_credentials
from google.oauth2 import service_account

from ouderavond.meetings import google_errors as errors
from ouderavond.meetings.protocol import Failure, Log, Tokens

TOKEN_URI = "https://oauth2.googleapis.com/token"
GOOGLES = frozenset({TOKEN_URI, "https://accounts.google.com/o/oauth2/token"})
# Seconds for a token; how many are fetched at once; how long before its end a token counts as used up.
PATIENCE = 20.0
AT_ONCE = 8
MARGIN = 60
# Seconds for which it is remembered that the school let us act for addresses of a domain.
REMEMBERED = 7 * 86400
# The endpoint itself does not answer: the other accounts need not try.
OUT_OF_ORDER = frozenset({"unavailable", "timeout", "throttled"})


@dataclass(frozen=True)
class Fetched:
    """What the token endpoint gave: a token for some seconds, or why not."""

    token: str = ""
    seconds: float = 0.0
    failure: Failure | None = None
    status: int | None = None


class Token(credentials.Credentials):
    """The token of one account, in the form that Google's client takes.

    Where a call gets 401 the client asks for another token, once. It is fetched by us: with a time-out, and
    kept for the other processes. Nothing is raised, as that would lose the answers to the rest of a batch.
    """

    def __init__(self, token: str, renew: Callable[[], Fetched]):
        super().__init__()
        self.token = token
        self.failure: Failure | None = None
        self._renew = renew

    def refresh(self, request):
        """Another token; `failure` says why there is none."""
        fetched = self._renew()
        self.failure = fetched.failure
        self.token = fetched.token or self.token


class Login:
    """Tokens for accounts, by a service account that acts for them or by their own connections.

    Args:
        service_account: the key file's text; empty: by their own.
        accounts: what is kept of an account's own connection: client_id, client_secret, refresh_token and,
            if it is not Google's first address, token_uri.
        given_uri: the address of the token endpoint, where it is not Google's; then that of a key counts too.
    """

    def __init__(
        self,
        service_account: str,
        accounts: Callable[[str], Mapping | None],
        given_uri: str,
        tokens: Tokens,
        log: Log,
        timeout: float = PATIENCE,
    ):
        self.own = not service_account
        self._key, self._accounts, self._given_uri = service_account, accounts, given_uri
        self._tokens, self._log, self._timeout = tokens, log, timeout
        self._signing: service_account.Credentials | Failure | None = None

    def of(self, accounts: Iterable[str], scope: str) -> dict[str, Token | Failure]:
        """A token for each account, or why there is none."""
        found: dict[str, Token | Failure] = {}
        missing: dict[str, credentials.Credentials] = {}
        for account in dict.fromkeys(accounts):
            kept = self._kept(account, scope)
            given = None if kept else self._credentials(account, scope)
            if kept:
                found[account] = self._token(account, scope, kept)
            elif isinstance(given, Failure):
                found[account] = given
            else:
                missing[account] = given
        fetched = self._fetch_all(missing, scope)
        return found | {account: self._judge(account, scope, one) for account, one in fetched.items()}

    def itself(self, scope: str) -> Failure | None:
        """Why the service account cannot log in for itself; None if it can."""
        given = self._credentials("", scope)
        return given if isinstance(given, Failure) else self._fetch_all({"": given}, scope)[""].failure

    # -- which credentials ---------------------------------------------------------------------------------

    def _credentials(self, account: str, scope: str) -> credentials.Credentials | Failure:
        return self._of_account(account) if self.own else self._acting_for(account, scope)

    def _acting_for(self, account: str, scope: str) -> credentials.Credentials | Failure:
        if self._signing is None:
            self._signing = self._read_key()
        if isinstance(self._signing, Failure):
            return self._signing
        scoped = self._signing.with_scopes([scope])
        return scoped.with_subject(account) if account else scoped

    def _read_key(self) -> service_account.Credentials | Failure:
        try:
            key = json.loads(self._key)
            if key["type"] != "service_account":
                return Failure("wrong_settings", detail="type")
            if not self._may_ask(key["token_uri"]):
                return Failure("wrong_settings", detail="token_uri")
            return service_account.Credentials.from_service_account_info(key)
        except Exception as broken:
            # What a mangled key makes of the libraries differs from version to version.
            return Failure("wrong_settings", detail=type(broken).__name__)

    def _of_account(self, account: str) -> credentials.Credentials | Failure:
        given = self._accounts(account)
        if not given or not given.get("refresh_token"):
            return Failure("not_connected")
        uri = given.get("token_uri") or self._given_uri or TOKEN_URI
        if not (given.get("client_id") and given.get("client_secret") and self._may_ask(uri)):
            return Failure("wrong_settings")
        return own_credentials.Credentials(
            None,
            refresh_token=given["refresh_token"],
            token_uri=uri,
            client_id=given["client_id"],
            client_secret=given["client_secret"],
        )

    def _may_ask(self, uri: str) -> bool:
        """Whoever fills in a key must not choose where this server sends its requests."""
        return uri in GOOGLES or bool(self._given_uri)

    # -- fetching and keeping ------------------------------------------------------------------------------

    def _fetch_all(self, missing: Mapping[str, credentials.Credentials], scope: str) -> dict[str, Fetched]:
        """Fetch tokens, a few at once; what is kept and noted is so in this thread."""
        fetched: dict[str, Fetched] = {}
        waiting = list(missing)
        while waiting:
            part, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                answers = list(pool.map(self._fetch, [missing[account] for account in part]))
            for account, answer in zip(part, answers, strict=True):
                fetched[account] = self._keep(account, scope, answer)
            if all(answer.failure and answer.failure.code in OUT_OF_ORDER for answer in answers):
                fetched |= dict.fromkeys(waiting, answers[0])
                break
        return fetched

    def _fetch(self, given: credentials.Credentials) -> Fetched:
        endpoint = _Endpoint(self._timeout)
        try:
            given.refresh(endpoint)
        except exceptions.RefreshError as refused:
            said = refused.args[1] if len(refused.args) > 1 else None
            failure = errors.of_token(said, endpoint.status, endpoint.retry_after, self.own)
            return Fetched(failure=failure, status=endpoint.status)
        except exceptions.TransportError as broken:
            cause = broken.args[0] if broken.args and isinstance(broken.args[0], Exception) else broken
            failure = errors.of_exception(cause, writes=False)
            return Fetched(failure=failure, status=endpoint.status)
        except Exception as broken:
            failure = errors.of_exception(broken, writes=False)
            if endpoint.status:
                failure = errors.of_token(None, endpoint.status, endpoint.retry_after, self.own)
            return Fetched(failure=failure, status=endpoint.status)
        return Fetched(given.token, _seconds_until(given.expiry), status=endpoint.status)

    def _keep(self, account: str, scope: str, fetched: Fetched) -> Fetched:
        failure = fetched.failure
        detail = {"reason": f"{failure.code} {failure.detail}".strip()} if failure else {}
        self._log("Google Meet", "token", status=fetched.status, detail=detail)
        if fetched.token and fetched.seconds > MARGIN:
            value = json.dumps({"token": fetched.token, "until": time.time() + fetched.seconds})
            self._tokens.set(self._name(account, scope), value, int(fetched.seconds - MARGIN))
            if account and not self.own:
                for domain in ("", _domain(account)):
                    self._tokens.set(self._name_of_domain(domain), "yes", REMEMBERED)
        return fetched

    def _kept(self, account: str, scope: str) -> str | None:
        try:
            kept = json.loads(self._tokens.get(self._name(account, scope)) or "{}")
            return kept["token"] if kept["until"] > time.time() + MARGIN else None
        except (ValueError, KeyError, TypeError):
            return None

    def _token(self, account: str, scope: str, token: str) -> Token:
        def renew() -> Fetched:
            given = self._credentials(account, scope)
            if isinstance(given, Failure):
                return Fetched(failure=given)
            return self._fetch_all({account: given}, scope)[account]

        return Token(token, renew)

    def _judge(self, account: str, scope: str, fetched: Fetched) -> Token | Failure:
        """A token or its failure. An address outside the school is refused as if nothing had been granted."""
        failure = fetched.failure
        if failure is None:
            return self._token(account, scope, fetched.token)
        if failure.detail == "unauthorized_client" and not self.own:
            if self._worked("") and not self._worked(_domain(account)):
                return Failure("unknown_account", detail=failure.detail)
        return failure

    def _worked(self, domain: str) -> bool:
        return bool(self._tokens.get(self._name_of_domain(domain)))

    def _name(self, account: str, scope: str) -> str:
        """What a token is kept under: without an address in it, and another one when the secret changes."""
        given = self._accounts(account) if self.own else None
        secret = f"{given.get('client_id')} {given.get('refresh_token')}" if given else self._key
        return _hashed("token", secret, account, "" if self.own else scope)

    def _name_of_domain(self, domain: str) -> str:
        return _hashed("domain", self._key, domain)


class Busy(Exception):
    """The token endpoint cannot answer now."""


class _Endpoint:
    """The token endpoint, as Google's libraries call it; remembers how it answered."""

    def __init__(self, timeout: float):
        self.status: int | None = None
        self.retry_after: float | None = None
        self._request = google_auth_httplib2.Request(connection(timeout))

    def __call__(self, url, method="GET", body=None, headers=None, timeout=None, **more):
        answer = self._request(url, method=method, body=body, headers=headers, **more)
        self.status = answer.status
        self.retry_after = errors.retry_after(answer.headers.get("retry-after"))
        if answer.status == 429 or answer.status >= 500:
            # Some versions of the library would wait and try again by themselves: the caller does.
            raise Busy
        return answer


def connection(timeout: float) -> httplib2.Http:
    """A connection that gives up in time, and takes nothing to another address."""
    http = httplib2.Http(timeout=timeout)
    http.follow_redirects = False
    return http


def _seconds_until(moment: datetime | None) -> float:
    """The library's moments are UTC, without saying so; without one a token is used once."""
    return moment.replace(tzinfo=timezone.utc).timestamp() - time.time() if moment else 0.0


def _domain(account: str) -> str:
    return account.rpartition("@")[2].lower()


def _hashed(*parts: str) -> str:
    return "google:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
