"""The wishes of a form as they arrive: JSON text or a list, checked for their shape before anything else."""

import json

import frappe
from frappe import _

KEYS = ("longer", "preference", "mode", "interpreter_language", "step_free", "remark")
MOST = 100


def parse(wishes: str | list) -> list[dict]:
    """The wishes as a list of dicts with `offer` and known keys; refuses anything else.

    Raises:
        frappe.ValidationError: it is not such a list.
    """
    try:
        rows = json.loads(wishes) if isinstance(wishes, str) else wishes
    except (RecursionError, ValueError):
        rows = None
    if not isinstance(rows, list) or len(rows) > MOST or not all(_is_wish(row) for row in rows):
        frappe.throw(_("This form could not be read. Please reload the page and try again."))
    return rows


def _is_wish(row) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("offer"), str):
        return False
    values = [value for key, value in row.items() if key in KEYS]
    simple = all(value is None or isinstance(value, str | int | bool) for value in values)
    return simple and set(row) <= {"offer", *KEYS}


def saved(count: int) -> str:
    """The sentence after saving."""
    if not count:
        return _("Saved. No conversations are requested.")
    if count == 1:
        return _("Saved. 1 conversation is requested.")
    return _("Saved. {0} conversations are requested.").format(count)
