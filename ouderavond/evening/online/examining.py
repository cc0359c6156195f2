"""What the doctor and the settings say of online meetings: whether they could be made, and what failed."""

from collections.abc import Iterator
from datetime import timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import format_date, format_datetime, now_datetime

from ouderavond.evening.doctor import ERROR, OK, WARNING, Finding
from ouderavond.evening.online import expiry, providers, rows, sentences, testing

HOOK = "ouderavond.evening.online.waking.every_five_minutes"
# The scheduler itself looks every four minutes.
LATE = timedelta(minutes=20)


def check() -> Iterator[Finding]:
    """The findings about online meetings."""
    names = in_use()
    if not names:
        yield Finding(_("Online meetings"), OK, _("No evening that is still to come makes any."))
        return
    for name in names:
        yield from _of_provider(name)
    yield from _of_secrets(names)
    yield from _of_rows()
    yield _of_clock()


def in_use() -> list[str]:
    """The providers of new evenings and of those that are not over."""
    chosen = {frappe.db.get_single_value(providers.SETTINGS, "default_meeting_provider")}
    filters = {"archived": 0, "status": ("!=", "Held"), "meeting_provider": ("is", "set")}
    chosen |= set(frappe.get_all("Parent Evening", filters, pluck="meeting_provider"))
    return [name for name in providers.NAMES if name in chosen]


def _of_provider(name: str) -> Iterator[Finding]:
    lacking = testing.missing(name)
    if lacking:
        yield Finding(
            _(name),
            ERROR,
            testing.not_filled_in(name, lacking),
            _("Fill it in and press Test Connection."),
        )
    elif not providers.is_outward(name):
        yield Finding(_(name), OK, _("Filled in."))
    else:
        yield _of_calls(name)


def _of_calls(name: str) -> Finding:
    when = last_success(name)
    if when:
        return Finding(
            _(name), OK, _("The last call that succeeded was on {0}.").format(format_datetime(when))
        )
    return Finding(
        _(name),
        WARNING,
        _("Filled in, but no call has succeeded yet."),
        _("Press Test Connection in Ouderavond Settings, tab Online Meetings."),
    )


def last_success(name: str):
    """When a call to another system last succeeded; None if none is known."""
    filters = {"integration_request_service": name, "status": "Completed"}
    return frappe.db.get_value("Integration Request", filters, "creation", order_by="creation desc")


def _of_secrets(names: list[str]) -> Iterator[Finding]:
    known = {one.provider: one for one in expiry.credentials()}
    for name in names:
        if name in known:
            yield _of_secret(known[name])
        elif name == testing.TEAMS and is_date_unknown():
            yield Finding(
                _("Secret of {0}").format(_(name)),
                WARNING,
                date_unknown(),
                _("Fill in Expires On in Ouderavond Settings."),
            )


def is_date_unknown() -> bool:
    """Whether there is a secret of Microsoft's of which nobody wrote down when it expires: they all do."""
    # Not `get_single_value`: it takes an empty date for today.
    known = frappe.get_cached_doc(providers.SETTINGS).microsoft_secret_expires
    return not known and not testing.missing(testing.TEAMS)


def date_unknown() -> str:
    """That nobody is warned before a secret expires."""
    return _("It is not known when the secret of Microsoft Teams expires, so that nobody is warned.")


def _of_secret(one: expiry.Expiring) -> Finding:
    title = _("Secret of {0}").format(_(one.provider))
    if one.threshold is None:
        return Finding(title, OK, _("Expires on {0}.").format(format_date(one.on)))
    level = ERROR if one.days < 0 else WARNING
    return Finding(title, level, one.said(), one.advice())


def _of_rows() -> Iterator[Finding]:
    title = _("Events that could not be made")
    number, codes = failed()
    if not number:
        yield Finding(title, OK, _("None."))
        return
    yield Finding(
        title,
        WARNING,
        sentence_about_failed(number, codes[0]),
        _("Planning, tab Online Meetings, shows which ones, and tries them again."),
    )


def sentence_about_failed(number: int, code: str) -> str:
    """How many events failed, and why most of them."""
    said = _("{0} events could not be made and wait for somebody. The most frequent reason: {1}")
    return said.format(number, sentences.sentence(code))


def failed() -> tuple[int, list[str]]:
    """How many events of conversations still to come failed, and their reasons, the most frequent first."""
    row = frappe.qb.DocType(rows.DOCTYPE)
    found = (
        frappe.qb.from_(row)
        .select(row.code, Count("*").as_("number"))
        .where((row.state == "Failed") & (row.end > now_datetime()))
        .groupby(row.code)
    ).run()
    found = sorted(found, key=lambda part: -part[1])
    return sum(number for _code, number in found), [code or "unclear" for code, _number in found]


def _of_clock() -> Finding:
    title = _("Meetings every five minutes")
    job = frappe.db.get_value(
        "Scheduled Job Type", {"method": HOOK}, ["last_execution", "stopped"], as_dict=True
    )
    if job and not job.stopped and job.last_execution and job.last_execution > now_datetime() - LATE:
        return Finding(title, OK, _("Last at {0}.").format(format_datetime(job.last_execution, "HH:mm")))
    return Finding(
        title,
        WARNING,
        _("What is missing or was deleted is not looked for: the job has not run lately."),
        _("Look whether the scheduler is on and a worker runs: bench doctor"),
    )
