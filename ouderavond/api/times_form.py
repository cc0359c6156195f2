"""Times of a form as they arrive and as they are answered, checked for their shape before anything else."""

import json
from datetime import datetime

import frappe
from frappe import _

from ouderavond.evening.own_times import Time

FORMAT = "%Y-%m-%dT%H:%M"
KEYS = {"from", "to"}


def parse(times: str | list) -> list[Time]:
    """The times of a list of {from, to}, as JSON text or as it is; refuses anything else.

    Raises:
        frappe.ValidationError: it is not such a list.
    """
    try:
        rows = json.loads(times) if isinstance(times, str) else times
        if not isinstance(rows, list) or not all(set(row) == KEYS for row in rows):
            raise ValueError
        return [Time(_moment(row["from"]), _moment(row["to"])) for row in rows]
    except (AttributeError, RecursionError, TypeError, ValueError):
        frappe.throw(_("This form could not be read. Please reload the page and try again."))


def rows(times: list[Time]) -> list[dict]:
    """The same as texts."""
    return [{"from": time.start.strftime(FORMAT), "to": time.end.strftime(FORMAT)} for time in times]


def _moment(value: str) -> datetime:
    return datetime.strptime(value, FORMAT)
