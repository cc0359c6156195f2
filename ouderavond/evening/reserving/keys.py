"""Repeated submissions: the same key from the same caller is one submission, with one answer."""

import json
from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import cstr, now_datetime

from ouderavond.evening.bulk import insert_values

DAYS_KEPT = 7
LENGTH = (16, 64)


def check(key: str) -> str:
    """A key as a page makes it.

    Raises:
        frappe.ValidationError: it is not one.
    """
    if not LENGTH[0] <= len(key) <= LENGTH[1] or not key.isascii() or not key.replace("-", "").isalnum():
        frappe.throw(_("This form could not be read. Please reload the page and try again."))
    return key


def answer(key: str) -> dict | None:
    """What the session's user was answered under this key before; read it under the caller's locks."""
    own = {"caller": frappe.session.user, "submission": key}
    found = frappe.db.get_value("Submitted Key", own, "response")
    return json.loads(found) if found else None


def keep(key: str, response: dict) -> None:
    """Remember an answer, in the transaction of what it answers."""
    now = cstr(now_datetime())
    row = (frappe.generate_hash(length=10), now, now, frappe.session.user, key, json.dumps(response))
    columns = ("name", "creation", "modified", "caller", "submission", "response")
    insert_values("Submitted Key", columns, [row])


def forget_old() -> None:
    """Daily: no page repeats a submission after a week."""
    frappe.db.delete("Submitted Key", {"creation": ("<", now_datetime() - timedelta(days=DAYS_KEPT))})
