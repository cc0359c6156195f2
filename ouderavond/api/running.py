"""Answering an operation: at once, or from a background job that tells how far it is."""

import json
from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils.background_jobs import get_job

from ouderavond.api import callers

# More rows than this take longer than two seconds to write.
MANY = 3_000
TIMEOUT = 900
PREFIX = "ouderavond-job"


def answer(operation: Callable, evening: str, size: int, *, dry_run: int | bool = False, **arguments) -> dict:
    """Run an operation of `evening` and return {"report": …}, or {"job": …} where it is large.

    Args:
        operation: called as operation(evening, dry_run=…, progress=…, **arguments); returns a Report.
        evening: name of the Parent Evening.
        size: about how many rows it writes.
        dry_run: counts, at once.
    """
    if int(dry_run) or size <= MANY:
        return {"report": operation(evening, dry_run=bool(int(dry_run)), **arguments).as_dict()}
    job = f"{PREFIX}-{frappe.session.user}-{frappe.generate_hash(length=10)}"
    frappe.enqueue(
        run,
        queue="long",
        timeout=TIMEOUT,
        job_id=job,
        enqueue_after_commit=True,
        operation=f"{operation.__module__}.{operation.__name__}",
        evening=evening,
        user=frappe.session.user,
        language=frappe.local.lang,
        token=job,
        arguments=arguments,
    )
    return {"job": job}


def run(operation: str, evening: str, user: str, language: str, token: str, arguments: dict) -> dict:
    """The background job of `answer`: a refusal is a result too, with its sentence."""
    frappe.local.lang = language

    def tell(**message) -> None:
        message = {"evening": evening, "job": token, **message}
        frappe.publish_realtime("ouderavond_progress", message, user=user)

    try:
        report = frappe.get_attr(operation)(
            evening, progress=lambda done, total: tell(done=done, total=total), **arguments
        )
    except frappe.ValidationError as error:
        frappe.db.rollback()
        result = {"refused": str(error)}
    else:
        result = {"report": json.loads(frappe.as_json(report.as_dict()))}
    tell(finished=True)
    return result


@frappe.whitelist(methods=["GET", "POST"])
def state(job: str) -> dict:
    """How far a job of the session's user is: {state, report or message}."""
    user = callers.staff()
    if not job.startswith(f"{PREFIX}-{user}-"):
        frappe.throw(_("This job is not one of yours."), frappe.PermissionError)
    found = get_job(job)
    if not found:
        return {"state": "failed", "message": _("This job is not known any more. Look at what there is now.")}
    status = found.get_status()
    result = found.return_value() if status == "finished" else None
    if isinstance(result, dict) and "refused" in result:
        return {"state": "failed", "message": result["refused"]}
    answer = {"state": getattr(status, "value", status)}
    if isinstance(result, dict):
        answer["report"] = result["report"]
    elif answer["state"] == "failed":
        answer["message"] = _("It failed, and nothing was changed. The error log says why.")
    return answer


def check_length(text: str, most: int) -> None:
    """Refuse a text that is too long to be kept.

    Raises:
        frappe.ValidationError: with what is possible.
    """
    if len(text) > most:
        frappe.throw(_("This text is too long; at most {0} characters are possible.").format(most))


def names(value: str | list | None) -> list[str] | None:
    """A list of names that came as JSON text, as lists do; None and an empty text are None.

    Raises:
        frappe.ValidationError: it is something else.
    """
    rows = parsed(value)
    if rows is not None and not all(isinstance(row, str) for row in rows):
        frappe.throw(_("A list of names was expected."))
    return rows


def parsed(value: str | list | None) -> list | None:
    """A list that came as JSON text; None and an empty text are None, an empty list is itself.

    Raises:
        frappe.ValidationError: it is something else.
    """
    found = read(value)
    if found in ("", None):
        return None
    if not isinstance(found, list):
        frappe.throw(_("A list was expected."))
    return found


def filters(value: str | dict | None) -> dict | None:
    """Filters of the list that came as JSON text; None stays None.

    Raises:
        frappe.ValidationError: it is something else.
    """
    found = read(value)
    if found in ("", None):
        return None
    if not isinstance(found, dict):
        frappe.throw(_("Filters were expected."))
    return found


def read(value):
    """What JSON text says; anything else, and text that is no JSON, as it is."""
    try:
        return json.loads(value) if isinstance(value, str) and value else value
    except (RecursionError, ValueError):
        return value
