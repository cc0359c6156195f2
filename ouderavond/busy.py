"""When the server cannot cope: a short answer that says when to come back, and no error or long wait.

The page costs most and can wait best, so it is the page that is put off: while the web workers were busy most
of the last seconds, it is shown to as many as its part of their time allows, and others get a few lines that
try again by themselves. Calls of pages that are open already go on. What is counted expires by itself.
"""

import json
import math
import os
import random
import time
from contextlib import suppress

import frappe
from frappe import _
from frappe.utils import cint, escape_html
from pymysql.constants import CR, ER
from pymysql.err import MySQLError
from redis.exceptions import RedisError
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from ouderavond.framed.headers import protect

OURS = ("/api/method/ouderavond.", "/ouderavond")
PAGE = "/ouderavond"
# Seconds over which the workers' time is counted, and the percentages of it (site configuration). Counted for
# longer, one rush would keep everybody out for long while the workers have nothing to do.
WINDOW = 3
SETTINGS = {"ouderavond_busy_percent": 80, "ouderavond_page_percent": 50}
# Seconds after which to come back: at random, so that not all do so at once.
RETRY_CALL, RETRY_PAGE, RETRY_LIMITED = (2, 5), (4, 9), (20, 40)
# The database takes no connection: too many in all, too many of this site, none at all.
NO_CONNECTION = (
    ER.CON_COUNT_ERROR,
    ER.TOO_MANY_USER_CONNECTIONS,
    ER.USER_LIMIT_REACHED,
    CR.CR_CONNECTION_ERROR,
    CR.CR_CONN_HOST_ERROR,
    CR.CR_SERVER_LOST,
)
# From half of the workers' time on, readings are spread over up to so many seconds more.
HALF, SLOWEST = 0.5, 40
IN_THE_WAY = ("QueryDeadlockError", "QueryTimeoutError")


class BusyError(Exception):
    """Others are in the way, or too much is going on. Nothing was changed."""

    http_status_code = 503


def refuse(cause: Exception | None = None) -> None:
    """Refuse what cannot be done now and can be repeated as it is.

    Raises:
        BusyError: always.
    """
    try:
        frappe.throw(_sentence(), BusyError)
    except BusyError as error:
        raise error from cause


def _sentence() -> str:
    return _("Very many people are here at this moment. Nothing has been changed; please try again.")


# Hooks of every request


def before_request() -> None:
    """Answer at once where no answer can be made, or where the page has to wait."""
    path = frappe.request.path
    if not path.startswith(OURS):
        return
    frappe.flags.ouderavond_began = time.monotonic()
    if not _is_connected() or (_is_page(path) and not _may_show_page()):
        # Not counted: it costs next to nothing.
        frappe.flags.ouderavond_began = None
        raise ServiceUnavailable(response=_page() if _is_page(path) else _answer())


def after_request(response=None, request=None) -> None:
    """Count the time, and say when to come back where a call was refused for the moment."""
    if response is None or request is None or not request.path.startswith(OURS):
        return
    _count(_is_page(request.path))
    if response.status_code >= 500 and _was_in_the_way(response):
        response.status_code = 503
    if response.status_code in (429, 503) and "Retry-After" not in response.headers:
        wait = RETRY_LIMITED if response.status_code == 429 else RETRY_CALL
        response.headers["Retry-After"] = str(random.randint(*wait))


def _is_page(path: str) -> bool:
    return path.rstrip("/") == PAGE


def _is_connected() -> bool:
    if frappe.db._conn:
        return True
    try:
        frappe.db.connect()
    except MySQLError as error:
        if error.args and error.args[0] in NO_CONNECTION:
            return False
        raise
    return True


def _was_in_the_way(response) -> bool:
    """Whether a call of ours outside `claims.transaction` met a lock."""
    with suppress(ValueError):
        answer = json.loads(response.get_data())
        return isinstance(answer, dict) and answer.get("exc_type") in IN_THE_WAY
    return False


# The page has to wait its turn


def _may_show_page() -> bool:
    """Whether the workers have time for the page: they were not busy, or pages had less than their part."""
    if not setting("ouderavond_busy_percent"):
        return True
    # Without the cache nothing works anyway; this is not what says so.
    with suppress(RedisError):
        busy, pages = shares()
        return busy < setting("ouderavond_busy_percent") or pages < setting("ouderavond_page_percent")
    return True


def setting(name: str) -> int:
    """A percentage of the site configuration, or its default; 0 as `ouderavond_busy_percent` switches off."""
    value = frappe.conf.get(name)
    return SETTINGS[name] if value is None else cint(value)


def shares() -> tuple[float, float]:
    """The percentages of the workers' time that all our requests, and the page alone, took lately."""
    number, passed = divmod(time.time(), WINDOW)
    names = [_key(kind, int(number) - back) for kind in ("all", "pages") for back in (0, 1)]
    now_all, before_all, now_pages, before_pages = (cint(value) for value in frappe.cache.mget(names))
    rest = 1 - passed / WINDOW
    whole = 10 * WINDOW * _workers()
    return (now_all + rest * before_all) / whole, (now_pages + rest * before_pages) / whole


def seconds_to_spare() -> int:
    """How many seconds later than usual a page may read again: more, the busier the workers are.

    While hundreds book at once nearly every reading finds something new, and costs as much as a booking.
    """
    if not setting("ouderavond_busy_percent"):
        return 0
    with suppress(RedisError):
        busy, _pages = shares()
        return int(min(1.0, max(0.0, busy / 100 - HALF) / HALF) * SLOWEST)
    return 0


def _workers() -> int:
    return cint(frappe.conf.gunicorn_workers) or os.cpu_count() or 1


def _count(is_page: bool) -> None:
    began = frappe.flags.ouderavond_began
    if began is None:
        return
    milliseconds = math.ceil(1000 * (time.monotonic() - began))
    number = int(time.time() // WINDOW)
    with suppress(RedisError):
        pipeline = frappe.cache.pipeline(transaction=False)
        for kind in ("all", "pages") if is_page else ("all",):
            pipeline.incrby(_key(kind, number), milliseconds)
            pipeline.expire(_key(kind, number), 3 * WINDOW)
        pipeline.execute()


def _key(kind: str, number: int) -> str:
    return frappe.cache.make_key(f"ouderavond_busy:{kind}:{number}")


# What is answered


def _answer() -> Response:
    """As the platform answers a refused call."""
    messages = json.dumps([json.dumps({"message": _sentence()})])
    body = json.dumps({"exc_type": BusyError.__name__, "_server_messages": messages})
    return _with_wait(Response(body, mimetype="application/json"), random.randint(*RETRY_CALL))


def _page() -> Response:
    """A page without anything that costs: no template of the site, no script, no database."""
    wait = random.randint(*RETRY_PAGE)
    texts = {
        "lang": frappe.local.lang or "en",
        "title": _("Parent Evenings"),
        "heading": _("It is busy at this moment"),
        "sentence": _("Very many people are opening this page. It tries again by itself in a few seconds."),
        "again": _("Try again now"),
    }
    html = PAGE_TEMPLATE.format(**{key: escape_html(text) for key, text in texts.items()})
    response = _with_wait(Response(html, mimetype="text/html"), wait)
    response.headers["Refresh"] = str(wait)
    return response


def _with_wait(response: Response, wait: int) -> Response:
    response.status_code = 503
    response.headers["Retry-After"] = str(wait)
    response.headers["Cache-Control"] = "private, no-store"
    protect(response, frappe.request.path)
    return response


PAGE_TEMPLATE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.0625rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 34rem; padding: 2rem 1rem; }}
a {{ display: inline-block; padding: 0.75rem 0; }}
:root {{ color-scheme: light dark; }}
</style>
</head>
<body>
<main>
<h1>{heading}</h1>
<p role="status">{sentence}</p>
<p><a href="/ouderavond">{again}</a></p>
</main>
</body>
</html>
"""
