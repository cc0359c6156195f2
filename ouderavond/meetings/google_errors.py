"""What Google says when something does not work, as codes of `errors`.

Its sentences are read, but never passed on: they may contain addresses. What is passed on is its own code.
"""

import http.client
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime

from ouderavond.meetings.protocol import Failure

CODE = re.compile(r"[A-Za-z][\w.\-]{0,59}")

OF_REASON = {
    **dict.fromkeys(
        (
            "rateLimitExceeded",
            "userRateLimitExceeded",
            "quotaExceeded",
            "dailyLimitExceeded",
            "calendarUsageLimitsExceeded",
            "RATE_LIMIT_EXCEEDED",
        ),
        "throttled",
    ),
    **dict.fromkeys(("accessNotConfigured", "SERVICE_DISABLED"), "service_off"),
    **dict.fromkeys(
        ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "forbiddenForServiceAccounts"),
        "consent_missing",
    ),
    "notACalendarUser": "no_mailbox",
}
OF_STATUS = {
    401: "not_allowed",
    403: "not_allowed",
    404: "no_mailbox",
    408: "timeout",
    409: "changed_meanwhile",
    410: "no_mailbox",
    412: "changed_meanwhile",
    429: "throttled",
}
OF_TOKEN = {
    "deleted_client": "unknown_client",
    "disabled_client": "unknown_client",
    "unauthorized_client": "consent_missing",
    "access_denied": "consent_missing",
    "invalid_scope": "consent_missing",
    "admin_policy_enforced": "not_allowed",
    "org_internal": "not_allowed",
    "internal_failure": "unavailable",
    "server_error": "unavailable",
    "temporarily_unavailable": "unavailable",
}
# Parts of the descriptions of invalid_grant with a service account, in the order in which to look for them.
OF_GRANT = (
    ("signature", "wrong_secret"),
    ("short-lived", "clock_wrong"),
    ("iat and exp", "clock_wrong"),
    ("account not found", "unknown_client"),
    ("invalid jwt", "wrong_settings"),
)


def of_answer(status: int, content: bytes, headers: Mapping, writes: bool) -> tuple[Failure, str]:
    """What an answer of the Calendar API means, and its own reason.

    Args:
        writes: whether the call was to change something.
    """
    reason, message = _said(content)
    code = OF_REASON.get(reason) or OF_STATUS.get(status) or _of_class(status)
    if status == 400 and "conference type" in message.lower():
        code = "licence_missing"
    failure = Failure(
        code,
        uncertain=writes and code in ("unavailable", "timeout", "unclear"),
        retry_after=retry_after(headers.get("retry-after")),
        detail=f"{status} {reason}".strip(),
    )
    return failure, reason


def _of_class(status: int) -> str:
    if status >= 500:
        return "unavailable"
    return "refused" if status >= 400 else "unclear"


def _said(content: bytes) -> tuple[str, str]:
    """The reason and the sentence of an error, in either of the forms in which Google gives them."""
    try:
        error = json.loads(content.decode())["error"]
        inner = (error.get("errors") or error.get("details") or [{}])[0]
        reason = str(inner.get("reason") or error.get("status") or "")
        message = str(error.get("message") or "")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "", ""
    return (reason if CODE.fullmatch(reason) else ""), message


def of_token(said, status: int | None, waits: float | None, own: bool) -> Failure:
    """What a refusal of the token endpoint means.

    Args:
        said: the endpoint's answer.
        own: whether it was an instructor's own connection, not a service account.
    """
    said = said if isinstance(said, Mapping) else {}
    error, description = str(said.get("error") or ""), str(said.get("error_description") or "").lower()
    code = _of_token(error, description, status or 0, own)
    return Failure(code, retry_after=waits, detail=error if CODE.fullmatch(error) else "")


def _of_token(error: str, description: str, status: int, own: bool) -> str:
    if status == 429:
        return "throttled"
    if status >= 500:
        return "unavailable"
    if error == "invalid_client":
        return "unknown_client" if "not found" in description else "wrong_secret"
    if error == "invalid_grant":
        return "not_connected" if own else _of_grant(description)
    return of_own(OF_TOKEN.get(error, "unclear"), own)


def _of_grant(description: str) -> str:
    found = (code for part, code in OF_GRANT if part in description)
    # What is left is about the account: "Invalid email or User ID", deleted, suspended.
    return next(found, "unknown_account")


def of_own(code: str, own: bool) -> str:
    """With connections of their own, consent is each instructor's: whose is missing connects again."""
    return "not_connected" if own and code == "consent_missing" else code


def of_exception(problem: Exception, writes: bool) -> Failure:
    """What it means that no answer came, or one that cannot be read."""
    import httplib2

    kind = type(problem).__name__
    if isinstance(problem, TimeoutError):
        return Failure("timeout", uncertain=writes, detail=kind)
    if isinstance(
        problem, (httplib2.ServerNotFoundError, ConnectionRefusedError, ssl.SSLCertVerificationError)
    ):
        return Failure("unavailable", detail=kind)
    if isinstance(problem, (OSError, http.client.HTTPException, httplib2.HttpLib2Error)):
        return Failure("unavailable", uncertain=writes, detail=kind)
    return Failure("unclear", uncertain=writes, detail=kind)


def certain(failure: Failure) -> Failure:
    """The same, where nothing had been asked to change yet."""
    return replace(failure, uncertain=False)


def retry_after(value: str | None) -> float | None:
    """How many seconds to wait; the header gives seconds or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
